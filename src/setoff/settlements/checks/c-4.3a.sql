-- code: C-4.3a
-- state: error
-- spec: 3, C-4.3a; 1.6
-- find: bisection
-- No red balance: what is left of a lot has the lot's sign, and where debts and advances have an account each, the account of a key
-- never has the wrong sign.
select lot.unit_id, key_name(lot.unit_id, lot.key_id) as key, lot.amount as expected, lot.residual as actual,
       lot.residual - lot.amount as difference, fold_key.currency, lot.document_id, lot.moment
from lot join fold_key on fold_key.unit_id = lot.unit_id and fold_key.id = lot.key_id
where sign(lot.residual) = -sign(lot.amount) and lot.residual <> 0
  and lot.moment < %(until)s and (%(unit_id)s::bigint is null or lot.unit_id = %(unit_id)s)
union all
select balance.unit_id, account_code(balance.account_id) || ' ' || key_name(balance.unit_id, balance.key_id), 0, balance.amount, balance.amount,
       organization.book_currency, null, null
from (
  select posting.unit_id, side.account_id, node.reg_key_id as key_id, sum(side.amount)::bigint as amount
  from posting
  cross join lateral (values (debit_account_id, debit_node_id, amount), (credit_account_id, credit_node_id, -amount))
    side(account_id, node_id, amount)
  join node on node.unit_id = posting.unit_id and node.id = side.node_id
  where posting.moment < %(until)s and (%(unit_id)s::bigint is null or posting.unit_id = %(unit_id)s)
  group by 1, 2, 3
) balance
join fold_key on fold_key.unit_id = balance.unit_id and fold_key.id = balance.key_id
join unit on unit.id = balance.unit_id join organization on organization.id = unit.organization_id
where fold_key.debt_account_id <> fold_key.advance_account_id
  and sign(balance.amount) = case balance.account_id when fold_key.debt_account_id then -1 else 1 end * debt_sign(fold_key.relation)
