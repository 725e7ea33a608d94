# The allocation desk
menu-allocation = Allocation
desk = Allocation desk
desk-why = Allocate free money to open debts. A payment that names a debt is posted again with that debt as its target; you see what changes first.
desk-debts = Open debts
desk-money = Free money
desk-free = Free
desk-open = Open
desk-put = Allocate
desk-left = Left
desk-reason = Why
desk-propose = Propose oldest first
desk-clear = Clear
desk-preview = Show what changes
desk-post = Post
desk-totals = Allocated { $put } of { $money } free; debts { $debts }
desk-put-sum = Allocated
desk-selected = Chosen payment
desk-by-hand = typed by hand
desk-other-contract = another contract
desk-later = This debt arose after the money came: a payment cannot name it. It needs an offset of the advance.
desk-not-payment = Not a payment: it cannot name what it settles.
desk-nothing = There is nothing to match.
desk-choose = Choose the unit and the counterparty.
desk-tried = Tried; nothing is kept. Payments: { $count }
desk-done = Payments posted again: { $count }
desk-named-by = Who named it
desk-named-internal = we: management contour only
desk-named-payer = the payer: both contours
desk-keys = Choose a payment with the arrows and Enter; in a debt Enter puts the most that fits and goes on, arrows move, Escape clears.
desk-show = Show
desk-items = { $count ->
    [one] { $count } item
   *[other] { $count } items
}
verb-waits = Waiting for a second person: { $count }. Nothing of it is posted yet.
desk-waiting = Money that waits beside debts
