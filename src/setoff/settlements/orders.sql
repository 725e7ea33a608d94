-- Orders and bills as their rules state them (trade/plan.py), a row for each posted version, and which posted versions name which orders and
-- bills (trade/plan_uses.py). Both follow from what a version says and never change, so what was planned at an earlier time is read like
-- facts: by the version that was posted then. `is_newest` lets the open ones of today be found by a small index.

create table plan (
  unit_id bigint not null references unit(id),
  version_id bigint not null,
  document_id bigint not null,
  key text not null,
  kind text not null,                                      -- customer_order, supplier_order, customer_bill, supplier_bill
  sign smallint not null check (sign in (1, -1)),          -- +1 they will owe us
  relation text not null,
  counterparty_id bigint not null references counterparty(id),
  contract_id bigint references contract(id),
  detail text not null,                                    -- of the management contour when it was posted
  currency text not null,
  total bigint not null check (total > 0),
  status text not null,                                    -- approval, processing, shipment, closed; issued, annulled
  is_gated boolean not null,
  order_key text not null,                                 -- of a bill: the order it is for; of an order its own key
  key_id bigint not null,                                  -- management fold key of its settlement object (of the contract where it settles so)
  probability smallint not null check (probability between 1 and 100),
  moment bigint not null,
  is_newest boolean not null default true,
  primary key (unit_id, version_id)
);
create unique index plan_newest on plan (unit_id, document_id) where is_newest;
create index plan_by_key on plan (unit_id, key) where is_newest;
create index plan_by_order on plan (unit_id, order_key) where is_newest;
create index plan_open on plan (unit_id, document_id) where is_newest and status not in ('closed', 'annulled');
create index plan_by_counterparty on plan (counterparty_id) where is_newest;

create table plan_stage (
  unit_id bigint not null,
  version_id bigint not null,
  stage_no int not null,
  variant text not null check (variant in ('advance', 'prepayment', 'credit')),
  day date not null,                                       -- by its rule; days off are minded where it is read
  amount bigint not null check (amount > 0),
  form text not null,
  primary key (unit_id, version_id, stage_no)
);

create table plan_use (
  unit_id bigint not null,
  name text not null,                                      -- key of the order or bill
  version_id bigint not null,
  document_id bigint not null,
  amount bigint not null check (amount > 0),               -- settlement currency
  primary key (unit_id, name, version_id)
);
create index plan_use_by_document on plan_use (document_id);

create trigger append_only before update or delete or truncate on plan_stage for each statement execute function refuse_change();
create trigger append_only before update or delete or truncate on plan_use for each statement execute function refuse_change();
create trigger append_only before delete or truncate on plan for each statement execute function refuse_change();

-- What names an order already: it may become a document one day.
insert into plan_use
select d.unit_id, named.name, v.id, d.id, sum(abs(f.change))
from document d join version v on v.unit_id = d.unit_id and v.id = d.posted_version_id
cross join lateral (
  select v.content::jsonb ->> 'order' as name
  union select part ->> 'order' from jsonb_array_elements(coalesce(v.content::jsonb -> 'rows', '[]')) part
  union select v.content::jsonb -> 'receiver' ->> 'order'
  union select part -> side ->> 'order' from jsonb_array_elements(coalesce(v.content::jsonb -> 'rows', '[]')) part,
               unnest(array['debit', 'credit']) side
  union select base.content::jsonb ->> 'order' from document owner
               join version base on base.unit_id = owner.unit_id and base.id = owner.version_id
               where owner.key = v.content::jsonb ->> 'base') named
join fact f on f.unit_id = v.unit_id and f.version_id = v.id
join node n on n.unit_id = f.unit_id and n.id = f.node_id and (n.object not like 'order:%' or n.object = 'order:' || named.name)
where (v.content like '%"order":%' or v.content like '%"base":%') and named.name <> ''
group by 1, 2, 3, 4;
