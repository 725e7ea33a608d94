-- code: C-BR-3.list
-- state: list
-- spec: 3, C-BR-3; 2.13
-- find: row
-- Payments between units after which one owed the other more than before, or that took more than there was to pay: the sides were
-- swapped, or what was paid left the books afterwards.
with said as (
  select document.unit_id, document.id, document.moment, version.content::jsonb ->> 'other' as other,
         version.content::jsonb ->> 'nature' as nature, sum(side.amount)::bigint as amount
  from document
  join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  join posting on posting.unit_id = document.unit_id and posting.document_id = document.id
  cross join lateral (values (posting.debit_account_id, posting.amount), (posting.credit_account_id, -posting.amount))
    side(account_id, amount)
  join account on account.id = side.account_id and account.is_inter_branch
  where document.kind = 'branch_notice' and posting.moment < %(until)s
  group by document.unit_id, document.id, document.moment, version.content),
running as (
  select said.*, sum(amount) over (partition by unit_id, other order by moment, id)::bigint as after from said)
select running.unit_id, running.other || ' ' || document.number as key, running.after - running.amount as expected, running.after as actual,
       abs(running.after) - abs(running.after - running.amount) as difference, organization.book_currency as currency,
       running.id as document_id, running.moment
from running
join document on document.unit_id = running.unit_id and document.id = running.id
join unit on unit.id = running.unit_id join organization on organization.id = unit.organization_id
left join lateral (
  select id, sender_unit_id, receiver_unit_id, date from branch_notice
  where (sender_unit_id, sender_document_id) = (running.unit_id, running.id)
  union all
  select id, sender_unit_id, receiver_unit_id, date from branch_notice
  where (receiver_unit_id, receiver_document_id) = (running.unit_id, running.id)) notice on true
left join lateral (   -- what was owed either way at the end of that day, by the notices themselves
  select coalesce(sum(case when before.sender_unit_id = notice.sender_unit_id then claims else obligations end), 0) as claims,
         coalesce(sum(case when before.sender_unit_id = notice.sender_unit_id then obligations else claims end), 0) as obligations
  from branch_notice before
  where before.status = 'confirmed' and before.date <= notice.date
    and least(before.sender_unit_id, before.receiver_unit_id) = least(notice.sender_unit_id, notice.receiver_unit_id)
    and greatest(before.sender_unit_id, before.receiver_unit_id) = greatest(notice.sender_unit_id, notice.receiver_unit_id)) owed on true
where running.nature = 'payment' and abs(running.after) > abs(running.after - running.amount)
  and (notice.id is null or owed.claims < 0 or owed.obligations < 0)
  and (%(unit_id)s::bigint is null or running.unit_id = %(unit_id)s)
