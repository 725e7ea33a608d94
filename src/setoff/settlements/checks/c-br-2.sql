-- code: C-BR-2
-- state: error
-- spec: 3, C-BR-2; 2.13
-- find: bisection
-- What a unit has on its account between units with another, the other has with it the other way round. Who does not see both units is told
-- nothing.
with moved as (
  select document.unit_id, other.id as other_id, side.account_id, side.amount
  from document
  join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  join unit other on other.code = version.content::jsonb ->> 'other'
  join posting on posting.unit_id = document.unit_id and posting.document_id = document.id
  cross join lateral (values (posting.debit_account_id, posting.amount), (posting.credit_account_id, -posting.amount))
    side(account_id, amount)
  join account on account.id = side.account_id and account.is_inter_branch
  where document.kind = 'branch_notice' and posting.moment < %(until)s),
pair as (
  select least(unit_id, other_id) as first_id, greatest(unit_id, other_id) as second_id, account_id,
         coalesce(sum(amount) filter (where unit_id < other_id), 0)::bigint as first_has,
         coalesce(sum(amount) filter (where unit_id > other_id), 0)::bigint as second_has
  from moved group by 1, 2, 3)
select coalesce(%(unit_id)s::bigint, first_id) as unit_id, first.code || ' ' || second.code || ' ' || account_code(account_id) as key,
       -second_has as expected, first_has as actual, first_has + second_has as difference, organization.book_currency as currency,
       null::bigint as document_id, null::bigint as moment
from pair
join unit first on first.id = first_id join unit second on second.id = second_id
join organization on organization.id = first.organization_id
where first_has + second_has <> 0 and (%(unit_id)s::bigint is null or %(unit_id)s in (first_id, second_id))
