-- code: C-4.2.4.list
-- state: list
-- spec: 3, C-4.2.4; 2.11
-- find: row
-- Debts written off without a reason, and differences written off as kopecks that are more, for a party, than the unit writes
-- off as such.
with written_off as (
  select document.unit_id, document.id, document.kind, document.moment, version.content::jsonb as content, version.id as version_id
  from document join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  where document.kind in ('debt_write_off', 'set_off') and position('"reverses"' in version.content) = 0
    and document.moment < %(until)s and (%(unit_id)s::bigint is null or document.unit_id = %(unit_id)s)
), told as (
  select written_off.*, unit.difference_limit_minor as allowed, organization.book_currency as currency,
         (select coalesce(max(of_party.worth), 0)::bigint from (
            select sum(abs(fact.book)) as worth from fact join node on node.unit_id = fact.unit_id and node.id = fact.node_id
            where fact.unit_id = written_off.unit_id and fact.version_id = written_off.version_id group by node.counterparty_id) of_party)
           as worth,
         (select coalesce(sum(abs(entry.amount)), 0)::bigint from entry
          where entry.unit_id = written_off.unit_id and entry.version_id = written_off.version_id
            and (entry.debit_account_id is null) <> (entry.credit_account_id is null)) as difference
  from written_off join unit on unit.id = written_off.unit_id join organization on organization.id = unit.organization_id
)
select unit_id, 'reason' as key, '+' as expected, '' as actual, null::bigint as difference, null::text as currency, id as document_id, moment
from told where kind = 'debt_write_off' and coalesce(content ->> 'reason', '') = ''
union all
select unit_id, 'kopecks', allowed::text, worth::text, worth - allowed, currency, id, moment
from told where kind = 'debt_write_off' and content ->> 'reason' = 'kopecks' and worth > allowed
union all
select unit_id, 'difference', allowed::text, difference::text, difference - allowed, currency, id, moment
from told where kind = 'set_off' and difference > allowed
