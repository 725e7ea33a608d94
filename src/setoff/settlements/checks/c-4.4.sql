-- code: C-4.4
-- state: error
-- spec: 3, C-4.4; 1.9; 1.11, I7
-- find: bisection
-- The contours differ by the facts that only one of them has, and by nothing else.
with net as (
  select key_id, unit_id, sum(amount) as amount
  from (select unit_id, key_id, sum(lot.amount) as amount from lot
        where moment < %(until)s and (%(unit_id)s::bigint is null or unit_id = %(unit_id)s) group by 1, 2
        union all
        select allocation.unit_id, allocation.key_id, sum(case when lot.amount > 0 then -allocation.amount else allocation.amount end)
        from allocation
        join lot on lot.unit_id = allocation.unit_id and lot.key_id = allocation.key_id
         and lot.document_id = allocation.lot_document_id and lot.line = allocation.lot_line
        where allocation.moment < %(until)s and (%(unit_id)s::bigint is null or allocation.unit_id = %(unit_id)s) group by 1, 2) changes
  group by 1, 2
), planned as (
  select fact.unit_id, node.counterparty_id, node.contract_id, node.currency,
         sum(case when fact.reg_key_id is null then fact.change else -fact.change end) as amount
  from fact join document on document.unit_id = fact.unit_id and document.posted_version_id = fact.version_id
  join node on node.unit_id = fact.unit_id and node.id = fact.node_id
  where (fact.reg_key_id is null) <> (fact.mgmt_key_id is null)
    and fact.moment < %(until)s and (%(unit_id)s::bigint is null or fact.unit_id = %(unit_id)s)
  group by 1, 2, 3, 4
), compared as (
  select unit_id, counterparty_id, contract_id, currency, sum(planned)::bigint as expected, sum(found)::bigint as actual
  from (select unit_id, counterparty_id, contract_id, currency, amount as planned, 0 as found from planned
        union all
        select fold_key.unit_id, counterparty_id, contract_id, currency, 0,
               case fold_key.contour when 'mgmt' then net.amount else -net.amount end
        from net join fold_key on fold_key.unit_id = net.unit_id and fold_key.id = net.key_id) readings
  group by 1, 2, 3, 4
)
select unit_id, party_name(counterparty_id, contract_id) as key, expected, actual, actual - expected as difference, currency,
       null::bigint as document_id, null::bigint as moment
from compared where expected <> actual
