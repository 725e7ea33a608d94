-- Bills for prepayment (spec 5: D7): which share of an operation a bill of a run asks for. It counts as asked for as long as the bill is
-- in the books and not annulled. The bill itself is a document: trade/plan.py.
alter table billing_run drop constraint billing_run_kind_check;
alter table billing_run add constraint billing_run_kind_check check (kind in ('month', 'operations', 'prepayment'));

create table billed_prepayment (
  unit_id bigint not null references unit(id),
  run_id bigint not null references billing_run(id),
  document_id bigint not null,
  account_id bigint not null references service_account(id),
  operation_id bigint not null references service_operation(id),
  estimate bigint not null check (estimate > 0),           -- of the share, minor units; what an advance covers included
  amount bigint not null check (amount between 0 and estimate) -- on the bill
);
create index billed_prepayment_by_account on billed_prepayment (account_id);
create index billed_prepayment_by_operation on billed_prepayment (operation_id, account_id);
create index billed_prepayment_by_document on billed_prepayment (unit_id, document_id);
create index billed_prepayment_by_run on billed_prepayment (run_id);
