-- Periods and seals. A period is open, closed (may be reopened with a reason) or sealed (final, but for a logged override).
-- The periods of a unit follow one another without a gap and close in order, so one moment says it all: everything before
-- closed_until is closed, also what precedes the first period.

create table period (
  unit_id bigint not null references unit(id),
  first_day date not null,
  last_day date not null,
  state text not null check (state in ('open', 'closed', 'sealed')),
  primary key (unit_id, last_day),
  unique (unit_id, first_day),
  check (first_day <= last_day)
);
create index period_not_open on period (unit_id, last_day) where state <> 'open';

create function guard_period() returns trigger language plpgsql as $$
declare
  before_it date := (select max(last_day) from period where unit_id = new.unit_id and last_day < new.last_day);
begin
  if before_it is not null and before_it + 1 <> new.first_day then
    raise exception 'period_not_contiguous: a period of unit % begins on %, the one before ends on %',
      new.unit_id, new.first_day, before_it using errcode = 'SE009', constraint = 'period_not_contiguous';
  end if;
  if exists (select from period other where other.unit_id = new.unit_id and other.last_day <> new.last_day
             and (other.last_day < new.last_day) = (new.state <> 'open') and (other.state = 'open') = (new.state <> 'open')) then
    raise exception 'period_not_contiguous: periods of unit % close in order and reopen in reverse order (%)',
      new.unit_id, new.last_day using errcode = 'SE009', constraint = 'period_not_contiguous';
  end if;
  return null;
end $$;
create trigger guard_period after insert or update on period for each row execute function guard_period();

-- One chain of links per unit. A link of action close carries the hash of its rows; seal repeats it; reopen has none.
create table seal (
  unit_id bigint not null,
  sequence int not null,
  first_day date not null,
  last_day date not null,
  action text not null check (action in ('close', 'seal', 'reopen')),
  row_count bigint not null,
  rows_hash bytea not null,                                -- sha256 over the hashes of seal_row in order
  previous_hash bytea not null,                            -- hash of the link before; 32 zero bytes for the first
  hash bytea not null,                                     -- sha256 over all the columns above and below
  sealed_at timestamptz not null,
  author text not null,
  reason text not null,
  primary key (unit_id, sequence),
  foreign key (unit_id, last_day) references period (unit_id, last_day)
);

create table seal_row (
  unit_id bigint not null,
  sequence int not null,                                   -- of the link of action close that wrote it
  relation text not null,
  document_id bigint not null,
  row_key text collate "C" not null,                       -- the rest of the row's key, readable
  sha256 bytea not null
);
create index seal_row_by_link on seal_row using brin (unit_id, sequence);   -- written in one piece per link

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'append_only: rows of % are never changed or removed (%)', tg_table_name, lower(tg_op)
    using errcode = 'SE001', constraint = 'append_only', table = tg_table_name;
end $$;
create trigger append_only before update or delete or truncate on seal for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on seal_row for each statement execute function refuse_change();
create trigger append_only before delete or truncate on period for each statement execute function refuse_change();
