-- code: C-INV-2b.list
-- state: list
-- spec: 3, C-INV-2
-- find: row
-- Gaps in the numbers of issued invoices of a year: numbers between two that follow one another in the register.
select unit_id,
       year || ': ' || lpad((before + 1)::text, 6, '0')
         || case when place > before + 2 then '-' || lpad((place - 1)::text, 6, '0') else '' end as key,
       (before + 1)::text as expected, place::text as actual, place - before - 1 as difference, null::text as currency,
       document_id, moment
from (
  select numbered.*, lag(place) over (partition by unit_id, year order by place) as before
  from (
    select document.unit_id, document.year, document.id as document_id, document.moment, document.number::bigint as place
    from document
    where document.kind = 'issued_invoice' and document.number ~ '^[0-9]{1,15}$'
      and document.moment < %(until)s and (%(unit_id)s::bigint is null or document.unit_id = %(unit_id)s)) numbered) paired
where place > before + 1
