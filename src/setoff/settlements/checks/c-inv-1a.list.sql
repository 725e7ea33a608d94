-- code: C-INV-1a.list
-- state: list
-- spec: 3, C-INV-1
-- find: row
-- Invoices that state ten, a hundred or a thousand times what their document comes to, or that part of it: the decimal point slipped.
select invoice.unit_id, invoice.number as key, base.total::text as expected, invoice.gross::text as actual,
       invoice.gross - base.total as difference,
       organization.book_currency as currency, invoice.document_id, document.moment
from invoice
join document on document.unit_id = invoice.unit_id and document.id = invoice.document_id
join unit on unit.id = invoice.unit_id join organization on organization.id = unit.organization_id
cross join lateral (
  select sum(named.total)::bigint as total from invoice_base one
  join document named on named.unit_id = one.unit_id and named.id = one.base_id and named.currency = organization.book_currency
  where one.unit_id = invoice.unit_id and one.document_id = invoice.document_id) base
where invoice.status = 'posted' and invoice.family <> 'advance' and base.total > 0
  and exists (select from (values (10), (100), (1000)) shift(times)
              where invoice.gross = base.total * shift.times or invoice.gross * shift.times = base.total)
  and document.moment < %(until)s and (%(unit_id)s::bigint is null or invoice.unit_id = %(unit_id)s)
