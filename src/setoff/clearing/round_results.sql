-- What is cleared for a party, as a hash, kept when a round is solved: who agreed to just that is found without reading all debts.
alter table round_party add result_hash text not null default '';
