-- code: C-4.3c.list
-- state: list
-- spec: 3, C-4.3c,d; 1.7
-- find: row
-- Advances that wait on their own document or on a contract allocated by hand while the same contract owes: perhaps they should settle it.
-- Expected is what is owed, actual the advance.
with open_lot as materialized (
  select lot.unit_id, lot.document_id, lot.moment, lot.residual, sign(lot.amount) = debt_sign(fold_key.relation) as is_debt,
         fold_key.counterparty_id, coalesce(fold_key.contract_id, 0) as contract_id, fold_key.relation, fold_key.object, fold_key.currency
  from lot join fold_key on fold_key.unit_id = lot.unit_id and fold_key.id = lot.key_id and fold_key.contour = 'mgmt'
  where lot.residual <> 0 and lot.moment < %(until)s and (%(unit_id)s::bigint is null or lot.unit_id = %(unit_id)s)
), owed as (
  select unit_id, counterparty_id, contract_id, relation, currency, sum(residual)::bigint as amount
  from open_lot where is_debt group by 1, 2, 3, 4, 5
)
select advance.unit_id, party_name(advance.counterparty_id, nullif(advance.contract_id, 0)) as key, owed.amount as expected,
       sum(advance.residual)::bigint as actual, (owed.amount + sum(advance.residual))::bigint as difference, advance.currency,
       advance.document_id, min(advance.moment) as moment
from open_lot advance
join owed on (owed.unit_id, owed.counterparty_id, owed.contract_id, owed.relation, owed.currency)
  = (advance.unit_id, advance.counterparty_id, advance.contract_id, advance.relation, advance.currency)
left join contract on contract.id = advance.contract_id
where not advance.is_debt and (contract.allocation = 'manual' or starts_with(advance.object, 'document:'))
group by advance.unit_id, advance.counterparty_id, advance.contract_id, advance.relation, advance.currency, owed.amount, advance.document_id
