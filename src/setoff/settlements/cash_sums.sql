-- Sums for the payment calendar, kept like those of open_sums.sql: appended by triggers, now and then summed up. What is open by due day says
-- also the bank account of its contract (of debts of management accounting, which the calendar reads), and money in book currency is kept
-- by bank account and day, so that the calendar reads the lots of its page and no posting.

alter table open_day add column bank_account text not null default '';
drop index open_day_summed;
drop index open_day_changed;
create unique index open_day_summed on open_day (unit_id, contour, side, what, currency, day, relation, bank_account) include (items, amount)
  where not is_change;
create index open_day_changed on open_day (unit_id, contour, side, what, currency, day, relation, bank_account) where is_change;

create function is_money_account(account_id int) returns boolean language sql immutable parallel safe
  return account_id in (MONEY_ACCOUNTS);

create table money_day (
  unit_id bigint not null references unit(id),
  account_id int not null references account(id),          -- of bank or cash
  bank_account text not null,                              -- that payments name; else ""
  day date not null,
  amount numeric not null,                                 -- + debit, minor units of book currency
  is_change boolean not null default true
);
create unique index money_day_summed on money_day (unit_id, account_id, bank_account, day) include (amount) where not is_change;
create index money_day_changed on money_day (unit_id, account_id, bank_account, day) where is_change;

-- One function for each kind of statement: the same text over new rows, old rows, or both.
do $make$
declare
  event record;
begin
  for event in select * from (values
    ('insert', 'referencing new table as new_rows', 'select *, 1 as sign from new_rows'),
    ('delete', 'referencing old table as old_rows', 'select *, -1 as sign from old_rows'),
    ('update', 'referencing old table as old_rows new table as new_rows',
     'select *, 1 as sign from new_rows union all select *, -1 as sign from old_rows')) as kinds (name, tables, source)
  loop
    execute format($function$
      create or replace function sum_open_lots_after_%1$s() returns trigger language plpgsql
      security definer set search_path = public, pg_temp as $body$
      begin
        with named as materialized (
          select l.*, k.contour, k.counterparty_id, k.currency, k.relation,
                 case when k.contour = 'mgmt' and (l.residual < 0) = is_owed_by_us(k.relation) then coalesce(c.bank_account, '') else '' end
                   as bank_account
          from (%2$s) l join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id left join contract c on c.id = k.contract_id),
        changed as materialized (
          select unit_id, contour, counterparty_id, currency, relation, bank_account,
                 case when residual > 0 then 'receivable' else 'payable' end as side,
                 case when (residual < 0) = is_owed_by_us(relation) then 'debt' else 'advance' end as what,
                 coalesce(due, moment_date(rank)) as day, sum(sign) as items, sum(sign * abs(residual)) as amount
          from named where residual <> 0 group by 1, 2, 3, 4, 5, 6, 7, 8, 9
          having sum(sign) <> 0 or sum(sign * abs(residual)) <> 0),
        days as (
          insert into open_day (unit_id, contour, side, what, currency, day, relation, bank_account, items, amount)
          select unit_id, contour, side, what, currency, day, relation, bank_account, sum(items), sum(amount)
          from changed group by 1, 2, 3, 4, 5, 6, 7, 8
          having sum(items) <> 0 or sum(amount) <> 0),
        settled as (
          insert into settled_day (unit_id, contour, relation, currency, day, opened_plus, used_plus, opened_minus, used_minus, book)
          select unit_id, contour, relation, currency, moment_date(moment), sum(sign * greatest(amount, 0)), 0,
                 sum(sign * greatest(-amount, 0)), 0, sum(sign * book)
          from named group by 1, 2, 3, 4, 5
          having sum(sign * greatest(amount, 0)) <> 0 or sum(sign * greatest(-amount, 0)) <> 0 or sum(sign * book) <> 0),
        parties as (
          insert into open_party (unit_id, contour, counterparty_id, currency, they_owe, we_owe)
          select unit_id, contour, counterparty_id, currency, coalesce(sum(amount) filter (where side = 'receivable'), 0),
                 coalesce(sum(amount) filter (where side = 'payable'), 0)
          from changed where what = 'debt' group by 1, 2, 3, 4)
        insert into open_money (unit_id, counterparty_id, currency, relation, debts, money)
        select unit_id, counterparty_id, currency, relation, coalesce(sum(amount) filter (where what = 'debt'), 0),
               coalesce(sum(amount) filter (where what = 'advance'), 0)
        from changed where contour = 'mgmt' group by 1, 2, 3, 4
        having sum(amount) filter (where what = 'debt') <> 0 or sum(amount) filter (where what = 'advance') <> 0;
        return null;
      end $body$ $function$, event.name, event.source);
    execute format($function$
      create function sum_money_after_%1$s() returns trigger language plpgsql security definer set search_path = public, pg_temp as $body$
      begin
        insert into money_day (unit_id, account_id, bank_account, day, amount)
        select unit_id, account_id, bank_account, day, sum(amount)
        from (
          select unit_id, debit_account_id as account_id, split_part(item, ' / ', 1) as bank_account, moment_date(moment) as day,
                 sign * amount as amount
          from (%2$s) moved where is_money_account(debit_account_id)
          union all
          select unit_id, credit_account_id, split_part(item, ' / ', 1), moment_date(moment), -sign * amount
          from (%2$s) moved where is_money_account(credit_account_id)) sides
        group by 1, 2, 3, 4 having sum(amount) <> 0;
        return null;
      end $body$ $function$, event.name, event.source);
    execute format('create trigger money_sums_%1$s after %1$s on posting %2$s for each statement execute function sum_money_after_%1$s()',
                   event.name, event.tables);
  end loop;
end $make$;

-- A contract whose payments go through another bank account takes its open debts along. Whoever posts in a unit of its organization has
-- either done so, and is seen, or waits and then sees the new account.
create function move_open_debts() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform pg_advisory_xact_lock(id) from (select id from unit where organization_id = new.organization_id order by id) units;
  insert into open_day (unit_id, contour, side, what, currency, day, relation, bank_account, items, amount)
  select owed.unit_id, 'mgmt', owed.side, 'debt', owed.currency, owed.day, owed.relation, places.bank_account, sum(places.sign),
         sum(places.sign * owed.amount)
  from (
    select k.unit_id, k.currency, k.relation, case when l.residual > 0 then 'receivable' else 'payable' end as side,
           coalesce(l.due, moment_date(l.rank)) as day, abs(l.residual) as amount
    from fold_key k
    cross join lateral (select due, rank, residual from lot where unit_id = k.unit_id and key_id = k.id and residual <> 0 offset 0) l
    where k.counterparty_id = new.counterparty_id and k.contract_id = new.id and k.contour = 'mgmt'
      and (l.residual < 0) = is_owed_by_us(k.relation)) owed
  cross join (values (old.bank_account, -1), (new.bank_account, 1)) as places (bank_account, sign)
  group by 1, 3, 5, 6, 7, 8;
  return null;
end $$;
create trigger open_sums_moved after update on contract for each row when (old.bank_account is distinct from new.bank_account)
  execute function move_open_debts();

-- The changes become one row for each sum. One at a time, until his transaction ends; whoever comes meanwhile leaves it to the next.
create or replace function sum_up_open_lots() returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not pg_try_advisory_xact_lock(7263005) then
    return false;
  end if;
  with sums as (select distinct unit_id, contour, side, what, currency, day, relation, bank_account from open_day where is_change),
  gone as (
    delete from open_day o using sums s where (o.unit_id, o.contour, o.side, o.what, o.currency, o.day, o.relation, o.bank_account)
      = (s.unit_id, s.contour, s.side, s.what, s.currency, s.day, s.relation, s.bank_account) returning o.*)
  insert into open_day (unit_id, contour, side, what, currency, day, relation, bank_account, items, amount, is_change)
  select unit_id, contour, side, what, currency, day, relation, bank_account, sum(items), sum(amount), false
  from gone group by 1, 2, 3, 4, 5, 6, 7, 8 having sum(items) <> 0 or sum(amount) <> 0;
  with sums as (select distinct unit_id, account_id, bank_account, day from money_day where is_change),
  gone as (
    delete from money_day o using sums s where (o.unit_id, o.account_id, o.bank_account, o.day)
      = (s.unit_id, s.account_id, s.bank_account, s.day) returning o.*)
  insert into money_day select unit_id, account_id, bank_account, day, sum(amount), false from gone group by 1, 2, 3, 4 having sum(amount) <> 0;
  with sums as (select distinct unit_id, contour, counterparty_id, currency from open_party where is_change),
  gone as (
    delete from open_party o using sums s where (o.unit_id, o.contour, o.counterparty_id, o.currency)
      = (s.unit_id, s.contour, s.counterparty_id, s.currency) returning o.*)
  insert into open_party (unit_id, contour, counterparty_id, currency, they_owe, we_owe, since, is_change)
  select s.*, case when s.they_owe > 0 and s.we_owe > 0 then (
      select min(coalesce(l.due, moment_date(l.rank))) from fold_key k
      cross join lateral (select due, rank, residual from lot where unit_id = k.unit_id and key_id = k.id and residual <> 0 offset 0) l
      where k.unit_id = s.unit_id and k.contour = s.contour and k.counterparty_id = s.counterparty_id and k.currency = s.currency
        and (l.residual < 0) = is_owed_by_us(k.relation)) end, false
  from (select unit_id, contour, counterparty_id, currency, sum(they_owe) as they_owe, sum(we_owe) as we_owe
        from gone group by 1, 2, 3, 4 having sum(they_owe) <> 0 or sum(we_owe) <> 0) s;
  with sums as (select distinct unit_id, counterparty_id, currency, relation from open_money where is_change),
  gone as (
    delete from open_money o using sums s where (o.unit_id, o.counterparty_id, o.currency, o.relation)
      = (s.unit_id, s.counterparty_id, s.currency, s.relation) returning o.*)
  insert into open_money select unit_id, counterparty_id, currency, relation, sum(debts), sum(money), false
  from gone group by 1, 2, 3, 4 having sum(debts) <> 0 or sum(money) <> 0;
  with sums as (select distinct unit_id, contour, relation, currency, day from settled_day where is_change),
  gone as (
    delete from settled_day o using sums s where (o.unit_id, o.contour, o.relation, o.currency, o.day)
      = (s.unit_id, s.contour, s.relation, s.currency, s.day) returning o.*)
  insert into settled_day
  select unit_id, contour, relation, currency, day, sum(opened_plus), sum(used_plus), sum(opened_minus), sum(used_minus), sum(book), false
  from gone group by 1, 2, 3, 4, 5
  having sum(opened_plus) <> 0 or sum(used_plus) <> 0 or sum(opened_minus) <> 0 or sum(used_minus) <> 0 or sum(book) <> 0;
  return true;
end $$;

-- All of them anew, from lots, allocations and postings. Nobody posts meanwhile.
create or replace function rebuild_open_sums() returns void language plpgsql as $$
begin
  lock table lot, posting in share row exclusive mode;
  perform pg_advisory_xact_lock(7263005);
  delete from open_day;
  delete from open_party;
  delete from open_money;
  delete from settled_day;
  delete from money_day;
  create temporary table open_lot on commit drop as
    select l.unit_id, k.contour, k.counterparty_id, k.currency, k.relation, case when l.residual > 0 then 'receivable' else 'payable' end as side,
           case when (l.residual < 0) = is_owed_by_us(k.relation) then 'debt' else 'advance' end as what,
           coalesce(l.due, moment_date(l.rank)) as day, abs(l.residual) as amount,
           case when k.contour = 'mgmt' and (l.residual < 0) = is_owed_by_us(k.relation) then coalesce(c.bank_account, '') else '' end
             as bank_account
    from lot l join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id left join contract c on c.id = k.contract_id
    where l.residual <> 0;
  insert into open_day (unit_id, contour, side, what, currency, day, relation, bank_account, items, amount, is_change)
  select unit_id, contour, side, what, currency, day, relation, bank_account, count(*), sum(amount), false
  from open_lot group by 1, 2, 3, 4, 5, 6, 7, 8;
  insert into open_party (unit_id, contour, counterparty_id, currency, they_owe, we_owe, since, is_change)
  select unit_id, contour, counterparty_id, currency, coalesce(sum(amount) filter (where side = 'receivable'), 0),
    coalesce(sum(amount) filter (where side = 'payable'), 0), case when count(distinct side) = 2 then min(day) end, false
  from open_lot where what = 'debt' group by 1, 2, 3, 4;
  insert into open_money select unit_id, counterparty_id, currency, relation, coalesce(sum(amount) filter (where what = 'debt'), 0),
    coalesce(sum(amount) filter (where what = 'advance'), 0), false from open_lot where contour = 'mgmt' group by 1, 2, 3, 4;
  drop table open_lot;
  insert into settled_day
  select unit_id, contour, relation, currency, day, sum(opened_plus), sum(used_plus), sum(opened_minus), sum(used_minus), sum(book), false
  from (
    select k.unit_id, k.contour, k.relation, k.currency, moment_date(l.moment) as day, greatest(l.amount, 0) as opened_plus, 0 as used_plus,
           greatest(-l.amount, 0) as opened_minus, 0 as used_minus, l.book
    from lot l join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id
    union all
    select k.unit_id, k.contour, k.relation, k.currency, moment_date(a.moment), 0, case when l.amount > 0 then a.amount else 0 end,
           0, case when l.amount < 0 then a.amount else 0 end, -sign(l.amount)::bigint * a.lot_book
    from allocation a join fold_key k on k.unit_id = a.unit_id and k.id = a.key_id
    join lot l on l.unit_id = a.unit_id and l.key_id = a.key_id and l.document_id = a.lot_document_id and l.line = a.lot_line) settled
  group by 1, 2, 3, 4, 5;
  insert into settled_party select distinct unit_id, contour, currency, relation, counterparty_id from fold_key on conflict do nothing;
  insert into money_day
  select unit_id, account_id, bank_account, day, sum(amount), false
  from (
    select unit_id, debit_account_id as account_id, split_part(item, ' / ', 1) as bank_account, moment_date(moment) as day, amount
    from posting where is_money_account(debit_account_id)
    union all
    select unit_id, credit_account_id, split_part(item, ' / ', 1), moment_date(moment), -amount
    from posting where is_money_account(credit_account_id)) sides
  group by 1, 2, 3, 4 having sum(amount) <> 0;
end $$;

select rebuild_open_sums();
