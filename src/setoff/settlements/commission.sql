-- What we sold for a consignor is owed by us (trade/terms.py, WE_OWE_BY_NATURE).

create or replace function debt_sign(relation text) returns int language sql immutable parallel safe as $$
  select case when relation in ('supplier', 'consignor', 'other_supplier', 'packaging_received', 'loan_received', 'loan_interest',
                                'loan_costs')
         then -1 else 1 end
$$;

create or replace function is_owed_by_us(relation text) returns boolean language sql immutable parallel safe
  return relation in ('supplier', 'consignor', 'other_supplier', 'packaging_received', 'loan_received', 'loan_interest', 'loan_costs');
