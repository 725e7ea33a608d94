-- A policy asks a second person also before a document is taken out of the books, or moved within its day.

do $$
declare
  old text;
begin
  for old in select conname from pg_constraint where conrelid = 'approval'::regclass and contype = 'c'
             and pg_get_constraintdef(oid) ~ '\mverb\M'
  loop
    execute format('alter table approval drop constraint %I', old);
  end loop;
end $$;
alter table approval
  add constraint approval_verb check (verb in ('post', 'unpost', 'reorder', 'reopen_period', 'reopen_sealed_period')),
  add constraint approval_document check (
    (document_id is null) = (version_id is null) and (verb in ('post', 'unpost', 'reorder')) = (document_id is not null));
