-- An advance offset is reversed as other adjustments are: which documents reverse which tells of it too (adjustments.sql).

drop index version_by_reversed;
create or replace function reverses_of(content text) returns text language sql immutable parallel safe
  return case when content like '{"type":"debt\_adjustment"%' or content like '{"type":"advance\_offset"%'
              then content::jsonb ->> 'reverses' end;
create index version_by_reversed on version (reverses_of(content)) where reverses_of(content) is not null;
