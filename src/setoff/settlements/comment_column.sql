-- The words of comments stand beside their versions (comments.sql): a list looks at thousands of documents for one page, and folding each
-- comment costs ten times what comparing does. Only versions with a comment have any.

alter table version add column words tsvector
  generated always as (case when content like '%"comment":%' then comment_words(content) end) stored;
create index version_words on version using gin (words) where words is not null;
drop index version_comment_words;

create or replace function documents_commented(
  wanted tsquery, phrases text[], units bigint[], kinds text[], first bigint, before bigint, most bigint)
returns setof bigint language sql stable security definer set search_path = public, pg_temp as $$
  select d.id
  from version v join document d on d.unit_id = v.unit_id and d.id = v.document_id and d.version_id = v.id
  where v.words @@ wanted and v.unit_id = any(units)
    and (cardinality(phrases) = 0 or folded(v.content::jsonb->>'comment') like all(phrases))   -- folding costs more than finding
    and (current_setting('role') = 'none' or v.unit_id = any(string_to_array(current_setting('setoff.units', true), ',')::bigint[]))
    and (cardinality(kinds) = 0 or d.kind = any(kinds)) and d.moment >= first and d.moment < before
  limit most
$$;
