-- code: C-4.5.4
-- state: error
-- spec: 3, C-4.5.4; 2.4
-- find: row
-- What a debt written off or accrued, or the difference of a set-off, costs or brings stands on its account with its item: the report of
-- expenses has it.
select document.unit_id, account_code(coalesce(entry.debit_account_id, entry.credit_account_id)) || ' ' || entry.line as key,
       'item' as expected, '' as actual, entry.amount as difference, organization.book_currency as currency, document.id as document_id,
       document.moment
from document
join entry on entry.unit_id = document.unit_id and entry.version_id = document.posted_version_id and entry.item = ''
 and (entry.debit_account_id is null) <> (entry.credit_account_id is null)
join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
join unit on unit.id = document.unit_id join organization on organization.id = unit.organization_id
where document.kind in ('set_off', 'debt_write_off', 'debt_accrual') and position('"reverses"' in version.content) = 0
  and document.moment < %(until)s and (%(unit_id)s::bigint is null or document.unit_id = %(unit_id)s)
