-- code: C-4.3d
-- state: error
-- spec: 3, C-4.3c,d
-- find: row
-- A supply never opened a lot of its own sign while a lot of the other sign of the same key was still open.
with ordered as (
  select lot.*, max(case when amount > 0 then closed_moment end) over earlier as positive_until,
         max(case when amount < 0 then closed_moment end) over earlier as negative_until
  from lot where (%(unit_id)s::bigint is null or unit_id = %(unit_id)s)
  window earlier as (partition by unit_id, key_id order by moment, line rows between unbounded preceding and 1 preceding)
)
select lot.unit_id, key_name(lot.unit_id, lot.key_id) as key, 0::bigint as expected, lot.amount as actual, lot.amount as difference,
       (select currency from fold_key where fold_key.unit_id = lot.unit_id and fold_key.id = lot.key_id) as currency, lot.document_id, lot.moment
from ordered lot
where case when lot.amount < 0 then positive_until else negative_until end > lot.moment and lot.moment < %(until)s
  and exists (select from fact join document on document.unit_id = fact.unit_id and document.posted_version_id = fact.version_id
              where fact.unit_id = lot.unit_id and fact.document_id = lot.document_id and fact.line = lot.line and fact.nature = 2
                and lot.key_id in (fact.reg_key_id, fact.mgmt_key_id))
