-- code: C-4.2.2
-- state: error
-- spec: 3, C-4.2.2; 2.3
-- find: row
-- A payment of kind Other never moves a settlement account: the debt it pays would stay open in the settlements.
select posting.unit_id, account_code(account.id) || ' ' || posting.line as key, 0::bigint as expected, posting.amount as actual,
       posting.amount as difference, organization.book_currency as currency, posting.document_id, posting.moment
from document
join posting on posting.unit_id = document.unit_id and posting.document_id = document.id
join account on account.id in (posting.debit_account_id, posting.credit_account_id) and account.is_settlement
join unit on unit.id = posting.unit_id join organization on organization.id = unit.organization_id
where document.kind in ('other_in', 'other_out')
  and posting.moment < %(until)s and (%(unit_id)s::bigint is null or posting.unit_id = %(unit_id)s)
