-- Rows that an import refused: they wait here until a later import brings the same record, or a person tries or drops them.

create table rejected_row (
  id bigint primary key generated always as identity,
  unit_id bigint references unit(id),                      -- of the record, where it names one in which the importer may write
  user_id bigint references access_user(id),               -- who imported it, where no unit is known
  file text not null,                                      -- as the import called it
  file_hash bytea not null,                                -- sha256 of its bytes
  row_no bigint not null,                                  -- as reports of the import count
  form text not null check (form in ('line', 'cells', 'broken')),
  content text not null,                                   -- as it came: a line of JSON; cells by column, as JSON; or what cannot be read
  records text not null default '',                        -- of cells: the records that the mapping made, a line of JSON each
  kind text not null default '',                           -- of the record: "document", or the type of a master record
  key text not null default '',                            -- by which a later import brings the same record; "" = it told none
  code text not null,                                      -- the refusal: errors.py
  facts jsonb not null,                                    -- and its facts, so that it is told in any language
  author text not null,
  origin text not null,
  refused_at timestamptz not null default clock_timestamp(),
  state text not null default 'open' check (state in ('open', 'handled', 'dropped')),
  settled_by text not null default '',
  settled_at timestamptz,
  reason text not null default '',                         -- why it was dropped
  settled_file text not null default '',                   -- the file of a later import that brought the record; "" = it was tried again
  settled_hash bytea,
  unique nulls not distinct (file_hash, file, row_no, unit_id, user_id),
  check (unit_id is null or user_id is null),
  check ((state = 'open') = (settled_by = '') and (state = 'open') = (settled_at is null)),
  check ((state = 'dropped') = (reason <> '')),
  check ((settled_file = '') = (settled_hash is null))
);
create index rejected_row_open on rejected_row (unit_id, id) where state = 'open';
