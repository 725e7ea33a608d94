-- code: C-4.1b.list
-- state: list
-- spec: 3, C-4.1b
-- find: row
-- Contracts with open debts that have no due date: overdue reports and limits do not see them.
select lot.unit_id, party_name(fold_key.counterparty_id, fold_key.contract_id) as key, 0::bigint as expected,
       sum(lot.residual)::bigint as actual, sum(lot.residual)::bigint as difference, fold_key.currency,
       (array_agg(lot.document_id order by lot.moment))[1] as document_id, min(lot.moment) as moment
from lot join fold_key on fold_key.unit_id = lot.unit_id and fold_key.id = lot.key_id and fold_key.contour = 'mgmt'
where lot.due is null and lot.residual <> 0 and sign(lot.amount) = debt_sign(fold_key.relation)
  and lot.moment < %(until)s and (%(unit_id)s::bigint is null or lot.unit_id = %(unit_id)s)
group by lot.unit_id, fold_key.counterparty_id, fold_key.contract_id, fold_key.currency
