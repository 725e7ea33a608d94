-- code: C-OPEN
-- state: error
-- spec: 6.1
-- find: none
-- The sums of open debts and advances by due day and by party, which today's figures and lists read, are those of the open lots.
with open_lot as materialized (
  select l.unit_id, k.contour, k.currency, k.counterparty_id, case when l.residual > 0 then 'receivable' else 'payable' end as side,
         case when (l.residual < 0) = is_owed_by_us(k.relation) then 'debt' else 'advance' end as what,
         coalesce(l.due, moment_date(l.rank)) as day, abs(l.residual) as amount
  from lot l join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id
  where l.residual <> 0 and (%(unit_id)s::bigint is null or l.unit_id = %(unit_id)s)),
by_day as (
  select unit_id, contour, currency, side, what, day, sum(items) as items, sum(stored) as stored, sum(kept) as kept
  from (
    select unit_id, contour, currency, side, what, day, 1 as items, amount as stored, 0::numeric as kept from open_lot
    union all select unit_id, contour, currency, side, what, day, -items, 0, amount from open_day
    where %(unit_id)s::bigint is null or unit_id = %(unit_id)s) days
  group by 1, 2, 3, 4, 5, 6 having sum(items) <> 0 or sum(stored) <> sum(kept)),
by_party as (
  select unit_id, contour, currency, side, counterparty_id, sum(stored) as stored, sum(kept) as kept
  from (
    select unit_id, contour, currency, side, counterparty_id, amount as stored, 0::numeric as kept from open_lot where what = 'debt'
    union all
    select unit_id, contour, currency, sides.side, counterparty_id, 0, sides.amount from open_party
    cross join lateral (values ('receivable', they_owe), ('payable', we_owe)) as sides (side, amount)
    where %(unit_id)s::bigint is null or unit_id = %(unit_id)s) parties
  group by 1, 2, 3, 4, 5 having sum(stored) <> sum(kept)),
found as (
  select unit_id, contour || ' ' || side || ' ' || what || ' ' || to_char(day, 'YYYY-MM-DD') as key, stored, kept, currency,
         start_of(day) as moment from by_day
  union all
  select unit_id, contour || ' ' || side || ' ' || counterparty.code, stored, kept, currency, 0
  from by_party join counterparty on counterparty.id = counterparty_id)
select unit_id, key, stored::text as expected, kept::text as actual,
       case when abs(kept - stored) < 1000000000000000000 then (kept - stored)::bigint end as difference, currency,
       null::bigint as document_id, moment
from found where moment < %(until)s
