-- What is open, summed up: by the day it falls due, and by party. What today's figures, the list of open items and the list of debts both
-- ways read instead of every open lot. Triggers append changes, a statement at a time; now and then one process sums them up
-- (sum_up_open_lots), so that postings never wait for one another here. Functions run as the owner: nobody writes the tables himself.

create function is_owed_by_us(relation text) returns boolean language sql immutable parallel safe
  return relation in ('supplier', 'other_supplier', 'packaging_received', 'loan_received', 'loan_interest');

create table open_day (
  unit_id bigint not null references unit(id),
  contour text not null check (contour in ('reg', 'mgmt')),
  side text not null check (side in ('receivable', 'payable')),
  what text not null check (what in ('debt', 'advance')),
  currency text not null,
  day date not null,                                       -- due, or the original document's date
  items bigint not null,
  amount numeric not null,                                 -- minor units, positive; sums may be longer than an amount
  is_change boolean not null default true                  -- appended and not summed up yet
);
create unique index open_day_summed on open_day (unit_id, contour, side, what, currency, day) include (items, amount) where not is_change;
create index open_day_changed on open_day (unit_id, contour, side, what, currency, day) where is_change;

-- Debts of a party on both sides; advances are left out.
create table open_party (
  unit_id bigint not null references unit(id),
  contour text not null check (contour in ('reg', 'mgmt')),
  counterparty_id bigint not null references counterparty(id),
  currency text not null,
  they_owe numeric not null,
  we_owe numeric not null,
  is_change boolean not null default true
);
create unique index open_party_summed on open_party (unit_id, contour, counterparty_id, currency) where not is_change;
create index open_party_changed on open_party (unit_id, contour, counterparty_id, currency) where is_change;
create index open_party_both_ways on open_party (unit_id, contour) include (counterparty_id, currency, they_owe, we_owe)
  where not is_change and they_owe > 0 and we_owe > 0;

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
      create function sum_open_lots_after_%1$s() returns trigger language plpgsql security definer set search_path = public, pg_temp as $body$
      begin
        with changed as materialized (
          select l.unit_id, k.contour, k.counterparty_id, k.currency, case when l.residual > 0 then 'receivable' else 'payable' end as side,
                 case when (l.residual < 0) = is_owed_by_us(k.relation) then 'debt' else 'advance' end as what,
                 coalesce(l.due, moment_date(l.rank)) as day, sum(l.sign) as items, sum(l.sign * abs(l.residual)) as amount
          from (%2$s) l join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id
          where l.residual <> 0 group by 1, 2, 3, 4, 5, 6, 7
          having sum(l.sign) <> 0 or sum(l.sign * abs(l.residual)) <> 0),
        days as (
          insert into open_day (unit_id, contour, side, what, currency, day, items, amount)
          select unit_id, contour, side, what, currency, day, sum(items), sum(amount) from changed group by 1, 2, 3, 4, 5, 6
          having sum(items) <> 0 or sum(amount) <> 0)
        insert into open_party (unit_id, contour, counterparty_id, currency, they_owe, we_owe)
        select unit_id, contour, counterparty_id, currency, coalesce(sum(amount) filter (where side = 'receivable'), 0),
               coalesce(sum(amount) filter (where side = 'payable'), 0)
        from changed where what = 'debt' group by 1, 2, 3, 4
        having sum(amount) filter (where side = 'receivable') <> 0 or sum(amount) filter (where side = 'payable') <> 0;
        return null;
      end $body$ $function$, event.name, event.source);
    execute format('create trigger open_sums_%1$s after %1$s on lot %2$s for each statement execute function sum_open_lots_after_%1$s()',
                   event.name, event.tables);
  end loop;
end $make$;

-- The changes become one row for each sum. One at a time, until his transaction ends; whoever comes meanwhile leaves it to the next.
create function sum_up_open_lots() returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not pg_try_advisory_xact_lock(7263005) then
    return false;
  end if;
  with sums as (select distinct unit_id, contour, side, what, currency, day from open_day where is_change),
  gone as (
    delete from open_day o using sums s where (o.unit_id, o.contour, o.side, o.what, o.currency, o.day)
      = (s.unit_id, s.contour, s.side, s.what, s.currency, s.day) returning o.*)
  insert into open_day select unit_id, contour, side, what, currency, day, sum(items), sum(amount), false
  from gone group by 1, 2, 3, 4, 5, 6 having sum(items) <> 0 or sum(amount) <> 0;
  with sums as (select distinct unit_id, contour, counterparty_id, currency from open_party where is_change),
  gone as (
    delete from open_party o using sums s where (o.unit_id, o.contour, o.counterparty_id, o.currency)
      = (s.unit_id, s.contour, s.counterparty_id, s.currency) returning o.*)
  insert into open_party select unit_id, contour, counterparty_id, currency, sum(they_owe), sum(we_owe), false
  from gone group by 1, 2, 3, 4 having sum(they_owe) <> 0 or sum(we_owe) <> 0;
  return true;
end $$;

-- All of them anew, from the lots. Nobody posts meanwhile.
create function rebuild_open_sums() returns void language plpgsql as $$
begin
  lock table lot in share row exclusive mode;
  perform pg_advisory_xact_lock(7263005);
  delete from open_day;
  delete from open_party;
  create temporary table open_lot on commit drop as
    select l.unit_id, k.contour, k.counterparty_id, k.currency, case when l.residual > 0 then 'receivable' else 'payable' end as side,
           case when (l.residual < 0) = is_owed_by_us(k.relation) then 'debt' else 'advance' end as what,
           coalesce(l.due, moment_date(l.rank)) as day, abs(l.residual) as amount
    from lot l join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id where l.residual <> 0;
  insert into open_day select unit_id, contour, side, what, currency, day, count(*), sum(amount), false from open_lot group by 1, 2, 3, 4, 5, 6;
  insert into open_party select unit_id, contour, counterparty_id, currency, coalesce(sum(amount) filter (where side = 'receivable'), 0),
    coalesce(sum(amount) filter (where side = 'payable'), 0), false from open_lot where what = 'debt' group by 1, 2, 3, 4;
  drop table open_lot;
end $$;

select rebuild_open_sums();
