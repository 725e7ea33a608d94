# Legal warnings of a set-off (setoffs/warnings.py), each with its article.

set-off-warning-term-not-come-ru = Their debt is not due yet: { $documents }. A set-off by one party needs its own claim to be due (Civil Code art. 410); an agreement of both may include it (Plenum of the Supreme Court No. 6 of 2020, item 21).
set-off-warning-term-not-come-cn = Their debt is not due yet: { $documents }. Only a due debt of the other party can be set off by notice (Civil Code art. 568); by agreement also others (art. 569).
set-off-warning-term-not-come-intl = Their debt is not due yet: { $documents }. The other party's obligation must be due (UNIDROIT Principles 8.1).
set-off-warning-limitation-ru = The limitation period of their debt may be over: { $documents }. Where the other party pleads it, it cannot be set off (Civil Code art. 411, 196).
set-off-warning-limitation-cn = The limitation period of their debt may be over: { $documents } (Civil Code art. 188); the other party may object.
set-off-warning-limitation-intl = The limitation period of their debt may be over: { $documents }. Until the other party asserts it, set-off stays possible (UNIDROIT Principles 10.2, 10.10).
set-off-warning-several-ru = Several parties take part: this is a contract of all of them and all must sign (Civil Code art. 421); art. 410 covers two.
set-off-warning-several-cn = Several parties take part: all must agree (Civil Code art. 569).
set-off-warning-several-intl = Several parties take part: all must agree; the rules of set-off cover two (UNIDROIT Principles 8.1).
set-off-warning-one-sided-ru = A notice of one party discharges only debts between two (Civil Code art. 410): with several parties an act of all is needed.
set-off-warning-one-sided-cn = A notice of one party discharges only debts between two (Civil Code art. 568): with several parties an agreement of all is needed.
set-off-warning-one-sided-intl = A notice of one party discharges only debts between two (UNIDROIT Principles 8.1): with several parties an agreement of all is needed.
set-off-warning-other-kind-ru = The debts are in different currencies: they are set off by agreement only (Civil Code art. 410 asks for claims of one kind).
set-off-warning-other-kind-cn = The debts are in different currencies: they are set off by agreement only (Civil Code art. 569).
set-off-warning-other-kind-intl = The debts are in different currencies: both must be freely convertible and neither bound to its currency (UNIDROIT Principles 8.2).
set-off-warning-advance-ru = An advance received is set off: { $documents }. VAT on it is deducted only where its contract was terminated or changed (Tax Code art. 171 item 5); else it waits for a decision.
set-off-warning-advance-paid-ru = An advance paid is set off: { $documents }. VAT that was deducted on it is restored (Tax Code art. 170 item 3).
set-off-warning-insolvency-ru = { $documents }. From observation on, a set-off that breaks the order of creditors is not allowed (law 127-FZ art. 63, 142).
set-off-warning-challenge-ru = { $documents }. A set-off of the six months before may be challenged as preferring one creditor (law 127-FZ art. 61.3).
set-off-warning-insolvency-cn = { $documents }. Set-off goes through the administrator only, and not with claims taken over after the start (Enterprise Bankruptcy Law art. 40).
set-off-warning-challenge-cn = { $documents }. Settling one creditor within the six months before may be set aside (Enterprise Bankruptcy Law art. 32).
set-off-warning-insolvency-intl = { $documents }. National law of insolvency decides whether set-off stays possible.
set-off-warning-challenge-intl = { $documents }. National law may set aside a set-off shortly before insolvency.
set-off-warning-party = { $name } is in bankruptcy since { $day }

# The pre-check of a set-off (setoffs/precheck.py).

set-off-effect-ru-capable = Works from { $day }, when the claims became capable of set-off (Civil Code art. 410; Plenum of the Supreme Court No. 6 of 2020, item 15).
set-off-effect-agreed = Works from its own day, { $day }: it is an agreement of the parties.
set-off-effect-cn-receipt = Works from the receipt of the notice (Civil Code art. 568): note the day when it is confirmed.
set-off-effect-intl-notice = Works from the notice, { $day } (UNIDROIT Principles 8.5).
set-off-paper-unknown = Linked document { $name } is not in the books.
set-off-paper-other-party = Linked document { $name } is of a party that takes no part.
set-off-paper-marked = Linked document { $name } is marked for deletion.
