-- code: C-4.2
-- state: error
-- spec: 3, C-4.2; 1.11, I2 and I3
-- find: bisection
-- The ledger and the lots are two readings of the same facts: for each account and contract the postings must sum to what the lots
-- carry in book currency.
with ledger as (
  select posting.unit_id, side.account_id, node.counterparty_id, node.contract_id, sum(side.amount) as amount
  from posting
  cross join lateral (values (debit_account_id, debit_node_id, amount), (credit_account_id, credit_node_id, -amount))
    side(account_id, node_id, amount)
  join node on node.unit_id = posting.unit_id and node.id = side.node_id
  where posting.moment < %(until)s and (%(unit_id)s::bigint is null or posting.unit_id = %(unit_id)s)
  group by 1, 2, 3, 4
), by_sign as (
  select lot.unit_id, lot.key_id, lot.amount > 0 as positive, sum(lot.book) as book
  from lot where lot.moment < %(until)s and (%(unit_id)s::bigint is null or lot.unit_id = %(unit_id)s)
  group by 1, 2, 3
  union all
  select lot.unit_id, lot.key_id, lot.amount > 0, sum(case when lot.amount > 0 then -allocation.lot_book else allocation.lot_book end)
  from allocation
  join lot on lot.unit_id = allocation.unit_id and lot.key_id = allocation.key_id and lot.document_id = allocation.lot_document_id
   and lot.line = allocation.lot_line
  where allocation.moment < %(until)s and (%(unit_id)s::bigint is null or allocation.unit_id = %(unit_id)s)
  group by 1, 2, 3
), lots as (
  select by_sign.unit_id, case when by_sign.positive = (debt_sign(fold_key.relation) > 0) then debt_account_id else advance_account_id end
           as account_id, fold_key.counterparty_id, fold_key.contract_id, sum(by_sign.book) as amount
  from by_sign join fold_key on fold_key.unit_id = by_sign.unit_id and fold_key.id = by_sign.key_id and fold_key.contour = 'reg'
  group by 1, 2, 3, 4
), both_sides as (
  select unit_id, account_id, counterparty_id, contract_id, sum(lots)::bigint as lots, sum(ledger)::bigint as ledger
  from (select unit_id, account_id, counterparty_id, contract_id, amount as lots, 0 as ledger from lots
        union all select unit_id, account_id, counterparty_id, contract_id, 0, amount from ledger) readings
  group by 1, 2, 3, 4
)
select both_sides.unit_id, account_code(account_id) || ' ' || party_name(counterparty_id, contract_id) as key, lots as expected,
       ledger as actual, ledger - lots as difference, organization.book_currency as currency, null::bigint as document_id,
       null::bigint as moment
from both_sides join unit on unit.id = both_sides.unit_id join organization on organization.id = unit.organization_id
where lots <> ledger
