"""Random papers of the cast for properties of the books: sales, payments, corrections and refunds on a few contracts of every sort,
dated within ten days, in small amounts, so that ties, partial payments, advances and conflicts are frequent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec
import psycopg
from hypothesis import strategies as st

from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.settlements.services import post_document, unpost_document
from setoff.trade.documents import AnyDocument, DueStage, Line, Payment, PaymentTarget, Purchase, Sale, SaleCorrection
from tests import cast

Connection = psycopg.Connection[Any]

CONTRACTS = {
    contract.code: contract
    for contract in (
        cast.BUYER, cast.BUYER_UNIT, cast.BUYER_EUR, cast.BUYER_ORDERS, cast.BUYER_INVOICES, cast.BUYER_REG_INVOICES, cast.BUYER_MANUAL,
        cast.BUYER_DUE, cast.BUYER_LEGAL, cast.SUPPLIER, cast.SUPPLIER_EUR,
    )
}  # fmt: skip
BOTH: Final = ("reg", "mgmt")
TYPIST: Final = Actor("tester", "test")


class Change(NamedTuple):
    """An edit of a paper already posted: another one in its place, or none (unposted)."""

    key: str
    document: AnyDocument | None


def amounts(most: int = 300) -> st.SearchStrategy[str]:
    return st.integers(1, most).map(lambda amount: f"{amount}.00" if amount % 3 else f"{amount}.37")


def days() -> st.SearchStrategy[str]:
    return st.integers(1, 10).map(lambda day: f"2025-02-{day:02}")


@st.composite
def papers(draw: st.DrawFn, *, named: bool, most: int = 9) -> list[AnyDocument]:
    """Documents in the order in which somebody types them. `named`: payments may name invoices typed before them."""
    codes = draw(st.lists(st.sampled_from(sorted(CONTRACTS)), min_size=1, max_size=2, unique=True))
    result: list[AnyDocument] = []
    for number in range(1, draw(st.integers(2, most)) + 1):
        code = draw(st.sampled_from(codes))
        earlier = [paper for paper in result if isinstance(paper, Sale | Purchase) and paper.contract == code]
        result.append(draw(paper(f"p{number}", code, earlier if named else [])))
    return result


@st.composite
def paper(draw: st.DrawFn, key: str, code: str, earlier: list[AnyDocument]) -> AnyDocument:
    contract = CONTRACTS[code]
    common: dict[str, Any] = {
        "key": key, "unit": "MSK", "date": draw(days()), "contours": draw(st.sampled_from([BOTH] * 8 + [("mgmt",), ("reg",)])),
    }  # fmt: skip
    if contract.currency != "RUB":
        common["rate"] = draw(st.sampled_from(["100", "97.3333", "104.5"]))
    party: dict[str, Any] = {"counterparty": contract.counterparty, "contract": code}
    order = draw(st.sampled_from(["", "A", "B"])) if contract.detail == "order" else ""
    buyer = contract.relation == "buyer"
    kind = draw(st.sampled_from(["supply", "supply", "payment", "payment", "payment", "refund", "correction"]))
    if kind == "correction" and earlier and buyer:
        base = draw(st.sampled_from(earlier))
        lines = [Line(amount=draw(amounts(60)), kind="services")]
        return SaleCorrection(**common, base=base.key, direction=draw(st.sampled_from(["up", "down"])), lines=lines)
    if kind in ("supply", "correction"):
        return draw(supply(buyer, {**common, **party, "order": order}))
    if kind == "refund":
        refund = "refund_to_customer" if buyer else "refund_from_supplier"
        return Payment(**common, **party, order=order, kind=refund, amount=draw(amounts(50)), consent=draw(st.booleans()))
    paid = "payment_from_customer" if buyer else "payment_to_supplier"
    amount = draw(amounts())
    if contract.payment_currency == "RUB":
        amount = str(Decimal(amount) * 100)
    targets = []
    if earlier and draw(st.booleans()):
        target = draw(st.sampled_from(earlier))
        named_by = draw(st.sampled_from(["payer", "payer", "internal"]))
        targets = [PaymentTarget(document=target.key, amount=draw(amounts(40)), named_by=named_by)]
    return Payment(**common, **party, order=order, kind=paid, amount=amount, targets=targets)


@st.composite
def supply(draw: st.DrawFn, buyer: bool, fields: dict[str, Any]) -> AnyDocument:
    amount = draw(amounts())
    line = Line(amount=amount, kind="services", vat_rate=draw(st.sampled_from(["", "20"])))
    stages = []
    if draw(st.integers(0, 3)) == 0:
        first = draw(st.integers(1, 30))
        stages = [DueStage(due=f"2025-03-{first:02}", amount="0.30"), DueStage(due="2025-03-15", amount=less(amount, "0.30"))]
    due = draw(st.sampled_from(["", "2025-03-01", "2025-03-15"])) if not stages else ""
    return (Sale if buyer else Purchase)(**fields, lines=[line], stages=stages, due=due)


def less(amount: str, part: str) -> str:
    return str(Decimal(amount) - Decimal(part))


@st.composite
def changes(draw: st.DrawFn, typed: list[AnyDocument], *, most: int = 4, unpost: bool = True) -> list[Change]:
    """Edits of some of the papers: another date, another amount, or out of the books."""
    result = []
    for _ in range(draw(st.integers(0, most))):
        document = draw(st.sampled_from(typed))
        if unpost and draw(st.integers(0, 3)) == 0:
            result.append(Change(document.key, None))
        else:
            result.append(Change(document.key, draw(edited(document))))
    return result


@st.composite
def edited(draw: st.DrawFn, document: AnyDocument) -> AnyDocument:
    """The same paper with another date, or with another amount."""
    if draw(st.booleans()):
        return msgspec.structs.replace(document, date=draw(days()))
    amount = draw(amounts())
    if isinstance(document, Payment):
        return msgspec.structs.replace(document, amount=amount, targets=[])
    stages = {"stages": []} if isinstance(document, Sale | Purchase) else {}
    return msgspec.structs.replace(document, lines=[Line(amount=amount, kind="services")], **stages)


def post(conn: Connection, documents: list[AnyDocument]) -> list[AnyDocument]:
    """Post one by one; those accepted. A refusal leaves nothing behind."""
    accepted = []
    for document in documents:
        try:
            post_document(conn, document, TYPIST)
        except DomainError:
            continue
        accepted.append(document)
    return accepted


def apply(conn: Connection, wanted: list[Change]) -> int:
    """Do the edits that are accepted; how many were."""
    done = 0
    for change in wanted:
        try:
            if change.document is None:
                unpost_document(conn, change.key, TYPIST)
            else:
                post_document(conn, change.document, TYPIST)
        except DomainError:
            continue
        done += 1
    return done
