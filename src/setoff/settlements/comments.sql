-- The words of comments, by which documents are found: folded as names are (parties/search.sql); characters of Chinese stand for words, since
-- nothing separates them. Only versions with a comment are in the index.

create function comment_words(content text) returns tsvector language sql immutable parallel safe as $$
  select array_to_tsvector(array_remove(string_to_array(
    regexp_replace(left(public.folded(content::jsonb->>'comment'), 500), '([\u3400-\u9fff])', ' \1 ', 'g'), ' '), ''))
$$;
create index version_comment_words on version using gin (comment_words(content)) where content like '%"comment":%';

-- Row-level security would not let the index answer: this runs as the owner, and asks for the right to read a unit itself. No more than `most`.
create function documents_commented(wanted tsquery, phrases text[], units bigint[], kinds text[], first bigint, before bigint, most bigint)
returns setof bigint language sql stable security definer set search_path = public, pg_temp as $$
  select d.id
  from version v join document d on d.unit_id = v.unit_id and d.id = v.document_id and d.version_id = v.id
  where v.content like '%"comment":%' and comment_words(v.content) @@ wanted and v.unit_id = any(units)
    and (cardinality(phrases) = 0 or folded(v.content::jsonb->>'comment') like all(phrases))   -- folding costs more than finding
    and (current_setting('role') = 'none' or v.unit_id = any(string_to_array(current_setting('setoff.units', true), ',')::bigint[]))
    and (cardinality(kinds) = 0 or d.kind = any(kinds)) and d.moment >= first and d.moment < before
  limit most
$$;
