# Clearing of networks

clear-step-read = Reading
clear-step-merge = Merging debts of pairs
clear-step-solve = Finding the largest total
clear-step-prefer = Choosing among the largest totals
clear-step-spread = Spreading over obligations
clear-step-write = Writing the result
clear-bad-rows = Bad rows: { $count }.
clear-nothing = Nothing was cleared: correct the rows, or leave them out with --skip-bad.
clear-head = { $currency }: { $obligations } obligations of { $parties } parties, { $pairs } pairs of debtor and creditor take part
clear-sums = Owed { $debt }, taking part { $eligible }, cleared { $cleared } ({ $share } % of what is owed)
clear-counts = Obligations cleared in full: { $full }, in part: { $part }
clear-left-out = Left out: { $count } ({ $amount }): { $why }
clear-lent = The funder lends { $lent } of { $budget }
clear-excluded-self-debt = debtor and creditor are the same
clear-excluded-party-excluded = a party is excluded
clear-excluded-obligation-excluded = the obligation is excluded
clear-excluded-no-consent = a party did not consent
clear-excluded-not-due = not due yet
clear-excluded-too-young = not due for long enough
clear-excluded-below-minimum = below the smallest amount
clear-proved = Proved: of { $count ->
    [one] { $count } obligation
   *[other] { $count } obligations
} { $cleared } are cleared, every net position is as it was, and no set-off can clear more.
clear-proved-bound = Correct: of { $count ->
    [one] { $count } obligation
   *[other] { $count } obligations
} { $cleared } are cleared and every net position is as it was; without the limit on cycles no set-off can clear more than { $bound }.
clear-not-proved = Not proved.
clear-fault = { $place }: { $fault }
clear-fault-form = a line or an amount is not in the form of a result
clear-fault-hash = the obligations are not those that the file says it was made of
clear-fault-count = the number of obligations is not the one stated
clear-fault-amount = an amount is not positive
clear-fault-over = more is cleared than is owed
clear-fault-excluded = something that takes no part is cleared
clear-fault-self = a debt to oneself takes part
clear-fault-twice = an obligation stands twice
clear-fault-party = a debtor or creditor has no level
clear-fault-balance = the net position of the party changes
clear-fault-cap = a limit is exceeded
clear-fault-funder = the funder lends more than the budget, or not what it gets back
clear-fault-sum = a stated sum is not that of the rows
clear-fault-bound = the levels do not prove that no more can be cleared
clear-short = Chains of at most { $parties } parties: of the largest total { $bound } they clear { $cleared }; { $lost } ({ $share } %) is the price of short chains
clear-stays = Stays: { $count } ({ $amount }): { $why }
clear-stays-debtor-has-no-claims = nobody owes the debtor anything: it has nothing to set off with
clear-stays-creditor-has-no-debts = the creditor owes nobody: there is nothing to set off against
clear-stays-limit = a limit is used up
clear-stays-long-chains = only short chains were asked for
clear-stays-no-way-back = what cleared more of these would clear less in all
clear-stays-used-up = the chains are used up: more of these could be cleared only with as much less of others
clear-curve-none = Without credit { $discharged } is cleared
clear-curve = With { $credit } of credit { $discharged } is discharged; each unit more discharges { $each }
clear-why = Obligation { $id }, { $debtor } owes { $creditor }: { $cleared } of { $amount } is cleared
clear-why-pair = { $debtor } owes { $creditor }: { $cleared } of { $amount } is cleared
clear-why-excluded = It takes no part.
clear-why-always = It had to be cleared in full: with less of it, less would be cleared in all.
clear-why-chosen = It was preferred: an equally large set-off could clear less of it, with more of { $instead }.
clear-why-no-claims = Nobody who takes part owes { $debtor } anything, so { $debtor } has nothing to set off with: only money closes this debt.
clear-why-no-debts = { $creditor } owes nobody who takes part, so there is nothing to set this debt off against: it is collected.
clear-why-no-chain = No chain of debts leads from { $creditor } back to { $debtor }, so nothing can go around.
clear-why-capped = The limit of { $limit } for { $limited } is used up.
clear-why-capped-pair = The limit of { $limit } on what { $debtor } owes { $creditor } is used up.
clear-why-never = Clearing any of it would take more from other debts than it gives: less would be cleared in all.
clear-why-queued = Of what { $debtor } owes { $creditor } no largest set-off clears more than { $pair_cleared }, and obligations before this one (higher priority, then due earlier) took all of it.
clear-why-most = Of what { $debtor } owes { $creditor } no largest set-off clears more than { $pair_cleared }; obligations before this one took their part first.
clear-why-shared = An equally large set-off could clear more of it, but with less of { $instead }; the rule of choice preferred those.
clear-why-behind = An equally large set-off could clear it, but with less of { $instead }; the rule of choice preferred those.
clear-why-instead-none = other parts of the same chains
clear-why-instead = what { $debtor } owes { $creditor }
clear-why-short = Only chains of at most { $parties } parties were asked for, and those that were found hold no more of it.
clear-why-short-full = It lies in chains of at most { $parties } parties, as asked for.
clear-why-proof-more = Proof: level { $debtor_level } of { $debtor }, { $creditor_level } of { $creditor }; 1 + { $debtor_level } − { $creditor_level } = { $slack }: each unit more of it costs at least { $cost } in all.
clear-why-proof-less = Proof: level { $debtor_level } of { $debtor }, { $creditor_level } of { $creditor }; 1 + { $debtor_level } − { $creditor_level } = { $slack }: each unit less of it costs at least { $cost } in all.
clear-bad-rows-first = Bad rows: { $count }; the first { $shown } are told.
clear-no-rows = There are no obligations: nothing to clear.
clear-why-most-pair = No largest set-off clears more of what { $debtor } owes { $creditor }.
clear-round-stands = Round { $round } as of { $as_of } stands and is solved:
clear-round-act = The act that all sign: { $command }
clear-round-ask = When { $name } agrees: { $command }
clear-round-drop = Or leave out whoever has not agreed: { $command }
clear-round-final = Then post it: { $command }
clear-books-next = Nothing is booked. To do it: the same command with --round CODE, then setoff round final CODE.
mend-obligation-amount-not-positive = Write a positive amount: the debtor and the creditor say who owes whom.
mend-obligation-amount-too-large = Check the decimal point; if the amount is right, divide the obligation into several.
mend-obligation-field-missing = Every obligation needs an id, a debtor, a creditor, an amount and a currency.
mend-obligation-invalid-value = Write a text of one line; a priority is a whole number.
mend-obligation-reference-exists = An id stands only once in all files: give this obligation another, or remove the row if it is the same.
mend-obligation-unknown-reference = Correct the name, or add the party to the list of parties.
