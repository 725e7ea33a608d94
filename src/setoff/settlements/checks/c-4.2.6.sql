-- code: C-4.2.6
-- state: error
-- spec: 3, C-4.2.6; 1.7, 1.11, I4
-- find: row
-- A lot is used only after it arose, never beyond what it held, and what is left of it is what was not used.
with used as (
  select unit_id, key_id, lot_document_id, lot_line, sum(amount) as amount, sum(lot_book) as book, min(moment) as first_use,
         max(moment) as last_use
  from allocation group by 1, 2, 3, 4
), state as (
  select lot.*, case when lot.amount > 0 then 1 else -1 end * coalesce(used.amount, 0) as used,
         case when lot.amount > 0 then 1 else -1 end * coalesce(used.book, 0) as used_book,
         first_use, last_use
  from lot left join used on used.unit_id = lot.unit_id and used.key_id = lot.key_id and used.lot_document_id = lot.document_id
   and used.lot_line = lot.line
  where lot.moment < %(until)s and (%(unit_id)s::bigint is null or lot.unit_id = %(unit_id)s)
)
select unit_id, key_name(unit_id, key_id) || ' ' || what as key, expected::bigint, actual::bigint, (actual - expected)::bigint as difference,
       null::text as currency, document_id, moment
from state
cross join lateral (values
  ('order', moment, least(first_use, moment)),
  ('used', case when abs(used) > abs(amount) then amount else used end, used),
  ('residual', amount - used, residual),
  ('residual book', book - used_book, residual_book),
  ('first used', coalesce(first_use, 9223372036854775807), used_moment),
  ('closed', case when residual = 0 then last_use else closed_moment end, closed_moment)
) reading(what, expected, actual)
where expected is distinct from actual
