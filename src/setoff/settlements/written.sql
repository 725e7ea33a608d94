-- In which transaction a version was written. Who keeps figures in memory reads again what was written since his last look
-- (party_balances.py), by an index and whatever clocks say: after an import of a million too. Versions that are there already count as
-- written now.

alter table version add column written_in xid8 not null default pg_current_xact_id();
create index version_by_written on version (unit_id, written_in);

alter table refold add column written_in xid8 not null default pg_current_xact_id();
create index refold_by_written on refold (written_in);
drop index refold_by_time;
