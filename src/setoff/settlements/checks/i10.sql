-- code: I10
-- state: error
-- spec: 1.11, I10
-- find: row
-- Amounts typed in documents are greater than zero: the kind gives the direction.
select document.unit_id, found.text[1] as key, '> 0' as expected, found.text[2] as actual, null::bigint as difference, null::text as currency,
       document.id as document_id, document.moment
from document
join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
cross join lateral regexp_matches(version.content, '"((?:book_|settlement_)?amount)":"(-[^"]*|[0.]*)"(?![^{}]*"demoted":)', 'g') found(text)
where found.text[2] <> ''
  and document.moment < %(until)s and (%(unit_id)s::bigint is null or document.unit_id = %(unit_id)s)
