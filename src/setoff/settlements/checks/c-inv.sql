-- code: C-INV
-- state: error
-- spec: 6.9
-- find: row
-- Every posted invoice stands in the register as its version in the books says, every other one as annulled; its line in a book has
-- its sums, and its sums by VAT rate are its totals.
select document.unit_id, 'register' as key, coalesce(document.posted_version_id, 0)::text as expected,
       coalesce(case when invoice.status <> 'annulled' then invoice.version_id else 0 end, -1)::text as actual, null::bigint as difference,
       null::text as currency, document.id as document_id, document.moment
from document
left join invoice on invoice.unit_id = document.unit_id and invoice.document_id = document.id
where document.kind in ('issued_invoice', 'received_invoice')
  and (document.status = 'posted'
         and (invoice.status is null or invoice.status = 'annulled' or invoice.version_id <> document.posted_version_id)
       or document.status <> 'posted' and invoice.status <> 'annulled')
  and document.moment < %(until)s and (%(unit_id)s::bigint is null or document.unit_id = %(unit_id)s)
union all
select invoice.unit_id, 'sums', invoice.gross::text, coalesce(sum(stated.gross), 0)::text,
       (coalesce(sum(stated.gross), 0) - invoice.gross)::bigint,
       organization.book_currency, invoice.document_id, document.moment
from invoice
join document on document.unit_id = invoice.unit_id and document.id = invoice.document_id
join unit on unit.id = invoice.unit_id join organization on organization.id = unit.organization_id
left join invoice_sum stated on stated.unit_id = invoice.unit_id and stated.document_id = invoice.document_id
where document.moment < %(until)s and (%(unit_id)s::bigint is null or invoice.unit_id = %(unit_id)s)
group by invoice.unit_id, invoice.document_id, invoice.gross, invoice.vat, organization.book_currency, document.moment
having coalesce(sum(stated.gross), 0) <> invoice.gross or coalesce(sum(stated.vat), 0) <> invoice.vat
union all
select line.unit_id, line.book, (line.sign * source.vat)::text, line.vat::text, line.vat - line.sign * source.vat,
       organization.book_currency,
       line.document_id, document.moment
from invoice_line line
join document on document.unit_id = line.unit_id and document.id = line.document_id
join unit on unit.id = line.unit_id join organization on organization.id = unit.organization_id
join invoice source on source.unit_id = line.unit_id and source.document_id = line.source_id
where line.line = 1 and (line.vat <> line.sign * source.vat or line.gross <> line.sign * source.gross)
  and document.moment < %(until)s and (%(unit_id)s::bigint is null or line.unit_id = %(unit_id)s)
