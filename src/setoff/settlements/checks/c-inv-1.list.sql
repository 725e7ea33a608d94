-- code: C-INV-1.list
-- state: list
-- spec: 3, C-INV-1; 2.1
-- find: row
-- Invoices whose document was taken out of the books, moved behind them, given to another party or changed in its lines after they were
-- posted. Expected is what the document comes to now.
select invoice.unit_id, invoice.number as key, base.total::text as expected, invoice.gross::text as actual,
       case when base.currency = organization.book_currency then invoice.gross - base.total end as difference,
       organization.book_currency as currency, invoice.document_id, document.moment
from invoice
join document on document.unit_id = invoice.unit_id and document.id = invoice.document_id
join unit on unit.id = invoice.unit_id join organization on organization.id = unit.organization_id
cross join lateral (
  select sum(case when named.status = 'posted' then named.total else 0 end)::bigint as total, max(named.currency) as currency,
         bool_or(named.status <> 'posted' or named.date > invoice.entered
                 or seen.content::jsonb -> 'counterparty' is distinct from now.content::jsonb -> 'counterparty'
                 or seen.content::jsonb -> 'lines' is distinct from now.content::jsonb -> 'lines'
                 or seen.content::jsonb -> 'amount' is distinct from now.content::jsonb -> 'amount'
                 or seen.content::jsonb -> 'prices_include_vat' is distinct from now.content::jsonb -> 'prices_include_vat') as differs
  from invoice_base one
  join document named on named.unit_id = one.unit_id and named.id = one.base_id
  join version now on now.unit_id = named.unit_id and now.id = named.version_id
  join version seen on seen.unit_id = one.unit_id and seen.id = one.version_id
  where one.unit_id = invoice.unit_id and one.document_id = invoice.document_id) base
where invoice.status = 'posted' and base.differs
  and document.moment < %(until)s and (%(unit_id)s::bigint is null or invoice.unit_id = %(unit_id)s)
