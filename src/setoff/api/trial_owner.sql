-- A trial message is for who keeps the webhook, or an administrator: under the role of the application nobody else's webhook is found.
create or replace function queue_trial(webhook bigint) returns bigint language plpgsql security definer set search_path = public, pg_temp as $$
declare
  of_unit bigint := (
    select w.unit_ids[1] from webhook w
    where w.id = queue_trial.webhook
      and (current_setting('role') = 'none' or current_setting('setoff.is_administrator', true) = 'yes'
           or w.user_id = nullif(current_setting('setoff.user', true), '')::bigint));
  told bigint;
  found bigint;
begin
  if of_unit is null then
    return null;
  end if;
  insert into webhook_event (unit_id, event) values (of_unit, 'trial') returning id into told;
  insert into webhook_delivery (unit_id, event_id, webhook_id) values (of_unit, told, queue_trial.webhook) returning id into found;
  return found;
end $$;
