-- code: C-INV-2.list
-- state: list
-- spec: 3, C-INV-2; 2.1
-- find: row
-- Supplies with VAT, their corrections and advances with VAT that have no valid invoice, since the unit entered its first one.
with begun as (
  select unit_id, min(entered) filter (where direction = 'issued') as issued, min(entered) filter (where direction = 'received') as received
  from invoice group by unit_id)
select document.unit_id, document.number as key, document.total::text as expected, '0' as actual, -document.total as difference,
       document.currency, document.id as document_id, document.moment
from begun
join document on document.unit_id = begun.unit_id and document.status = 'posted'
where (document.kind in ('sale', 'sale_correction', 'sale_return', 'payment_from_customer', 'other_party_in')
       and document.date >= begun.issued
       or document.kind in ('purchase', 'purchase_correction', 'purchase_return') and document.date >= begun.received)
  and not exists (select from invoice_base base where base.base_id = document.id and base.is_valid)
  and case when document.kind in ('payment_from_customer', 'other_party_in')
           then exists (select from posting where posting.unit_id = document.unit_id and posting.document_id = document.id
                        and posting.kind = 'vat')
           else exists (select from entry where entry.unit_id = document.unit_id and entry.version_id = document.posted_version_id
                        and entry.vat_rate <> '') end
  and document.moment < %(until)s and (%(unit_id)s::bigint is null or document.unit_id = %(unit_id)s)
