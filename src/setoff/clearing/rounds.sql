-- Rounds of multilateral set-off: who takes part, which debts, what they agreed to, and what was cleared.
-- A round belongs to all units of ours that take part (`units`): who sees or does something needs the right in every one of them.
-- Parties and debts are numbered within their round. Amounts are minor units of the debt's currency.

create table clearing_round (
  id bigint primary key generated always as identity,
  code text not null unique check (code <> ''),
  units bigint[] not null check (cardinality(units) > 0),
  as_of date not null,                                     -- debts that had arisen by the end of this day
  law text not null check (law in ('ru', 'cn', 'intl')),
  options jsonb not null,                                  -- records.py: Options
  status text not null default 'open' check (status in ('open', 'preliminary', 'posting', 'final', 'reversed')),
  solved int not null default 0,                           -- how many times
  input_hash bytea,                                        -- sha256 of what was solved last
  result_hash bytea,                                       -- sha256 of the amounts cleared
  posted_on date,                                          -- day of the act and of our documents
  effect_on date,                                          -- since when the debts count as discharged
  effect_basis text not null default '',
  reversed_on date,
  author text not null,
  opened_at timestamptz not null default clock_timestamp(),
  changed_at timestamptz not null default clock_timestamp(),
  check ((status in ('preliminary', 'posting', 'final', 'reversed')) <= (input_hash is not null)),
  check ((status in ('posting', 'final', 'reversed')) = (posted_on is not null)),
  check ((status = 'reversed') = (reversed_on is not null))
);

create table round_party (
  round_id bigint not null references clearing_round(id),
  no int not null,
  code text not null,
  name text not null,
  tax_id text not null,
  kpp text not null,
  language text not null check (language in ('en', 'ru', 'zh')),
  unit_id bigint references unit(id),                      -- one of ours; null: an outsider
  consent text not null default '' check (consent in ('', 'agreed', 'refused')),
  consent_by text not null default '',                     -- who signed for them, or why they refuse
  consent_on date,
  consent_to text not null default '',                     -- hash of what was cleared for them then: another result needs another consent
  primary key (round_id, no),
  unique (round_id, code),
  check ((consent = '') = (consent_on is null))
);
create unique index round_party_unit on round_party (round_id, unit_id) where unit_id is not null;

create table round_obligation (
  round_id bigint not null,
  no int not null,
  debtor int not null,
  creditor int not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  amount bigint not null check (amount > 0),
  number text not null,
  date date,
  due date,
  file text not null default '',                           -- where it was read, when not from the books
  reference text not null default '',                      -- its id there
  creditor_unit_id bigint,                                 -- the lot in the creditor's books, when the creditor is ours
  creditor_document_id bigint,
  creditor_line int,
  debtor_unit_id bigint,                                   -- the lot in the debtor's books, when the debtor is ours
  debtor_document_id bigint,
  debtor_line int,
  creditor_confirmed text not null default '',             -- by whom; books of ours confirm their own side
  debtor_confirmed text not null default '',
  barred text not null default '' check (barred in ('', 'mirror', 'same_party', 'unit_currency', 'person')),
  barred_because text not null default '',
  cleared bigint not null default 0,
  primary key (round_id, no),
  foreign key (round_id, debtor) references round_party (round_id, no),
  foreign key (round_id, creditor) references round_party (round_id, no),
  foreign key (creditor_unit_id, creditor_document_id) references document (unit_id, id),
  foreign key (debtor_unit_id, debtor_document_id) references document (unit_id, id),
  check (cleared between 0 and amount)
);
create index round_obligation_by_claim on round_obligation (creditor_document_id) where creditor_document_id is not null;
create index round_obligation_by_debt on round_obligation (debtor_document_id) where debtor_document_id is not null;

-- The certificate: a level for every party and currency, and what the round does to the party.
create table round_position (
  round_id bigint not null,
  party int not null,
  currency text not null,
  level bigint not null,
  owes bigint not null,
  owed bigint not null,
  cleared bigint not null,                                 -- the same as debtor and as creditor
  primary key (round_id, party, currency),
  foreign key (round_id, party) references round_party (round_id, no),
  check (cleared between 0 and owes and cleared <= owed)
);

-- The documents of a round in the books of our units, and what reversed them.
create table round_document (
  round_id bigint not null references clearing_round(id),
  unit_id bigint not null,
  currency text not null,
  is_reversal boolean not null,
  document_id bigint not null,
  amount bigint not null check (amount > 0),               -- cleared as debtor, the same as creditor
  primary key (round_id, unit_id, currency, is_reversal),
  foreign key (unit_id, document_id) references document (unit_id, id)
);
