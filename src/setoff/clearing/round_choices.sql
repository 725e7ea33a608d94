-- Choices of a round. Under caps a party has two levels (network.py): `level` as creditor, `level_out` as debtor; `at_cap`: its cap has no
-- room left. `priority`: of a debt from a file, for rounds that prefer by it.
alter table round_obligation add priority int not null default 0;
alter table round_position add level_out bigint not null default 0, add at_cap boolean not null default false;
update round_position set level_out = level;
-- By currency, the most that could be cleared under the caps in rings of any length (decimal minor units): what the levels prove.
alter table clearing_round add bounds jsonb not null default '{}';
