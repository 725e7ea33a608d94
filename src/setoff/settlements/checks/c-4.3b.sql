-- code: C-4.3b
-- state: error
-- spec: 3, C-4.3b; 1.11, I4
-- find: bisection
-- A key never holds a debt and an advance at once.
select lot.unit_id, key_name(lot.unit_id, lot.key_id) as key, 0::bigint as expected,
       least(sum(lot.residual_then) filter (where lot.amount > 0), -sum(lot.residual_then) filter (where lot.amount < 0))::bigint as actual,
       least(sum(lot.residual_then) filter (where lot.amount > 0), -sum(lot.residual_then) filter (where lot.amount < 0))::bigint
         as difference,
       min(fold_key.currency) as currency, null::bigint as document_id, null::bigint as moment
from (select lot.*, case when residual = 0 then amount else residual end as residual_then from lot
      where moment < %(until)s and closed_moment >= %(until)s and (%(unit_id)s::bigint is null or unit_id = %(unit_id)s)) lot
join fold_key on fold_key.unit_id = lot.unit_id and fold_key.id = lot.key_id
group by lot.unit_id, lot.key_id
having min(lot.amount) < 0 and max(lot.amount) > 0
