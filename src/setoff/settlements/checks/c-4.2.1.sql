-- code: C-4.2.1
-- state: error
-- spec: 3, C-4.2.1; 1.11, I2
-- find: row
-- A settlement account stands in a posting only with a node, and a node only on a settlement account.
select posting.unit_id, account_code(side.account_id) || ' ' || posting.line as key,
       case when account.is_settlement then 'node' else '' end as expected, case when side.node_id is null then '' else 'node' end as actual,
       null::bigint as difference, null::text as currency, posting.document_id, posting.moment
from posting
cross join lateral (values (debit_account_id, debit_node_id), (credit_account_id, credit_node_id)) side(account_id, node_id)
join account on account.id = side.account_id
where account.is_settlement = (side.node_id is null)
  and posting.moment < %(until)s and (%(unit_id)s::bigint is null or posting.unit_id = %(unit_id)s)
