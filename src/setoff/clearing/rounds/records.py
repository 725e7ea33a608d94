"""What a round is made of: its options, parties, debts, positions.

A party of ours is a balancing unit: its claims and its debts meet in its own books, so its clearing account ends at zero without a
word from another unit. An outsider is a legal person: counterparties with the same tax number are one. Amounts are minor units.
"""

from __future__ import annotations

import datetime
from typing import Final, Literal, NamedTuple

import msgspec

from setoff.trade.set_off_law import Law

Status = Literal["open", "preliminary", "posting", "final", "reversed"]
Confirmation = Literal["none", "one", "both"]
Side = Literal["debtor", "creditor"]
Barred = Literal["", "mirror", "same_party", "unit_currency", "person"]
Hindrance = Literal["", "mirror", "same_party", "unit_currency", "person", "party_refused", "unconfirmed", "not_due", "below_minimum"]
"""Why a debt takes no part; "" when it does. The first reason that holds, in this order."""
CONFIRMATIONS: Final[tuple[Confirmation, ...]] = ("none", "one", "both")


class Options(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Choices of a round. `confirmation`: how many sides must confirm a debt before it takes part. `needs_consent`: every party that
    something is cleared for must have agreed before the round is final. `due_only`: no debt that is not due on the day of the round.
    `minimum`: no debt below it, in minor units. `one_sided`: a notice is sent instead of an act that all sign. `from_books`: whether
    our books were asked for debts."""

    confirmation: Confirmation = "none"
    needs_consent: bool = True
    due_only: bool = False
    minimum: int = 0
    one_sided: bool = False
    from_books: bool = True


class NewRound(NamedTuple):
    """What is asked for. `units`: codes of ours that take part; empty: all that the person may write in. `law` "": that of the chart."""

    code: str
    as_of: datetime.date
    units: tuple[str, ...] = ()
    law: Law | None = None
    options: Options = Options()


class OwnUnit(NamedTuple):
    """A unit of ours as a party."""

    id: int
    code: str
    organization: str
    name: str
    tax_id: str
    kpp: str
    language: str
    chart: str


class Party(NamedTuple):
    """`unit_id` None: an outsider. `consent_to`: hash of what was cleared for the party when it agreed; `result_hash`: of what is cleared
    for it by the last solution, "" when nothing is."""

    no: int
    code: str
    name: str
    tax_id: str
    kpp: str
    language: str
    unit_id: int | None = None
    consent: str = ""
    consent_by: str = ""
    consent_on: datetime.date | None = None
    consent_to: str = ""
    result_hash: str = ""

    @property
    def is_asked(self) -> bool:
        """Something is cleared for an outsider, who has not agreed to just that."""
        return self.unit_id is None and bool(self.result_hash) and (self.consent != "agreed" or self.consent_to != self.result_hash)


class Lot(NamedTuple):
    """Where a side's books hold the debt."""

    unit_id: int
    document_id: int
    line: int


class Obligation(NamedTuple):
    """A debt of a round. `creditor_lot`, `debtor_lot`: None where that side's books are not ours. `barred`: it was left out by itself;
    `hindrance`: why it takes no part, for this reason or another, as the database tells (queries.py)."""

    no: int
    debtor: int
    creditor: int
    currency: str
    amount: int
    number: str
    date: datetime.date | None
    due: datetime.date | None
    file: str = ""
    reference: str = ""
    creditor_lot: Lot | None = None
    debtor_lot: Lot | None = None
    creditor_confirmed: str = ""
    debtor_confirmed: str = ""
    barred: Barred = ""
    barred_because: str = ""
    cleared: int = 0
    hindrance: Hindrance = ""


class OutsideDebt(NamedTuple):
    """A debt as a file states it: `reference` is its id there; parties by code or tax number."""

    reference: str
    debtor: str
    creditor: str
    currency: str
    amount: int
    number: str = ""
    due: datetime.date | None = None


class Position(NamedTuple):
    """What a round means for a party in a currency. `cleared` is the same as debtor and as creditor."""

    party: int
    currency: str
    level: int
    owes: int
    owed: int
    cleared: int


class RoundDocument(NamedTuple):
    """A document of the round in our books."""

    unit: str
    currency: str
    is_reversal: bool
    document_id: int
    key: str
    number: str
    status: str
    amount: int


class Round(NamedTuple):
    """A round as it stands; `units` are ids, `unit_codes` their codes."""

    id: int
    code: str
    units: tuple[int, ...]
    unit_codes: tuple[str, ...]
    as_of: datetime.date
    law: Law
    options: Options
    status: Status
    solved: int
    input_hash: str
    result_hash: str
    posted_on: datetime.date | None
    effect_on: datetime.date | None
    effect_basis: str
    reversed_on: datetime.date | None
    author: str
    opened_at: datetime.datetime
    changed_at: datetime.datetime
