-- What the database refuses by itself. One trigger per statement, set-based over its transition table, so that COPY stays fast.
-- Each refusal has a stable SQLSTATE and a message that begins with the rule's name; the name is also the error's constraint.
--
--   SE001 append_only                      what was said, audit and seals are not changed or removed, documents not removed
--   SE002 orphan                           a row whose document, version, node, lot or account does not exist
--   SE003 entry_not_balanced               entries of a fact do not carry its book amount
--   SE004 settlement_account_without_node  a settlement account without a node, or a node on another account
--   SE005 period_closed                    a write whose moment lies in a period that is not open
--   SE006 lot_immutable                    columns of a lot other than residual, residual_book, used_moment, closed_moment
--   SE007 version_complete                 facts or entries for a version that has facts already
--   SE009 period_not_contiguous            periods leave a gap or close out of order (books/periods.sql)
--
-- Order of writes of a posting: document, version, entries, facts; then lots, allocations, postings; each kind in one
-- statement. The plan of a trigger is made once per session and must hold for one row and for a million: so lookups are scalar
-- subqueries over an index, or hash joins over a range of ids.

-- Append-only --------------------------------------------------------------------------------------------------------------

create trigger append_only before update or delete or truncate on version for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on fact for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on fact_target for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on entry for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on audit for each statement execute function refuse_change();
create trigger append_only before delete or truncate on document for each statement execute function refuse_change();

-- Periods ------------------------------------------------------------------------------------------------------------------

create function closed_until(unit bigint) returns bigint language sql stable parallel safe as $$
  select end_of(max(p.last_day)) from period p where p.unit_id = unit and p.state <> 'open'   -- null: nothing is closed
$$;

create function refuse_closed(unit bigint, moment bigint, relation text) returns void language plpgsql as $$
begin
  raise exception 'period_closed: % of % in unit % is dated in a period that is not open', relation, moment_date(moment), unit
    using errcode = 'SE005', constraint = 'period_closed', table = relation;
end $$;

create function guard_period_new() returns trigger language plpgsql as $$
begin
  perform refuse_closed(n.unit_id, n.moment, tg_table_name)
    from (select unit_id, min(moment) as moment from new_rows group by unit_id) n where n.moment < closed_until(n.unit_id);
  return null;
end $$;

create function guard_period_old() returns trigger language plpgsql as $$
begin
  perform refuse_closed(o.unit_id, o.moment, tg_table_name)
    from (select unit_id, min(moment) as moment from old_rows group by unit_id) o where o.moment < closed_until(o.unit_id);
  return null;
end $$;

create function guard_period_both() returns trigger language plpgsql as $$
begin
  perform refuse_closed(b.unit_id, b.moment, tg_table_name)
    from (select unit_id, min(moment) as moment from (select unit_id, moment from old_rows union all
          select unit_id, moment from new_rows) rows group by unit_id) b where b.moment < closed_until(b.unit_id);
  return null;
end $$;

create trigger period_delete after delete on lot referencing old table as old_rows
  for each statement execute function guard_period_old();
create trigger period_delete after delete on allocation referencing old table as old_rows
  for each statement execute function guard_period_old();
create trigger period_update after update on allocation referencing old table as old_rows new table as new_rows
  for each statement execute function guard_period_both();
create trigger period_delete after delete on posting referencing old table as old_rows
  for each statement execute function guard_period_old();

create function guard_truncate() returns trigger language plpgsql as $$
begin
  perform refuse_closed(unit_id, start_of(last_day), tg_table_name) from period where state <> 'open' order by last_day limit 1;
  return null;
end $$;
create trigger period_truncate before truncate on lot for each statement execute function guard_truncate();
create trigger period_truncate before truncate on allocation for each statement execute function guard_truncate();
create trigger period_truncate before truncate on posting for each statement execute function guard_truncate();

-- Documents: a document posted in a closed period stays posted there with the same version ------------------------------------

create function guard_document_insert() returns trigger language plpgsql as $$
begin
  perform refuse_closed(n.unit_id, n.moment, tg_table_name)
    from (select unit_id, min(moment) as moment from new_rows where status = 'posted' group by unit_id) n
    where n.moment < closed_until(n.unit_id);
  return null;
end $$;

create function guard_document_update() returns trigger language plpgsql as $$
begin
  perform refuse_closed(c.unit_id, c.moment, tg_table_name)
    from (select unit_id, min(moment) as moment
          from (select unit_id, id, posted_version_id, moment
                from (select * from old_rows union all select * from new_rows) rows
                where status = 'posted' group by unit_id, id, posted_version_id, moment having count(*) = 1) changed
          group by unit_id) c
    where c.moment < closed_until(c.unit_id);
  return null;
end $$;

create trigger period_insert after insert on document referencing new table as new_rows
  for each statement execute function guard_document_insert();
create trigger period_update after update on document referencing old table as old_rows new table as new_rows
  for each statement execute function guard_document_update();

-- What was said ------------------------------------------------------------------------------------------------------------

create function refuse_orphan(relation text, what text) returns void language plpgsql as $$
begin
  raise exception 'orphan: % without its %', relation, what using errcode = 'SE002', constraint = 'orphan', table = relation;
end $$;

-- Whether a document of `ids` (ascending) does not exist. Ids that lie close together are read as a range and hashed.
create function lacks_document(unit bigint, ids bigint[]) returns boolean language plpgsql stable
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_nestloop = off set enable_mergejoin = off as $$
declare
  count int := cardinality(ids);
begin
  if count < 32 or ids[count] - ids[1] > 8 * count then
    return exists (select from unnest(ids) n(id)
                   where (select true from document d where d.unit_id = unit and d.id = n.id) is null);
  end if;
  return exists (select from unnest(ids) n(id)
                 left join (select id from document where unit_id = unit and id between ids[1] and ids[count]) d using (id)
                 where d.id is null);
end $$;

-- A version takes the unit's lock (shared; a closing holds it alone), so nothing slips into a period while it is being closed.
-- Drafts may be dated anywhere; a document that was ever posted may not.
create function guard_version() returns trigger language plpgsql set enable_seqscan = off as $$
begin
  perform pg_advisory_xact_lock_shared(unit_id) from (select distinct unit_id from new_rows order by unit_id) units;
  perform refuse_closed(n.unit_id, n.moment, tg_table_name)
    from (select unit_id, min(moment) as moment from new_rows where posted group by unit_id) n
    where n.moment < closed_until(n.unit_id);
  if exists (select from period where state <> 'open') then   -- nor may a version take a document out of a closed period
    perform refuse_closed(n.unit_id, n.moment, tg_table_name)
      from (select unit_id, moment, (select status from document d where d.unit_id = v.unit_id and d.id = v.document_id) as status
            from new_rows v where version_no > 1
            union all
            select unit_id, (select moment from document d where d.unit_id = v.unit_id and d.id = v.document_id), 'posted'
            from new_rows v
            where version_no > 1 and (select status from document d where d.unit_id = v.unit_id and d.id = v.document_id) = 'posted') n
      where n.status <> 'draft' and n.moment < closed_until(n.unit_id);
  end if;
  return null;
end $$;
create trigger version_insert after insert on version referencing new table as new_rows
  for each statement execute function guard_version();

-- Ids of versions written together lie close together, so a range of them is read once and hashed.

create function guard_entry() returns trigger language plpgsql
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_nestloop = off set enable_mergejoin = off as $$
declare
  part record;
  first_moment bigint;
  orphans bigint;
  side record;
begin
  for part in select unit_id, min(version_id) as first_id, max(version_id) as last_id from new_rows group by unit_id loop
    select min(v.moment), count(*) filter (where v.id is null) into first_moment, orphans
      from (select distinct version_id from new_rows where unit_id = part.unit_id) n
      left join (select id, moment from version where unit_id = part.unit_id and id between part.first_id and part.last_id) v
        on v.id = n.version_id;
    if orphans > 0 then perform refuse_orphan('entry', 'version'); end if;
    if first_moment < closed_until(part.unit_id) then perform refuse_closed(part.unit_id, first_moment, tg_table_name); end if;
    if exists (select from fact f where f.unit_id = part.unit_id and f.version_id between part.first_id and part.last_id
                 and f.version_id in (select version_id from new_rows where unit_id = part.unit_id)) then
      raise exception 'version_complete: entries are written before the facts of their version'
        using errcode = 'SE007', constraint = 'version_complete', table = tg_table_name;
    end if;
  end loop;
  for side in
    select s.account, (select a.is_settlement from account a where a.id = s.account) as is_settlement
    from (select debit_account_id from new_rows where debit_account_id is not null
          union select credit_account_id from new_rows where credit_account_id is not null) s(account)
  loop
    if side.is_settlement is null then perform refuse_orphan('entry', 'account ' || side.account); end if;
    if side.is_settlement then
      raise exception 'settlement_account_without_node: an entry names account %, which only a fact may move', side.account
        using errcode = 'SE004', constraint = 'settlement_account_without_node', table = tg_table_name;
    end if;
  end loop;
  return null;
end $$;
create trigger entry_insert after insert on entry referencing new table as new_rows
  for each statement execute function guard_entry();

create function guard_fact() returns trigger language plpgsql
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_nestloop = off set enable_mergejoin = off as $$
declare
  part record;
  first_moment bigint;
  orphans bigint;
  bad record;
begin
  for part in
    select unit_id, min(version_id) as first_id, max(version_id) as last_id, count(*) as written from new_rows group by unit_id
  loop
    select min(v.moment), count(*) filter (where v.id is null) into first_moment, orphans
      from (select version_id, document_id, moment from new_rows where unit_id = part.unit_id) n
      left join (select id, document_id, moment from version
                 where unit_id = part.unit_id and id between part.first_id and part.last_id) v
        on v.id = n.version_id and v.document_id = n.document_id and v.moment = n.moment;
    if orphans > 0 then perform refuse_orphan('fact', 'version of the same document and moment'); end if;
    if first_moment < closed_until(part.unit_id) then perform refuse_closed(part.unit_id, first_moment, tg_table_name); end if;
    if part.written < (select count(*) from fact f
                       where f.unit_id = part.unit_id and f.version_id between part.first_id and part.last_id
                         and f.version_id in (select version_id from new_rows where unit_id = part.unit_id)) then
      raise exception 'version_complete: the facts of a version are written in one statement'
        using errcode = 'SE007', constraint = 'version_complete', table = tg_table_name;
    end if;
    select version_id, line, sum(amount) as missing into bad
      from (select version_id, line, case when reg_key_id is null then 0 else book end as amount, true as is_fact
            from new_rows where unit_id = part.unit_id
            union all
            select version_id, debit_fact, -amount, false from entry
              where unit_id = part.unit_id and version_id between part.first_id and part.last_id and debit_fact is not null
                and version_id in (select version_id from new_rows where unit_id = part.unit_id)
            union all
            select version_id, credit_fact, amount, false from entry
              where unit_id = part.unit_id and version_id between part.first_id and part.last_id and credit_fact is not null
                and version_id in (select version_id from new_rows where unit_id = part.unit_id)) sides
      group by version_id, line having sum(amount) <> 0 or not bool_or(is_fact) limit 1;
    if found then
      raise exception 'entry_not_balanced: fact % of version % in unit %: its entries differ from its book amount by %',
        bad.line, bad.version_id, part.unit_id, bad.missing
        using errcode = 'SE003', constraint = 'entry_not_balanced', table = tg_table_name;
    end if;
  end loop;
  return null;
end $$;
create trigger fact_insert after insert on fact referencing new table as new_rows
  for each statement execute function guard_fact();

create function guard_fact_target() returns trigger language plpgsql set enable_seqscan = off as $$
declare
  bad record;
begin
  for bad in
    select unit_id, count(*) filter (where moment is null) as orphans, min(moment) as moment
    from (select n.unit_id, (select v.moment from version v where v.unit_id = n.unit_id and v.id = n.version_id) as moment
          from new_rows n) versions
    group by unit_id
  loop
    if bad.orphans > 0 then perform refuse_orphan('fact_target', 'version'); end if;
    if bad.moment < closed_until(bad.unit_id) then perform refuse_closed(bad.unit_id, bad.moment, tg_table_name); end if;
  end loop;
  return null;
end $$;
create trigger target_insert after insert on fact_target referencing new table as new_rows
  for each statement execute function guard_fact_target();

-- What the fold derives ----------------------------------------------------------------------------------------------------

create function refuse_lot_change() returns trigger language plpgsql as $$
begin
  raise exception 'lot_immutable: only residual, residual_book, used_moment and closed_moment of a lot may change'
    using errcode = 'SE006', constraint = 'lot_immutable', table = tg_table_name;
end $$;
create trigger lot_immutable before update of unit_id, key_id, document_id, line, node_id, moment, rank, due, amount, book on lot
  for each statement execute function refuse_lot_change();

create function guard_lot_insert() returns trigger language plpgsql as $$
begin
  perform refuse_closed(n.unit_id, n.moment, tg_table_name)
    from (select unit_id, min(moment) as moment from new_rows group by unit_id) n where n.moment < closed_until(n.unit_id);
  perform refuse_orphan('lot', 'document')
    from (select unit_id, array_agg(distinct document_id) as ids from new_rows group by unit_id) n
    where lacks_document(n.unit_id, n.ids);
  return null;
end $$;
create trigger lot_insert after insert on lot referencing new table as new_rows
  for each statement execute function guard_lot_insert();

-- A lot that was used up in a closed period stays as it is, and none is used up there afterwards.
create function guard_lot_update() returns trigger language plpgsql as $$
begin
  perform refuse_closed(c.unit_id, c.moment, tg_table_name)
    from (select unit_id, min(closed_moment) as moment
          from (select unit_id, closed_moment
                from (select * from old_rows union all select * from new_rows) rows
                where closed_moment < 9223372036854775807
                group by unit_id, key_id, document_id, line, residual, residual_book, used_moment, closed_moment having count(*) = 1) changed
          group by unit_id) c
    where c.moment < closed_until(c.unit_id);
  return null;
end $$;
create trigger lot_update after update on lot referencing old table as old_rows new table as new_rows
  for each statement execute function guard_lot_update();

create function guard_allocation() returns trigger language plpgsql set enable_seqscan = off as $$
begin
  perform refuse_closed(n.unit_id, n.moment, tg_table_name)
    from (select unit_id, min(moment) as moment from new_rows group by unit_id) n where n.moment < closed_until(n.unit_id);
  perform refuse_orphan('allocation', 'document')
    from (select unit_id, array_agg(distinct document_id) as ids from new_rows group by unit_id) n
    where lacks_document(n.unit_id, n.ids);
  perform refuse_orphan('allocation', 'lot') from new_rows n
    where (select true from lot l where l.unit_id = n.unit_id and l.key_id = n.key_id and l.document_id = n.lot_document_id
             and l.line = n.lot_line) is null;
  return null;
end $$;
create trigger allocation_insert after insert on allocation referencing new table as new_rows
  for each statement execute function guard_allocation();

create function guard_posting() returns trigger language plpgsql set enable_seqscan = off as $$
declare
  bad record;
begin
  perform refuse_closed(n.unit_id, n.moment, tg_table_name)
    from (select unit_id, min(moment) as moment from new_rows group by unit_id) n where n.moment < closed_until(n.unit_id);
  perform refuse_orphan('posting', 'document')
    from (select unit_id, array_agg(distinct document_id) as ids from new_rows group by unit_id) n
    where lacks_document(n.unit_id, n.ids);
  perform refuse_orphan('posting', 'node')
    from (select unit_id, debit_node_id from new_rows where debit_node_id is not null
          union select unit_id, credit_node_id from new_rows where credit_node_id is not null) n(unit_id, node_id)
    where (select true from node where node.unit_id = n.unit_id and node.id = n.node_id) is null;
  for bad in
    select s.account from (select debit_account_id, debit_node_id is not null from new_rows
                           union select credit_account_id, credit_node_id is not null from new_rows) s(account, has_node)
    where (select a.is_settlement from account a where a.id = s.account) <> s.has_node limit 1
  loop
    raise exception 'settlement_account_without_node: a posting on account %: settlement accounts stand with a node, others without',
      bad.account using errcode = 'SE004', constraint = 'settlement_account_without_node', table = tg_table_name;
  end loop;
  return null;
end $$;
create trigger posting_insert after insert on posting referencing new table as new_rows
  for each statement execute function guard_posting();

-- A derived row that is rewritten obeys the same.
create trigger period_update after update on posting referencing old table as old_rows new table as new_rows
  for each statement execute function guard_period_both();
create trigger posting_update after update on posting referencing new table as new_rows
  for each statement execute function guard_posting();
create trigger allocation_update after update on allocation referencing new table as new_rows
  for each statement execute function guard_allocation();
