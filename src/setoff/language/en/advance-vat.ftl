# VAT on advances: page and command.

menu-advance-vat = VAT on advances
vat-waiting = Waiting for a decision
vat-nothing-waits = Nothing waits for a decision.
vat-by-advance = By advance
vat-deduct = Deduct
vat-expense = Expense
vat-units = How units keep it
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
