"""The reserve and what is written off, in the books: what a month asks for, a file, the memo list, the expenses of management."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.books.scope import Scope
from setoff.core.errors import DomainError
from setoff.parties.records import Unit
from setoff.parties.services import save_masters
from setoff.settlements.bulk import import_documents
from setoff.settlements.doubtful import accrue_reserve, doubtful_month
from setoff.settlements.doubtful_page import doubtful_page
from setoff.settlements.services import find_document, post_document
from setoff.settlements.written_off import expenses, written_off
from setoff.trade.documents import AdjustmentRow, AnyDocument, DebtAdjustment, DoubtfulReserve, Line, Payment, ReserveRow, Sale
from tests import cast

Books = psycopg.Connection[Any]
MARCH = date(2025, 3, 31)
PROVED: dict[str, Any] = {
    "account": "91.02", "item": "bad debts", "department": "sales", "analytics": "Vega", "reason": "court", "reason_document": "Ruling 7",
}  # fmt: skip


def sale(key: str, day: str, due: str, amount: str, **fields: Any) -> Sale:
    party = {"counterparty": "VEGA", "contract": "BUYER"}
    return Sale(**{"unit": "MSK", "date": day, "due": due, "key": key, "lines": [Line(amount=amount)], **party, **fields})


def write_off(key: str, day: str, amount: str, **fields: Any) -> DebtAdjustment:
    row = AdjustmentRow(side="they_owe_us", counterparty="VEGA", contract="BUYER", amount=amount)
    return DebtAdjustment(**{"unit": "MSK", "date": day, "key": key, "kind": "write_off", "rows": [row], **PROVED, **fields})


def scope(books: Books) -> Scope:
    (unit_id,) = books.execute("select id from unit where code = 'MSK'").fetchone() or (0,)
    return Scope((unit_id,))


def reserved(conn: Books, actor: Actor) -> Books:
    """1 000.00 due on 10 January and 500.00 due on 1 March 2025; half of the first is reserved at the end of March."""
    post_document(conn, sale("old", "2025-01-05", "2025-01-10", "1000"), actor)
    post_document(conn, sale("young", "2025-02-20", "2025-03-01", "500"), actor)
    accrue_reserve(conn, "MSK", MARCH, actor, item="reserve", department="sales")
    return conn


def test_a_month_asks_for_a_reserve_by_age_and_by_the_policy_of_the_unit(company: Books, actor: Actor) -> None:
    reserved(company, actor)
    (row,) = doubtful_month(company, "MSK", MARCH).rows
    assert (row.debtor, row.debts, row.wanted, row.kept) == ("VEGA/BUYER", (0, 50_000, 100_000, 0), 50_000, 0)
    assert accrue_reserve(company, "MSK", MARCH, actor, item="x", department="x") is None  # said again
    unit = next(record for record in cast.MASTERS if isinstance(record, Unit) and record.code == "MSK")
    save_masters(company, [msgspec.structs.replace(unit, policies={"reserve": "20,60 = 0,1,10,50"})], actor)
    (row,) = doubtful_month(company, "MSK", MARCH).rows
    assert (row.debts, row.wanted) == ((0, 0, 50_000, 100_000), 55_000)  # 30 days: 10 %; 80 days: 50 %
    again = accrue_reserve(company, "MSK", MARCH, actor, item="x", department="x")
    assert again is not None and again.debtors == 1
    amounts = "select amount from posting join document on document.id = document_id where document.kind = 'doubtful_reserve'"
    assert company.execute(amounts).fetchall() == [(55_000,)]


WRONG: list[dict[str, str]] = [
    {"reserve": "45,30 = 0,0,50,100"}, {"reserve": "45 = 0,50"}, {"limitation_years": "11"}, {"nothing": "1"},
]  # fmt: skip


@pytest.mark.parametrize("said", WRONG)
def test_a_policy_that_cannot_be_is_refused(company: Books, actor: Actor, said: dict[str, str]) -> None:
    unit = next(record for record in cast.MASTERS if isinstance(record, Unit) and record.code == "MSK")
    with pytest.raises(DomainError) as refused:
        save_masters(company, [msgspec.structs.replace(unit, policies=said)], actor)
    assert refused.value.facts["field"] == ("policies" if "nothing" in said else f"policies.{next(iter(said))}")


def test_a_file_takes_of_the_reserve_what_there_is(company: Books, actor: Actor) -> None:
    """600.00 written off: 500.00 from the reserve of the same file, whatever its place there."""
    file: list[tuple[int, AnyDocument]] = [
        (1, write_off("lost", "2025-04-10", "600")),
        (2, sale("old", "2025-01-05", "2025-01-10", "1000")),
        (3, DoubtfulReserve(
            unit="MSK", date="2025-03-31", key="estimate", item="reserve", department="sales",
            rows=[ReserveRow(counterparty="VEGA", contract="BUYER", accrued="500")],
        )),
    ]  # fmt: skip
    import_documents(company, lambda: [file[1], file[2], file[0]], actor)
    taken = company.execute(
        """select account.code, amount from posting join document d on d.id = document_id join account on account.id = debit_account_id
           where d.key = 'lost' order by line"""
    ).fetchall()
    assert taken == [("63", 50_000), ("91.02", 10_000)]
    stored = find_document(company, "lost")
    assert stored is not None and '"reserve":"500.00"' in stored.content
    assert import_documents(company, lambda: file, actor).unchanged == 3


def test_a_debt_written_off_is_watched_until_it_is_paid_or_five_years_are_over(company: Books, actor: Actor) -> None:
    reserved(company, actor)
    post_document(company, write_off("lost", "2025-04-10", "600"), actor)
    (row,) = written_off(company, scope(company), date(2025, 4, 30))
    assert (row.memo, row.counterparty, row.contract, row.reason, row.amount) == ("007", "ООО «Вега»", "BUYER", "court", 60_000)
    assert (row.kept_until, row.returned, row.left, row.state) == (date(2030, 4, 10), 0, 60_000, "kept")
    paid = Payment(
        unit="MSK", date="2026-02-02", key="paid", kind="other_in", amount="250", account="91.01", counterparty="VEGA", written_off="lost"
    )
    post_document(company, paid, actor)
    states = [(row.returned, row.left, row.state) for day in ("2026-02-01", "2026-02-02", "2030-04-10", "2030-04-11")
              for row in written_off(company, scope(company), date.fromisoformat(day))]  # fmt: skip
    assert states == [(0, 60_000, "kept"), (25_000, 35_000, "kept"), (25_000, 35_000, "kept"), (25_000, 0, "ended")]
    back = DebtAdjustment(unit="MSK", date="2026-03-01", kind="write_off", key="back", reverses="lost")
    post_document(company, back, actor)
    assert [(row.left, row.state) for row in written_off(company, scope(company), date(2026, 3, 1))] == [(0, "reversed")]


def test_expenses_are_the_facts_of_both_contours_and_the_reserve_is_none_twice(company: Books, actor: Actor) -> None:
    reserved(company, actor)
    post_document(company, write_off("lost", "2025-04-10", "600"), actor)
    post_document(company, write_off("ours alone", "2025-04-11", "40", contours=("mgmt",), item="goodwill", department="shop"), actor)
    found = {
        contour: [(row.item, row.department, row.analytics, row.account, row.number, row.amount)
                  for row in expenses(company, scope(company), contour, date(2025, 1, 1), date(2025, 12, 31))]
        for contour in ("reg", "mgmt")
    }  # fmt: skip
    common = [("reserve", "sales", "VEGA/BUYER", "91.02", "000001", 50_000), ("bad debts", "sales", "Vega", "91.02", "000001", 10_000)]
    assert found["reg"] == common
    assert found["mgmt"] == [*common, ("goodwill", "shop", "Vega", "91.02", "000002", 4_000)]
    post_document(company, DebtAdjustment(unit="MSK", date="2025-05-05", kind="write_off", key="back", reverses="lost"), actor)
    later = expenses(company, scope(company), "reg", date(2025, 5, 1), date(2025, 5, 31))
    assert [row.amount for row in later] == [-10_000]


def test_a_page_of_doubtful_debts_is_a_part_of_the_month(company: Books, actor: Actor) -> None:
    """Ten debtors of every age, one of them in euros and one who paid and still has a reserve; at ends of months before and after the last
    paper. Of equal reserves the order is not told, so the pages together are compared."""
    reserved(company, actor)
    for number, contract in enumerate(("BUYER", "BUYER-2", "BUYER-DUE", "BUYER-EUR", "OTHER-BUYER", "BUYER-LEGAL")):
        query = "select counterparty.code from contract join counterparty on counterparty.id = counterparty_id where contract.code = %s"
        party = company.execute(query, [contract]).fetchone()
        assert party is not None
        of = {"counterparty": party[0], "contract": contract}
        post_document(company, sale(f"a{number}", "2025-01-06", f"2025-0{1 + number % 3}-{10 + number}", f"{100 + number}.33", **of), actor)
        post_document(company, sale(f"b{number}", "2025-02-06", f"2025-04-{10 + number}", f"{7 + number}.01", **of), actor)
    paid = Payment(
        unit="MSK", date="2025-04-10", key="paid", kind="payment_from_customer", counterparty="VEGA", contract="BUYER", amount="1600"
    )  # fmt: skip
    post_document(company, paid, actor)
    for day in (date(2025, 2, 28), MARCH, date(2025, 4, 30), date(2025, 7, 31)):
        month = doubtful_month(company, "MSK", day).rows
        for rows_max in (1, 2, 100):
            pages = [doubtful_page(company, "MSK", day, skipped=0, rows_max=rows_max)]
            while pages[-1].following is not None:
                pages.append(doubtful_page(company, "MSK", day, skipped=pages[-1].following, rows_max=rows_max))
            found = [row for page in pages for row in page.rows]
            assert sorted(found, key=lambda row: row.debtor) == month
            assert [row.wanted for row in found] == sorted((row.wanted for row in month), reverse=True)
            for page in pages:
                assert (page.totals.wanted, page.totals.kept, page.debtors) == (
                    sum(row.wanted for row in month), sum(row.kept for row in month), len(month),
                )  # fmt: skip
                assert page.totals.debts == tuple(map(sum, zip(*(row.debts for row in month), strict=True)))
    # due by 13 February are those of 10 January, 11 February and 13 January; in July all are, of the first 7.34 is left
    assert [len(doubtful_month(company, "MSK", day).rows) for day in (MARCH, date(2025, 7, 31))] == [3, 6]
