# The act of reconciliation on paper, and the command setoff act.
act-title = Statement of account
act-number = No. { $number }
act-period = For the period from { $first } to { $last }
act-as-of = As of { $last }
act-between =
    From: { $organization }, tax number { $organization_tax }
    To: { $counterparty }, tax number { $counterparty_tax }
act-contract = Contract { $contract } of { $day }
act-contract-undated = Contract { $contract }
act-intro = Our books show the following account with you. Please compare it with yours and return the slip below, signed.
act-side = Per the books of { $name }, { $currency }
act-owed = By the books of { $side }, on { $day } { $debtor } owes { $creditor } { $amount } ({ $words }).
act-nothing = By the books of { $side }, on { $day } nothing is owed.
act-differences = Differences
act-differs = { $name }: { $mark }, { $amount }
act-opening-differs = { $name }: { $amount }
act-slip =
    □ We agree with the balance stated above.
    □ We do not agree. Our books show a balance of ____________________ because ________________________________________
act-for = For { $name }
act-blanks =
    Name, title
    Signature
    Date
act-seal = -
act-state-draft = draft
act-state-sent = sent
act-state-agreed = agreed
act-state-disputed = disputed
act-changed = The books have changed since the act { $act } was drawn up:
act-change = { $name }: before { $before }, now { $after }
act-change-opening = opening balance: before { $before }, now { $after }
act-unchanged = The books have not changed since the act was drawn up.
act-told = Act { $number }: { $organization } and { $counterparty }, { $last }, { $state }; by our books { $ours }
act-told-theirs = by theirs { $theirs }, difference { $difference }
act-signed = Signed by { $signed_by } on { $signed_on }.
act-none = No acts.
act-touched = Note: the books no longer bear out the agreed act { $number } ({ $counterparty }, { $last }).

# Acts on pages
menu-acts = Reconciliation
act-new = New act of reconciliation
act-create = Draw up
act-all = All
act-ours = By our books
act-changed-since = books changed
act-before = In the act
act-now = Now
act-put-theirs = Their side
act-file = CSV file or spreadsheet: date, document, debit, credit
act-compare = Compare
act-fill-ours = Fill our side again
act-signed-by = Who signed for them
act-signed-on = Signed on
act-theirs-read = Lines read: { $count } ({ $file }).
act-balances-differ = The balances differ by { $difference }: by our books { $ours }, by theirs { $theirs }.
act-agreed-differing = The act was agreed all the same.
act-agree-differing = Agree although the balances differ by { $difference }

# Letters with an act
letter-act-subject = Reconciliation act { $number } as of { $last }: { $organization } and { $counterparty }
letter-greeting = Dear partner,
letter-act = please find attached the reconciliation of mutual settlements between { $organization } and { $counterparty } as of { $last }.
letter-report = Please find attached: { $what }, { $organization } and { $counterparty }, as of { $last }.
letter-report-subject = { $what } as of { $last }: { $organization } and { $counterparty }
letter-document = Please find attached: { $what }.
letter-document-subject = { $what }: { $organization }
letter-sent = Sent by e-mail to { $to }: { $file }
letter-kept = There is no mail server (SETOFF_SMTP_URL): the letter to { $to } with { $file } is kept as a file for the administrator
letter-answer = Please compare it with your books and return a signed copy, or tell us what differs.
letter-from = Kind regards, { $organization }
act-send = Send by e-mail
act-send-to = E-mail addresses
act-send-note = A word of your own
act-send-language = Language
act-send-partner = the partner's
act-show-internal = Show set-offs and transfers inside the counterparty
act-with-internal = with set-offs and transfers inside the counterparty
