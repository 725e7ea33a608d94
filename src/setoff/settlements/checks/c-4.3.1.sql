-- code: C-4.3.1
-- state: error
-- spec: 3, C-4.3.1; 1.5, 1.10
-- find: row
-- The sequence is restored: every fact in the books went, in each of its contours, wholly into what it used and what it opened.
with stated as (
  select fact.unit_id, key.id as key_id, fact.document_id, fact.line, fact.change, fact.moment
  from fact join document on document.unit_id = fact.unit_id and document.posted_version_id = fact.version_id
  cross join lateral (values (fact.reg_key_id), (fact.mgmt_key_id)) key(id)
  where key.id is not null and fact.moment < %(until)s and (%(unit_id)s::bigint is null or fact.unit_id = %(unit_id)s)
), folded as (
  select unit_id, key_id, document_id, line, sum(amount) as amount
  from (select unit_id, key_id, document_id, line, abs(amount) as amount from lot
        union all select unit_id, key_id, document_id, line, amount from allocation) parts
  group by 1, 2, 3, 4
)
select stated.unit_id, key_name(stated.unit_id, stated.key_id) || ' ' || stated.line as key, abs(stated.change) as expected,
       coalesce(folded.amount, 0)::bigint as actual, (coalesce(folded.amount, 0) - abs(stated.change))::bigint as difference,
       (select currency from fold_key where fold_key.unit_id = stated.unit_id and fold_key.id = stated.key_id) as currency, stated.document_id,
       stated.moment
from stated left join folded using (unit_id, key_id, document_id, line)
where coalesce(folded.amount, 0) <> abs(stated.change)
