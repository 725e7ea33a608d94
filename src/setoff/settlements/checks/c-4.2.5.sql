-- code: C-4.2.5
-- state: error
-- spec: 3, C-4.2.5
-- find: row
-- What a document says is what was said when it was posted: the content has the hash stored with it, and the document stands where its
-- posted version does.
select version.unit_id, 'content' as key, encode(version.content_hash, 'hex') as expected,
       encode(sha256(convert_to(version.content, 'UTF8')), 'hex') as actual, null::bigint as difference, null::text as currency,
       version.document_id, version.moment
from version
where version.content_hash <> sha256(convert_to(version.content, 'UTF8'))
  and version.moment < %(until)s and (%(unit_id)s::bigint is null or version.unit_id = %(unit_id)s)
union all
select document.unit_id, 'version', document.moment::text, coalesce(version.moment::text, ''), null, null, document.id, document.moment
from document
left join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
 and version.document_id = document.id and version.posted
where document.status = 'posted' and version.moment is distinct from document.moment
  and document.moment < %(until)s and (%(unit_id)s::bigint is null or document.unit_id = %(unit_id)s)
