-- The ledger: documents and their versions, facts and entries, and what the fold derives from them.
-- Master data (organizations, units, contracts...) are Django models; these tables are written by COPY and set-based SQL only.
-- Every key begins with the unit. A moment is one BIGINT (core/moment.py). Amounts are minor units.
-- Who may write what: facts, entries, targets and versions are append-only; derived rows are replaced by the fold; nobody
-- writes into a period that is not open. The database refuses by itself: triggers are per statement and set-based, so that COPY
-- stays fast.

create function moment_date(moment bigint) returns date language sql immutable parallel safe
  return date '2000-01-01' + (moment >> 43)::int;
create function start_of(day date) returns bigint language sql immutable parallel safe
  return (day - date '2000-01-01')::bigint << 43;
create function end_of(day date) returns bigint language sql immutable parallel safe
  return (day - date '2000-01-01' + 1)::bigint << 43;

create sequence document_id_seq;
create sequence version_id_seq;
create sequence audit_id_seq;

-- What was said -----------------------------------------------------------------------------------------------------------

create table document (
  unit_id bigint not null references unit(id),
  id bigint not null default nextval('document_id_seq'),   -- entry number of the total order
  kind text not null,                                      -- registry name: sale, purchase, payment_from_customer ...
  number text not null,
  year smallint not null,                                  -- of the date: numbering is per unit, kind and year
  key text not null,                                       -- external key; import finds the document by it
  date date not null,
  moment bigint not null,
  status text not null check (status in ('draft', 'posted', 'unposted')),
  deletion_mark boolean not null default false check (not (deletion_mark and status = 'posted')),
  counterparty_id bigint references counterparty(id),
  contract_id bigint references contract(id),
  currency text not null,
  total bigint not null,
  version_id bigint not null,                              -- the newest version
  posted_version_id bigint,                                -- the version whose facts are in the books
  primary key (unit_id, id),
  unique (unit_id, kind, year, number),
  check ((status = 'posted') = (posted_version_id is not null)),
  check (start_of(date) <= moment and moment < end_of(date))
);
create unique index document_key on document (key);
create index document_by_id on document (id) include (posted_version_id);
create index document_by_moment on document (unit_id, moment);
create index document_by_counterparty on document (counterparty_id, moment);

-- The next free numbers of a unit, kind and year: a sequence each, so that numbering never makes one posting wait for another. Numbers
-- typed by people are passed over; a number taken and not used leaves a gap.
create function next_numbers(unit bigint, document_kind text, document_year bigint, wanted bigint) returns setof text language plpgsql as $$
declare
  name text := format('number_%s_%s_%s', unit, document_kind, document_year);
  found bigint := 0;
  free text;
begin
  if to_regclass(name) is null then
    perform pg_advisory_xact_lock(hashtextextended(name, 0));
    execute format('create sequence if not exists %I', name);
  end if;
  while found < wanted loop
    free := lpad(nextval(name::regclass)::text, 6, '0');
    if exists (select from document where unit_id = unit and kind = document_kind and year = document_year and number = free) then
      perform setval(name::regclass, (
        select max(substring(number from '[0-9]{1,15}$')::bigint) from document
        where unit_id = unit and kind = document_kind and year = document_year
          and length(number) < 16 and substring(number from '[0-9]{1,15}$')::bigint >= free::bigint));
    else
      found := found + 1;
      return next free;
    end if;
  end loop;
end $$;

create table version (
  unit_id bigint not null,
  id bigint not null default nextval('version_id_seq'),
  document_id bigint not null,
  version_no int not null,
  recorded_at timestamptz not null,
  author text not null,
  action text not null,                                    -- save, post, edit, unpost, reorder, mark_deletion, demote ...
  posted boolean not null,                                 -- whether its facts count from recorded_at until the next version
  moment bigint not null,
  content text not null,                                   -- canonical JSON of the document as said
  content_hash bytea not null,                             -- sha256 of content
  facts_hash bytea not null,                               -- sha256 of its facts and entries (I9)
  primary key (unit_id, id),
  unique (unit_id, document_id, version_no)
);
create index version_by_recorded on version (unit_id, recorded_at);

create table node (
  unit_id bigint not null references unit(id),
  id bigint not null,
  relation text not null,
  counterparty_id bigint not null references counterparty(id),
  contract_id bigint references contract(id),
  object text not null,                                    -- '' (contract), 'order:NUMBER', 'document:ID', 'document:ID/LINE'
  reg_object text not null,                                -- the same for the regulated contour
  currency text not null,
  reg_key_id bigint not null,
  mgmt_key_id bigint not null,
  primary key (unit_id, id),
  unique nulls not distinct (unit_id, relation, counterparty_id, contract_id, object, reg_object, currency)
);
create index node_by_counterparty on node (counterparty_id);

create table fold_key (
  unit_id bigint not null,
  id bigint not null,
  contour text not null check (contour in ('reg', 'mgmt')),
  relation text not null,
  counterparty_id bigint not null,
  contract_id bigint,
  object text not null,
  currency text not null,
  allocation_order text not null check (allocation_order in ('moment', 'due_date', 'legal')),
  debt_account_id int,                                     -- reg only: accounts by role and contract (spec 1.6)
  advance_account_id int,
  primary key (unit_id, id),
  unique nulls not distinct (unit_id, contour, relation, counterparty_id, contract_id, object, currency),
  check ((contour = 'reg') = (debt_account_id is not null and advance_account_id is not null))
);
create index fold_key_by_counterparty on fold_key (counterparty_id);

create table fact (
  unit_id bigint not null,
  version_id bigint not null,
  line int not null,
  document_id bigint not null,
  moment bigint not null,
  rank bigint not null,                                    -- orders lots; the moment, but of the original date for openings
  node_id bigint not null,
  reg_key_id bigint,                                       -- null: not in the regulated contour
  mgmt_key_id bigint,                                      -- null: not in the management contour
  nature smallint not null check (nature between 1 and 5),
  change bigint not null check (change <> 0),              -- settlement currency; + they owe us
  book bigint not null,                                    -- book currency at the document's rate
  own_value boolean not null,
  consume_only boolean not null,
  due date,
  label text not null,
  primary key (unit_id, version_id, line),
  foreign key (unit_id, node_id) references node (unit_id, id),
  check ((change > 0) = (book > 0)),
  check (reg_key_id is not null or mgmt_key_id is not null)
);
create index fact_by_reg_key on fact (reg_key_id, moment);
create index fact_by_mgmt_key on fact (mgmt_key_id, moment);

create table fact_target (
  unit_id bigint not null,
  version_id bigint not null,
  line int not null,
  target_no int not null,
  document_id bigint not null,
  document_line int not null,                              -- 0: any lot of the document
  amount bigint not null,
  rule smallint not null check (rule between 1 and 3),
  demoted bigint not null default 0 check (demoted >= 0),  -- cut off with consent; the amount may then be zero
  check (amount >= 0 and amount + demoted > 0),
  primary key (unit_id, version_id, line, target_no)
);
create index fact_target_by_document on fact_target (document_id);

create table entry (
  unit_id bigint not null,
  version_id bigint not null,
  line int not null,
  debit_fact int,                                          -- line of a fact of the same version, or
  debit_account_id int,                                    -- an account that holds no settlements
  credit_fact int,
  credit_account_id int,
  amount bigint not null check (amount <> 0),              -- book currency; negative only as red storno
  follows int not null default 0,
  vat_rate text not null,
  item text not null,
  primary key (unit_id, version_id, line),
  check (num_nonnulls(debit_fact, debit_account_id) = 1),
  check (num_nonnulls(credit_fact, credit_account_id) = 1)
);

-- What the fold derives ---------------------------------------------------------------------------------------------------

create table lot (
  unit_id bigint not null,
  key_id bigint not null,
  document_id bigint not null,
  line int not null,
  node_id bigint not null,
  moment bigint not null,
  rank bigint not null,
  due date,
  amount bigint not null check (amount <> 0),              -- what the fact opened; + or - as the fact
  book bigint not null,
  residual bigint not null,
  residual_book bigint not null,
  used_moment bigint not null,                             -- moment of the first fact that used it; NEVER while whole
  closed_moment bigint not null,                           -- moment of the fact that used it up; NEVER while open
  primary key (unit_id, key_id, document_id, line),
  check (amount > 0 and book >= 0 or amount < 0 and book <= 0),
  check (case when amount > 0 then residual between 0 and amount else residual between amount and 0 end),
  check (residual <> 0 or residual_book = 0),
  check ((residual = 0) = (closed_moment < 9223372036854775807))
);
create index lot_open on lot (key_id, closed_moment, moment);
create index lot_by_close on lot (unit_id, closed_moment, moment);   -- what was open on a day

create table allocation (
  unit_id bigint not null,
  key_id bigint not null,
  moment bigint not null,                                  -- of the later document, which owns the row
  document_id bigint not null,
  line int not null,
  lot_document_id bigint not null,
  lot_line int not null,
  amount bigint not null check (amount > 0),
  lot_book bigint not null check (lot_book >= 0),          -- carrying value released from the lot
  own_book bigint not null check (own_book >= 0),          -- value of the part of the settling fact
  rule smallint not null check (rule between 1 and 7),
  primary key (unit_id, key_id, document_id, line, lot_document_id, lot_line, rule)
);
create index allocation_by_lot on allocation (key_id, lot_document_id, lot_line, moment);
create index allocation_by_moment on allocation (key_id, moment);

create table posting (
  unit_id bigint not null,
  document_id bigint not null,
  line int not null,                                       -- 1.. in a document, in the order of its entries and offsets
  moment bigint not null,
  kind text not null check (kind in ('entry', 'storno', 'offset', 'fx')),
  debit_account_id int not null references account(id),
  debit_node_id bigint,
  credit_account_id int not null references account(id),
  credit_node_id bigint,
  amount bigint not null check (amount > 0 or kind = 'storno' and amount < 0),   -- book currency
  settlement_amount bigint,                                -- in the node's currency (debit node first), when a side has one
  vat_rate text not null,
  item text not null,
  primary key (unit_id, document_id, line)
);
create index posting_by_moment on posting (unit_id, moment);
create index posting_by_debit_node on posting (debit_node_id, moment) where debit_node_id is not null;
create index posting_by_credit_node on posting (credit_node_id, moment) where credit_node_id is not null;

-- Turnover of a month by account pair, so that a balance sheet does not read the history. Appended as changes, summed up by
-- whoever finds many (turnovers.py), so that parallel postings never wait for one another here.
create table turnover (
  unit_id bigint not null,
  month date not null,
  debit_account_id int not null,
  credit_account_id int not null,
  amount bigint not null
);
create index turnover_by_month on turnover (unit_id, month, debit_account_id, credit_account_id);

-- Trust -------------------------------------------------------------------------------------------------------------------

create table audit (
  id bigint primary key default nextval('audit_id_seq'),
  recorded_at timestamptz not null default clock_timestamp(),
  author text not null,
  origin text not null,                                    -- cli, api, page, import
  verb text not null,
  unit_id bigint,
  document_id bigint,
  details jsonb not null
);
create index audit_by_document on audit (document_id);
