-- Files attached to documents: the paper itself, a photograph, a letter. What was attached is never changed or deleted; one that was
-- attached by mistake is marked as removed. Content is stored as it came, out of line, so that lists never read it.

create sequence attachment_id_seq;

create table attachment (
  unit_id bigint not null,
  id bigint not null default nextval('attachment_id_seq'),
  document_id bigint not null,
  name text not null check (name <> '' and length(name) <= 200),
  media_type text not null,
  size bigint not null check (size > 0),
  sha256 bytea not null check (length(sha256) = 32),
  content bytea not null,
  author text not null,
  recorded_at timestamptz not null default clock_timestamp(),
  removed_at timestamptz,
  removed_by text,
  primary key (unit_id, id),
  foreign key (unit_id, document_id) references document (unit_id, id),
  check (size = length(content) and sha256 = sha256(content)),
  check ((removed_at is null) = (removed_by is null))
);
alter table attachment alter column content set storage external;
create index attachment_by_document on attachment (unit_id, document_id);
create unique index attachment_once on attachment (unit_id, document_id, sha256, name) where removed_at is null;

create trigger append_only before delete or truncate on attachment for each statement execute function refuse_change();
create trigger append_only_columns before update of unit_id, id, document_id, name, media_type, size, sha256, content, author, recorded_at
  on attachment for each statement execute function refuse_change();
