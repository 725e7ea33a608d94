-- code: C-4.1a.list
-- state: list
-- spec: 3, C-4.1a; 1.9
-- find: bisection
-- Contracts that the accounting policy settles by order or invoice in the regulated contour, with a debt and an advance side by side.
select lot.unit_id, party_name(contract.counterparty_id, contract.id) as key,
       (sum(lot.residual) filter (where lot.amount > 0))::bigint as expected, (sum(lot.residual) filter (where lot.amount < 0))::bigint as actual,
       sum(lot.residual)::bigint as difference, contract.currency, null::bigint as document_id, null::bigint as moment
from lot
join fold_key on fold_key.unit_id = lot.unit_id and fold_key.id = lot.key_id and fold_key.contour = 'reg'
join contract on contract.id = fold_key.contract_id and contract.reg_detail <> 'contract'
where lot.moment < %(until)s and lot.closed_moment >= %(until)s and (%(unit_id)s::bigint is null or lot.unit_id = %(unit_id)s)
group by lot.unit_id, contract.id, fold_key.relation
having min(lot.amount) < 0 and max(lot.amount) > 0
