-- Acts of reconciliation as they were drawn up: what our books said then, what theirs say, and how far the two have come.
-- Lines are kept as they stood: an act that was agreed is compared with the books of today, which may have changed since.
-- Lines are JSON lists: ours [{key, kind, number, date, debit, credit}], theirs [{date, number, debit, credit}]; minor units.

create table reconciliation_act (
  unit_id bigint not null references unit(id),
  id bigint generated always as identity,
  counterparty_id bigint not null references counterparty(id),
  contract_id bigint references contract(id),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  first_day date,                                          -- null: from the beginning
  last_day date not null,
  state text not null default 'draft' check (state in ('draft', 'sent', 'agreed', 'disputed')),
  our_opening bigint not null,                             -- + they owe us
  our_closing bigint not null,
  our_lines jsonb not null,
  their_opening bigint,                                    -- as they write it: + we owe them
  their_closing bigint,
  their_lines jsonb,
  their_file text not null default '',
  signed_by text not null default '',                      -- for them, when agreed
  signed_on date,
  note text not null default '',
  author text not null,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  primary key (unit_id, id),
  unique (id),
  check (first_day <= last_day),
  check ((state = 'agreed') = (signed_on is not null and signed_by <> '')),
  check ((their_lines is null) = (their_closing is null) and (their_lines is null) = (their_opening is null))
);
create index reconciliation_act_by_counterparty on reconciliation_act (counterparty_id, last_day);
