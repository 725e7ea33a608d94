-- Names of keys and accounts for people, and the sign of a debt, for queries that list what is wrong.

create function debt_sign(relation text) returns int language sql immutable parallel safe as $$   -- settlements/keys.py
  select case when relation in ('supplier', 'other_supplier', 'packaging_received', 'loan_received') then -1 else 1 end
$$;

create function party_name(party bigint, contract bigint) returns text language sql stable parallel safe as $$
  select coalesce((select code from contract c where c.id = contract), (select code from counterparty c where c.id = party), '?')
$$;

create function key_name(unit bigint, key bigint) returns text language sql stable parallel safe as $$
  select coalesce((select concat_ws(' ', k.contour, party_name(k.counterparty_id, k.contract_id), nullif(k.object, ''), k.currency)
                   from fold_key k where k.unit_id = unit and k.id = key), 'key ' || key)
$$;

create function account_code(account_id int) returns text language sql stable parallel safe as $$
  select coalesce((select code from account where id = account_id), account_id::text, '?')
$$;
