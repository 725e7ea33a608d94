-- Counterparties whose text begins so, and those with words that begin so. Row-level security would not let the indexes answer (`left` and `@@`
-- are not leak-proof): these run as the owner and ask themselves who may see counterparties, which is everybody who is signed in. No more
-- than `most`.
create function counterparties_beginning(first text, beyond text, most bigint)
returns setof bigint language sql stable security definer rows 20 set search_path = public, pg_temp as $$
  select id from counterparty
  where left(search, 60) ~>=~ first and left(search, 60) ~<~ beyond
    and (current_setting('role') = 'none' or current_setting('setoff.user', true) <> '')
  order by left(search, 60) using ~<~ limit most
$$;

create function counterparties_with_words(wanted tsquery, most bigint)
returns setof bigint language sql stable security definer rows 100 set search_path = public, pg_temp as $$
  select id from counterparty
  where array_to_tsvector(string_to_array(btrim(left(search, 300)), ' ')) @@ wanted
    and (current_setting('role') = 'none' or current_setting('setoff.user', true) <> '')
  limit most
$$;
