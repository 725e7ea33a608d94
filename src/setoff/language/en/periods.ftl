# Periods and seals.

period-unit = Unit
period-first-day = First day
period-last-day = Last day
period-state = State
period-rows = Rows
period-author = By
period-seal = Seal
period-closed = Closed: { $unit }, { $first_day } to { $last_day }.
period-sealed = Sealed: { $unit }, { $first_day } to { $last_day }.
period-reopened = Reopened: { $unit }, { $first_day } to { $last_day }.
verify-passed = Everything is as it was closed: { $periods ->
    [one] { $periods } period
   *[other] { $periods } periods
}, { $rows } rows.
verify-head = Seal of { $unit } up to { $date }: { $seal }
verify-failed = { $count ->
    [one] { $count } difference from what was closed.
   *[other] { $count } differences from what was closed.
}
verify-altered = altered: { $relation } { $row } of { $kind } { $number } of { $date } ({ $unit }, period to { $period })
verify-missing = missing: { $relation } { $row } of { $kind } { $number } of { $date } ({ $unit }, period to { $period })
verify-added = added: { $relation } { $row } of { $kind } { $number } of { $date } ({ $unit }, period to { $period })
verify-link-altered = altered: link { $row } of the chain of seals ({ $unit }, period to { $period })
verify-link-broken = broken: link { $row } does not follow the one before ({ $unit }, period to { $period })
verify-rows-altered = altered: the row hashes of link { $row } ({ $unit }, period to { $period })
verify-link-missing = missing: a link that the audit trail knows, { $row } ({ $unit }, period to { $period })
verify-state-differs = the state of the period is not that of its newest seal: { $row } ({ $unit }, period to { $period })
verify-audit-altered = altered: record { $row } of the audit trail, { $kind } of { $date } ({ $unit }, period to { $period })
verify-audit-missing = missing: record { $row } of the audit trail ({ $unit }, period to { $period })
verify-audit-added = added: record { $row } of the audit trail, { $kind }, said to be of { $date } ({ $unit }, period to { $period })
verify-audit-link = altered: the hashes of the audit records of link { $row } ({ $unit }, period to { $period })
kind-period = period
