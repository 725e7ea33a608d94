-- code: I1
-- state: error
-- spec: 1.11, I1
-- find: row
-- Every fact of the regulated contour is balanced: the entries of its document carry exactly its book amount, and no entry names
-- a fact that does not exist.
with side as (
  select unit_id, version_id, debit_fact as line, amount from entry where debit_fact is not null
  union all
  select unit_id, version_id, credit_fact, -amount from entry where credit_fact is not null
), compared as (
  select unit_id, version_id, line, sum(stated)::bigint as expected, sum(carried)::bigint as actual, bool_or(is_fact) as is_fact
  from (select unit_id, version_id, line, case when reg_key_id is null then 0 else book end as stated, 0 as carried, true as is_fact from fact
        union all select unit_id, version_id, line, 0, amount, false from side) readings
  group by 1, 2, 3
)
select compared.unit_id, 'version ' || compared.version_id || ' line ' || compared.line as key, expected, actual,
       actual - expected as difference, organization.book_currency as currency, version.document_id, version.moment
from compared
join unit on unit.id = compared.unit_id join organization on organization.id = unit.organization_id
left join version on version.unit_id = compared.unit_id and version.id = compared.version_id
where (expected <> actual or not is_fact)
  and coalesce(version.moment, 0) < %(until)s and (%(unit_id)s::bigint is null or compared.unit_id = %(unit_id)s)
