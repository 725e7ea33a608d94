-- Bank accounts of ours, what their statements say, and how people settle whose the lines are.
-- A line belongs to the unit of its account. It is inserted once: `identity` is the same in every file that holds it.

create table bank_account (
  unit_id bigint not null references unit(id),
  id bigint not null generated always as identity,
  number text not null,                                    -- IBAN, or the number in the country, without spaces
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  name text not null,                                      -- the field bank_account of its payments
  bic text not null default '',
  bank_name text not null default '',
  correspondent text not null default '',                  -- the bank's account at the central bank (Russia)
  primary key (unit_id, id)
);
create unique index bank_account_number on bank_account (number, currency);
create unique index bank_account_name on bank_account (unit_id, name);

create table bank_statement (
  unit_id bigint not null,
  id bigint not null generated always as identity,
  account_id bigint not null,
  file text not null,
  file_hash bytea not null,                                -- sha256 of the file
  position int not null,                                   -- which statement of the file
  format text not null check (format in ('camt', 'mt940', '1c')),
  number text not null,
  first_day date not null,
  last_day date not null check (first_day <= last_day),
  opening bigint,                                          -- null: the file does not state it
  closing bigint,
  lines int not null,
  new_lines int not null,                                  -- the others were known from earlier files
  findings jsonb not null,
  imported_at timestamptz not null default clock_timestamp(),
  author text not null,
  primary key (unit_id, id),
  unique (unit_id, account_id, file_hash, position),
  foreign key (unit_id, account_id) references bank_account (unit_id, id)
);
create index bank_statement_by_day on bank_statement (unit_id, account_id, first_day);

create table bank_line (
  unit_id bigint not null,
  id bigint not null generated always as identity,
  account_id bigint not null,
  statement_id bigint not null,
  identity bytea not null,
  booking_date date not null,
  value_date date not null,
  amount bigint not null,                                  -- + in, - out
  currency text not null,
  name text not null,
  tax_id text not null,
  kpp text not null,
  account text not null,
  bic text not null,
  purpose text not null,
  reference text not null,
  end_to_end text not null,
  is_reversal boolean not null,
  state text not null default 'unclaimed' check (state in ('pending', 'unclaimed', 'proposed', 'booked', 'ignored')),
  confidence int not null default 0 check (confidence between 0 and 1000),
  proposal text not null default '',                       -- canonical JSON of the payment
  reasons jsonb not null default '[]',
  ignored_because text not null default '',
  document_id bigint,
  decided_by text not null default '',
  decided_at timestamptz,
  primary key (unit_id, id),
  unique (unit_id, account_id, identity),
  foreign key (unit_id, account_id) references bank_account (unit_id, id),
  foreign key (unit_id, statement_id) references bank_statement (unit_id, id),
  foreign key (unit_id, document_id) references document (unit_id, id),
  check ((state = 'booked') = (document_id is not null)),
  check ((state = 'ignored') = (ignored_because <> '')),
  check (state <> 'proposed' or proposal <> '')
);
create index bank_line_by_day on bank_line (unit_id, account_id, booking_date, id);
create index bank_line_open on bank_line (unit_id, booking_date, id) where state in ('unclaimed', 'proposed');
create unique index bank_line_document on bank_line (unit_id, document_id) where document_id is not null;
create index bank_line_by_account on bank_line (unit_id, account) where account <> '' and state = 'booked';

-- What people said once and for all: which lines are whose, or nobody's.
create table bank_rule (
  unit_id bigint not null references unit(id),
  id bigint not null generated always as identity,
  position int not null,                                   -- the first that fits decides
  field text not null check (field in ('purpose', 'name', 'account', 'tax_id')),
  pattern text not null check (pattern <> ''),             -- words that stand in the field; "*" stands for any text
  direction text not null check (direction in ('in', 'out', 'any')),
  kind text not null,                                      -- of the payment, or 'ignore'
  counterparty text not null default '',
  contract text not null default '',
  ledger_account text not null default '',
  item text not null default '',
  reason text not null default '',
  author text not null,
  primary key (unit_id, id),
  check (kind not in ('ignore') or reason <> '')
);

-- Whose accounts are whose: typed by people, or learned from confirmed lines.
create table party_account (
  unit_id bigint not null references unit(id),
  counterparty_id bigint not null references counterparty(id),
  number text not null check (number <> ''),
  bic text not null default '',
  bank_name text not null default '',
  correspondent text not null default '',
  is_typed boolean not null,
  lines int not null default 0,                            -- confirmed lines it was seen in
  primary key (unit_id, number, counterparty_id)
);
create index party_account_by_party on party_account (unit_id, counterparty_id);
