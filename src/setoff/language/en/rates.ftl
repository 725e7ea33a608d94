# Rates and revaluation: page.

menu-rates = Rates and revaluation
rates-table = Table of rates
rates-owed-in = Owed in
rates-revaluation = Revaluation
rates-by-rates = At the rates
rates-typed = typed
rates-old = { $currency }: the newest rate in the table is of { $date }
rates-not-revalued = not revalued
rates-closed-without = closed, not revalued
rates-revalue = Revalue
rates-revalue-month = Revalue the month
rates-type = Rates typed for this day, as EUR=71.20 JPY=61.23/100:
rates-example = EUR=71.20
rates-post = Post the revaluation
rates-nothing-moves = Every month up to that day is revalued at the rates of the table.
rates-documents-move = Documents whose postings change: { $count }.
rates-shown-first = The first { $shown } documents are shown.
rates-nothing-owed = Nothing is owed in foreign currency.
rates-note = A month is revalued together with the open months before it, at the rates of the last day of each. A rate that the table does not have is typed: EUR=71.20, or JPY=61.23/100 for a hundred; it stays with that month.
rates-take-file = Files of rates
rates-files = XML or CSV of the Bank of Russia, the European Central Bank, the People’s Bank of China
rates-try = Show what it changes
rates-take = Take in
rates-choose-again = To take them in, choose the files again.
rates-closing = Debts in foreign currency are not revalued: { $days }. You may close the month so; afterwards it cannot be revalued.
rates-closing-go = Revalue first
