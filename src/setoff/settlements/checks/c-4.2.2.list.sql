-- code: C-4.2.2.list
-- state: list
-- spec: 3, C-4.2.2; 2.3
-- find: row
-- Payments of kind Other whose purpose names a counterparty with an open balance: perhaps they should have paid it.
with open_party as (
  select distinct lot.unit_id, fold_key.counterparty_id, counterparty.code, counterparty.name
  from lot join fold_key on fold_key.unit_id = lot.unit_id and fold_key.id = lot.key_id
  join counterparty on counterparty.id = fold_key.counterparty_id
  where lot.residual <> 0 and fold_key.contour = 'mgmt'
)
select document.unit_id, open_party.code as key, open_party.name as expected, version.content::jsonb ->> 'purpose' as actual,
       null::bigint as difference, null::text as currency, document.id as document_id, document.moment
from document
join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
join open_party on open_party.unit_id = document.unit_id
  and position(lower(open_party.name) in lower(version.content::jsonb ->> 'purpose')) > 0
where document.kind in ('other_in', 'other_out')
  and document.moment < %(until)s and (%(unit_id)s::bigint is null or document.unit_id = %(unit_id)s)
