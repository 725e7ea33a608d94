"""An error planted for every check in books of every kind of document, as it happens: by a person with SQL, by a restore that lost rows,
by an import of what others wrote, by a wrong flag, or by documents that nobody looked at. The check tells exactly it, with the document
where it arose; of the sound books it tells nothing. What no service lets through is planted with the triggers off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import msgspec
import psycopg
import pytest

from setoff.intake.files import Files
from setoff.intake.load import Reports, load_files
from setoff.intake.source import source_of
from setoff.parties.records import Loan, LoanRate
from setoff.parties.services import save_masters
from setoff.settlements.checks import Row, all_checks, first_divergence, refolding, run_check, run_checks
from setoff.settlements.checks.results import check_results, keep_check
from setoff.settlements.notices_whole import act_on_notice
from setoff.settlements.services import post_document, unpost_document
from setoff.trade.documents import (
    DebtAdjustment,
    IssuedInvoice,
    LoanInterest,
    ManualEntry,
    ManualRow,
    PaymentTarget,
    ReceivedInvoice,
    Sale,
    Side,
)
from setoff.trade.invoice_documents import InvoiceBase, InvoiceSum
from setoff.trade.kinds import KINDS
from setoff.trade.notice_documents import BranchNotice, NoticeRow
from setoff.trade.order_documents import OrderStage
from tests import cast
from tests.settlements.every_kind import (
    DUE,
    TYPIST,
    VEGA,
    at,
    documents,
    line,
    money,
    row,
    tell,
)
from tests.settlements.planted_rows import NO_CONSTRAINTS, SENT
from tests.told import told

Db = psycopg.Connection[Any]
Plant = str | Callable[[Db], object]
INVOICED: Final = {"counterparty": "SIRIUS", "contract": "BUYER-INVOICES"}


class Case(NamedTuple):
    """`documents`: those that the check names, in its order; `key`: what the key of the first row has in it."""

    code: str
    plant: Plant
    documents: list[str | None]
    key: str = ""


def sale(key: str, day: str, amount: str, party: dict[str, str], **fields: Any) -> Sale:
    return Sale(**at(key, day, **party), lines=line(amount, **{name: fields.pop(name) for name in ("vat_rate", "item") if name in fields}),
                due=fields.pop("due", DUE), **fields)  # fmt: skip


def post(*said: Any, consent: bool = False) -> Plant:
    def plant(db: Db) -> None:
        for document in said:
            post_document(db, document, TYPIST, consent=consent)

    return plant


def refused(*said: Any) -> Plant:
    """A file of these records that is imported: what the rules refuse waits."""

    def plant(db: Db) -> None:
        reports = Reports(lambda _found: None)
        with TemporaryDirectory() as folder:
            path = Path(folder, "sales.jsonl")
            path.write_bytes(b"".join(msgspec.json.encode(record) + b"\n" for record in said))
            load_files(db, Files([source_of(path)], None, reports), reports, TYPIST)

    return plant


def again(key: str, **fields: Any) -> Plant:
    """An edit of a document of the books."""
    (found,) = [document for document in documents() if document.key == key]
    return post(msgspec.structs.replace(found, **fields))


def masters(*records: Any) -> Plant:
    return lambda db: save_masters(db, records, TYPIST)


def after(*plants: Plant) -> Plant:
    return lambda db: [do(db, plant) for plant in plants]


def invoice(key: str, day: str, base: str, **fields: Any) -> IssuedInvoice:
    return IssuedInvoice(**at(key, day), bases=[InvoiceBase(document=base)], **fields)


OPEN_UNTIL: Final = "9223372036854775807"
VERSION: Final = "(select posted_version_id from document where id = [{key}])"


def lot(key: str, moment: str, amount: int, like: str) -> str:
    """A lot of a document, open, where another has its own."""
    return f"""
      insert into lot select unit_id, key_id, [{key}], 1, node_id, {moment}, rank, due, {amount}, {amount}, {amount}, {amount}, used_moment,
        {OPEN_UNTIL} from lot where document_id = [{like}]"""


def said(key: str) -> str:
    return VERSION.format(key=key)


def sides(*said: tuple[str, str, str, str, str]) -> Plant:
    """Sides of one notice of 1 February, past its verbs: key, unit, debit, credit, amount. Payments where money is moved."""

    def plant(db: Db) -> None:
        act_on_notice(db, "t1")
        for place, (key, unit, debit, credit, amount) in enumerate(said):
            post_document(db, BranchNotice(
                key=key, unit=unit, date="2025-02-01", notice="t1", other="SPB" if unit == "MSK" else "MSK",
                side="receiver" if place else "sender", nature="payment" if "51" in (debit, credit) else "obligation",
                rows=[NoticeRow(debit=debit, credit=credit, amount=amount)],
            ), TYPIST)  # fmt: skip

    return plant


AT_CO: Final = "(select moment from document where id = [co])"
OF_CI2: Final = "(select {contour}_key_id from fact where document_id = [ci2])"
BERLINS: Final = "(select id from counterparty where code = 'BERLIN')"
PARTIAL: Final = "update allocation set lot_book = 0, own_book = own_book + 1 where document_id = [rv] and rule = 9"
CASES: Final = [
    # what no service lets through: rows changed by hand, or lost by a restore
    Case("C-0", "delete from version where document_id = [ci]", ["ci"] * 3, "document ci"),
    Case("C-0", "update document set status = 'unposted', posted_version_id = null where id = [gi]", ["gi"] * 4, "LOAN-GRANTED"),
    Case("C-1.4", "update node set object = 'order:9' where object = 'order:o1'", ["s3"], "node"),
    Case("C-3", "update lot set residual_book = residual_book - 1 where document_id = [s2] and residual <> 0", ["s2", "s2"]),
    Case("C-4.1a", lot("co", AT_CO, 500, "ci2"), ["co"], "BUYER-2"),
    Case("C-4.2", "update posting set amount = amount - 7 where document_id = [so] and line = 1", ["so"], "60.01 SUPPLIER"),
    Case("C-4.2", "delete from posting where document_id = [sc]", ["sc"], "62.01 BUYER"),
    Case("C-4.2.1", "update posting set debit_node_id = null where document_id = [s1] and line = 1", ["s1"], "62.01"),
    Case("C-4.2.2", "update document set kind = 'other_in', number = '9' where id = [oi]", ["oi", "oi"], "76.09"),
    Case("C-4.2.3", f"update entry set amount = amount + 1 where version_id = {said('ci')}", ["ci"], "entries"),
    Case("C-4.2.4", f"update entry set debit_account_id = null, debit_fact = 1 where version_id = {said('dw')}", ["dw"], "entry 1"),
    Case("C-4.2.4", f"update fact set change = -9000, book = -9000 where change = -10000 and version_id = {said('ds')}", ["ds", "ds"],
         "sides"),
    Case("C-4.2.4", "insert into allocation select unit_id, key_id, moment, document_id, line, [ob1], 1, 100, 100, 100, 4 from lot "
         "where document_id = [dt]", ["dt", "dt"], "BUYER-SHORT"),
    Case("C-4.2.5", """update version set content = replace(content, '"700.00"', '"800.00"') where document_id = [ci]""", ["ci"],
         "content"),
    Case("C-4.2.5a", "update document set total = total + 1 where id = [p1]", ["p1"], "total"),
    Case("C-4.2.5a", "update contract set relation = 'supplier' where code = 'BUYER-EUR'", ["s4"], "contract BUYER-EUR"),
    Case("C-4.2.6", "update lot set residual = residual + 100 where document_id = [s2]", ["s2", "s2"], "residual"),
    Case("C-4.2.7", "update allocation set rule = 5 where document_id = [di]", ["di"] * 4, "allocation"),
    Case("C-4.3a", "update lot set residual = -residual where document_id = [p2] "
         "and key_id in (select id from fold_key where contour = 'reg')", ["p2"], "reg SUPPLIER"),
    Case("C-4.3.1", "delete from allocation where document_id = [gi]", ["gi", "gi"], "LOAN-GRANTED"),
    Case("C-4.3.2", f"update fold_key set advance_account_id = debt_account_id where counterparty_id = {BERLINS} and contour = 'reg'",
         [None], "BUYER-EUR"),
    Case("C-4.3.3", f"update fact set change = -1100, book = -1100 where version_id = {said('dw')}", ["dw"], "row 1"),
    Case("C-4.3b", lot("co", AT_CO, 500, "ci2"), ["co", "co"], "BUYER-2"),
    Case("C-4.3c", f"update lot set closed_moment = {OPEN_UNTIL} where document_id = [ob5]; "
         + lot("oi", "moment + (20::bigint << 43)", -1, "ob5"), ["oi", "oi"], "OTHER"),
    Case("C-4.3d", f"""{lot("s2", "moment + 9", 500, "ci2")}; update fact set reg_key_id = {OF_CI2.format(contour="reg")},
         mgmt_key_id = {OF_CI2.format(contour="mgmt")} where document_id = [s2]""", ["s2", "s2"], "BUYER-2"),
    Case("C-4.4", "update fact set mgmt_key_id = null where document_id = [so]", ["so"], "SUPPLIER"),
    Case("C-4.5.1", "update posting set credit_account_id = debit_account_id where document_id = [ci2]; "
         "update document set kind = 'sale_return' where id = [ci2]", ["ci2"], "62.02"),
    Case("C-4.5.2", PARTIAL, ["rv", "rv"], "s4"),
    Case("C-4.5.3", "update posting set debit_node_id = null where document_id = [ki] and debit_node_id is not null", ["ki"], "76.11"),
    Case("C-4.5.4", f"update entry set item = '' where version_id = {said('dw')}", ["dw"], "91.02"),
    Case("C-BR-1", sides(("t1", "MSK", "26", "79.02", "50.00")), ["t1"], "79.02 t1"),
    Case("C-BR-1", "delete from posting where document_id = [n2]", ["n1"], "79.02 n1"),
    Case("C-BR-1", "update posting set debit_account_id = (select id from account where chart = 'ru' and code = '79.01') "
         "where document_id = [mo]", ["mo"], "79.01 mo"),
    Case("C-BR-2", "update posting set amount = amount - 300 where document_id = [n2]", ["n1"], "MSK SPB 79.02"),
    Case("C-BR-2", sides(("t1", "MSK", "26", "79.02", "50.00"), ("t2", "SPB", "79.02", "26", "40.00")), ["t1"], "MSK SPB 79.02"),
    Case("C-BR-2a", sides(("t1", "MSK", "26", "79.02", "50.00"), ("t2", "SPB", "79.02", "26", "40.00")), ["t1"], "one_sided_30404 t1"),
    Case("C-BR-2a", sides(("t1", "MSK", "2 26 340", "2 79.02 000", "50.00"), ("t2", "SPB", "2 79.02 000", "2 26 310", "50.00")), ["t1"],
         "mirror_kosgu_mismatch"),
    Case("C-BR-2a", """update version set content = replace(content, '"26"', '"2 26 340"') where document_id in ([n1], [n2])""", ["n1"],
         "mirror_kfo_mismatch n"),
    Case("C-BR-4", "update posting set debit_account_id = credit_account_id, credit_account_id = debit_account_id where document_id = [mo]",
         ["mo"], "51 91.02"),
    Case("C-BR-5", SENT + "; insert into period (unit_id, first_day, last_day, state) select id, '2025-01-01', '2025-01-31', 'closed' "
         "from unit where code = 'MSK'", [None], "N1"),
    Case("C-DOCUMENTS", "update document_count set total = total - 1 where kind = 'sale_return'", ["sr"], "2025-01-16 sale_return"),
    Case("C-INV", "delete from invoice where document_id = [ii]; delete from invoice_sum where document_id = [ii]", ["ii"], "register"),
    Case("C-NETTING", "update posting set amount = amount + 1 where document_id = [dn] and debit_node_id is null", ["dn"], "R1"),
    Case("C-OPEN", f"delete from open_party where counterparty_id = {BERLINS}", [None, None], "BERLIN"),
    Case("C-TURNOVER", "delete from turnover where amount = 700", ["mi"], "2025-01 51 91.01"),
    Case("C-VAT", "update posting set amount = amount + 1 where document_id = [vi] and kind = 'vat'", ["vi"], "76.АВ"),
    Case("I1", f"update entry set amount = amount - 1 where version_id = {said('p2')}", ["p2"]),
    Case("I3", "update fact set change = change - 1 where document_id = [pr]", ["pr", "pr"], "SUPPLIER"),
    Case("I9", f"update entry set item = 'x' where version_id = {said('m')}", ["m"]),
    Case("I10", """update version set content = replace(content, '"700.00"', '"-700.00"') where document_id = [ci]""", ["ci"], "amount"),
    # an import that was let through by an older version, or a person by a document
    Case("C-3.list", after(
        post(sale("t1", "02-01", "90.00", INVOICED),
             money("t2", "02-05", "payment_from_customer", "90.00", **INVOICED,
                   targets=[PaymentTarget(document="t1", amount="90.00")])),
        post(money("t3", "02-03", "payment_from_customer", "40.00", **INVOICED, targets=[PaymentTarget(document="t1", amount="40.00")]),
             consent=True),
    ), ["t2"], "BUYER-INVOICES"),
    Case("C-4.1a.list", post(sale("t1", "02-01", "90.00", {"counterparty": "SIRIUS", "contract": "BUYER-REG-INVOICES"}),
                             money("t2", "02-05", "payment_from_customer", "40.00", "SIRIUS", "BUYER-REG-INVOICES")), ["t2"]),
    Case("C-4.1b.list", post(sale("t1", "02-01", "90.00", INVOICED, due="")), ["t1"], "BUYER-INVOICES"),
    Case("C-4.2.2.list", post(money("t1", "02-01", "other_in", "9.00", account="91.01", item="x", purpose="Oплатa от Вегa по счёту 7")),
         ["t1"], "VEGA"),
    Case("C-4.2.2.list", post(money("t1", "02-01", "other_out", "9.00", account="91.02", item="x", purpose="ИНН 7736050003, возврат")),
         ["t1"], "METALL"),
    Case("C-4.2.4.list", """update version set content = replace(content, '"reason":"court",', '') where document_id = [dw]""", ["dw"],
         "reason"),
    Case("C-4.2.4.list", after(
        post(DebtAdjustment(**at("t1", "02-01"), kind="write_off", rows=[row("they_owe_us", "0.90", **VEGA)], account="91.02", item="x",
                            department="sales", analytics="Vega", reason="kopecks")),
        masters(msgspec.structs.replace(cast.MSK, difference_limit="0.50")),
    ), ["t1"], "kopecks"),
    Case("C-4.3c.list", post(sale("t1", "02-01", "90.00", INVOICED),
                             money("t2", "02-05", "payment_from_customer", "40.00", **INVOICED)), ["t2"], "BUYER-INVOICES"),
    Case("C-4.3c.list", post(sale("t1", "02-01", "90.00", {"counterparty": "SIRIUS", "contract": "BUYER-MANUAL"}),
                             money("t2", "02-05", "payment_from_customer", "40.00", "SIRIUS", "BUYER-MANUAL")), ["t2"], "BUYER-MANUAL"),
    Case("C-4.4.list", post(sale("t1", "02-01", "90.00", VEGA, contours=("reg",))), ["t1"], "BUYER reg"),
    Case("C-4.5.2.list", "insert into period (unit_id, first_day, last_day, state) select id, '2025-01-01', '2025-02-28', 'closed' "
         "from unit where code = 'MSK'", [None], "2025-02-28"),
    Case("C-4.5.3.list", post(sale("t1", "02-01", "90.00", VEGA, item="Pallet")), ["t1"], "Pallet"),
    Case("C-4.5.4b.list", after(masters(Loan(code="LOAN", item="interest", maturity="2025-12-31", rates=[LoanRate(percent="10")])),
                                post(money("t1", "02-28", "loan_received", "36500.00", "IVANOV", "LOAN"),
                                     LoanInterest(**at("t2", "04-30", counterparty="IVANOV", contract="LOAN"), first="2025-04-01",
                                                  last="2025-04-30", amount="305.00", item="interest", typed=True))),
         [None], "LOAN 2025-03-31"),
    Case("C-4.5.4c.list", after(masters(Loan(code="LOAN", item="interest", maturity="2027-12-31", rates=[LoanRate(percent="10")])),
                                post(money("t1", "02-28", "loan_received", "36500.00", "IVANOV", "LOAN"))), [None], "LOAN 66.03 -> 67.03"),
    Case("C-4.5.4a.list", post(ManualEntry(**at("t1", "02-01"), rows=[ManualRow(debit=Side(account="91.02"), credit=Side(**VEGA),
                                                                             amount="5.00")])), ["t1"], "91.02"),
    Case("C-BR-3.list", sides(("t1", "MSK", "51", "79.02", "50.00"), ("t2", "SPB", "79.02", "51", "50.00")), ["t1", "t2"], "SPB"),
    Case("C-BR-4.list", post(
        money("t0", "01-31", "payment_to_supplier", "9000.00", "METALL", "SUPPLIER"),
        ManualEntry(**at("t1", "02-01"), rows=[ManualRow(debit=Side(account="51"), credit=Side(counterparty="METALL", contract="SUPPLIER"),
                                                         amount="5.00")]),
    ), ["t1"], "51 60.02"),
    Case("C-BR-5.list", SENT, [None], "N1"),
    Case("C-INV-1.list", again("s1", lines=line("1300.00", vat_rate="20")), ["ii"], "000001"),
    Case("C-INV-1a.list", post(sale("t1", "01-10", "90.00", VEGA, vat_rate="20"), invoice("t2", "01-10", "t1", difference="?", sums=[
        InvoiceSum(amount="900.00", vat_rate="20")])), ["t2"]),
    Case("C-INV-1b.list", after(masters(msgspec.structs.replace(cast.VEGA, tax_id="")), post(
        sale("t1", "01-10", "90.00", VEGA, vat_rate="20"), invoice("t2", "01-10", "t1"))), ["ii"], "VEGA"),
    Case("C-INV-2.list", post(sale("t1", "02-01", "90.00", VEGA, vat_rate="20")), ["t1"]),
    Case("C-INV-2a.list", post(ReceivedInvoice(**at("t1", "01-14"), bases=[InvoiceBase(document="p2")], incoming_number="0017",
                                               incoming_date="2025-01-10")), ["t1"], "METALL"),
    Case("C-INV-2b.list", post(sale("t1", "01-10", "90.00", VEGA, vat_rate="20"), invoice("t2", "01-10", "t1", number="000004")), ["t2"],
         "000002-000003"),
    Case("C-INV-2c.list", post(sale("t1", "01-10", "90.00", VEGA, vat_rate="20"), invoice("t2", "01-17", "t1")), ["t2"]),
    Case("C-INV-3.list", refused(sale("t1", "02-01", "90.00", {**VEGA, "counterparty": "NOBODY"})), [None], "sales.jsonl 1 t1"),
    Case("C-INV-BOOK.list", post(sale("t1", "02-01", "90.00", VEGA, vat_rate="20")), [None], "sales 2025-Q1"),
    Case("C-ORD.list", post(
        msgspec.structs.replace(
            next(document for document in documents() if document.key == "o1"), key="t1", status="processing",
            stages=[OrderStage(variant="advance", percent="100")],
        ), consent=True,
    ), ["t1"]),
    Case("C-VAT.list", lambda db: unpost_document(db, "av", TYPIST), ["vo"], "vo vi"),
]  # fmt: skip


def do(db: Db, plant: Plant) -> None:
    """A statement with the triggers off, or what services do. In a statement the key of a document in brackets is its id: [s1]."""
    if not isinstance(plant, str):
        plant(db)
        return
    ids = dict(db.execute("select key, id::text from document").fetchall())
    for key, number in ids.items():
        plant = plant.replace(f"[{key}]", number)
    db.execute(NO_CONSTRAINTS)
    db.execute("set local session_replication_role = replica")
    db.execute(plant)
    db.execute("set local session_replication_role = origin")


@pytest.fixture(scope="module")
def story(server: str) -> Iterator[Db]:
    with told(server, tell) as conn:
        conn.autocommit = False
        yield conn
        conn.rollback()


@pytest.fixture
def books(story: Db) -> Iterator[Db]:
    """The same books for every test: what a test does is rolled back. A verb within a transaction commits nothing."""
    story.execute("select")
    yield story
    story.rollback()


def test_books_of_every_kind_of_document_have_nothing_to_look_at(books: Db) -> None:
    standing = {kind for (kind,) in books.execute("select kind from document where status = 'posted'")}
    missing = sorted(KINDS.keys() - standing)
    assert missing == [], f"tests/settlements/every_kind.py has no document of {', '.join(missing)}"
    assert {result.check.code: result.rows for result in run_checks(books) if result.rows} == {}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code} {case.documents[0]}")
def test_what_was_planted_is_told(books: Db, case: Case) -> None:
    do(books, case.plant)
    (check,) = [check for check in all_checks() if check.code == case.code]
    rows: list[Row] = [first_divergence(books, check, found) for found in run_check(books, check)]
    assert [found.document for found in rows] == case.documents, rows
    assert case.key in rows[0].key
    assert {found.unit for found in rows} <= {"MSK", "SPB"}


def test_what_takes_as_long_for_one_unit_is_looked_at_once_for_all(books: Db, monkeypatch: pytest.MonkeyPatch) -> None:
    do(books, "update posting set item = 'x' where document_id in ([mi], [vi]) and line = 1")
    refolds = []
    compare = refolding.compare_with_refold
    monkeypatch.setattr(refolding, "compare_with_refold", lambda conn: refolds.append(conn) or compare(conn))
    keep_check(books, "C-4.2.7", ["MSK", "SPB"], TYPIST)
    kept = {result.unit: [row.document for row in result.rows] for result in check_results(books, "C-4.2.7")}
    assert (kept, len(refolds)) == ({"MSK": ["mi"], "SPB": ["vi"]}, 1)


def test_every_check_is_planted() -> None:
    missing = sorted({check.code for check in all_checks()} - {case.code for case in CASES})
    assert missing == [], f"no error is planted for {', '.join(missing)}: tests/settlements/test_planted.py"
