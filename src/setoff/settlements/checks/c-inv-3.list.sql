-- code: C-INV-3.list
-- state: list
-- spec: 3, C-INV-3
-- find: none
-- Rows that an import refused and nobody dealt with yet: by file and row, with the refusal and what it was about.
select kept.unit_id, kept.file || ' ' || kept.row_no || case when kept.key = '' then '' else ' ' || kept.key end as key,
       ''::text as expected, concat_ws(' ', kept.code, nullif(kept.facts ->> 'field', ''), nullif(kept.facts ->> 'value', '')) as actual,
       null::bigint as difference, null::text as currency, null::bigint as document_id, null::bigint as moment
from rejected_row kept
where kept.state = 'open' and (%(unit_id)s::bigint is null or kept.unit_id = %(unit_id)s)
