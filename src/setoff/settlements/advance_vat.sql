-- VAT on advances: postings of a kind of their own, and which documents decide of which. As in corrections.sql the key of the document that
-- is named is found by index, also for who works under row-level security.

alter table posting drop constraint posting_kind_check,
  add constraint posting_kind_check check (kind in ('entry', 'storno', 'offset', 'fx', 'vat'));

create function vat_decided_by(content text) returns text language sql immutable parallel safe
  return case when content like '{"type":"advance\_vat"%' then content::jsonb ->> 'document' end;

create index version_by_vat_decided on version (vat_decided_by(content)) where vat_decided_by(content) is not null;

create function vat_decisions_naming(named text[])
  returns table (unit_id bigint, version_id bigint, document_id bigint, content text)
  language sql stable security definer rows 3 set search_path = public, pg_temp as $$
  select v.unit_id, v.id, v.document_id, v.content from version v
  where vat_decided_by(v.content) = any(named) and not lacks_right('setoff.units', v.unit_id)
$$;
