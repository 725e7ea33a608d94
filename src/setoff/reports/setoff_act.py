"""What an act of set-off states: its parties, the claims that meet, what of them is set off, and the VAT contained in that.

The parties stand in the order of the act, the one that draws it up first. Two claims or more meet; of three and more parties some
claims may be between others and not in our books: those have no document here, only the amount that makes everybody even.
Spec 7.7; required details of a primary document: 402-FZ art. 9.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from setoff.core.money import split
from setoff.language import Language
from setoff.reports.report import NO_DOCUMENT, DocumentName
from setoff.trade.set_off_law import Effect, Law


class ActParty(NamedTuple):
    """`signatory` and his `position`: who signs; empty: lines for a pen."""

    name: str
    tax_id: str = ""
    kpp: str = ""
    signatory: str = ""
    position: str = ""


class VatPart(NamedTuple):
    """Of an amount: the part taxed at a rate ("" = no VAT) and the VAT contained in it."""

    rate: str
    gross: int
    vat: int


class ActClaim(NamedTuple):
    """What party `debtor` owes party `creditor` (places in the act) by one document, positive minor units of `currency`.

    `before` is open before the set-off, `amount` is set off, `after` is left. `vat` is that in `amount`; None where the document does
    not tell (an advance, a balance brought in). `value`: the amount in the currency of the act, 0 where that is its own. `incoming`:
    number and date of the other side's paper."""

    debtor: int
    creditor: int
    currency: str
    before: int
    amount: int
    after: int
    contract: str = ""
    contract_date: date | None = None
    document: DocumentName = NO_DOCUMENT
    label: str = ""
    incoming: str = ""
    due: date | None = None
    is_advance: bool = False
    vat: tuple[VatPart, ...] | None = None
    value: int = 0

    @property
    def falls_due(self) -> date | None:
        """Without a due date on the day of its document."""
        return self.due or self.document.date


@dataclass(frozen=True, slots=True)
class SetOffAct:
    """`amount`: set off for each side, in `currency`. `written_off`: the difference that is not worth paying. `language`: of the
    partner. `is_draft`: not in the books."""

    number: str
    day: date
    place: str
    parties: tuple[ActParty, ...]
    claims: tuple[ActClaim, ...]
    currency: str
    amount: int
    effect: Effect
    law: Law
    language: Language
    one_sided: bool = False
    written_off: int = 0
    is_draft: bool = False
    reason: str = ""
    linked: tuple[str, ...] = ()


Supplied = Sequence[VatPart]
"""What a document supplied, by rate; gross amounts sum to its total."""


def with_vat(claims: Sequence[ActClaim], supplied: Mapping[str, Supplied]) -> list[ActClaim]:
    """The claims with the VAT contained in what is set off. `supplied`: by the key of a document; one that is not there does not
    tell its VAT. What is set off of one document shares net and VAT of its rates by largest remainder, and its claims share that
    by their amounts, so that a document set off whole has the VAT it was made out with."""
    made = list(claims)
    for key in dict.fromkeys(claim.document.key for claim in claims):
        parts = supplied.get(key, ())
        places = [place for place, claim in enumerate(claims) if claim.document.key == key]
        if not sum(part.gross for part in parts):
            continue
        amounts = [claims[place].amount for place in places]
        shares = vat_of_share(sum(amounts), parts)
        rates = [
            [VatPart(share.rate, gross, vat) for gross, vat in zip(split(share.gross, amounts), split(share.vat, amounts), strict=True)]
            for share in shares
        ]
        for number, place in enumerate(places):
            made[place] = claims[place]._replace(vat=tuple(of_rate[number] for of_rate in rates))
    return made


def vat_of_share(amount: int, supplied: Supplied) -> list[VatPart]:
    """The part of a supply that comes to `amount`, by rate: net and VAT of every rate by largest remainder."""
    weights = [weight for part in supplied for weight in (part.gross - part.vat, part.vat)]
    shares = split(amount, weights)
    return [
        VatPart(part.rate, shares[2 * place] + shares[2 * place + 1], shares[2 * place + 1]) for place, part in enumerate(supplied)
    ]


def vat_by_rate(claims: Sequence[ActClaim]) -> list[VatPart]:
    """Summed over the claims that tell it, the highest rate first."""
    sums: dict[str, tuple[int, int]] = {}
    for part in (part for claim in claims for part in claim.vat or ()):
        gross, vat = sums.get(part.rate, (0, 0))
        sums[part.rate] = (gross + part.gross, vat + part.vat)
    return [VatPart(rate, *sums[rate]) for rate in sorted(sums, key=_by_rate)]


def _by_rate(rate: str) -> tuple[bool, Decimal]:
    return (not rate, -Decimal(rate or 0))


def closing_claims(net: Sequence[int], currency: str) -> list[ActClaim]:
    """The claims among the others that make everybody even, beside ours. `net`: by party, ours first, what our claims take from each
    (+ it owed us more than we owed it). Where one party stands against all the others, those are the claims; where several stand
    against several, who owes whom is theirs to say, and there are none."""
    debtors = [place for place in range(1, len(net)) if net[place] > 0]
    creditors = [place for place in range(1, len(net)) if net[place] < 0]
    if min(len(debtors), len(creditors)) != 1:
        return []
    found = []
    for creditor in creditors:
        for debtor in debtors:
            amount = min(net[debtor], -net[creditor])
            found.append(ActClaim(creditor, debtor, currency, amount, amount, 0))
    return found
