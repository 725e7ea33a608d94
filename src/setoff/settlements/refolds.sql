-- When the derived rows were rebuilt: it writes no version, so who keeps figures in memory asks here whether to read them anew.

create table refold (at timestamptz not null default clock_timestamp());
create index refold_by_time on refold (at);
