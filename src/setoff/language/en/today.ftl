# Today, open items, checks and periods.

today-items = { $count ->
    [one] { $count } item
   *[other] { $count } items
}
today-title = Today
today-overdue-receivable = Overdue receivables
today-overdue-payable = Overdue payables
today-week-receivable = Receivable this week
today-week-payable = Payable this week
today-advances-received = Advances received, not yet supplied
today-advances-paid = Advances paid, not yet supplied
today-both-ways = Can be set off
today-failed = Control checks found errors
today-nothing = Nothing.
today-cash = Cash expected, { $currency }
today-day = Day
today-in = In
today-out = Out
today-planned-in = In, planned
today-planned-out = Out, planned
today-planned-note = Dashed: planned by orders and bills, owed by nobody yet.
today-they-owe = They owe
today-we-owe = We owe
today-can-be-set-off = Can be set off
today-since = Since
today-more = and { $count } more
open-title = Open items
open-what = What
open-debt = debts
open-advance = advances
open-overdue = overdue
open-week = within seven days
open-later = later
open-all = all
open-unit = Unit
open-counterparty = Counterparty
open-contract = Contract
open-document = Document
open-due = Due
open-days = Days late
open-amount = Amount
open-currency = Currency
open-total = Total of the whole list
report-open-items = Open items
option-lot = What
option-span = Due
span-overdue = overdue
span-week = within seven days
span-later = later
checks-not-run = not run
checks-run = Run
checks-run-all = Run all
checks-unknown = { $count ->
    [one] { $count } check was not run yet.
   *[other] { $count } checks were not run yet.
}
checks-spec = Rule: { $spec }
checks-checked-at = checked { $instant }
periods-verify = Verify
periods-close = Close
periods-close-next = Close the next period of
periods-seal = Seal
periods-reopen = Reopen
periods-reason = Reason
periods-at = When
periods-actions = What to do
periods-none = Nothing was closed yet.
