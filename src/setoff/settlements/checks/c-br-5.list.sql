-- code: C-BR-5.list
-- state: list
-- spec: 3, C-BR-5; 2.13
-- find: row
-- Notices that were sent and are neither confirmed nor rejected, the oldest first: until then they are in the books of neither unit.
select coalesce(%(unit_id)s::bigint, receiver_unit_id) as unit_id, code as key, 0::bigint as expected, amount as actual, amount as difference,
       currency, null::bigint as document_id, start_of(date) as moment
from branch_notice
where status = 'sent' and start_of(date) < %(until)s
  and (%(unit_id)s::bigint is null or %(unit_id)s in (sender_unit_id, receiver_unit_id))
