-- Statuses of orders and bills whose day lies in a closed period. What a version says is under seal there, and a status is no movement: so
-- it is kept beside. `version_id` is from the numbers of versions, so that the rows of plan and plan_stage that go with it have a number of
-- their own; what was known at an earlier time is the newest row recorded until then (settlements/known_documents.py).
create table plan_status (
  unit_id bigint not null references unit(id),
  version_id bigint not null,
  document_id bigint not null,
  of_version bigint not null,                              -- the posted version whose status it is
  status text not null,                                    -- approval, processing, shipment, closed; issued, annulled
  approved date,                                           -- the day of approval; null: none
  recorded_at timestamptz not null default clock_timestamp(),
  author text not null,
  primary key (unit_id, version_id)
);
create index plan_status_newest on plan_status (unit_id, document_id, of_version, version_id);
create trigger append_only before update or delete or truncate on plan_status for each statement execute function refuse_change();
