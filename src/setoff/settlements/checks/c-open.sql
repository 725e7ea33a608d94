-- code: C-OPEN
-- state: error
-- spec: 6.1
-- find: none
-- The sums of open debts and advances by due day and by party, which today's figures and lists read, are those of the open lots, and so is the
-- due day of the oldest debt of who owes both ways; the sums of what was opened and used on each day, which statements over everybody read,
-- are those of lots and allocations; money by bank account and day, from which the payment calendar starts, is that of the postings.
with open_lot as materialized (
  select l.unit_id, k.contour, k.currency, k.relation, k.counterparty_id, case when l.residual > 0 then 'receivable' else 'payable' end as side,
         case when (l.residual < 0) = is_owed_by_us(k.relation) then 'debt' else 'advance' end as what,
         coalesce(l.due, moment_date(l.rank)) as day, abs(l.residual) as amount,
         case when k.contour = 'mgmt' and (l.residual < 0) = is_owed_by_us(k.relation) then coalesce(c.bank_account, '') else '' end
           as bank_account
  from lot l join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id left join contract c on c.id = k.contract_id
  where l.residual <> 0 and (%(unit_id)s::bigint is null or l.unit_id = %(unit_id)s)),
by_day as (
  select unit_id, contour, currency, relation, side, what, day, bank_account, sum(items) as items, sum(stored) as stored, sum(kept) as kept
  from (
    select unit_id, contour, currency, relation, side, what, day, bank_account, 1 as items, amount as stored, 0::numeric as kept from open_lot
    union all select unit_id, contour, currency, relation, side, what, day, bank_account, -items, 0, amount from open_day
    where %(unit_id)s::bigint is null or unit_id = %(unit_id)s) days
  group by 1, 2, 3, 4, 5, 6, 7, 8 having sum(items) <> 0 or sum(stored) <> sum(kept)),
by_party as (
  select unit_id, contour, currency, side, counterparty_id, sum(stored) as stored, sum(kept) as kept
  from (
    select unit_id, contour, currency, side, counterparty_id, amount as stored, 0::numeric as kept from open_lot where what = 'debt'
    union all
    select unit_id, contour, currency, sides.side, counterparty_id, 0, sides.amount from open_party
    cross join lateral (values ('receivable', they_owe), ('payable', we_owe)) as sides (side, amount)
    where %(unit_id)s::bigint is null or unit_id = %(unit_id)s) parties
  group by 1, 2, 3, 4, 5 having sum(stored) <> sum(kept)),
by_money as (
  select unit_id, currency, relation, what, counterparty_id, sum(stored) as stored, sum(kept) as kept
  from (
    select unit_id, currency, relation, what, counterparty_id, amount as stored, 0::numeric as kept from open_lot where contour = 'mgmt'
    union all
    select unit_id, currency, relation, sums.what, counterparty_id, 0, sums.amount from open_money
    cross join lateral (values ('debt', debts), ('advance', money)) as sums (what, amount)
    where %(unit_id)s::bigint is null or unit_id = %(unit_id)s) parties
  group by 1, 2, 3, 4, 5 having sum(stored) <> sum(kept)),
by_since as (
  select p.unit_id, p.contour, p.currency, p.counterparty_id, o.since as stored, p.since as kept
  from open_party p
  left join (
    select unit_id, contour, currency, counterparty_id, min(day) as since from open_lot
    where what = 'debt' group by 1, 2, 3, 4 having count(distinct side) = 2) o using (unit_id, contour, currency, counterparty_id)
  where not p.is_change and p.since is distinct from o.since and (%(unit_id)s::bigint is null or p.unit_id = %(unit_id)s)
    and not exists (
      select from open_party c where c.is_change
        and (c.unit_id, c.contour, c.counterparty_id, c.currency) = (p.unit_id, p.contour, p.counterparty_id, p.currency))),
settled as (
  select k.unit_id, k.contour, k.currency, k.relation, moment_date(l.moment) as day, greatest(l.amount, 0) as opened_plus, 0 as used_plus,
         greatest(-l.amount, 0) as opened_minus, 0 as used_minus, l.book
  from lot l join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id
  where %(unit_id)s::bigint is null or l.unit_id = %(unit_id)s
  union all
  select k.unit_id, k.contour, k.currency, k.relation, moment_date(a.moment), 0, case when l.amount > 0 then a.amount else 0 end,
         0, case when l.amount < 0 then a.amount else 0 end, -sign(l.amount)::bigint * a.lot_book
  from allocation a join fold_key k on k.unit_id = a.unit_id and k.id = a.key_id
  join lot l on l.unit_id = a.unit_id and l.key_id = a.key_id and l.document_id = a.lot_document_id and l.line = a.lot_line
  where %(unit_id)s::bigint is null or a.unit_id = %(unit_id)s),
by_settled as (
  select days.unit_id, days.contour, days.currency, days.relation, days.day, sums.name, sum(sums.stored) as stored, sum(sums.kept) as kept
  from (
    select *, true as is_stored from settled
    union all
    select unit_id, contour, currency, relation, day, opened_plus, used_plus, opened_minus, used_minus, book, false from settled_day
    where %(unit_id)s::bigint is null or unit_id = %(unit_id)s) days
  cross join lateral (
    select name, case when is_stored then amount else 0 end as stored, case when is_stored then 0 else amount end as kept
    from (values ('opened +', opened_plus), ('used +', used_plus), ('opened -', opened_minus), ('used -', used_minus), ('book', book))
      as named (name, amount)) sums
  group by 1, 2, 3, 4, 5, 6 having sum(sums.stored) <> sum(sums.kept)),
by_account as (
  select unit_id, account_id, bank_account, day, sum(stored) as stored, sum(kept) as kept
  from (
    select unit_id, debit_account_id as account_id, split_part(item, ' / ', 1) as bank_account, moment_date(moment) as day, amount as stored,
           0::numeric as kept
    from posting where is_money_account(debit_account_id) and (%(unit_id)s::bigint is null or unit_id = %(unit_id)s)
    union all
    select unit_id, credit_account_id, split_part(item, ' / ', 1), moment_date(moment), -amount, 0
    from posting where is_money_account(credit_account_id) and (%(unit_id)s::bigint is null or unit_id = %(unit_id)s)
    union all
    select unit_id, account_id, bank_account, day, 0, amount from money_day where %(unit_id)s::bigint is null or unit_id = %(unit_id)s) moved
  group by 1, 2, 3, 4 having sum(stored) <> sum(kept)),
by_name as (
  select k.unit_id, k.contour, k.currency, k.relation, k.counterparty_id, 1 as stored, 0 as kept
  from (select distinct unit_id, contour, currency, relation, counterparty_id from fold_key
        where %(unit_id)s::bigint is null or unit_id = %(unit_id)s) k
  where not exists (
    select from settled_party p
    where (p.unit_id, p.contour, p.currency, p.relation, p.counterparty_id) = (k.unit_id, k.contour, k.currency, k.relation, k.counterparty_id))),
found as (
  select unit_id, contour || ' ' || relation || ' ' || side || ' ' || what || ' ' || to_char(day, 'YYYY-MM-DD')
         || case when bank_account <> '' then ' ' || bank_account else '' end as key, stored, kept, currency, start_of(day) as moment
  from by_day
  union all
  select unit_id, contour || ' ' || side || ' ' || counterparty.code, stored, kept, currency, 0
  from by_party join counterparty on counterparty.id = counterparty_id
  union all
  select unit_id, 'mgmt ' || relation || ' ' || what || ' ' || counterparty.code, stored, kept, currency, 0
  from by_money join counterparty on counterparty.id = counterparty_id
  union all
  select unit_id, contour || ' ' || relation || ' ' || name || ' ' || to_char(day, 'YYYY-MM-DD'), stored, kept, currency, start_of(day)
  from by_settled
  union all
  select by_account.unit_id, account.code || ' ' || bank_account || ' ' || to_char(day, 'YYYY-MM-DD'), stored, kept, organization.book_currency,
         start_of(day)
  from by_account join account on account.id = account_id join unit on unit.id = by_account.unit_id
  join organization on organization.id = unit.organization_id
  union all
  select unit_id, contour || ' ' || relation || ' ' || counterparty.code, stored, kept, currency, 0
  from by_name join counterparty on counterparty.id = counterparty_id)
select unit_id, key, stored::text as expected, kept::text as actual,
       case when abs(kept - stored) < 1000000000000000000 then (kept - stored)::bigint end as difference, currency,
       null::bigint as document_id, moment
from found where moment < %(until)s
union all
select unit_id, contour || ' ' || counterparty.code, coalesce(to_char(stored, 'YYYY-MM-DD'), '-'), coalesce(to_char(kept, 'YYYY-MM-DD'), '-'), null, currency, null, 0
from by_since join counterparty on counterparty.id = counterparty_id
