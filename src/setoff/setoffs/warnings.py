"""What the law may hold against a set-off, told before it is posted (spec 7.6; netting 5). Warnings, never refusals: an agreement, or a
fact that the books do not know, may allow it. Pure.

| warning        | what it means                                            | ru                         | cn           | intl        |
| ---            | ---                                                      | ---                        | ---          | ---         |
| term_not_come  | a debt of theirs is not due yet                          | Civil Code 410             | Civil 568    | PICC 8.1    |
| limitation     | a debt of theirs fell due more than three years ago      | Civil Code 411, 196        | Civil 188    | PICC 10.2   |
| several        | debts of several parties: all of them have to agree      | Civil Code 421             | Civil 569    | PICC 8.1    |
| other_kind     | debts in different currencies                            | Civil Code 410             | Civil 569    | PICC 8.2    |
| one_sided      | a notice that covers several parties is no set-off       | Civil Code 410             | Civil 568    | PICC 8.1    |
| advance        | an advance received is set off: its VAT may be deducted  | Tax Code 171, 172          | -            | -           |
| advance_paid   | an advance paid is set off: VAT deducted on it comes back | Tax Code 170              | -            | -           |
| insolvency     | a party is in bankruptcy on the day (its master record)  | law 127-FZ 63, 142         | Bankruptcy 40| national law|
| challenge      | a party's bankruptcy began within six months after it    | law 127-FZ 61.3            | Bankruptcy 32| national law|

`term_not_come`, `limitation` and both of advances name the documents, the last two the parties; of our own debts the law only asks that
they may be paid. Its texts name the articles: set-off-warning-CODE-LAW in the language files.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

from setoff.language import Language, text
from setoff.setoffs.proposal import Side
from setoff.trade.set_off_law import Law

Code = Literal["term_not_come", "limitation", "several", "one_sided", "other_kind", "advance", "advance_paid", "insolvency", "challenge"]
LIMITATION_YEARS: Final = 3
CHALLENGED_MONTHS: Final = 6
CODES: Final[dict[Law, tuple[Code, ...]]] = {
    "ru": ("term_not_come", "limitation", "several", "one_sided", "other_kind", "advance", "advance_paid", "insolvency", "challenge"),
    "cn": ("term_not_come", "limitation", "several", "one_sided", "other_kind", "insolvency", "challenge"),
    "intl": ("term_not_come", "limitation", "several", "one_sided", "other_kind", "insolvency", "challenge"),
}
"""The warnings that a law knows, in the order they are told."""


class Claim(NamedTuple):
    """A debt or advance that a set-off settles. `due_day`: when it may be asked for."""

    side: Side
    counterparty: str
    currency: str
    number: str
    due_day: date
    is_advance: bool


class Bankrupt(NamedTuple):
    """A party in bankruptcy, and since when."""

    name: str
    since: date


class Warned(NamedTuple):
    """`documents`: numbers of those it is about, in order; `parties`: or the bankrupt parties; both empty where it is about the whole."""

    code: Code
    law: Law
    documents: tuple[str, ...] = ()
    parties: tuple[Bankrupt, ...] = ()

    @property
    def text_key(self) -> str:
        return f"set-off-warning-{self.code.replace('_', '-')}-{self.law}"


def warning_text(language: Language, warned: Warned) -> str:
    """The warning in words, with what it is about."""
    parties = [text(language, "set-off-warning-party", name=party.name, day=party.since) for party in warned.parties]
    return text(language, warned.text_key, documents=", ".join([*warned.documents, *parties]))


def warnings(
    claims: Sequence[Claim], law: Law, day: date, *, one_sided: bool, bankrupt: Sequence[Bankrupt] = ()
) -> list[Warned]:
    """Of a set-off on a day. `bankrupt`: the parties whose master record says so, whatever the day."""
    ours = [claim for claim in claims if claim.side == "they_owe_us" and not claim.is_advance]
    several = len({claim.counterparty for claim in claims}) > 1
    about: dict[Code, Sequence[Claim]] = {
        "term_not_come": [claim for claim in ours if claim.due_day > day],
        "limitation": [claim for claim in ours if limitation_ends(claim.due_day) < day],
        "advance": [claim for claim in claims if claim.is_advance and claim.side == "we_owe_them"],
        "advance_paid": [claim for claim in claims if claim.is_advance and claim.side == "they_owe_us"],
    }
    parties: dict[Code, list[Bankrupt]] = {
        "insolvency": [party for party in bankrupt if party.since <= day],
        "challenge": [party for party in bankrupt if party.since > day >= months_before(party.since, CHALLENGED_MONTHS)],
    }
    whole: dict[Code, bool] = {
        "several": several and not one_sided,
        "one_sided": several and one_sided,
        "other_kind": len({claim.currency for claim in claims}) > 1,
    }
    found = []
    for code in CODES[law]:
        if about.get(code):
            found.append(Warned(code, law, tuple(dict.fromkeys(claim.number for claim in about[code]))))
        elif parties.get(code):
            found.append(Warned(code, law, parties=tuple(parties[code])))
        elif whole.get(code):
            found.append(Warned(code, law))
    return found


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or its last one."""
    month = day.year * 12 + day.month - 1 - months
    year, month = divmod(month, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def limitation_ends(due: date) -> date:
    """The last day to sue for what fell due on a day: three years from the day after it (Civil Code of Russia 191, 192, 196)."""
    year = due.year + LIMITATION_YEARS
    return due.replace(year=year) if (due.month, due.day) != (2, 29) else date(year, 3, 1) - timedelta(days=1)
