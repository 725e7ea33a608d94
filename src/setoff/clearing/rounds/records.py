"""What a round is made of: its options, parties, debts, positions.

A party of ours is a balancing unit: its claims and its debts meet in its own books, so its clearing account ends at zero without a
word from another unit. An outsider is a legal person: counterparties with the same tax number are one. Amounts are minor units.
"""

from __future__ import annotations

import datetime
from typing import Final, Literal, NamedTuple

import msgspec

from setoff.clearing.choices import Cap, Preference
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import parse_amount
from setoff.trade.set_off_law import Law

Status = Literal["open", "preliminary", "posting", "final", "reversed"]
Confirmation = Literal["none", "one", "both"]
Side = Literal["debtor", "creditor"]
Barred = Literal["", "mirror", "same_party", "unit_currency", "person"]
Hindrance = Literal[
    "", "mirror", "same_party", "unit_currency", "person", "party_refused", "party_excluded", "unconfirmed", "not_due", "too_young",
    "below_minimum",
]
"""Why a debt takes no part; "" when it does. The first reason that holds, in this order."""
WHOLE_MAX: Final = 1_000_000
FINEST: Final = "KWD"
"""A currency with three decimal places: an amount for any currency is looked at as one of it."""
CONFIRMATIONS: Final[tuple[Confirmation, ...]] = ("none", "one", "both")


class Options(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Choices of a round; they are a part of what makes it the same round, and can be changed until it is posted (choosing.py).

    `confirmation`: how many sides must confirm a debt before it takes part. `needs_consent`: every party that something is cleared for
    must have agreed before the round is final. `one_sided`: a notice is sent instead of an act that all sign. `from_books`: whether our
    books were asked for debts.

    What takes part: `due_only`, what is due on the day of the round; `age_days_min`, what has been due for so many days; `minimum`, nothing
    below this amount of its currency; `excluded`, nothing of these parties. How much of it: `caps`; `cycle_max`, only rings of at most
    so many parties (0: of any length). Which of equal totals: `prefer`."""

    confirmation: Confirmation = "none"
    needs_consent: bool = True
    one_sided: bool = False
    from_books: bool = True
    due_only: bool = False
    age_days_min: int = 0
    minimum: str = ""
    excluded: tuple[str, ...] = ()
    caps: tuple[Cap, ...] = ()
    cycle_max: int = 0
    prefer: Preference = "age"

    def checked(self) -> Options:
        """In one order, and possible. Errors: invalid_value, invalid_amount, unknown_currency."""
        for field, value in (("age_days_min", self.age_days_min), ("cycle_max", self.cycle_max)):
            if not 0 <= value <= WHOLE_MAX:
                raise DomainError(ErrorCode.INVALID_VALUE, field=field, value=value, expected=f"0..{WHOLE_MAX}")
        if self.cycle_max == 1:
            raise DomainError(ErrorCode.INVALID_VALUE, field="cycle_max", value=1, expected="0, 2..")
        for field, amount, currency in (("minimum", self.minimum, ""), *(("caps", cap.amount, cap.currency) for cap in self.caps)):
            if amount and parse_amount(amount, currency or FINEST) < 0:
                raise DomainError(ErrorCode.INVALID_VALUE, field=field, value=amount, expected="0..")
        excluded = tuple(sorted(set(self.excluded)))
        return msgspec.structs.replace(self, excluded=excluded, caps=tuple(sorted(set(self.caps))))


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
    priority: int = 0
    hindrance: Hindrance = ""


class Position(NamedTuple):
    """What a round means for a party in a currency. `cleared` is the same as debtor and as creditor. `level` is its level as creditor,
    `level_out` that as debtor, another one under a cap; `at_cap`: its cap has no room left."""

    party: int
    currency: str
    level: int
    owes: int
    owed: int
    cleared: int
    level_out: int
    at_cap: bool


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
    """A round as it stands; `units` are ids, `unit_codes` their codes. `bounds`: by currency, the most that rings of any length clear."""

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
    bounds: dict[str, int]

    @property
    def is_stale(self) -> bool:
        """Something was changed since it was solved: what is cleared is the result of before."""
        return self.status == "open" and self.solved > 0
