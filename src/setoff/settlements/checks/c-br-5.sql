-- code: C-BR-5
-- state: error
-- spec: 3, C-BR-5; 2.13
-- find: row
-- No notice dated in a closed period waits for its confirmation: its sides are in the books of neither unit.
select coalesce(%(unit_id)s::bigint, receiver_unit_id) as unit_id, code as key, 0::bigint as expected, amount as actual, amount as difference,
       currency, null::bigint as document_id, start_of(date) as moment
from branch_notice
where status = 'sent' and start_of(date) < %(until)s
  and (%(unit_id)s::bigint is null or %(unit_id)s in (sender_unit_id, receiver_unit_id))
  and exists (select from period where period.unit_id in (sender_unit_id, receiver_unit_id) and period.state <> 'open'
                and date <= period.last_day)
