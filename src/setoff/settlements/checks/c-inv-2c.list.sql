-- code: C-INV-2c.list
-- state: list
-- spec: 2.1
-- find: row
-- Invoices issued later than five calendar days after their supply or advance. The difference is in days.
select invoice.unit_id, invoice.number as key, to_char(invoice.base_day + 5, 'YYYY-MM-DD') as expected,
       to_char(invoice.entered, 'YYYY-MM-DD') as actual, (invoice.entered - invoice.base_day - 5)::bigint as difference,
       null::text as currency, invoice.document_id, document.moment
from invoice
join document on document.unit_id = invoice.unit_id and document.id = invoice.document_id
where invoice.direction = 'issued' and invoice.status = 'posted' and invoice.family <> 'correction' and invoice.kind <> 'corrected'
  and invoice.entered > invoice.base_day + 5
  and document.moment < %(until)s and (%(unit_id)s::bigint is null or invoice.unit_id = %(unit_id)s)
