-- code: C-DOCUMENTS
-- state: error
-- spec: 6.1
-- find: row
-- The sums of documents by day, kind, state and currency that their list reads are those of the documents. The document is the first of
-- them.
select compared.unit_id, to_char(date, 'YYYY-MM-DD') || ' ' || kind || ' ' || state as key,
       sum(stored)::text as expected, sum(kept)::text as actual,
       case when abs(sum(kept - stored)) < 1000000000000000000 then sum(kept - stored)::bigint end as difference,
       currency, min(first) as document_id, start_of(date) as moment
from (
  select unit_id, date, kind, document_state(status, deletion_mark) as state, currency, 1 as documents, total as stored, 0::numeric as kept,
         id as first
  from document
  union all select unit_id, date, kind, state, currency, -documents, 0, total, null from document_count) compared
where (%(unit_id)s::bigint is null or compared.unit_id = %(unit_id)s)
group by compared.unit_id, date, kind, state, currency
having (sum(stored) <> sum(kept) or sum(documents) <> 0) and start_of(date) < %(until)s
