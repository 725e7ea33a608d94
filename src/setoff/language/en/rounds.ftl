# Rounds of set-off among many parties.
round-told = Round { $round } as of { $as_of }: { $state }.
round-total = { $cleared } of { $amount } { $currency } cleared, { $debts ->
    [one] { $debts } debt takes
   *[other] { $debts } debts take
} part.
round-waits = { $count ->
    [one] { $count } document waits for a second person.
   *[other] { $count } documents wait for a second person.
}
round-none = No rounds.
round-effect = The debts count as discharged since { $day }: { $basis }.
round-basis-ru-capable = the day on which the last of the claims fell due (Civil Code, art. 410)
round-basis-agreed = the day of the agreement of all parties
round-basis-cn-receipt = the day on which the notice was received (Civil Code, art. 568)
round-basis-intl-notice = the day of the notice (UNIDROIT Principles, 8.5)
round-why-unsolved = The round is not solved yet.
round-why-mirror = Only one of two books of ours holds this debt: it takes no part until both agree.
round-why-same-party = Debtor and creditor are one legal person.
round-why-unit-currency = The debt is counted in one currency and paid in another.
round-why-person = The debt was barred: { $because }.
round-why-party-refused = { $debtor } or { $creditor } takes no part in the round.
round-why-unconfirmed = Too few sides have confirmed the debt.
round-why-not-due = The debt is not due on the day of the round.
round-why-below-minimum = The debt is below the minimum of the round.
column-round-party = Party
column-round-owes = Owes
column-round-owed = Is owed
column-round-cleared = Cleared
column-round-consent = Consent
column-round-no = No.
column-round-debtor = Debtor
column-round-creditor = Creditor
column-round-contract = Contract
column-round-number = Document
column-round-due = Due
column-round-amount = Amount
column-round-currency = Currency
column-round-why = Why
round-mark-whole = always in full
round-mark-never = would lower the total
round-mark-edge = order of clearing decided
round-mark-no-claims = debtor has no claims
round-mark-no-debts = creditor has no debts
round-mark-mirror = in one book only
round-mark-same-party = one person
round-mark-unit-currency = paid in another currency
round-mark-person = barred
round-mark-party-refused = party left
round-mark-unconfirmed = not confirmed
round-mark-not-due = not due
round-mark-below-minimum = too small
round-consent-agreed = signed
round-consent-refused = refused
round-consent-lapsed = signed another result
round-consent-ours = ours
round-paper-statement = Statement of a round of set-off
round-paper-statement-intro = The round of set-off named above leaves your net position as it was. Of your debts and claims it discharges the following.
round-paper-debts = These debts are discharged by set-off, together { $amount } ({ $words }):
round-paper-positions = Every party is relieved as debtor of what it gives up as creditor, { $currency }:
column-round-rest = Remains
column-round-owes-after = Owes after
column-round-owed-after = Is owed after
column-round-vat = incl. VAT
round-paper-owes = Of your debts are discharged { $amount } ({ $words }):
round-paper-owed = Of your claims are discharged { $amount } ({ $words }):
round-why-told = Cleared { $cleared } of { $amount } { $currency }. { $answer }
round-stale = Something was changed since the round was solved: what is cleared is the result of before. Solve it again.
round-is-stale = solve again
round-paper-dated = { $name } of { $day }
round-paper-chains = Chain acts of round { $round }
round-chains-following = There are further chains: --after { $last }
