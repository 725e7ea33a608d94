-- code: I9
-- state: error
-- spec: 1.11, I9; 3, C-4.2.5
-- find: row
-- A version equals the facts it produced: facts, targets and entries have the hash that was stored with the version.
with lines as (
  select unit_id, version_id, 1 as part, line, 0 as target_no,
         concat_ws('|', 'f', line, node_id, nature, change, book, own_value::int, consume_only::int, coalesce(due::text, ''), rank) as text
  from fact
  union all
  select unit_id, version_id, 2, line, target_no, concat_ws('|', 't', line, target_no, document_id, document_line, amount, rule, demoted)
  from fact_target
  union all
  select unit_id, version_id, 3, line, 0,
         concat_ws('|', 'e', line, coalesce(debit_fact::text, ''), coalesce(debit_account_id::text, ''), coalesce(credit_fact::text, ''),
                   coalesce(credit_account_id::text, ''), amount, follows, vat_rate, item)
  from entry
), hashed as (
  select unit_id, version_id, sha256(convert_to(string_agg(text, E'\n' order by part, line, target_no), 'UTF8')) as hash
  from lines group by 1, 2
)
select version.unit_id, 'version ' || version.id as key, encode(version.facts_hash, 'hex') as expected,
       encode(coalesce(hashed.hash, sha256('')), 'hex') as actual, null::bigint as difference, null::text as currency, version.document_id,
       version.moment
from version left join hashed on hashed.unit_id = version.unit_id and hashed.version_id = version.id
where version.facts_hash <> coalesce(hashed.hash, sha256(''))
  and version.moment < %(until)s and (%(unit_id)s::bigint is null or version.unit_id = %(unit_id)s)
