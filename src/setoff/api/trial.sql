-- A message that only one webhook gets, so that its receiver can be tried. Who may not see the webhook finds none.
create function queue_trial(webhook bigint) returns bigint language plpgsql security definer set search_path = public, pg_temp as $$
declare
  of_unit bigint := (select w.unit_ids[1] from webhook w where w.id = queue_trial.webhook);
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
