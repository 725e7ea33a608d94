-- Billing runs and what they charged (spec 5). A charge is one tariff for one month of an account, or one operation's share of an account; it
-- is billed as long as its invoice is in the books. The invoice itself is a sale: its key names contract and month, or day of issue.

create table billing_run (
  unit_id bigint not null references unit(id),
  id bigint primary key generated always as identity,
  kind text not null check (kind in ('month', 'operations')),
  price_list text not null,
  first_day date not null,                                 -- of the services
  last_day date not null,
  issued_on date not null,
  author text not null,
  recorded_at timestamptz not null default clock_timestamp(),
  undone_by text not null default '',
  undone_at timestamptz,
  check (first_day <= last_day),
  check ((undone_by = '') = (undone_at is null))
);
create index billing_run_by_unit on billing_run (unit_id, id);

create table billed_charge (
  unit_id bigint not null references unit(id),
  run_id bigint not null references billing_run(id),
  document_id bigint not null,
  price_list_id bigint not null references price_list(id),
  account_id bigint not null references service_account(id),
  operation_id bigint references service_operation(id),
  month date,                                              -- its first day
  tariff text not null,
  amount bigint not null check (amount > 0),               -- minor units, with VAT
  check ((month is null) <> (operation_id is null))
);
create index billed_charge_by_account on billed_charge (account_id, month);
create index billed_charge_by_operation on billed_charge (operation_id, account_id);
create index billed_charge_by_document on billed_charge (unit_id, document_id);
create index billed_charge_by_run on billed_charge (run_id);
create index billed_charge_by_list on billed_charge (price_list_id);
