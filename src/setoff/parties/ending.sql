-- Contracts that end soon are found by their last day (expiring.py).

create index contract_ending on contract (valid_to) where status = 'active' and valid_to is not null;
