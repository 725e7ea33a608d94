-- Working days: which country an organization keeps, and days that differ from what its country is known for.

create table work_calendar (
  organization_id bigint primary key references organization(id),
  country text not null check (country = '' or country ~ '^[A-Z]{2}$'),   -- '' = Monday to Friday
  rule text not null check (rule in ('next', 'previous', 'next_in_month', 'same'))
);

create table calendar_day (
  country text not null check (country = '' or country ~ '^[A-Z]{2}$'),
  day date not null,
  is_working boolean not null,
  note text not null,
  primary key (country, day)
);
