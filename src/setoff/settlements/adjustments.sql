-- Debt adjustments: natures and rules of their own, and which documents reverse which. As in bases.sql and corrections.sql the key of the
-- document reversed is found by index, also for who works under row-level security.

alter table fact drop constraint fact_nature_check, add constraint fact_nature_check check (nature between 1 and 7);
alter table fact_target drop constraint fact_target_rule_check, add constraint fact_target_rule_check check (rule in (1, 2, 3, 8));
alter table allocation drop constraint allocation_rule_check, add constraint allocation_rule_check check (rule between 1 and 8);

create function reverses_of(content text) returns text language sql immutable parallel safe
  return case when content like '{"type":"debt\_adjustment"%' then content::jsonb ->> 'reverses' end;

create index version_by_reversed on version (reverses_of(content)) where reverses_of(content) is not null;

create function reversals_naming(reversed text[])
  returns table (reverses text, unit_id bigint, version_id bigint, document_id bigint)
  language sql stable security definer rows 3 set search_path = public, pg_temp as $$
  select reverses_of(v.content), v.unit_id, v.id, v.document_id from version v
  where reverses_of(v.content) = any(reversed) and not lacks_right('setoff.units', v.unit_id)
$$;
