-- How many documents there are and for how much, by unit, day, kind, state and currency: what the list of documents reads for its totals,
-- and to find the days worth looking at. Triggers append changes, a statement at a time; whoever writes many sums them up afterwards
-- (document_counts.py), so that postings never wait for one another here. Functions run as the owner: nobody writes the table himself.

create table document_count (
  unit_id bigint not null references unit(id),
  date date not null,
  kind text not null,
  state text not null check (state in ('draft', 'posted', 'unposted', 'marked')),
  currency text not null,
  documents bigint not null,
  total numeric not null,                                  -- minor units; sums may be longer than an amount
  is_change boolean not null default true                  -- appended and not summed up yet
);
create index document_count_by_day on document_count (unit_id, date);
create index document_count_changed on document_count (unit_id, date) where is_change;

create function document_state(status text, deletion_mark boolean) returns text language sql immutable parallel safe
  return case when deletion_mark then 'marked' else status end;

create function count_new_documents() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into document_count (unit_id, date, kind, state, currency, documents, total)
  select unit_id, date, kind, document_state(status, deletion_mark), currency, count(*), sum(total)
  from new_rows group by 1, 2, 3, 4, 5;
  return null;
end $$;

create function count_changed_documents() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into document_count (unit_id, date, kind, state, currency, documents, total)
  select unit_id, date, kind, document_state(status, deletion_mark), currency, sum(sign), sum(sign * total)
  from (select *, 1 as sign from new_rows union all select *, -1 from old_rows) rows
  group by 1, 2, 3, 4, 5 having sum(sign) <> 0 or sum(sign * total) <> 0;
  return null;
end $$;

create trigger count_insert after insert on document referencing new table as new_rows
  for each statement execute function count_new_documents();
create trigger count_update after update on document referencing old table as old_rows new table as new_rows
  for each statement execute function count_changed_documents();

-- The changes of days that have any become one row for each kind, state and currency. Rows that another transaction is at are left to it.
create function sum_up_document_counts() returns void language sql security definer set search_path = public, pg_temp as $$
  with days as (select distinct unit_id, date from document_count where is_change),
  gone as (
    delete from document_count where ctid = any(array(
      select c.ctid from days join document_count c using (unit_id, date) for update of c skip locked)) returning *)
  insert into document_count (unit_id, date, kind, state, currency, documents, total, is_change)
  select unit_id, date, kind, state, currency, sum(documents), sum(total), false
  from gone group by 1, 2, 3, 4, 5 having sum(documents) <> 0 or sum(total) <> 0
$$;

-- All of them anew: how many rows were different. Nobody posts meanwhile.
create function rebuild_document_counts() returns bigint language plpgsql as $$
declare
  differing bigint;
begin
  lock table document in share row exclusive mode;
  create temporary table counted on commit drop as
    select unit_id, date, kind, document_state(status, deletion_mark) as state, currency, count(*) as documents, sum(total) as total
    from document group by 1, 2, 3, 4, 5;
  select count(*) into differing from counted full join (
    select unit_id, date, kind, state, currency, sum(documents) as documents, sum(total) as total from document_count group by 1, 2, 3, 4, 5
    having sum(documents) <> 0 or sum(total) <> 0) kept using (unit_id, date, kind, state, currency, documents, total)
  where counted is null or kept is null;
  delete from document_count;
  insert into document_count (unit_id, date, kind, state, currency, documents, total, is_change)
    select unit_id, date, kind, state, currency, documents, total, false from counted;
  drop table counted;
  return differing;
end $$;

select rebuild_document_counts();

create index document_by_total on document (unit_id, total, id);
create index document_by_contract on document (contract_id, moment) where contract_id is not null;
create index version_by_author on version (unit_id, author, document_id);
