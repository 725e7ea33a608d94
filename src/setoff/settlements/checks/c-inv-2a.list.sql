-- code: C-INV-2a.list
-- state: list
-- spec: 3, C-INV-2
-- find: row
-- Invoices of one supplier with the same number and date, whatever stands around their letters and digits: perhaps one was entered twice.
select invoice.unit_id, party.code || ' ' || min(invoice.number) || ' ' || to_char(invoice.date, 'YYYY-MM-DD') as key, '1' as expected,
       count(*)::text as actual, count(*) - 1 as difference, null::text as currency, max(invoice.document_id) as document_id,
       max(document.moment) as moment
from invoice
join document on document.unit_id = invoice.unit_id and document.id = invoice.document_id
join counterparty party on party.id = invoice.counterparty_id
where invoice.direction = 'received' and invoice.status = 'posted'
  and document.moment < %(until)s and (%(unit_id)s::bigint is null or invoice.unit_id = %(unit_id)s)
group by invoice.unit_id, party.code, invoice.date, invoice_number_core(invoice.number)
having count(*) > 1
