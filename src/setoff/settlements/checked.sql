-- What is open now is one scan of a small index; what the control checks found last is kept for each unit.

create index lot_unsettled on lot (unit_id, key_id) include (document_id, line, due, rank, residual, node_id) where residual <> 0;

create table check_result (
  unit_id bigint not null references unit(id),
  code text not null,                                      -- of the check (settlements/checks)
  checked_at timestamptz not null,
  author text not null,
  row_count int not null check (row_count >= 0),
  rows jsonb not null,                                     -- the first of them, with the document where each first arose
  primary key (unit_id, code)
);
