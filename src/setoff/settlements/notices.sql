-- Notices of set-off: the day on which one was received, which is no part of what the document says and may come when its period is closed.
-- And the documents that the journal of adjustments lists, in the total order, however many others there are.

create table notice_receipt (
  unit_id bigint not null references unit(id),
  document_id bigint not null,
  received date not null,
  author text not null,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (unit_id, document_id),
  foreign key (unit_id, document_id) references document (unit_id, id)
);

create index document_adjusting on document (unit_id, moment, id)
  where kind in ('advance_offset', 'debt_accrual', 'debt_transfer', 'debt_write_off', 'netting', 'set_off');
