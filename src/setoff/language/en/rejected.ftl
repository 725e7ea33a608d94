# Rows that imports refused

command-rejected = Rows that imports refused: see them, try them again, drop them.
kind-rejected-row = refused row
import-waiting = Refused rows that wait: { $count }. See them with "setoff rejected list".
rejected-title = Rows that imports refused
rejected-what = What an import refused and nobody dealt with yet. A row leaves by itself when a later import brings the same record.
rejected-none = No refused rows.
rejected-more = Further rows: { $count }
rejected-state = State
rejected-state-open = waiting
rejected-state-handled = accepted later
rejected-state-dropped = dropped
rejected-content = The row as it came
rejected-by = refused on { $instant }, imported by { $person }
rejected-dropped-by = dropped by { $person } on { $instant }: { $reason }
rejected-handled-by = accepted from { $file } on { $instant }, imported by { $person }
rejected-retried-by = imported again by { $person } on { $instant }
rejected-consent = Take in what limits forbid; close contracts that are not settled
rejected-retry = Import again
rejected-because = Why it is not to come
rejected-drop = Drop
rejected-accepted = { $file }, row { $row }: accepted.
rejected-dropped = { $file }, row { $row }: dropped.
today-rejected = Rows that imports refused
audit-verb-drop-rejected = refused row of an import dropped
audit-verb-retry-rejected = refused row imported again
