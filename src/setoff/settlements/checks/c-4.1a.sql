-- code: C-4.1a
-- state: error
-- spec: 3, C-4.1a; 1.9
-- find: bisection
-- In the regulated contour a contract that is settled as a whole never shows a debt and an advance at once.
select lot.unit_id, party_name(contract.counterparty_id, contract.id) as key, 0::bigint as expected,
       least(sum(lot.residual_then) filter (where lot.amount > 0), -sum(lot.residual_then) filter (where lot.amount < 0))::bigint as actual,
       least(sum(lot.residual_then) filter (where lot.amount > 0), -sum(lot.residual_then) filter (where lot.amount < 0))::bigint
         as difference,
       contract.currency, null::bigint as document_id, null::bigint as moment
from (select lot.*, case when residual = 0 then amount else residual end as residual_then from lot
      where moment < %(until)s and closed_moment >= %(until)s and (%(unit_id)s::bigint is null or unit_id = %(unit_id)s)) lot
join fold_key on fold_key.unit_id = lot.unit_id and fold_key.id = lot.key_id and fold_key.contour = 'reg'
join contract on contract.id = fold_key.contract_id and contract.reg_detail = 'contract'
group by lot.unit_id, contract.id, fold_key.relation
having min(lot.amount) < 0 and max(lot.amount) > 0
