-- VAT on advances that waits for a decision, or did once: of each document from when until when, and how much. What it is, is derived from the
-- lots (advance_vat/events.py); it is kept with the postings of VAT, by the same verbs, so that its sums on any day read no lot.

create table vat_wait (
  unit_id bigint not null references unit(id),
  document_id bigint not null,
  moment bigint not null,                                  -- of the document
  ended bigint not null,                                   -- when it was decided, or taken back; NEVER while it waits
  amount bigint not null check (amount > 0),               -- minor units of book currency
  primary key (unit_id, document_id, ended),
  foreign key (unit_id, document_id) references document (unit_id, id),
  check (ended > moment)
);
create index vat_wait_by_end on vat_wait (unit_id, ended, moment) include (amount);
