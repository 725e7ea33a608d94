-- What the API remembers of requests, and what it tells other systems.

-- Answers to requests that carried an Idempotency-Key: written in the transaction of what the request did, so that the same key never
-- does it twice. The unique key makes a second request of the same moment wait for the first.
create table api_request (
  user_id bigint not null,
  key text not null check (length(key) between 1 and 200),
  route text not null,
  body_hash bytea not null,
  recorded_at timestamptz not null default clock_timestamp(),
  status smallint,
  headers jsonb not null default '{}',
  answer bytea,
  primary key (user_id, key)
);
create index api_request_by_age on api_request (recorded_at);

-- How many requests somebody made in the running window. Lost in a crash on purpose.
create unlogged table api_rate (
  subject text primary key,
  window_start timestamptz not null,
  used int not null
);

-- Who wants to be told of what. The secret signs what is sent, so it must be readable here.
create table webhook (
  id bigint generated always as identity primary key,
  user_id bigint not null,                                 -- whose rights count when something is sent
  url text not null,
  description text not null,
  unit_ids bigint[] not null check (cardinality(unit_ids) > 0),
  events text[] not null check (
    cardinality(events) > 0 and events <@ array['document.posted', 'document.changed', 'document.unposted', 'period.closed',
                                                'period.sealed', 'period.reopened']),
  secret text not null,
  state text not null default 'active' check (state in ('active', 'paused')),
  created_at timestamptz not null default clock_timestamp()
);

-- The outbox: written by the triggers below in the transaction of the verb, whichever way it came in.
create table webhook_event (
  unit_id bigint not null references unit(id),
  id bigint generated always as identity primary key,
  recorded_at timestamptz not null default clock_timestamp(),
  event text not null,
  document_id bigint,
  version_id bigint,
  last_day date,
  details jsonb not null default '{}'
);

create table webhook_delivery (
  unit_id bigint not null references unit(id),
  id bigint generated always as identity primary key,
  event_id bigint not null references webhook_event(id),
  webhook_id bigint not null references webhook(id) on delete cascade,
  state text not null default 'pending' check (state in ('pending', 'delivered', 'dead')),
  attempts int not null default 0,
  next_at timestamptz not null default clock_timestamp(),  -- also the lease of a worker that is sending it
  unique (event_id, webhook_id)
);
create index webhook_delivery_due on webhook_delivery (next_at) where state = 'pending';
create index webhook_delivery_by_webhook on webhook_delivery (webhook_id, id);

create table webhook_attempt (
  unit_id bigint not null references unit(id),
  delivery_id bigint not null references webhook_delivery(id) on delete cascade,
  attempt int not null,
  attempted_at timestamptz not null default clock_timestamp(),
  status int,                                              -- of the answer; null: none came
  reason text not null,
  duration_ms int not null,
  primary key (delivery_id, attempt)
);

create function queue_deliveries(event_ids bigint[]) returns void language sql as $$
  insert into webhook_delivery (unit_id, event_id, webhook_id)
  select e.unit_id, e.id, w.id from webhook_event e
  join webhook w on w.state = 'active' and e.unit_id = any(w.unit_ids) and e.event = any(w.events)
  where e.id = any(event_ids)
$$;

create function tell_of_versions() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  told bigint[];
begin
  if not exists (select from webhook where state = 'active') then
    return null;
  end if;
  with stated as (
    select n.unit_id, n.document_id, n.id as version_id, n.posted,
           coalesce((select before.posted from version before where before.unit_id = n.unit_id and before.document_id = n.document_id
                     and before.version_no = n.version_no - 1), false) as was_posted
    from new_rows n),
  named as (
    select unit_id, document_id, version_id,
           case when not posted then 'document.unposted' when was_posted then 'document.changed' else 'document.posted' end as event
    from stated where posted or was_posted),
  written as (
    insert into webhook_event (unit_id, event, document_id, version_id)
    select unit_id, event, document_id, version_id from named
    where exists (select from webhook w where w.state = 'active' and named.unit_id = any(w.unit_ids) and named.event = any(w.events))
    order by version_id returning id)
  select array_agg(id) into told from written;
  perform queue_deliveries(told);
  return null;
end $$;
create trigger version_told after insert on version referencing new table as new_rows
  for each statement execute function tell_of_versions();

create function tell_of_seal() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  told bigint[];
  name text := 'period.' || case new.action when 'close' then 'closed' when 'seal' then 'sealed' else 'reopened' end;
begin
  if exists (select from webhook w where w.state = 'active' and new.unit_id = any(w.unit_ids) and name = any(w.events)) then
    with written as (
      insert into webhook_event (unit_id, event, last_day, details)
      values (new.unit_id, name, new.last_day, jsonb_build_object(
        'first_day', new.first_day, 'last_day', new.last_day, 'hash', encode(new.hash, 'hex'), 'author', new.author, 'reason', new.reason))
      returning id)
    select array_agg(id) into told from written;
    perform queue_deliveries(told);
  end if;
  return null;
end $$;
create trigger seal_told after insert on seal for each row execute function tell_of_seal();
