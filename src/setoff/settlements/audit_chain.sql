-- The audit trail under seal. Each link of a unit's chain covers the records of the unit that no link covered before, and those of no
-- unit (sign-in, users, policies), which the next link of any unit covers. So every record is covered once, whenever it was committed.
--
-- A record that is written after a link belongs to a later one. One that says it was written before a link which did not see it was
-- either in progress just then (its transaction is one that the link found running) or was slipped in later: `added`.

alter table audit add column written_in xid8 not null default pg_current_xact_id();
create index audit_by_unit on audit (unit_id, id);

alter table seal add column audit_count bigint, add column audit_hash bytea, add column audit_running bigint[],   -- transactions, low 32 bits
  add column audit_until timestamptz,                      -- when the link began to look; null: links of before this file
  add check (num_nonnulls(audit_count, audit_hash, audit_running, audit_until) in (0, 4));

create table seal_audit (
  audit_id bigint primary key,
  unit_id bigint not null,                                 -- of the link
  sequence int not null,
  sha256 bytea not null
);
create index seal_audit_by_link on seal_audit (unit_id, sequence);
create trigger append_only before update or delete or truncate on seal_audit for each statement execute function refuse_change();

-- The hash of a record. The session's time zone and forms of dates matter: its callers set them.
create function audit_sha256(record audit) returns bytea language sql stable as $$
  select sha256(convert_to(row(record.id, record.recorded_at, record.author, record.origin, record.verb, record.unit_id,
                               record.document_id, record.details, record.written_in)::text, 'UTF8'))
$$;

-- Whether the session acts as somebody (entered by access/entry.py) who may not do a thing in a unit. Functions that run with
-- the rights of the owner ask it themselves.
create function lacks_right(setting text, unit bigint) returns boolean language sql stable as $$
  select current_setting('role') <> 'none'
    and not coalesce(unit = any(string_to_array(current_setting(setting, true), ',')::bigint[]), false)
$$;

-- The records that a new link covers are written down. The moment is taken first, then who is running, then what is there: a record of
-- before that moment is there, or its transaction is running. The lock lets links of two units that close at once not cover one twice.
create function cover_audit(unit bigint, link int) returns table (covered bigint, hash bytea, running bigint[], until timestamptz)
  language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp set timezone = 'UTC' set datestyle = 'ISO, YMD' set bytea_output = 'hex' as $$
begin
  if lacks_right('setoff.close_units', unit) then
    raise exception 'no right to close in unit %', unit using errcode = 'insufficient_privilege';
  end if;
  perform pg_advisory_xact_lock(7263005);
  until := clock_timestamp();
  running := array(select transactionid::text::bigint from pg_locks where locktype = 'transactionid' and granted
                   and mode = 'ExclusiveLock' order by 1);
  return query
    with written as (
      insert into seal_audit (audit_id, unit_id, sequence, sha256)
      select a.id, unit, link, audit_sha256(a) from audit a
      where (a.unit_id = unit or a.unit_id is null) and not exists (select from seal_audit s where s.audit_id = a.id)
      returning audit_id, sha256)
    select count(*), sha256(coalesce(string_agg(sha256, ''::bytea order by audit_id), '')), running, until from written;
end $$;

-- Whether a record says that it was written before a link looked (with a second for clocks), which yet did not find it, nor its
-- transaction running.
create function is_late(record audit, link seal) returns boolean language sql stable as $$
  select record.recorded_at + interval '1 second' < link.audit_until
    and (record.written_in::text::numeric % 4294967296)::bigint <> all(link.audit_running)
$$;

-- What does not hold of the audit trail of a unit's chain: link_audit (the covered hashes are not those of their link), altered,
-- missing, added (a record). For whoever may read the unit; of records of no unit nothing but the id, the day and the verb is told.
create function audit_findings(unit bigint)
  returns table (last_day date, what text, audit_id bigint, verb text, day date, sequence int)
  language plpgsql stable security definer
  set search_path = pg_catalog, public, pg_temp set timezone = 'UTC' set datestyle = 'ISO, YMD' set bytea_output = 'hex' as $$
begin
  if lacks_right('setoff.units', unit) then
    return;
  end if;
  return query
    select l.last_day, 'link_audit', null::bigint, null::text, null::date, l.sequence
    from seal l
    left join (select c.sequence, count(*) as found, sha256(string_agg(c.sha256, ''::bytea order by c.audit_id)) as hash
               from seal_audit c where c.unit_id = unit group by c.sequence) c on c.sequence = l.sequence
    where l.unit_id = unit and l.audit_hash is not null
      and (l.audit_count, l.audit_hash) is distinct from (coalesce(c.found, 0), coalesce(c.hash, sha256('')));
  return query
    select l.last_day, case when a.id is null then 'missing' else 'altered' end, c.audit_id, a.verb, a.recorded_at::date, l.sequence
    from seal_audit c
    join seal l on l.unit_id = c.unit_id and l.sequence = c.sequence
    left join audit a on a.id = c.audit_id
    where c.unit_id = unit and (a.id is null or audit_sha256(a) <> c.sha256)
    order by c.audit_id;
  return query
    select l.last_day, 'added', a.id, a.verb, a.recorded_at::date, l.sequence
    from audit a
    left join seal_audit c on c.audit_id = a.id
    join seal l on l.unit_id = unit                        -- the link before the one that covers it; of one not covered, the newest
      and l.sequence = coalesce(c.sequence - 1, (select max(newest.sequence) from seal newest where newest.unit_id = unit))
    where a.unit_id = unit and is_late(a, l)
    union all
    select l.last_day, 'added', a.id, a.verb, a.recorded_at::date, l.sequence
    from audit a
    left join seal_audit c on c.audit_id = a.id
    join lateral (
      select * from seal link
      where link.audit_until < coalesce((select covering.audit_until from seal covering
                                         where covering.unit_id = c.unit_id and covering.sequence = c.sequence), 'infinity')
      order by link.audit_until desc limit 1) l on l.unit_id = unit
    where a.unit_id is null and is_late(a, l)
    order by 3;
end $$;
