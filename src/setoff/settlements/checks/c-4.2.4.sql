-- code: C-4.2.4
-- state: error
-- spec: 3, C-4.2.4; 2.4
-- find: row
-- An adjustment of debts is of its kind: what is written off or accrued stands against an account without settlements, the sides of a set-off
-- are equal but for what it writes off, what is towards zero opens nothing, and where a transfer goes a debt or an advance only forms.
with adjustment as (
  select document.unit_id, document.id, document.kind, document.moment, version.id as version_id,
         position('"reverses"' in version.content) > 0 as reverses
  from document join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  where document.kind in ('set_off', 'netting', 'debt_transfer', 'debt_write_off', 'debt_accrual')
    and document.moment < %(until)s and (%(unit_id)s::bigint is null or document.unit_id = %(unit_id)s)
), side as (
  select adjustment.unit_id, adjustment.id, adjustment.version_id, adjustment.kind, adjustment.moment, contour.name,
         sum(fact.change) as amount, sum(fact.book) as book, count(distinct node.currency) as currencies, min(node.currency) as currency
  from adjustment
  join fact on fact.unit_id = adjustment.unit_id and fact.version_id = adjustment.version_id
  join node on node.unit_id = fact.unit_id and node.id = fact.node_id
  cross join lateral (values ('reg', fact.reg_key_id), ('mgmt', fact.mgmt_key_id)) contour(name, key_id)
  where adjustment.kind in ('set_off', 'netting') and not adjustment.reverses and contour.key_id is not null
  group by 1, 2, 3, 4, 5, 6
), written_off as (
  select entry.unit_id, entry.version_id,
         sum(case when entry.debit_account_id is not null then entry.amount else -entry.amount end) as book
  from adjustment join entry on entry.unit_id = adjustment.unit_id and entry.version_id = adjustment.version_id
  where adjustment.kind = 'set_off' and (entry.debit_account_id is null) <> (entry.credit_account_id is null)
  group by 1, 2
)
select adjustment.unit_id, 'entry ' || entry.line as key, 'account' as expected, 'node' as actual, entry.amount as difference,
       organization.book_currency as currency, adjustment.id as document_id, adjustment.moment
from adjustment
join entry on entry.unit_id = adjustment.unit_id and entry.version_id = adjustment.version_id
left join account on account.id in (entry.debit_account_id, entry.credit_account_id) and account.is_settlement
join unit on unit.id = adjustment.unit_id join organization on organization.id = unit.organization_id
where adjustment.kind in ('debt_write_off', 'debt_accrual')
  and (entry.debit_fact is not null and entry.credit_fact is not null or account.id is not null)
union all
select side.unit_id, 'sides ' || side.name, (-coalesce(written_off.book, 0))::text,
       case when side.currencies = 1 and written_off.book is null then side.amount else side.book end::text,
       (case when side.currencies = 1 and written_off.book is null then side.amount else side.book end
        + coalesce(written_off.book, 0))::bigint,
       case when side.currencies = 1 and written_off.book is null then side.currency else organization.book_currency end, side.id, side.moment
from side
left join written_off on written_off.unit_id = side.unit_id and written_off.version_id = side.version_id
join unit on unit.id = side.unit_id join organization on organization.id = unit.organization_id
where case when side.currencies = 1 and written_off.book is null then side.amount else side.book end <> -coalesce(written_off.book, 0)
  and not (side.name = 'mgmt' and written_off.book is null
           and exists (select from version said where said.unit_id = side.unit_id and said.id = side.version_id
                       and position('"difference":"write_off"' in said.content) > 0))
union all
select adjustment.unit_id, key_name(used.unit_id, used.key_id) || ' ' || fact.line, '0', used.amount::text, used.amount,
       (select currency from fold_key where fold_key.unit_id = used.unit_id and fold_key.id = used.key_id), adjustment.id, adjustment.moment
from adjustment
join fact on fact.unit_id = adjustment.unit_id and fact.version_id = adjustment.version_id and fact.nature in (6, 7)
join allocation used on used.unit_id = fact.unit_id and used.key_id in (fact.reg_key_id, fact.mgmt_key_id)
 and used.document_id = fact.document_id and used.line = fact.line and used.rule <> 9
union all
select adjustment.unit_id, key_name(lot.unit_id, lot.key_id) || ' ' || fact.line, '0', lot.amount::text, lot.amount,
       (select currency from fold_key where fold_key.unit_id = lot.unit_id and fold_key.id = lot.key_id), adjustment.id, adjustment.moment
from adjustment
join fact on fact.unit_id = adjustment.unit_id and fact.version_id = adjustment.version_id and fact.consume_only
join lot on lot.unit_id = fact.unit_id and lot.key_id in (fact.reg_key_id, fact.mgmt_key_id) and lot.document_id = fact.document_id
 and lot.line = fact.line
