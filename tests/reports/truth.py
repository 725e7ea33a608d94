"""The books of a history as plain rows: lots with their uses, postings, documents. What reports say is reckoned from them in Python."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from setoff.core.fact import Nature, Rule
from setoff.reports.ask import ask
from setoff.reports.report import Portion, Report
from setoff.trade.terms import debt_sign
from tests.reports.history import Db

LOTS_SQL: Final = """
  select fold_key.contour, fold_key.unit_id, unit.code, organization.name, organization.book_currency, party.code, party.name,
         coalesce(contract.code, ''), fold_key.relation, fold_key.currency, fold_key.object, lot.key_id, document.key, lot.document_id,
         lot.line, moment_date(lot.moment), moment_date(lot.rank), lot.due, lot.amount, lot.book
  from lot join fold_key on fold_key.unit_id = lot.unit_id and fold_key.id = lot.key_id
  join unit on unit.id = lot.unit_id join organization on organization.id = unit.organization_id
  join counterparty party on party.id = fold_key.counterparty_id left join contract on contract.id = fold_key.contract_id
  join document on document.unit_id = lot.unit_id and document.id = lot.document_id"""
USES_SQL: Final = """
  select used.key_id, used.lot_document_id, used.lot_line, moment_date(used.moment), document.key, used.amount, used.lot_book,
         used.own_book, used.rule, coalesce(fact.nature, 0)
  from allocation used join document on document.unit_id = used.unit_id and document.id = used.document_id
  left join fact on fact.unit_id = used.unit_id and fact.version_id = document.posted_version_id and fact.line = used.line"""
FACTS_SQL: Final = """
  select contour.name, organization.book_currency, party.code, node.relation, node.currency, moment_date(fact.moment), fact.change,
         document.key
  from fact join document on document.unit_id = fact.unit_id and document.posted_version_id = fact.version_id
  join node on node.unit_id = fact.unit_id and node.id = fact.node_id join counterparty party on party.id = node.counterparty_id
  join unit on unit.id = fact.unit_id join organization on organization.id = unit.organization_id
  cross join lateral (values ('reg', fact.reg_key_id), ('mgmt', fact.mgmt_key_id)) contour(name, key_id) where contour.key_id is not null"""
POSTINGS_SQL: Final = """
  select document.key, posting.line, posting.kind, moment_date(posting.moment), organization.book_currency, debit.id, debit.code,
         debit.is_settlement, credit.id, credit.code, credit.is_settlement, posting.amount, unit.code
  from posting join document on document.unit_id = posting.unit_id and document.id = posting.document_id
  join unit on unit.id = posting.unit_id join organization on organization.id = unit.organization_id
  join account debit on debit.id = posting.debit_account_id join account credit on credit.id = posting.credit_account_id"""
DOCUMENTS_SQL: Final = """
  select document.key, document.kind, document.number, document.date, document.status, document.deletion_mark, document.currency,
         document.total, unit.code,
         exists (select from fact where fact.unit_id = document.unit_id and fact.version_id = document.posted_version_id)
  from document join unit on unit.id = document.unit_id"""


class Use(NamedTuple):
    day: datetime.date
    key: str
    amount: int
    lot_book: int
    own_book: int
    rule: int
    nature: int


class Lot(NamedTuple):
    contour: str
    unit_id: int
    unit: str
    organization: str
    book_currency: str
    party: str
    name: str
    contract: str
    relation: str
    currency: str
    object: str
    key_id: int
    key: str
    document_id: int
    line: int
    day: datetime.date
    original: datetime.date
    due: datetime.date | None
    amount: int
    book: int
    uses: tuple[Use, ...] = ()

    @property
    def sign(self) -> int:
        return 1 if self.amount > 0 else -1

    @property
    def is_debt(self) -> bool:
        return self.sign == debt_sign(self.relation)

    @property
    def counted_from(self) -> date:
        return self.due or self.original

    def left(self, day: date) -> int:
        """At the end of a day, signed; nothing before it arose."""
        used = sum(use.amount for use in self.uses if use.day <= day)
        return self.amount - self.sign * used if self.day <= day else 0

    def worth(self, day: date) -> int:
        used = sum(use.lot_book for use in self.uses if use.day <= day)
        return self.book - self.sign * used if self.day <= day else 0


class Stated(NamedTuple):
    contour: str
    book_currency: str
    party: str
    relation: str
    currency: str
    day: datetime.date
    change: int
    key: str


class Posted(NamedTuple):
    key: str
    line: int
    kind: str
    day: datetime.date
    currency: str
    debit_id: int
    debit: str
    debit_settles: bool
    credit_id: int
    credit: str
    credit_settles: bool
    amount: int
    unit: str


class Paper(NamedTuple):
    key: str
    kind: str
    number: str
    date: datetime.date
    status: str
    is_marked: bool
    currency: str
    total: int
    unit: str
    states: bool


class Truth:
    """What stands in the books now."""

    def __init__(self, db: Db) -> None:
        uses: dict[tuple[int, int, int], list[Use]] = defaultdict(list)
        for key_id, document_id, line, *rest in db.execute(USES_SQL):
            uses[key_id, document_id, line].append(Use(*rest))
        rows = [Lot(*row) for row in db.execute(LOTS_SQL)]
        self.lots = [lot._replace(uses=tuple(uses[lot.key_id, lot.document_id, lot.line])) for lot in rows]
        self.facts = [Stated(*row) for row in db.execute(FACTS_SQL)]
        self.postings = [Posted(*row) for row in db.execute(POSTINGS_SQL)]
        self.papers = {row[0]: Paper(*row) for row in db.execute(DOCUMENTS_SQL)}


class Asked(NamedTuple):
    """Reports of one history at one day, over a period that ends on it, in one contour."""

    db: Db
    truth: Truth
    since: datetime.date
    day: datetime.date
    contour: str

    @property
    def eve(self) -> date:
        return self.since - timedelta(days=1)

    @property
    def lots(self) -> list[Lot]:
        return [lot for lot in self.truth.lots if lot.contour == self.contour]

    @property
    def open_lots(self) -> list[Lot]:
        return [lot for lot in self.lots if lot.left(self.day)]

    def within(self, day: date) -> bool:
        return self.since <= day <= self.day

    @property
    def uses(self) -> list[tuple[Lot, Use]]:
        """What was used in the period."""
        return [(lot, use) for lot in self.lots for use in lot.uses if self.within(use.day)]

    def report(self, name: str, portion: Portion | None = None, /, **options: Any) -> Report:
        """Options by name, with underscores; a period only where `since` is said."""
        given = {"from" if key == "since" else key.replace("_", "-"): [str(one) for one in value] if isinstance(value, list | tuple) else
                 [str(value)] for key, value in options.items()}  # fmt: skip
        return ask(self.db, name, as_of=self.day.isoformat(), options=given, portion=portion)


def rows_of(report: Report) -> list[Any]:
    return [row for section in report.sections for row in section.rows]


def totals_of(report: Report, label: str = "") -> list[Any]:
    return [total.row for section in report.sections for total in section.totals if label in ("", total.label)]


def sums(rows: Iterable[Any], names: Sequence[str] | Callable[[Any], Any], amount: str | Callable[[Any], int]) -> dict[Any, int]:
    """Amounts by these fields, without the zeros."""
    found: Counter[Any] = Counter()
    for row in rows:
        key = names(row) if callable(names) else tuple(getattr(row, name) for name in names)
        found[key] += (amount(row) if callable(amount) else getattr(row, amount)) or 0
    return {key: value for key, value in found.items() if value}


def pages(asked: Asked, name: str, rows_max: int, **options: Any) -> list[Report]:
    """A report a page at a time."""
    found = [asked.report(name, Portion(rows_max), **options)]
    while found[-1].following:
        found.append(asked.report(name, Portion(rows_max, found[-1].following), **options))
        assert len(found) < 500, f"the pages of {name} never end"
    return found


def assert_in_pages(asked: Asked, whole: Report, rows_max: int) -> None:
    """A page after a page is the whole report, and each has the totals of all."""
    found = pages(asked, whole.name, rows_max)
    assert [row for page in found for row in rows_of(page)] == rows_of(whole)
    assert all(totals_of(page) == totals_of(whole) for page in found)


REVALUED: Final = int(Rule.REVALUED)
CLOSES: Final = (int(Nature.OPENING), int(Nature.SUPPLY))
