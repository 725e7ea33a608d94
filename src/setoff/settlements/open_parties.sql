-- Two more of the sums of open_sums.sql, kept the same way: since when the oldest debt of a party that owes and is owed is due, and debts and
-- money of a party in each relation, for the list of those whose money waits.
--
-- A smallest day cannot be added up: it is looked up in the lots when changes of a party are summed up, in the same statement, thus of the same
-- moment as the changes that it takes away. Every change of an open debt, of its day alone too, leaves a change of its party's sum; of a
-- party with changes since, readers look the day up themselves.

alter table open_party add column since date;              -- of summed rows with debts of both sides; else null
drop index open_party_both_ways;
create index open_party_both_ways on open_party (unit_id, contour) include (counterparty_id, currency, they_owe, we_owe, since)
  where not is_change and they_owe > 0 and we_owe > 0;

-- Of management accounting, where money is allocated.
create table open_money (
  unit_id bigint not null references unit(id),
  counterparty_id bigint not null references counterparty(id),
  currency text not null,
  relation text not null,
  debts numeric not null,                                  -- minor units, positive
  money numeric not null,                                  -- advances: money that settles no debt
  is_change boolean not null default true
);
create unique index open_money_summed on open_money (unit_id, counterparty_id, currency, relation) where not is_change;
create index open_money_changed on open_money (unit_id, counterparty_id, currency, relation) where is_change;
create index open_money_waiting on open_money (unit_id) include (counterparty_id, currency, relation, debts, money)
  where not is_change and debts > 0 and money > 0;

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
          select l.*, k.contour, k.counterparty_id, k.currency, k.relation
          from (%2$s) l join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id),
        changed as materialized (
          select unit_id, contour, counterparty_id, currency, relation, case when residual > 0 then 'receivable' else 'payable' end as side,
                 case when (residual < 0) = is_owed_by_us(relation) then 'debt' else 'advance' end as what,
                 coalesce(due, moment_date(rank)) as day, sum(sign) as items, sum(sign * abs(residual)) as amount
          from named where residual <> 0 group by 1, 2, 3, 4, 5, 6, 7, 8
          having sum(sign) <> 0 or sum(sign * abs(residual)) <> 0),
        days as (
          insert into open_day (unit_id, contour, side, what, currency, day, relation, items, amount)
          select unit_id, contour, side, what, currency, day, relation, sum(items), sum(amount) from changed group by 1, 2, 3, 4, 5, 6, 7
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
  end loop;
end $make$;

-- The changes become one row for each sum. One at a time, until his transaction ends; whoever comes meanwhile leaves it to the next.
create or replace function sum_up_open_lots() returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not pg_try_advisory_xact_lock(7263005) then
    return false;
  end if;
  with sums as (select distinct unit_id, contour, side, what, currency, day, relation from open_day where is_change),
  gone as (
    delete from open_day o using sums s where (o.unit_id, o.contour, o.side, o.what, o.currency, o.day, o.relation)
      = (s.unit_id, s.contour, s.side, s.what, s.currency, s.day, s.relation) returning o.*)
  insert into open_day (unit_id, contour, side, what, currency, day, relation, items, amount, is_change)
  select unit_id, contour, side, what, currency, day, relation, sum(items), sum(amount), false
  from gone group by 1, 2, 3, 4, 5, 6, 7 having sum(items) <> 0 or sum(amount) <> 0;
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

-- All of them anew, from the lots. Nobody posts meanwhile.
create or replace function rebuild_open_sums() returns void language plpgsql as $$
begin
  lock table lot in share row exclusive mode;
  perform pg_advisory_xact_lock(7263005);
  delete from open_day;
  delete from open_party;
  delete from open_money;
  delete from settled_day;
  create temporary table open_lot on commit drop as
    select l.unit_id, k.contour, k.counterparty_id, k.currency, k.relation, case when l.residual > 0 then 'receivable' else 'payable' end as side,
           case when (l.residual < 0) = is_owed_by_us(k.relation) then 'debt' else 'advance' end as what,
           coalesce(l.due, moment_date(l.rank)) as day, abs(l.residual) as amount
    from lot l join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id where l.residual <> 0;
  insert into open_day (unit_id, contour, side, what, currency, day, relation, items, amount, is_change)
  select unit_id, contour, side, what, currency, day, relation, count(*), sum(amount), false from open_lot group by 1, 2, 3, 4, 5, 6, 7;
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
end $$;

select rebuild_open_sums();
