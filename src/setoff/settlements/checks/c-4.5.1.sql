-- code: C-4.5.1
-- state: error
-- spec: 3, C-4.5.1; 2.2
-- find: row
-- What a downward correction or a return leaves over the open debt stands on the account of advances.
with opened as (
  select lot.unit_id, lot.key_id, lot.document_id, lot.moment, fold_key.advance_account_id, sum(abs(lot.book))::bigint as amount
  from lot
  join document on document.unit_id = lot.unit_id and document.id = lot.document_id
   and document.kind in ('sale_correction', 'purchase_correction', 'sale_return', 'purchase_return')
  join fold_key on fold_key.unit_id = lot.unit_id and fold_key.id = lot.key_id and fold_key.contour = 'reg'
   and fold_key.debt_account_id <> fold_key.advance_account_id
  where sign(lot.amount) <> debt_sign(fold_key.relation)
    and lot.moment < %(until)s and (%(unit_id)s::bigint is null or lot.unit_id = %(unit_id)s)
  group by 1, 2, 3, 4, 5
)
select opened.unit_id, account_code(opened.advance_account_id) || ' ' || key_name(opened.unit_id, opened.key_id) as key,
       opened.amount as expected, posted.amount as actual, posted.amount - opened.amount as difference,
       organization.book_currency as currency, opened.document_id, opened.moment
from opened
join unit on unit.id = opened.unit_id join organization on organization.id = unit.organization_id
cross join lateral (
  select coalesce(sum(abs(side.amount)), 0)::bigint as amount
  from posting
  cross join lateral (values (debit_account_id, debit_node_id, amount), (credit_account_id, credit_node_id, amount))
    side(account_id, node_id, amount)
  join node on node.unit_id = posting.unit_id and node.id = side.node_id and node.reg_key_id = opened.key_id
  where posting.unit_id = opened.unit_id and posting.document_id = opened.document_id
    and side.account_id = opened.advance_account_id) posted
where posted.amount <> opened.amount
