-- Which documents correct which: found by the key of the base they name. Canonical content begins with its type, so that
-- nothing but corrections and returns is looked into.

create function base_of(content text) returns text language sql immutable parallel safe
  return case when content like '{"type":"sale\_%' or content like '{"type":"purchase\_%' then content::jsonb ->> 'base' end;

create index version_by_base on version (base_of(content)) where base_of(content) is not null;
