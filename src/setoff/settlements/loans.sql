-- What a loan received costs the lender is owed by us, as its interest and principal are (trade/terms.py, LOAN_PARTS).

create or replace function debt_sign(relation text) returns int language sql immutable parallel safe as $$
  select case when relation in ('supplier', 'other_supplier', 'packaging_received', 'loan_received', 'loan_interest', 'loan_costs') then -1 else 1 end
$$;

create or replace function is_owed_by_us(relation text) returns boolean language sql immutable parallel safe
  return relation in ('supplier', 'other_supplier', 'packaging_received', 'loan_received', 'loan_interest', 'loan_costs');
