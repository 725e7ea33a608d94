-- code: C-0
-- state: error
-- spec: 1.5; 2.0
-- find: row
-- Nothing stands alone: facts, targets and entries have their version, versions their document, derived rows a posted fact, and
-- a document is posted exactly when its newest version is.
with said as (
  select 'fact' as what, unit_id, version_id, line from fact union all
  select 'entry', unit_id, version_id, line from entry union all
  select 'fact_target', unit_id, version_id, line from fact_target
), posted as (
  select fact.unit_id, fact.document_id, fact.line, fact.reg_key_id, fact.mgmt_key_id
  from fact join document on document.unit_id = fact.unit_id and document.posted_version_id = fact.version_id
), alone as (
  select said.unit_id, said.what || ' ' || said.version_id || '/' || said.line as key, stated.document_id, stated.moment
  from said left join version on version.unit_id = said.unit_id and version.id = said.version_id
  left join lateral (
    select fact.document_id, fact.moment from fact where fact.unit_id = said.unit_id and fact.version_id = said.version_id limit 1) stated on true
  where version.id is null
  union all
  select fact_target.unit_id, 'fact_target ' || fact_target.version_id || '/' || fact_target.line, version.document_id, version.moment
  from fact_target join version on version.unit_id = fact_target.unit_id and version.id = fact_target.version_id
  left join fact on fact.unit_id = fact_target.unit_id and fact.version_id = fact_target.version_id and fact.line = fact_target.line
  where fact.line is null
  union all
  select version.unit_id, 'version ' || version.id, version.document_id, version.moment
  from version left join document on document.unit_id = version.unit_id and document.id = version.document_id where document.id is null
  union all
  select document.unit_id, 'document ' || document.key, document.id, document.moment
  from document left join version on version.unit_id = document.unit_id and version.id = document.version_id
   and version.document_id = document.id
  where version.posted is distinct from (document.status = 'posted')
     or document.status = 'posted' and document.posted_version_id <> document.version_id
  union all
  select lot.unit_id, 'lot ' || key_name(lot.unit_id, lot.key_id) || ' ' || lot.line, lot.document_id, lot.moment
  from lot left join posted on posted.unit_id = lot.unit_id and posted.document_id = lot.document_id and posted.line = lot.line
   and lot.key_id in (posted.reg_key_id, posted.mgmt_key_id) where posted.line is null
  union all
  select a.unit_id, 'allocation ' || key_name(a.unit_id, a.key_id) || ' ' || a.line, a.document_id, a.moment
  from allocation a left join posted on posted.unit_id = a.unit_id and posted.document_id = a.document_id and posted.line = a.line
   and a.key_id in (posted.reg_key_id, posted.mgmt_key_id) where posted.line is null and a.rule <> 9
  union all
  select a.unit_id, 'allocation ' || key_name(a.unit_id, a.key_id) || ' ' || a.line, a.document_id, a.moment
  from allocation a left join document on document.unit_id = a.unit_id and document.id = a.document_id and document.kind = 'revaluation'
   and document.status = 'posted' and document.moment = a.moment
  where a.rule = 9 and document.id is null
  union all
  select a.unit_id, 'allocation ' || key_name(a.unit_id, a.key_id) || ' ' || a.lot_document_id || '/' || a.lot_line, a.document_id, a.moment
  from allocation a left join lot on lot.unit_id = a.unit_id and lot.key_id = a.key_id and lot.document_id = a.lot_document_id
   and lot.line = a.lot_line where lot.line is null
  union all
  select posting.unit_id, 'posting ' || posting.line, posting.document_id, posting.moment
  from posting left join document on document.unit_id = posting.unit_id and document.id = posting.document_id
  where document.status is distinct from 'posted' or (posting.kind not in ('revaluation', 'vat') and document.moment <> posting.moment)
     or document.moment > posting.moment
)
select unit_id, key, 'exists' as expected, '' as actual, null::bigint as difference, null::text as currency, document_id, moment
from alone
where coalesce(moment, 0) < %(until)s and (%(unit_id)s::bigint is null or unit_id = %(unit_id)s)
