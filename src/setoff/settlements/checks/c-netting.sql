-- code: C-NETTING
-- state: error
-- spec: 2.4; 6.11
-- find: bisection
-- The clearing account of a round ends at zero in every unit: what the unit gave up as creditor it was relieved of as debtor.
with clearing as (  -- what the facts of netting documents stand against; their reversals have exchange differences too
  select distinct posting.unit_id,
         case when posting.debit_node_id is null then posting.debit_account_id else posting.credit_account_id end as account_id
  from document join posting on posting.unit_id = document.unit_id and posting.document_id = document.id
  join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  where document.kind = 'netting' and posting.kind = 'entry' and (posting.debit_node_id is null) <> (posting.credit_node_id is null)
    and position('"reverses"' in version.content) = 0
), moved as (
  select posting.unit_id, posting.debit_account_id as account_id, posting.item, posting.amount
  from posting join clearing on clearing.unit_id = posting.unit_id and clearing.account_id = posting.debit_account_id
  where posting.moment < %(until)s
  union all
  select posting.unit_id, posting.credit_account_id, posting.item, -posting.amount
  from posting join clearing on clearing.unit_id = posting.unit_id and clearing.account_id = posting.credit_account_id
  where posting.moment < %(until)s
)
select moved.unit_id, account.code || ' ' || moved.item as key, '0' as expected, sum(moved.amount)::text as actual,
       sum(moved.amount)::bigint as difference, organization.book_currency as currency, null::bigint as document_id, null::bigint as moment
from moved join account on account.id = moved.account_id join unit on unit.id = moved.unit_id
join organization on organization.id = unit.organization_id
where %(unit_id)s::bigint is null or moved.unit_id = %(unit_id)s
group by moved.unit_id, account.code, moved.item, organization.book_currency
having sum(moved.amount) <> 0
