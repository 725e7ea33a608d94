"""Documents of every kind on contracts of every sort, typed, edited, moved, taken back and posted again in random order.

Seeded, so that a failure can be repeated. At the end of each story: a full refold finds nothing to write, every control check is silent,
the naive oracle agrees, VAT that waits is the same a page at a time, and a bulk import of the documents as they now stand makes the same
rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from random import Random
from typing import Any, Final, NamedTuple

import msgspec
import psycopg
import pytest

from setoff.core.errors import DomainError
from setoff.core.money import format_amount
from setoff.parties.records import Contract, Stage
from setoff.parties.services import save_masters
from setoff.scenarios.runner import empty
from setoff.settlements import rebuild
from setoff.settlements.bulk import import_documents
from setoff.settlements.known import compare_with_refold
from setoff.settlements.services import post_document, post_saved, reorder_document, unpost_document
from setoff.site import database
from setoff.trade.documents import (
    AdjustmentReceiver,
    AdjustmentRow,
    AdvanceVat,
    AnyDocument,
    DebtAdjustment,
    Line,
    ManualEntry,
    ManualRow,
    OpeningBalance,
    OpeningRow,
    Payment,
    PaymentRow,
    PaymentTarget,
    Purchase,
    PurchaseCorrection,
    PurchaseReturn,
    Revaluation,
    RevaluationRate,
    Sale,
    SaleCorrection,
    SaleReturn,
    Side,
)
from setoff.trade.queries import decode_document
from tests import cast
from tests.settlements.papers import TYPIST
from tests.settlements.test_advance_vat_books import assert_told_in_pages
from tests.settlements.test_books_properties import assert_sound, by_name

Connection = psycopg.Connection[Any]

UNITS: Final = {"ROMASHKA": ("MSK", "RUB"), "NORTHSEA": ("AMS", "EUR"), "HONGYUAN": ("SHA", "CNY"), "LYCEUM": ("LYC", "RUB")}
MONEY: Final = {
    "buyer": ("payment_from_customer", "refund_to_customer"),
    "supplier": ("payment_to_supplier", "refund_from_supplier"),
    "other": ("other_party_in", "other_party_out"),
    "packaging_issued": ("packaging_deposit_in", "packaging_deposit_out"),
    "loan_received": ("loan_received", "loan_repaid", "loan_interest_paid"),
    "loan_granted": ("loan_granted", "loan_returned"),
}
OPENING: Final = {"buyer": "customer", "supplier": "supplier"}
RATES: Final = ("100", "0.01", "97.3333", "0.6789123", "333.33333333", "7")
SIZES: Final = {"small": 30_000, "tiny": 12, "huge": 10**16}
PROVED: Final = {"department": "x", "analytics": "x", "reason": "court", "reason_document": "x"}
CURRENT_SQL: Final = "select content from document join version on version.id = posted_version_id order by document.id"


class Story(NamedTuple):
    chance: Random
    unit: str
    book: str
    contracts: list[Contract]
    size: int
    window: str  # of VAT on advances
    known: dict[str, AnyDocument]  # in the books
    taken_back: dict[str, AnyDocument]


def begin(seed: int, size: str) -> Story:
    chance = Random(seed)
    organization = chance.choice(list(UNITS))
    unit, book = UNITS[organization]
    contracts = []
    for number in range(chance.choice([1, 2, 4])):
        currency = chance.choice([book, book, "JPY", "KWD", "USD"])
        contracts.append(
            Contract(
                code=f"X{number}", number=f"X{number}", organization=organization, counterparty="OSTSEE", currency=currency,
                relation=chance.choice(["buyer", "buyer", "supplier", *MONEY]), payment_currency=chance.choice([currency, book]),
                detail=chance.choice(["contract", "order", "invoice"]), reg_detail=chance.choice(["contract", "order", "invoice"]),
                allocation=chance.choice(["automatic", "automatic", "manual"]), order=chance.choice(["moment", "due_date", "legal"]),
                stages=chance.choice([[], [Stage(percent="30", days=5), Stage(percent="70", days=14)]]),
            )
        )
    window = ("off", "same_day", "five_days", "tax_period")[seed % 4]
    return Story(chance, unit, book, contracts, SIZES[size], window, {}, {})


def amount(story: Story, currency: str) -> str:
    return format_amount(story.chance.randrange(1, story.size), currency)


def number_of(key: str) -> int:
    return int("".join(filter(str.isdigit, key)) or 0)


def decision(story: Story, header: dict[str, Any]) -> AnyDocument:
    """On the VAT of an advance: of a paper that may need one, or of any."""
    wanted = [key for key, paper in story.known.items() if isinstance(paper, Payment | DebtAdjustment)] or ["nothing"]
    named = story.chance.choice(wanted)
    way = story.chance.choice(["deduct", "expense", "invoice"])
    more = {"vat": amount(story, story.book)} if way == "invoice" else {}
    return AdvanceVat(**{**header, "date": "2025-02-11"}, decision=way, document=named, **more)


def revaluation(story: Story, header: dict[str, Any]) -> AnyDocument:
    """At the end of some day, with a rate of every currency there is, but seldom not."""
    codes = [code for code in ("JPY", "KWD", "USD") if code != story.book and story.chance.randrange(12)]
    rates = tuple(
        RevaluationRate(currency=code, rate=story.chance.choice(RATES), nominal=story.chance.choice(("1", "100", "1.0821")))
        for code in codes
    )
    return Revaluation(**{**header, "date": f"2025-02-{story.chance.randrange(1, 14):02}"}, rates=rates)


def document(story: Story, key: str) -> AnyDocument:
    """A random one; most are accepted."""
    chance, contract = story.chance, story.chance.choice(story.contracts)
    relation, currency = contract.relation, contract.currency
    header: dict[str, Any] = {
        "key": key, "unit": story.unit, "date": f"2025-02-{chance.randrange(1, 11):02}",
        "contours": chance.choice([("reg", "mgmt")] * 6 + [("reg",), ("mgmt",)]),
    }  # fmt: skip
    party: dict[str, Any] = {"counterparty": "OSTSEE", "contract": contract.code, "order": chance.choice(["", "A", "B"])}
    foreign = {} if currency == story.book else {"rate": chance.choice(RATES)}
    what = chance.choice(["supply", "supply", "money", "money", "money", "correction", "return", "opening", "manual", "adjust", "adjust"])
    if story.window != "off" and number_of(key) % 6 == 5:
        return decision(story, header)
    if number_of(key) % 5 == 4:
        return revaluation(story, header)
    if what == "adjust":
        return adjustment(story, header, foreign)
    if what == "opening":
        worth = {"book_amount": amount(story, story.book)} if foreign else {}
        rows = [OpeningRow(number="1", date="2024-12-31", amount=amount(story, currency), **party, **worth)]
        kind = OPENING.get(relation, "other") + chance.choice(["_debts", "_advances"])
        return OpeningBalance(**header, kind=kind, rows=rows)
    if what == "manual":
        row = ManualRow(debit=side(story), credit=side(story), amount=amount(story, story.book))
        return ManualEntry(**header, rows=[row])
    if what == "money" or relation not in OPENING:
        return payment(story, contract, header, party)
    is_sale = relation == "buyer"
    lines = [
        Line(amount=amount(story, currency), vat_rate=chance.choice(["", "20", "16.67"]), kind=chance.choice(["goods", "services"]))
        for _ in range(chance.choice([1, 1, 3]))
    ]
    if what == "supply":
        due = chance.choice(["", "2025-03-01", "2025-03-02"])
        return (Sale if is_sale else Purchase)(**header, **party, **foreign, lines=lines, due=due)
    base = named(story, contract)
    of = {"base": base.key} if base else party
    if what == "return":
        return (SaleReturn if is_sale else PurchaseReturn)(**header, **foreign, **of, lines=lines)
    direction = chance.choice(["up", "down"])
    return (SaleCorrection if is_sale else PurchaseCorrection)(**header, **foreign, **of, lines=lines, direction=direction)


def side(story: Story) -> Side:
    contract = story.chance.choice(story.contracts)
    own = {"amount": amount(story, contract.currency)} if contract.currency != story.book else {}
    return Side(counterparty="OSTSEE", contract=contract.code, order=story.chance.choice(["", "A"]), **own)


def adjustment(story: Story, header: dict[str, Any], foreign: dict[str, str]) -> DebtAdjustment:
    """Rows of small amounts on contracts of any sort; half of them name a document. A set-off is of two rows of one amount."""
    chance, account = story.chance, {"MSK": "91.02", "AMS": "6000", "SHA": "5603", "LYC": "40120"}[story.unit]
    reversible = [known for known in story.known.values() if isinstance(known, DebtAdjustment) and not known.reverses]
    if reversible and chance.random() < 0.3:
        original = chance.choice(reversible)
        return DebtAdjustment(**{**header, "contours": ("reg", "mgmt")}, kind=original.kind, reverses=original.key)
    kind = chance.choice(["set_off", "set_off", "transfer", "write_off", "accrual", "netting"])
    first, second = chance.choice(story.contracts), chance.choice(story.contracts)
    worth = chance.randrange(1, max(2, story.size // 20))

    def row(side: Any, contract: Contract) -> AdjustmentRow:
        target = named(story, contract) if kind != "accrual" else None
        party = {"counterparty": "OSTSEE", "contract": contract.code, "order": chance.choice(["", "A"])}
        of = {"document": target.key} if target is not None else {}
        return AdjustmentRow(side=side, amount=format_amount(worth, contract.currency), **party, **of)

    side: Any = chance.choice(["they_owe_us", "we_owe_them"])
    rows = [row(side, first)]
    counter = {"account": account, "item": "x"}
    more: dict[str, Any] = {"write_off": {**counter, **PROVED}, "accrual": counter}.get(kind, {})
    if kind in ("set_off", "netting"):
        rows.append(row("we_owe_them" if side == "they_owe_us" else "they_owe_us", second))
        more = {"round": "R"} if kind == "netting" else {}
    if kind == "transfer":
        more = {"receiver": AdjustmentReceiver(counterparty="OSTSEE", contract=second.code)}
    rate = {} if {first.currency, second.currency} == {story.book} else foreign
    return DebtAdjustment(**header, **rate, kind=kind, rows=rows, currency=first.currency if rate else "", **more)


def named(story: Story, contract: Contract) -> Sale | Purchase | None:
    found = [known for known in story.known.values() if isinstance(known, Sale | Purchase) and known.contract == contract.code]
    return story.chance.choice(found) if found and story.chance.random() < 0.7 else None


def payment(story: Story, contract: Contract, header: dict[str, Any], party: dict[str, Any]) -> Payment:
    chance, paid_in = story.chance, contract.payment_currency
    rate = {"rate": chance.choice(RATES)} if paid_in != contract.currency or paid_in != story.book else {}
    target, targets = named(story, contract), []
    if target is not None:
        part = format_amount(chance.randrange(1, 12), contract.currency)
        targets = [PaymentTarget(document=target.key, amount=part, named_by=chance.choice(["payer", "internal"]))]
    money = {"amount": amount(story, paid_in), "targets": targets}
    if chance.random() < 0.2:
        parts = chance.randrange(1, story.size), chance.randrange(1, story.size)
        rows = [PaymentRow(amount=format_amount(part, paid_in), order=order) for part, order in zip(parts, ("A", ""), strict=True)]
        money = {"amount": format_amount(sum(parts), paid_in), "rows": rows}
    return Payment(**header, **party, **rate, **money, kind=chance.choice(MONEY[contract.relation]), consent=chance.random() < 0.5)


def step(conn: Connection, story: Story, number: int) -> None:
    """One verb on one document; what is refused changes nothing."""
    chance, consent = story.chance, story.chance.random() < 0.4
    verb = chance.choice(["new", "new", "new", "unpost", "again", "reorder", "move", "edit"]) if story.known else "new"
    key = f"k{number}" if verb == "new" else chance.choice(list(story.known))
    if verb == "unpost":
        unpost_document(conn, key, TYPIST, consent=consent)
        story.taken_back[key] = story.known.pop(key)
    elif verb == "reorder":
        reorder_document(conn, key, chance.choice([0, 1, 100, 511]), TYPIST, consent=consent)
    elif verb == "again" and story.taken_back:
        key = chance.choice(list(story.taken_back))
        post_saved(conn, key, TYPIST, consent=consent)
        story.known[key] = story.taken_back.pop(key)
    else:
        said = document(story, key)
        if verb == "move":
            said = msgspec.structs.replace(story.known[key], date=said.date)
        post_document(conn, said, TYPIST, consent=consent)
        story.known[key] = said


@pytest.fixture(scope="module")
def books(server: str) -> Iterator[Connection]:
    with database.throwaway(), database.connect() as conn:
        yield conn


def start_over(conn: Connection, story: Story) -> None:
    empty(conn)
    owing = [msgspec.structs.replace(unit, vat_on_advances=story.window) for unit in (cast.MSK, cast.LYC)]
    save_masters(conn, [*cast.MASTERS, *owing, *story.contracts], TYPIST)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_typed_the_books_are_sound(books: Connection, monkeypatch: pytest.MonkeyPatch, seed: int, size: str) -> None:
    if seed % 2:
        monkeypatch.setattr(rebuild, "MANY", -1)  # the compiled fold checks the interpreted one
    story = begin(seed * 1_000 + len(size), size)
    start_over(books, story)
    for number in range(40):
        with suppress(DomainError):
            step(books, story, number)
    assert len(story.known) + len(story.taken_back) > 2
    assert compare_with_refold(books) == []
    assert_sound(books)
    assert_told_in_pages(books)
    typed, standing = by_name(books), [decode_document(content) for (content,) in books.execute(CURRENT_SQL)]
    if any(isinstance(paper, DebtAdjustment) and paper.reverses for paper in standing):
        return  # in a file with its original a reversal comes last of its day
    days = {paper.key: paper.date for paper in standing}
    if any(isinstance(paper, AdvanceVat) and days.get(paper.document, paper.date) >= paper.date for paper in standing):
        return  # what it decided of was taken back, or moved behind it: nobody could say that now
    start_over(books, story)
    assert import_documents(books, lambda: enumerate(standing), TYPIST) == (len(standing), 0, 0, [])
    assert by_name(books) == typed
