-- What may wait for somebody is found at once, and so is what reverses a notice, of which there is one at most. A notice that comes in from a
-- file names those who acted when it was written: an administrator brings it (settlements/branch_notices.py).

create index branch_notice_waiting on branch_notice (status)
  where status in ('sent', 'rejected') or status = 'confirmed' and undo_unit_id is not null;
create unique index branch_notice_reversal on branch_notice ((content ->> 'reverses')) where content ? 'reverses' and status <> 'undone';

create or replace function guard_branch_notice() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and new.status <> 'draft' then
    raise exception 'append_only: a notice begins as a draft' using errcode = 'SE001', constraint = 'append_only';
  end if;
  if tg_op = 'UPDATE' and old.status not in ('draft', 'rejected') and old.content <> new.content then
    raise exception 'append_only: a notice that was sent says what it says (%)', old.code using errcode = 'SE001', constraint = 'append_only';
  end if;
  if tg_op = 'UPDATE' and old.status = 'draft' and new.status not in ('draft', 'sent')
     or tg_op = 'UPDATE' and old.status = 'undone' then
    raise exception 'append_only: a notice goes from draft by sent to confirmed or rejected (%)', old.code
      using errcode = 'SE001', constraint = 'append_only';
  end if;
  if current_setting('setoff.restored_notice', true) = new.code and current_setting('setoff.is_administrator', true) = 'yes' then
    return new;
  end if;
  if current_setting('role') <> 'none' and tg_op = 'UPDATE' and old.status <> new.status then
    if new.status = 'sent' then
      perform require_own_name(new.sent_by);
    elsif new.status in ('confirmed', 'rejected') then
      perform require_own_name(new.decided_by);
    elsif new.status = 'undone' then
      perform require_own_name(new.undone_by);
    end if;
  end if;
  return new;
end $$;
