-- code: C-INV-1b.list
-- state: list
-- spec: 3, C-INV-1
-- find: row
-- Parties of invoices without a tax number, or with one that has not as many characters as those of their country have: perhaps it was
-- cut off. Charts of Russia: 10 digits of an organization, 12 of a person. Chart of China: 18 characters.
select invoice.unit_id, party.code || ' ' || party.tax_id as key,
       case when organization.chart = 'cn' then '18' when organization.chart like 'ru%%' then '10, 12' else '' end as expected,
       length(party.tax_id)::text as actual, null::bigint as difference, null::text as currency,
       (array_agg(invoice.document_id order by invoice.entered))[1] as document_id, min(document.moment) as moment
from invoice
join document on document.unit_id = invoice.unit_id and document.id = invoice.document_id
join unit on unit.id = invoice.unit_id join organization on organization.id = unit.organization_id
join counterparty party on party.id = invoice.counterparty_id and party.is_resident
where invoice.status = 'posted'
  and case when organization.chart in ('ru', 'ru-budget') then party.tax_id !~ '^([0-9]{10}|[0-9]{12})$'
           when organization.chart = 'cn' then length(party.tax_id) <> 18 else party.tax_id = '' end
  and document.moment < %(until)s and (%(unit_id)s::bigint is null or invoice.unit_id = %(unit_id)s)
group by invoice.unit_id, party.code, party.tax_id, organization.chart
