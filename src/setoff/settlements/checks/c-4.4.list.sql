-- code: C-4.4.list
-- state: list
-- spec: 3, C-4.4; 1.9
-- find: row
-- What documents state for one contour alone: the planned differences between the contours. An advance that is moved inside a contract
-- differs nothing.
select fact.unit_id, party_name(node.counterparty_id, node.contract_id) || case when fact.reg_key_id is null then ' mgmt' else ' reg' end as key,
       0::bigint as expected, sum(fact.change)::bigint as actual, sum(fact.change)::bigint as difference, node.currency, fact.document_id,
       min(fact.moment) as moment
from fact join document on document.unit_id = fact.unit_id and document.posted_version_id = fact.version_id
join node on node.unit_id = fact.unit_id and node.id = fact.node_id
where (fact.reg_key_id is null) <> (fact.mgmt_key_id is null)
  and fact.moment < %(until)s and (%(unit_id)s::bigint is null or fact.unit_id = %(unit_id)s)
group by fact.unit_id, node.counterparty_id, node.contract_id, fact.reg_key_id is null, node.relation, node.currency, fact.document_id
having sum(fact.change) <> 0
