-- code: C-4.2.3
-- state: error
-- spec: 3, C-4.2.3; 2.3
-- find: row
-- A payment has one sum: its rows sum to its header, a settlement sum at its rate is the row's sum within one minor unit, and its
-- entries carry the header's sum in book currency.
with payment as (
  select document.unit_id, document.id, document.moment, document.total, document.currency, version.id as version_id,
         version.content::jsonb as content
  from document join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  where version.content like '{"type":"payment"%%'
    and document.moment < %(until)s and (%(unit_id)s::bigint is null or document.unit_id = %(unit_id)s)
)
select unit_id, 'rows' as key, content ->> 'amount' as expected, rows.amount::text as actual, null::bigint as difference,
       null::text as currency, id as document_id, moment
from payment
cross join lateral (select sum((r ->> 'amount')::numeric) as amount from jsonb_array_elements(content -> 'rows') r) rows
where rows.amount <> (content ->> 'amount')::numeric
union all
select unit_id, 'row ' || r.number, r.value ->> 'amount', ((r.value ->> 'settlement_amount')::numeric * (r.value ->> 'rate')::numeric)::text,
       null, null, id, moment
from payment cross join lateral jsonb_array_elements(content -> 'rows') with ordinality r(value, number)
where r.value ? 'settlement_amount' and r.value ? 'rate'
  and abs((r.value ->> 'settlement_amount')::numeric * (r.value ->> 'rate')::numeric - (r.value ->> 'amount')::numeric)
      > (content ->> 'amount')::numeric / nullif(total, 0)   -- one minor unit
union all
select payment.unit_id, 'entries', payment.total::text, sum(entry.amount)::text, (sum(entry.amount) - payment.total)::bigint,
       payment.currency, payment.id, payment.moment
from payment
join unit on unit.id = payment.unit_id join organization on organization.id = unit.organization_id
join entry on entry.unit_id = payment.unit_id and entry.version_id = payment.version_id
where payment.currency = organization.book_currency
group by payment.unit_id, payment.id, payment.moment, payment.total, payment.currency
having sum(entry.amount) <> payment.total
