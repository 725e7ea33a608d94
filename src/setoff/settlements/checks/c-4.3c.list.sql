-- code: C-4.3c.list
-- state: list
-- spec: 3, C-4.3c,d; 1.7
-- find: row
-- Contracts allocated by hand with an advance beside an open debt: perhaps the payment should name the debt.
select lot.unit_id, party_name(contract.counterparty_id, contract.id) as key,
       (sum(lot.residual) filter (where sign(lot.amount) = debt_sign(contract.relation)))::bigint as expected,
       (sum(lot.residual) filter (where sign(lot.amount) <> debt_sign(contract.relation)))::bigint as actual, sum(lot.residual)::bigint as difference,
       contract.currency, (array_agg(lot.document_id order by lot.moment desc))[1] as document_id, max(lot.moment) as moment
from lot
join fold_key on fold_key.unit_id = lot.unit_id and fold_key.id = lot.key_id and fold_key.contour = 'mgmt'
join contract on contract.id = fold_key.contract_id
where (contract.allocation = 'manual' or contract.detail in ('invoice', 'order_invoice')) and lot.residual <> 0
  and lot.moment < %(until)s and (%(unit_id)s::bigint is null or lot.unit_id = %(unit_id)s)
group by lot.unit_id, contract.id, fold_key.relation
having min(lot.amount) < 0 and max(lot.amount) > 0
