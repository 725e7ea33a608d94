-- Tokens, policies and approvals. An approval is what one person asks for and another decides; it is never edited, only decided.

create table access_token (
  id bigint primary key generated always as identity,
  user_id bigint not null references access_user(id),
  name text not null check (name <> ''),
  digest bytea not null unique,                            -- sha256 of the token, which is shown once and kept nowhere
  hint text not null,                                      -- its beginning, by which its owner knows it
  scopes text[] not null check (cardinality(scopes) > 0 and scopes <@ array['read', 'draft', 'post', 'import', 'administer']),
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  check (expires_at > created_at)
);
create index access_token_by_user on access_token (user_id);

-- An operation needs a second person: in one unit, or (null) in all; of any amount, or above a limit in its currency.
create table policy (
  id bigint primary key generated always as identity,
  unit_id bigint references unit(id),
  operation text not null check (operation ~ '^[a-z_]+$'),
  currency text not null default '' check (currency = '' or currency ~ '^[A-Z]{3}$'),
  limit_minor bigint check (limit_minor >= 0),             -- up to and including it no second person is needed
  is_active boolean not null default true,
  unique nulls not distinct (unit_id, operation, currency),
  check ((limit_minor is null) = (currency = ''))
);

create table approval (
  unit_id bigint not null references unit(id),
  id bigint primary key generated always as identity,
  operation text not null,
  verb text not null check (verb in ('post', 'reopen_period', 'reopen_sealed_period')),
  content text not null,                                   -- what is asked for: canonical JSON of the document, or of the verb's facts
  content_hash bytea not null check (content_hash = sha256(convert_to(content, 'UTF8'))),
  consent boolean not null default false,
  document_id bigint,
  version_id bigint,                                       -- the newest version when it was asked for; a later one needs a new request
  amount_minor bigint,
  currency text not null default '',
  reason text not null default '',
  requested_by text not null check (requested_by <> ''),
  requested_at timestamptz not null default clock_timestamp(),
  state text not null default 'pending' check (state in ('pending', 'approved', 'refused', 'withdrawn', 'superseded')),
  decided_by text,
  decided_at timestamptz,
  decision_reason text not null default '',
  foreign key (unit_id, document_id) references document (unit_id, id),
  check ((document_id is null) = (version_id is null) and (verb = 'post') = (document_id is not null)),
  check ((state = 'pending') = (decided_by is null) and (decided_by is null) = (decided_at is null)),
  check (state not in ('approved', 'refused') or lower(decided_by) <> lower(requested_by)),   -- nobody decides his own
  check (state <> 'refused' or decision_reason <> '')
);
create unique index approval_pending on approval (unit_id, document_id) where state = 'pending' and document_id is not null;
create index approval_by_state on approval (unit_id, state, id);
create index approval_by_document on approval (document_id) where document_id is not null;

-- Under the role of the application nobody asks or decides in another's name.
create function require_own_name(told text) returns void language plpgsql as $$
begin
  if current_setting('role') <> 'none' and not exists (
    select from access_user where id = nullif(current_setting('setoff.user', true), '')::bigint and lower(username) = lower(told)) then
    raise exception 'not in the name of %', told using errcode = 'insufficient_privilege';
  end if;
end $$;

create function guard_request() returns trigger language plpgsql as $$
begin
  perform require_own_name(new.requested_by);
  if new.state <> 'pending' then
    raise exception 'append_only: a request begins undecided' using errcode = 'SE001', constraint = 'append_only';
  end if;
  return new;
end $$;
create trigger requested_in_ones_name before insert on approval for each row execute function guard_request();

create function guard_approval() returns trigger language plpgsql as $$
begin
  perform require_own_name(new.decided_by);
  if old.state <> 'pending' or new.state = 'pending' then
    raise exception 'append_only: a decided request is never changed (%)', old.id using errcode = 'SE001', constraint = 'append_only';
  end if;
  if (to_jsonb(old) - array['state', 'decided_by', 'decided_at', 'decision_reason'])
     <> (to_jsonb(new) - array['state', 'decided_by', 'decided_at', 'decision_reason']) then
    raise exception 'append_only: what was asked for is never changed (%)', old.id using errcode = 'SE001', constraint = 'append_only';
  end if;
  return new;
end $$;
create trigger decided_once before update on approval for each row execute function guard_approval();
create trigger append_only before delete or truncate on approval for each statement execute function refuse_change();
