"""The act of a set-off in the books: what its lots were, what is left, the VAT of what is set off; posted and as a draft, to one figure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import psycopg
import pytest

from setoff.cli import run
from setoff.core.errors import DomainError
from setoff.parties.services import save_masters
from setoff.reports.ask import ask
from setoff.reports.paper import render_paper
from setoff.reports.setoff_act import SetOffAct
from setoff.reports.setoff_books import has_act, set_off_act
from setoff.settlements.document_queries import document_head, document_of_key
from setoff.settlements.services import post_document, post_saved, save_document
from setoff.trade.documents import AdjustmentRow, DebtAdjustment, Line, LinkedDocument, PaymentTarget, Purchase, Signatory
from setoff.trade.set_off_law import Effect
from tests.cast import MASTERS
from tests.reports.story import ACTOR, payment, sale
from tests.told import BooksOf

Db = psycopg.Connection[Any]


def row(side: Any, contract: str, counterparty: str, amount: str, **rest: Any) -> AdjustmentRow:
    return AdjustmentRow(side=side, contract=contract, counterparty=counterparty, amount=amount, **rest)


def purchase(day: str, number: str, amount: str, contract: str, party: str, unit: str = "MSK", vat: str = "20") -> Purchase:
    line = Line(amount=amount, kind="goods", vat_rate=vat)
    return Purchase(unit=unit, date=day, number=number, counterparty=party, contract=contract, lines=[line], incoming_number="55")


THREE = DebtAdjustment(
    unit="MSK", date="2025-03-31", number="ACT-1", kind="set_off", place="г. Москва",
    rows=[
        row("they_owe_us", "BUYER", "VEGA", "700.00"),
        row("we_owe_them", "SUPPLIER", "METALL", "700.00", document="purchase/MSK/2025/U-1"),
    ],
    signatories=[Signatory(name="Иванов И. И.", position="директор"), Signatory(name="Орлов", counterparty="METALL")],
    linked=[LinkedDocument(type="act", number="5", date="2025-03-30", amount="700.00"), LinkedDocument(number="9", date="spring")],
)  # fmt: skip


@pytest.fixture
def books(books_of: BooksOf) -> Db:
    return books_of(tell)


def tell(db: Db) -> None:
    """VEGA owes 400.00 of S-1 (1 000.00) and all of S-2 (600.00); we owe METALL 2 400.00. HAIDA owes 1 130.00 and is owed 565.00."""
    save_masters(db, MASTERS, ACTOR)
    sold = sale("2025-01-15", "C-1", "1130.00", contract="CN-BUYER", party="HAIDA", vat="13")
    for document in (
        sale("2025-01-10", "S-1", "1000.00", "2025-01-31"), payment("2025-01-20", "P-1", "600.00"),
        sale("2025-02-05", "S-2", "600.00", "2025-03-07"), purchase("2025-02-20", "U-1", "2400.00", "SUPPLIER", "METALL"),
        msgspec.structs.replace(sold, unit="SHA"), purchase("2025-01-20", "C-2", "565.00", "CN-SUPPLIER", "HAIDA", "SHA", "13"),
    ):  # fmt: skip
        post_document(db, document, ACTOR)


def act_of(db: Db, key: str) -> SetOffAct:
    found = document_of_key(db, key)
    assert found is not None
    head = document_head(db, found.id)
    assert has_act(head)
    return set_off_act(db, head)


def told(act: SetOffAct) -> list[str]:
    return [
        f"{claim.debtor}>{claim.creditor} {claim.document.number} {claim.before} - {claim.amount} = {claim.after}"
        + "".join(f" vat {part.rate} {part.vat}" for part in claim.vat or ())
        for claim in act.claims
    ]


def test_a_draft_and_the_posted_set_off_have_one_act(books: Db) -> None:
    """Oldest first of VEGA: 400.00 of S-1 with 66.67 of VAT, 300.00 of S-2 with 50.00; 700.00 of U-1 with 116.67."""
    key = save_document(books, THREE, ACTOR).key
    draft = act_of(books, key)
    assert told(draft) == [
        "1>0 S-1 40000 - 40000 = 0 vat 20 6667", "1>0 S-2 60000 - 30000 = 30000 vat 20 5000",
        "0>2 U-1 240000 - 70000 = 170000 vat 20 11667",
        "2>1  70000 - 70000 = 0",
    ]  # fmt: skip
    assert (draft.amount, draft.currency, draft.is_draft, draft.written_off) == (700_00, "RUB", True, 0)
    assert draft.effect == Effect("ru-capable", date(2025, 3, 7))
    assert [(party.name, party.signatory) for party in draft.parties] == [
        ("ООО «Ромашка»", "Иванов И. И."), ("ООО «Вега»", ""), ("АО «Металлсервис»", "Орлов")
    ]  # fmt: skip
    assert draft.linked == ("Акт № 5 от 30.03.2025, 700,00\N{NO-BREAK SPACE}RUB", "Счёт-фактура № 9, spring")
    post_saved(books, key, ACTOR)
    assert act_of(books, key) == replace(draft, is_draft=False)
    post_document(books, payment("2025-04-01", "P-9", "300.00"), ACTOR)
    assert act_of(books, key) == replace(draft, is_draft=False)


def test_a_notice_under_chinese_law(books: Db, tmp_path: Any) -> None:
    notice = DebtAdjustment(
        unit="SHA", date="2025-02-28", number="N-1", kind="set_off", one_sided=True,
        rows=[row("they_owe_us", "CN-BUYER", "HAIDA", "565.00"), row("we_owe_them", "CN-SUPPLIER", "HAIDA", "565.00")],
    )  # fmt: skip
    key = post_document(books, notice, ACTOR).key
    act = act_of(books, key)
    assert told(act) == ["1>0 C-1 113000 - 56500 = 56500 vat 13 6500", "0>1 C-2 56500 - 56500 = 0 vat 13 6500"]
    assert (act.language, act.law, act.effect) == ("zh", "cn", Effect("cn-receipt", None))
    out = tmp_path / "notice.pdf"
    assert run(["paper", key, "--out", str(out)]) == 0
    assert out.read_bytes() == render_paper(books, _id(books, key), "en", printed=datetime.now(UTC).date())
    assert run(["paper", key, "--language", "ru", "--out", str(out)]) == 0
    assert run(["paper", "nothing"]) == 1


def test_what_cannot_be_an_act_is_refused_or_printed_as_a_document(books: Db) -> None:
    uneven = msgspec.structs.replace(THREE, rows=THREE.rows[:1])
    with pytest.raises(DomainError) as refused:
        act_of(books, save_document(books, uneven, ACTOR).key)
    assert refused.value.code.value == "sides_differ"
    sold = _id(books, "sale/MSK/2025/S-1")
    assert render_paper(books, sold, "ru", printed=date(2025, 4, 1)).startswith(b"%PDF")


def _id(db: Db, key: str) -> int:
    found = document_of_key(db, key)
    assert found is not None
    return found.id


def test_the_journal_has_drafts_with_their_difference_and_payments_that_name(books: Db) -> None:
    """A draft of 700.00 against 650.00, the posted set-off, a payment that names 100.00 of S-2; other payments name nothing."""
    uneven = msgspec.structs.replace(
        THREE, number="ACT-2", comment="ждём", rows=[THREE.rows[0], msgspec.structs.replace(THREE.rows[1], amount="650.00")]
    )
    save_document(books, uneven, ACTOR)
    post_document(books, msgspec.structs.replace(THREE, reason_document="Соглашение 3"), ACTOR)
    named = [PaymentTarget(document="sale/MSK/2025/S-2", amount="100.00")]
    post_document(books, payment("2025-04-02", "P-7", "150.00", targets=named), ACTOR)

    def asked(**options: str) -> list[str]:
        given = {name: [value] for name, value in options.items()}
        found = ask(books, "adjustments", as_of="2025-12-31", options=given)
        rows = [row for section in found.sections for row in section.rows]
        return [f"{row.document.number} {row.status} {row.amount} {row.currency} {row.difference} {row.base}{row.comment}" for row in rows]

    posted, draft, allocated = "ACT-1 posted 70000 RUB 0 Соглашение 3", "ACT-2 draft 70000 RUB 5000 ждём", "P-7 posted 10000 RUB None "
    assert sorted(asked()) == [posted, draft, allocated]
    assert asked(status="draft") == asked(status="draft", counterparty="METALL") == [draft]
    assert asked(kind="payment_from_customer") == [allocated]
    assert asked(counterparty="IVANOV") == asked(unit="SHA") == []
    found = ask(books, "adjustments", as_of="2025-12-31", options={})
    assert [row.counterparties for row in found.sections[0].rows][:2] == ["АО «Металлсервис», ООО «Вега»"] * 2
    assert [(total.row.currency, total.row.amount) for total in found.sections[0].totals] == [("RUB", 800_00)]
    (now,) = books.execute("select clock_timestamp()::text").fetchone() or ("",)
    assert asked(**{"known-at": now.replace(" ", "T") + ":00"}) == asked()
    applied = ask(books, "applied-payments", as_of="2025-12-31", options={"kind": ["set_off"]})
    assert [(row.document.number, row.settlement_document.number, row.amount, row.rule) for row in applied.sections[0].rows] == [
        ("ACT-1", "S-1", 400_00, "moment"), ("ACT-1", "S-2", 300_00, "moment"), ("ACT-1", "U-1", 700_00, "act"),
    ]  # fmt: skip
