-- code: C-4.4.list
-- state: list
-- spec: 3, C-4.4; 1.9
-- find: row
-- Facts of one contour alone: the planned differences between the contours.
select fact.unit_id, key_name(fact.unit_id, coalesce(fact.reg_key_id, fact.mgmt_key_id)) || ' ' || fact.line as key, 0::bigint as expected,
       fact.change as actual, fact.change as difference, node.currency, fact.document_id, fact.moment
from fact join document on document.unit_id = fact.unit_id and document.posted_version_id = fact.version_id
join node on node.unit_id = fact.unit_id and node.id = fact.node_id
where (fact.reg_key_id is null) <> (fact.mgmt_key_id is null)
  and fact.moment < %(until)s and (%(unit_id)s::bigint is null or fact.unit_id = %(unit_id)s)
