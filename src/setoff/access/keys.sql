-- Keys of documents are unique over all units. Which of some keys belong to documents that the session may not read, so that a verb
-- can refuse them instead of meeting them again and again: nothing but the key itself is told.

create function keys_elsewhere(keys text[]) returns setof text language sql stable security definer set search_path = public, pg_temp as $$
  select d.key from document d where d.key = any(keys) and lacks_right('setoff.units', d.unit_id)
$$;
