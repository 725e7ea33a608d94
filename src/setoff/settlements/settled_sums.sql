-- Sums for reports over everybody: what was opened and used up on each day, by relation, so that the totals of a statement between any two days
-- read no lot; who has settlements in which relation and currency, so that its rows are read a page at a time; and the relation beside
-- the sums by due day, for the totals of ageing. Kept like those of open_sums.sql: appended by triggers, now and then summed up.

create table settled_day (
  unit_id bigint not null references unit(id),
  contour text not null check (contour in ('reg', 'mgmt')),
  relation text not null,
  currency text not null,
  day date not null,
  opened_plus numeric not null,                            -- of lots that they owe us: what was opened, and used, on the day
  used_plus numeric not null,
  opened_minus numeric not null,                           -- of lots that we owe them, positive
  used_minus numeric not null,
  book numeric not null,                                   -- change of the carrying value in book currency, signed
  is_change boolean not null default true
);
create unique index settled_day_summed on settled_day (unit_id, contour, day, relation, currency) where not is_change;
create index settled_day_changed on settled_day (unit_id, contour, day, relation, currency) where is_change;

create table settled_party (
  unit_id bigint not null references unit(id),
  contour text not null check (contour in ('reg', 'mgmt')),
  currency text not null,
  relation text not null,
  counterparty_id bigint not null references counterparty(id),
  primary key (unit_id, contour, currency, relation, counterparty_id)
);

create function note_settled_parties() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into settled_party select distinct unit_id, contour, currency, relation, counterparty_id from new_rows order by 1, 2, 3, 4, 5
  on conflict do nothing;
  return null;
end $$;
create trigger settled_parties after insert on fold_key referencing new table as new_rows
  for each statement execute function note_settled_parties();

drop index open_day_summed;
drop index open_day_changed;
alter table open_day add column relation text not null default '';
create unique index open_day_summed on open_day (unit_id, contour, side, what, currency, day, relation) include (items, amount)
  where not is_change;
create index open_day_changed on open_day (unit_id, contour, side, what, currency, day, relation) where is_change;

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
          having sum(sign * greatest(amount, 0)) <> 0 or sum(sign * greatest(-amount, 0)) <> 0 or sum(sign * book) <> 0)
        insert into open_party (unit_id, contour, counterparty_id, currency, they_owe, we_owe)
        select unit_id, contour, counterparty_id, currency, coalesce(sum(amount) filter (where side = 'receivable'), 0),
               coalesce(sum(amount) filter (where side = 'payable'), 0)
        from changed where what = 'debt' group by 1, 2, 3, 4
        having sum(amount) filter (where side = 'receivable') <> 0 or sum(amount) filter (where side = 'payable') <> 0;
        return null;
      end $body$ $function$, event.name, event.source);
    execute format($function$
      create function sum_used_lots_after_%1$s() returns trigger language plpgsql
      security definer set search_path = public, pg_temp as $body$
      begin
        insert into settled_day (unit_id, contour, relation, currency, day, opened_plus, used_plus, opened_minus, used_minus, book)
        select k.unit_id, k.contour, k.relation, k.currency, moment_date(a.moment), 0, coalesce(sum(a.sign * a.amount) filter (where l.amount > 0), 0),
               0, coalesce(sum(a.sign * a.amount) filter (where l.amount < 0), 0), -sum(a.sign * sign(l.amount)::bigint * a.lot_book)
        from (%2$s) a
        join lot l on l.unit_id = a.unit_id and l.key_id = a.key_id and l.document_id = a.lot_document_id and l.line = a.lot_line
        join fold_key k on k.unit_id = a.unit_id and k.id = a.key_id
        group by 1, 2, 3, 4, 5;
        return null;
      end $body$ $function$, event.name, event.source);
    execute format('create trigger used_sums_%1$s after %1$s on allocation %2$s for each statement execute function sum_used_lots_after_%1$s()',
                   event.name, event.tables);
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
  insert into open_party select unit_id, contour, counterparty_id, currency, sum(they_owe), sum(we_owe), false
  from gone group by 1, 2, 3, 4 having sum(they_owe) <> 0 or sum(we_owe) <> 0;
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
  delete from settled_day;
  create temporary table open_lot on commit drop as
    select l.unit_id, k.contour, k.counterparty_id, k.currency, k.relation, case when l.residual > 0 then 'receivable' else 'payable' end as side,
           case when (l.residual < 0) = is_owed_by_us(k.relation) then 'debt' else 'advance' end as what,
           coalesce(l.due, moment_date(l.rank)) as day, abs(l.residual) as amount
    from lot l join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id where l.residual <> 0;
  insert into open_day (unit_id, contour, side, what, currency, day, relation, items, amount, is_change)
  select unit_id, contour, side, what, currency, day, relation, count(*), sum(amount), false from open_lot group by 1, 2, 3, 4, 5, 6, 7;
  insert into open_party select unit_id, contour, counterparty_id, currency, coalesce(sum(amount) filter (where side = 'receivable'), 0),
    coalesce(sum(amount) filter (where side = 'payable'), 0), false from open_lot where what = 'debt' group by 1, 2, 3, 4;
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
