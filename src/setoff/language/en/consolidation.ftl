# Consolidated balance of head office and branches
report-consolidation = Consolidated balance of head office and branches
column-of-unit = { $unit }
column-sum-of-units = Sum of units
column-eliminated = Eliminated
column-consolidated = Consolidated
note-consolidated-opening = Opening balances: debit plus, credit minus
note-consolidated-debit = Debit turnover
note-consolidated-credit = Credit turnover
note-consolidated-closing = Closing balances: debit plus, credit minus
note-between-units-not-zero = Account { $account }, between units, is not zero over all of them. The documents below its line make it so: one side of each is missing or differs. Write the missing notice, or take the one-sided entry out of the books.
note-unit-settings-differ = The units do not treat VAT on advances alike ({ $units }): common accounting policy is a condition of a consolidated balance.
note-units-left-out = Not consolidated: { $units }. Their side of settlements between units is missing.
total-debit-balances = Debit balances, { $currency }
total-credit-balances = Credit balances, { $currency }

# Closing of a year between units
closing-told = { $sender } with { $receiver }: claims of { $claims } and obligations of { $obligations } are closed, { $left } stays
closing-sent = waits for its confirmation: { $notice }
closing-nothing = Nothing is open between units.
menu-consolidation = Consolidated balance
year-end-title = The end of a year between units
year-end-what = What completed operations left on the account between units goes to the result of prior periods, in both of them.
year-end-year = Year
year-end-account = Account (empty: the chart's)
year-end-claims = Claims closed
year-end-obligations = Obligations closed
year-end-left = Still to be paid, stays
year-end-entries = Entries of the sender
year-end-again = Show again
year-end-draft = Draft the notices
year-end-note = Every notice is dated 31 December. It is sent, confirmed by the other unit, and undone like every notice; drafted again it says what is open then.
year-end-drafted = Drafted: { $notices } ({ $count })
