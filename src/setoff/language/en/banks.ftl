# Banks: statements, their lines, payments out.
statement_unknown_format = { $file } is no bank statement that Setoff knows.
    .mend = Take CAMT.052, .053 or .054 (XML), MT940, or 1CClientBankExchange from the bank.
statement_unreadable = The statement { $file } cannot be read at { $place }: { $reason }.
    .mend = Fetch the file from the bank again; do not edit it.
statement_field_missing = The statement { $file } lacks { $field } at { $place }.
    .mend = Fetch the file from the bank again, for the whole period.
statement_value_invalid = The statement { $file } has at { $place } in { $field } what cannot be: "{ $value }".
    .mend = Fetch the file from the bank again; do not edit it.

finding-balance-missing = The statement of account { $account } does not state both balances: it was not checked.
finding-balance-differs = Opening { $opening } and lines { $lines } do not make closing { $closing }: the difference is { $difference }.
finding-balance-jumps = The balance before is { $before }, the section at line { $line } begins with { $after }.
finding-balance-currency = A balance is in another currency than the account ({ $currency }): { $balance }.
finding-batch-differs = The parts of entry { $number } sum to { $parts }, the entry is { $total }: it was not divided.
finding-statement-missing = The statement before ended on { $last_day } with { $closing }, this one begins on { $first_day } with { $opening }: one between is missing.

bank_account_unknown = The account { $account } ({ $currency }) of { $file } is none of ours.
    .mend = Add it with the unit that keeps it: setoff bank account { $account } --unit UNIT --currency { $currency }.
bank_account_taken = The account { $account } belongs to another unit.
    .mend = Import its statements there; an account has one unit.
bank_line_state = Line { $line } is "{ $state }": this cannot be done in that state.
    .mend = It can be done when the line is: { $allowed }.
bank_line_differs = The line is { $line }, the payment { $payment }: a line is a payment of its own amount, direction and currency.
    .mend = Give the amount and the direction of the line; divide it among contracts by rows.

reason-tax-id = the tax number { $tax_id } is theirs
reason-tax-id-near = the tax number { $tax_id } differs in one sign from theirs, { $known }
reason-account = the account { $account } is theirs
reason-name = the name is theirs: { $name }
reason-name-near = the name is nearly theirs ({ $percent } %): { $name }
reason-on-behalf = the purpose says for whom it is paid: { $name }
reason-rule = your rule: "{ $pattern }"
reason-by-hand = said by { $author }
reason-candidate = it could be { $counterparty }
reason-own-transfer = the other account is ours: { $account }
reason-own-tax-id = the tax number { $tax_id } is ours
reason-charge = a charge of the bank
reason-existing = in the books already: no. { $number } of { $date } ({ $status })
reason-refund = the purpose speaks of a refund
reason-contract = the purpose names contract { $contract }
reason-number = the purpose names { $numbers }
reason-number-near = the purpose names { $written }, one sign from { $numbers }
reason-amount-equal = the amount is exactly theirs
reason-amount = the amount is that of { $number }
reason-sum-oldest = the { $count } oldest documents sum to it
reason-sum = { $count ->
    [one] { $count } document sums to it
   *[other] { $count } documents sum to it
}
reason-oldest = the oldest first: { $count ->
    [one] { $count } document
   *[other] { $count } documents
}
reason-advance = { $amount } settles nothing yet: an advance
reason-other-currency = settled at the rate of the day, the oldest first
doubt-tax-id-several = { $count ->
    [one] { $count } party has the tax number { $tax_id }
   *[other] { $count } parties have the tax number { $tax_id }
}
doubt-tax-id-other = the tax number { $tax_id } is not theirs, { $known }
doubt-tax-id-invalid = the tax number { $tax_id } has wrong check digits; theirs is { $known }
doubt-name-differs = but they are called { $name }
doubt-name-several = { $count ->
    [one] { $count } party has such a name
   *[other] { $count } parties have such a name
}
doubt-form = but the legal form differs: { $name }
doubt-direction = they are of the other side: a refund?
doubt-reversal = the bank took an earlier movement back
doubt-new-party = we have no contract with them and nothing is open
doubt-contracts-several = { $count ->
    [one] { $count } contract fits
   *[other] { $count } contracts fit
}
doubt-no-contract = no contract fits
doubt-number-unknown = no open document has the number { $numbers }
doubt-number-amount = but { $number }, one sign away, has exactly the amount { $amount }
doubt-number-less = what is named is only { $total }
doubt-amount-several = { $count ->
    [one] { $count } document has this amount
   *[other] { $count } documents have this amount
}
doubt-refund = { $amount } more than the advances there are
state-pending = pending
state-unclaimed = unclaimed
state-proposed = proposed
state-booked = booked
state-ignored = ignored
doubt-by-document = the contract is settled document by document: which one is not said
payment_details_missing = The order to { $party } lacks { $field }: the bank would refuse it.
    .mend = Fill it in: our account with "setoff bank account", theirs with "setoff bank party-account", the purpose in the payment.
payment_details_invalid = The order to { $party } has in { $field } what the bank would refuse: "{ $value }".
    .mend = Correct it; account numbers, BIC and tax numbers have check digits, texts have a length.
order-purpose = Payment of { $numbers }, contract { $contract }

bank-imported = { $account }, { $since } to { $until }: { $new ->
    [one] { $new } line
   *[other] { $new } lines
} new, { $known } known
bank-imported-before = { $account }, { $since } to { $until }: this file was imported before
bank-proposed = Lines that wait: { $sure } sure, { $to_look_at } to look at, { $unclaimed } unclaimed
bank-confirmed = Booked: { $count }
bank-refused = Line { $line } is not booked:
bank-unconfirmed = Line { $line }: payment { $number } is out of the books
bank-account-saved = Account { $account } is saved
bank-rule-added = Rule { $rule } is added
bank-no-balance = No statement of this account states a balance.
bank-agrees = The bank and the books move alike on every day.
bank-diverges = The bank and the books part on { $date }.
bank-orders-written = Payment orders written: { $count }, file { $file }
bank-line = line
bank-date = date
bank-amount = amount
bank-name = name
bank-purpose = purpose
bank-state = state
bank-confidence = confidence
bank-what = what it is
bank-why = why
bank-unit = unit
bank-account = account
bank-number = number
bank-until = until
bank-balance = balance
bank-proposed-count = proposed
bank-rule = rule
bank-where = in
bank-pattern = words
bank-direction = direction
bank-at-bank = at the bank
bank-in-books = in the books
bank-difference = difference
bank-unbooked = not booked
bank-contract = contract
bank-due = due
bank-document = document
bank-unclaimed = unclaimed
bank-field-purpose = purpose
bank-field-name = name
bank-field-account = account
bank-field-tax-id = tax number
bank-direction-in = in
bank-direction-out = out
bank-direction-any = both
command-bank = Bank statements: whose the lines are; rules, balances, payment orders.
menu-bank = Bank
bank-lines-title = Bank lines
bank-line-title = Bank line
bank-orders-title = Payment orders
bank-rules-title = Rules
bank-balance-title = Bank and books
bank-files = Statements of the bank
bank-import = Import
bank-formats = CAMT.052, .053, .054, MT940, 1CClientBankExchange; several files at once. What was imported before is left out.
bank-balance-of = balance of the bank on
bank-waits-unclaimed = Unclaimed: { $count }
bank-waits-proposed = To confirm: { $count }
bank-no-accounts = No bank account yet: add the first one.
bank-account-add = Add this account
bank-account-new = Add an account of ours
bank-number-iban = IBAN or number
bank-currency = Currency
bank-name-of-account = Name in the books
bank-bic = BIC
bank-bank-name = Bank
bank-correspondent = Correspondent account
bank-save = Save
bank-statements = Statements
bank-period = Period
bank-opening = Opening
bank-closing = Closing
bank-new-lines = New / all lines
bank-file = File
bank-confirm-sure = Book all that are sure: { $count }
bank-all = all
bank-waiting = waiting
bank-words = Words
bank-totals = Sums of the whole filter
bank-key-move = next, previous
bank-key-confirm = book
bank-key-edit = edit
bank-key-ignore = ignore
bank-key-rule = make a rule
bank-nothing-waits = No line here.
bank-confirm = Book
bank-edit = Edit
bank-ignore = Ignore
bank-reason = Reason
bank-make-rule = Make a rule
bank-undo = Take back
bank-whose = Whose it is
bank-propose = Propose what it settles
bank-no-debt = Not a settlement
bank-ledger-account = Account
bank-item = Analytics
bank-settles = What it settles:
bank-kind = Kind
bank-rest-contract = Contract for what is left
bank-open = open
bank-of-it = of it
bank-rest = What is left of the amount stays an advance under the contract above.
bank-rule-new = New rule
bank-actions = Actions
bank-drop = Delete
bank-no-rules = No rules yet. A rule says once and for all what lines like this are.
bank-all-days = All days
bank-difference-before = Before that the difference was
bank-due-by = Due by
bank-pay = pay
bank-no-party-account = no account
bank-order-day = Day of the orders
bank-write-orders = Save payments and write the orders
bank-no-debts = Nothing is owed in this currency.
bank-party-account = Where a party is paid
today-bank-unclaimed = Unclaimed bank lines
doubt-partial = but the purpose speaks of a part or of an advance
bank_line_pending = Line { $line } waits for a second person: request { $number }.
    .mend = When the request is approved, say the same of the line again.
payment_not_approved = Payment { $number } needs a second person before its order goes to the bank.
    .mend = Post it, which asks for the approval; when it is approved, write the order.
bank-orders-wait = { $count ->
    [one] One payment is
   *[other] { $count } payments are
 } saved without an order: a second person approves first. After that the order is on the page of the payment.
bank-order-one = Order for the bank
kind-bank-account = bank account
kind-bank-line = line of a bank statement
kind-bank-rule = rule of bank lines
