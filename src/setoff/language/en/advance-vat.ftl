# VAT on advances: page and command.

menu-advance-vat = VAT on advances
vat-waiting = Waiting for a decision
vat-nothing-waits = Nothing waits for a decision.
vat-by-advance = By advance
vat-deduct = Deduct
vat-expense = Expense
vat-units = How units keep it
vat-off-everywhere = VAT on advances is turned on in none of your units, so nothing can wait.
vat-off-why = A unit that says “none” accrues no VAT on advances received and deducts none on advances paid: it is off until the unit turns it on, as who is exempt from VAT (Tax Code art. 145) owes none. A payer by the simplified system with VAT at 5 or 7 % says that rate in the contract.
vat-turn-on = To turn it on, choose in the unit when an advance has VAT and since which day, look at what that moves, and keep it so.
vat-asks-administrator = An administrator turns it on: here, by setoff vat set, or over the API.
vat-no-chart = None of your units keeps VAT on advances: only the Russian charts of accounts, commercial and budget, know it.
vat-try = Show what it moves
vat-keep = Keep it so
vat-would-move = { $unit }: { $count ->
    [0] nothing would move
    [one] { $count } posting would move
   *[other] { $count } postings would move
 }
vat-set = { $unit }: kept so; postings moved: { $count }.
vat-tried = { $unit }: nothing was kept; postings that would move: { $count }.
vat-policy = { $unit }: VAT on advances: { $window }; from { $since }; set off between contracts: { $set_off }.
vat-from-the-beginning = the beginning
