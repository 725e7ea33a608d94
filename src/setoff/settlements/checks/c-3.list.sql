-- code: C-3.list
-- state: list
-- spec: 3, C-3; 1.10
-- find: row
-- Targets that were cut down with consent because an earlier document took what they named; the excess became an advance.
select fact.unit_id, key_name(fact.unit_id, coalesce(fact.mgmt_key_id, fact.reg_key_id)) || ' ' || fact_target.target_no as key,
       fact_target.amount + fact_target.demoted as expected, fact_target.amount as actual, -fact_target.demoted as difference, node.currency,
       fact.document_id, fact.moment
from fact_target
join fact on fact.unit_id = fact_target.unit_id and fact.version_id = fact_target.version_id and fact.line = fact_target.line
join document on document.unit_id = fact.unit_id and document.posted_version_id = fact.version_id
join node on node.unit_id = fact.unit_id and node.id = fact.node_id
where fact_target.demoted > 0
  and fact.moment < %(until)s and (%(unit_id)s::bigint is null or fact.unit_id = %(unit_id)s)
