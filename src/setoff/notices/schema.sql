-- Inter-branch notices (form 0504805): one paper of two units of one organization, drafted and sent by one, confirmed or rejected by the
-- other. Confirmed, it stands in the books of both as a document each. Amounts are minor units of book currency.

create table branch_notice (
  id bigint primary key generated always as identity,
  code text not null unique check (code <> ''),            -- external key: "notice/UNIT/YEAR/NUMBER" unless one was given
  sender_unit_id bigint not null references unit(id),
  receiver_unit_id bigint not null references unit(id),
  number text not null check (number <> ''),
  year smallint not null,
  date date not null,
  operation text not null,
  nature text not null check (nature in ('obligation', 'payment', 'property', 'offset')),
  amount bigint not null check (amount > 0),               -- moved between the units
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  claims bigint not null,                                  -- what it does to the sender's claims on the receiver
  obligations bigint not null,                             -- and to what the sender owes it; mirrored for the receiver
  content jsonb not null,                                  -- as it was said: records.py
  status text not null default 'draft' check (status in ('draft', 'sent', 'confirmed', 'rejected', 'undone')),
  author text not null check (author <> ''),
  changed_at timestamptz not null default clock_timestamp(),
  sent_by text not null default '',
  sent_at timestamptz,
  decided_by text not null default '',                     -- who confirmed or rejected it for the receiver
  decided_at timestamptz,
  reason text not null default '',                         -- of a rejection
  undo_unit_id bigint references unit(id),                 -- whose people asked to take it out of the books again
  undo_by text not null default '',
  undo_reason text not null default '',
  undone_by text not null default '',
  undone_at timestamptz,
  sender_document_id bigint,
  receiver_document_id bigint,
  unique (sender_unit_id, year, number),
  foreign key (sender_unit_id, sender_document_id) references document (unit_id, id),
  foreign key (receiver_unit_id, receiver_document_id) references document (unit_id, id),
  check (sender_unit_id <> receiver_unit_id),
  check ((status = 'draft') <= (decided_by = '')),
  check ((status in ('sent', 'confirmed', 'rejected', 'undone')) <= (sent_by <> '')),
  check ((status in ('confirmed', 'rejected', 'undone')) = (decided_by <> '')),
  check (decided_by = '' or lower(decided_by) <> lower(sent_by)),      -- nobody decides his own
  check ((status = 'rejected') <= (reason <> '')),
  check ((status in ('confirmed', 'undone')) = (sender_document_id is not null and receiver_document_id is not null)),
  check (undo_unit_id is null or status in ('confirmed', 'undone') and undo_by <> '' and undo_reason <> ''),
  check ((status = 'undone') = (undone_by <> '')),
  check (undone_by = '' or lower(undone_by) <> lower(undo_by))         -- both sides agreed
);
create index branch_notice_by_sender on branch_notice (sender_unit_id, status, date);
create index branch_notice_by_receiver on branch_notice (receiver_unit_id, status, date);

-- Under the role of the application each side acts in its own name and with its own right; a sent notice is not rewritten.
create function guard_branch_notice() returns trigger language plpgsql as $$
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
create trigger keeps_its_course before insert or update on branch_notice for each row execute function guard_branch_notice();

-- Units that a person's units may write to: those of the same organizations, with what a list of them shows.
create function sibling_units() returns table (id bigint, code text, name text, kind text, organization_id bigint, chart text, currency text)
  language sql stable security definer set search_path = public, pg_temp as $$
  select u.id, u.code, u.name, u.kind, u.organization_id, o.chart, o.book_currency
  from unit u join organization o on o.id = u.organization_id
  where current_setting('role') = 'none'
     or u.organization_id in (
       select organization_id from unit
       where id = any(string_to_array(nullif(current_setting('setoff.units', true), ''), ',')::bigint[]))
  order by u.code
$$;

-- Templates of operations that an organization added to those of Setoff; one of the same code stands in its place.
create table notice_template (
  organization_id bigint not null references organization(id),
  code text not null check (code <> ''),
  content jsonb not null,
  author text not null,
  changed_at timestamptz not null default clock_timestamp(),
  primary key (organization_id, code)
);
