-- code: I3
-- state: error
-- spec: 1.11, I3
-- find: bisection
-- What the lots of a key hold is the sum of its facts.
with changes as (
  select fact.unit_id, key.id as key_id, sum(fact.change) as stated, 0 as held
  from fact join document on document.unit_id = fact.unit_id and document.posted_version_id = fact.version_id
  cross join lateral (values (fact.reg_key_id), (fact.mgmt_key_id)) key(id)
  where key.id is not null and fact.moment < %(until)s and (%(unit_id)s::bigint is null or fact.unit_id = %(unit_id)s)
  group by 1, 2
  union all
  select unit_id, key_id, 0, sum(amount) from lot
  where moment < %(until)s and (%(unit_id)s::bigint is null or unit_id = %(unit_id)s)
  group by 1, 2
  union all
  select lot.unit_id, lot.key_id, 0, sum(case when lot.amount > 0 then -allocation.amount else allocation.amount end)
  from allocation
  join lot on lot.unit_id = allocation.unit_id and lot.key_id = allocation.key_id and lot.document_id = allocation.lot_document_id
   and lot.line = allocation.lot_line
  where allocation.moment < %(until)s and (%(unit_id)s::bigint is null or allocation.unit_id = %(unit_id)s)
  group by 1, 2
)
select unit_id, key_name(unit_id, key_id) as key, sum(stated)::bigint as expected, sum(held)::bigint as actual,
       sum(held - stated)::bigint as difference,
       (select currency from fold_key where fold_key.unit_id = changes.unit_id and fold_key.id = changes.key_id) as currency,
       null::bigint as document_id, null::bigint as moment
from changes group by unit_id, key_id having sum(held) <> sum(stated)
