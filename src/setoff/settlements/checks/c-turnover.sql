-- code: C-TURNOVER
-- state: error
-- spec: 6.1
-- find: row
-- The monthly turnovers that the balance sheet reads are those of the postings. The document is the first of the month between these accounts.
select compared.unit_id, to_char(month, 'YYYY-MM') || ' ' || account_code(debit_account_id) || ' ' || account_code(credit_account_id) as key,
       sum(posted)::bigint as expected, sum(kept)::bigint as actual, sum(kept - posted)::bigint as difference,
       organization.book_currency as currency, min(first) & 17179869183 as document_id, coalesce(min(first), start_of(month)) as moment
from (
  select unit_id, date_trunc('month', moment_date(moment))::date as month, debit_account_id, credit_account_id, amount as posted, 0 as kept,
         moment as first
  from posting
  union all select unit_id, month, debit_account_id, credit_account_id, 0, amount, null from turnover) compared
join unit on unit.id = compared.unit_id join organization on organization.id = unit.organization_id
where (%(unit_id)s::bigint is null or compared.unit_id = %(unit_id)s)
group by compared.unit_id, month, debit_account_id, credit_account_id, organization.book_currency
having sum(posted) <> sum(kept) and start_of(month) < %(until)s
