-- Files of contracts: the signed paper, annexes, letters. As those of documents (attachments.sql): never changed or deleted, one attached by
-- mistake is marked as removed. A contract belongs to an organization, not to a unit.

create table contract_file (
  organization_id bigint not null,
  id bigint generated always as identity primary key,
  contract_id bigint not null references contract (id),
  name text not null check (name <> '' and length(name) <= 200),
  media_type text not null,
  size bigint not null check (size > 0),
  sha256 bytea not null check (length(sha256) = 32),
  content bytea not null,
  author text not null,
  recorded_at timestamptz not null default clock_timestamp(),
  removed_at timestamptz,
  removed_by text,
  check (size = length(content) and sha256 = sha256(content)),
  check ((removed_at is null) = (removed_by is null))
);
alter table contract_file alter column content set storage external;
create unique index contract_file_once on contract_file (contract_id, sha256, name) where removed_at is null;

create trigger append_only before delete or truncate on contract_file for each statement execute function refuse_change();
create trigger append_only_columns
  before update of organization_id, id, contract_id, name, media_type, size, sha256, content, author, recorded_at
  on contract_file for each statement execute function refuse_change();
