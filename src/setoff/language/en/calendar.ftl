# The payment calendar and working days.

report-payment-calendar = Payment calendar
report-expected-actual = Expected and actual money
column-expected-on = Expected on
column-source = Source
column-bank-account = Bank account
column-probability = Probability, %
column-incoming = In
column-outgoing = Out
column-day = Day
column-expected-in = Expected in
column-actual-in = Came in
column-difference-in = In: difference
column-expected-out = Expected out
column-actual-out = Went out
column-difference-out = Out: difference
cash-source-debt = debt
cash-source-stage = stage of an order
cash-source-bill = bill
note-bank-account = Bank account { $account }, { $currency }
option-bank-account = Bank account
audit-verb-set-calendar-day = day of a calendar set
audit-verb-set-work-calendar = calendar of an organization set
workdays-saved = The calendar is changed.
workdays-same = The calendar said so already.
menu-payment-calendar = Payment calendar
today-calendar = Payment calendar: with orders and bills, and the money there is
