"""Files into the books and out again: all or nothing, good rows, dry run, again, other states, and back into an empty database."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from setoff.access.policies import set_policy
from setoff.books.audit import Actor
from setoff.core.errors import ErrorCode
from setoff.demo.generate import records
from setoff.intake.export import export_records
from setoff.intake.files import Files
from setoff.intake.load import Counts, How, Loaded, Reports, load_files
from setoff.intake.mapping import parse_mapping
from setoff.intake.rows import RowFault, SkippedRow
from setoff.intake.source import source_of
from setoff.parties.services import save_masters
from setoff.reports.ask import ask
from setoff.reports.files import render_json
from setoff.settlements.notices import NoticeReceipt, note_receipt
from setoff.settlements.services import mark_for_deletion, post_document, reorder_document, save_document, unpost_document
from setoff.site import database
from setoff.trade.documents import AdjustmentRow, AnyDocument, DebtAdjustment, Line, Payment, PaymentTarget, Purchase, Sale
from tests.cast import BUYER_2, LYCEUM_BUYER, MASTERS

ACTOR = Actor("tester", "test")
Conn = psycopg.Connection[Any]


def load(conn: Conn, *paths: Path, mapping: str = "", **options: Any) -> tuple[Loaded, list[RowFault | SkippedRow]]:
    heard: list[RowFault | SkippedRow] = []
    reports = Reports(heard.append)
    files = Files([source_of(path) for path in paths], parse_mapping(mapping, "m.toml") if mapping else None, reports)
    return load_files(conn, files, reports, ACTOR, How(**options)), heard


def write(path: Path, *said: Any) -> Path:
    path.write_bytes(b"".join(line if isinstance(line, bytes) else msgspec.json.encode(line) + b"\n" for line in said))
    return path


def sale(number: str, day: str = "2025-03-01", amount: str = "100.00", **fields: Any) -> Sale:
    return Sale(unit="MSK", date=day, number=number, counterparty="VEGA", contract="BUYER", lines=[Line(amount=amount)], **fields)


def payment(number: str, day: str, amount: str, *targets: str, **fields: Any) -> Payment:
    named = [PaymentTarget(document=target, amount=amount) for target in targets]
    return Payment(kind="payment_from_customer", unit="MSK", date=day, number=number, counterparty="VEGA", contract="BUYER",
                   amount=amount, targets=named, **fields)


def counts(conn: Conn) -> dict[str, int]:
    names = ["organization", "contract", "document", "version", "fact", "lot", "allocation", "posting"]
    return {name: conn.execute(f"select count(*) from {name}").fetchone()[0] for name in names}


def exported(conn: Conn) -> bytes:
    lines: list[bytes] = []
    export_records(conn, lines.append)
    return b"".join(lines)


def reports_of(conn: Conn) -> dict[str, str]:
    parties = [code for (code,) in conn.execute("select code from counterparty order by code")]
    both: dict[str, dict[str, list[str]]] = {"statement": {}, "ageing": {}, "card": {"counterparty": parties}}
    asked = [(name, {"contour": [contour], **options}) for name, options in both.items() for contour in ("reg", "mgmt")]
    asked += [(name, {}) for name in ("turnover-balance", "journal", "postings", "contour-difference")]
    return {
        f"{name} {options}": render_json(ask(conn, name, as_of="2026-12-31", options=options, language="en"), "en")
        for name, options in asked
    }


def test_files_stand_in_the_books_and_again_change_nothing(db: Conn, tmp_path: Path) -> None:
    masters = write(tmp_path / "m.jsonl", *MASTERS)
    documents = write(tmp_path / "d.jsonl", sale("1"), payment("1", "2025-03-05", "60.00"))
    loaded, heard = load(db, documents, masters)
    assert not heard
    assert loaded.kept and loaded.documents == (2, 0, 0) and loaded.masters == (len(MASTERS), 0, 0)
    before = counts(db)
    again, _ = load(db, masters, documents)
    assert again.kept and again.documents == (0, 0, 2) and again.masters == (0, 0, len(MASTERS))
    assert counts(db) == before
    write(documents, sale("1", amount="90.00"), payment("1", "2025-03-05", "60.00"))
    assert load(db, documents)[0].documents == (0, 1, 1)


def test_masters_may_stand_after_documents(db: Conn, tmp_path: Path) -> None:
    loaded, heard = load(db, write(tmp_path / "all.jsonl", sale("1"), *MASTERS))
    assert loaded.kept and not heard


def test_one_bad_row_keeps_everything_out(db: Conn, tmp_path: Path) -> None:
    file = write(tmp_path / "f.jsonl", *MASTERS, sale("1"), b'{"type":"sale"}\n', sale("2"),
                 msgspec.structs.replace(sale("3"), contract="NONE"))
    loaded, heard = load(db, file)
    assert not loaded.kept and loaded.refused == 2
    row = len(MASTERS)
    assert [(found.row, found.code) for found in heard if isinstance(found, RowFault)] == [
        (row + 2, ErrorCode.FIELD_MISSING), (row + 4, ErrorCode.UNKNOWN_REFERENCE)]
    assert set(counts(db).values()) == {0}


def test_good_rows_are_kept_on_demand(db: Conn, tmp_path: Path) -> None:
    bad_master = b'{"type":"unit","code":"X","organization":"NOBODY","name":"x"}\n'
    file = write(tmp_path / "f.jsonl", *MASTERS, bad_master, sale("1"), b"not json\n", sale("2"))
    loaded, heard = load(db, file, keep_good_rows=True)
    assert loaded.kept and loaded.refused == 2 and loaded.documents == (2, 0, 0)
    assert {(found.row, found.code) for found in heard if isinstance(found, RowFault)} == {
        (len(MASTERS) + 1, ErrorCode.UNKNOWN_REFERENCE), (len(MASTERS) + 3, ErrorCode.ROW_UNREADABLE)}


def test_a_dry_run_counts_and_keeps_nothing(db: Conn, tmp_path: Path) -> None:
    file = write(tmp_path / "f.jsonl", *MASTERS, sale("1"), sale("2", day="2025-02-30"))
    loaded, heard = load(db, file, dry_run=True)
    assert not loaded.kept and loaded.documents == (1, 0, 0) and loaded.refused == 1 and len(heard) == 1
    assert set(counts(db).values()) == {0}


def test_a_number_that_is_taken_refuses_its_row(db: Conn, tmp_path: Path) -> None:
    load(db, write(tmp_path / "f.jsonl", *MASTERS, sale("1")))
    file = write(tmp_path / "g.jsonl", sale("1", key="other"), sale("2", key="a"), sale("2", key="b"), sale("3"))
    loaded, heard = load(db, file, keep_good_rows=True)
    assert loaded.documents == (2, 0, 0)
    assert [(found.row, found.code) for found in heard if isinstance(found, RowFault)] == [
        (1, ErrorCode.NUMBER_TAKEN), (3, ErrorCode.NUMBER_TAKEN)]


def test_a_document_may_name_one_that_comes_later_in_the_file(db: Conn, tmp_path: Path) -> None:
    named = payment("1", "2025-03-05", "100.00", "sale/MSK/2025/1")
    loaded, heard = load(db, write(tmp_path / "f.jsonl", *MASTERS, named, sale("1")))
    assert loaded.kept and not heard
    assert db.execute("select kind from document order by id").fetchall() == [("payment_from_customer",), ("sale",)]
    assert db.execute("select count(*) from allocation").fetchone() == (2,)


def test_a_file_may_say_another_state(db: Conn, tmp_path: Path) -> None:
    file = tmp_path / "f.jsonl"
    load(db, write(file, *MASTERS, sale("1"), sale("2", state="draft"), sale("3", state="unposted"),
                   sale("4", state="draft", deletion_mark=True)))

    def states() -> list[Any]:
        return db.execute("select number, status, deletion_mark from document order by number").fetchall()

    assert states() == [("1", "posted", False), ("2", "draft", False), ("3", "unposted", False), ("4", "draft", True)]
    write(file, sale("1", state="unposted", deletion_mark=True), sale("2"), sale("3"), sale("4", state="draft", amount="7.00"))
    assert load(db, file)[0].documents == (0, 4, 0)
    assert states() == [("1", "unposted", True), ("2", "posted", False), ("3", "posted", False), ("4", "draft", False)]
    assert load(db, file)[0].documents == (0, 0, 4)
    loaded, (refused,) = load(db, write(file, sale("9", deletion_mark=True)))
    assert not loaded.kept and isinstance(refused, RowFault) and refused.code is ErrorCode.WRONG_STATE


def test_a_contract_ends_after_its_documents(db: Conn, tmp_path: Path) -> None:
    masters = [record for record in MASTERS if record != BUYER_2] + [msgspec.structs.replace(BUYER_2, status="closed")]
    owed = msgspec.structs.replace(sale("1"), contract="BUYER-2")
    paid = msgspec.structs.replace(payment("1", "2025-03-02", "100.00"), contract="BUYER-2")
    loaded, (refused,) = load(db, write(tmp_path / "open.jsonl", *masters, owed))
    assert not loaded.kept and isinstance(refused, RowFault) and refused.code is ErrorCode.CONTRACT_NOT_SETTLED
    file = write(tmp_path / "paid.jsonl", *masters, owed, paid)
    loaded, heard = load(db, file)
    assert loaded.kept and not heard and loaded.masters == (len(MASTERS), 0, 0)
    assert db.execute("select status from contract where code = 'BUYER-2'").fetchone() == ("closed",)
    assert load(db, file)[0].masters == (0, 0, len(MASTERS))
    loaded, (refused,) = load(db, write(tmp_path / "more.jsonl", msgspec.structs.replace(owed, number="2")))
    assert isinstance(refused, RowFault) and refused.code is ErrorCode.CONTRACT_NOT_ACTIVE


def test_a_table_with_a_mapping_goes_the_same_way(db: Conn, tmp_path: Path) -> None:
    write(tmp_path / "m.jsonl", *MASTERS)
    (tmp_path / "t.csv").write_text("no,day,sum\n1,2025-03-01,10.00\n2,2025-03-02,-1\n3,2025-03-03,5\n")
    mapping = """
[[record]]
type = "sale"
unit = "MSK"
number = "{no}"
date = "{day}"
counterparty = "VEGA"
contract = "BUYER"
lines = { amount = "{sum}" }
"""
    loaded, (refused,) = load(db, tmp_path / "t.csv", tmp_path / "m.jsonl", mapping=mapping, keep_good_rows=True)
    assert loaded.documents == (2, 0, 0)
    assert isinstance(refused, RowFault) and refused[:2] == ("t.csv", 3)
    assert refused.code in (ErrorCode.AMOUNT_NOT_POSITIVE, ErrorCode.INVALID_AMOUNT)


def in_another_database(files: Path) -> tuple[bytes, dict[str, str]]:
    with database.throwaway(), database.connect() as conn:
        loaded, heard = load(conn, files)
        assert loaded.kept and not heard
        return exported(conn), reports_of(conn)


def test_what_goes_out_comes_back_as_it_was(db: Conn, tmp_path: Path) -> None:
    """The cast's documents with every trouble: reordered days, edits, drafts, a back-dated sale named by an earlier payment."""
    load(db, write(tmp_path / "m.jsonl", *MASTERS))
    steps: list[AnyDocument] = [sale("1"), sale("2", amount="50.00"), payment("1", "2025-03-01", "70.00"),
                                payment("2", "2025-03-10", "20.00", "sale/MSK/2025/2")]
    for step in steps:
        post_document(db, step, ACTOR)
    reorder_document(db, "payment_from_customer/MSK/2025/1", 5, ACTOR)
    post_document(db, sale("0", day="2025-03-04", amount="30.00"), ACTOR)
    post_document(db, payment("2", "2025-03-10", "25.00", "sale/MSK/2025/0"), ACTOR)
    save_document(db, sale("7", amount="1.00"), ACTOR)
    save_document(db, sale("8", amount="2.00"), ACTOR)
    mark_for_deletion(db, "sale/MSK/2025/8", ACTOR)
    post_document(db, sale("9", amount="4.00"), ACTOR)
    unpost_document(db, "sale/MSK/2025/9", ACTOR)
    post_document(db, msgspec.structs.replace(sale("20", amount="8.00"), contract="BUYER-2"), ACTOR)
    post_document(db, msgspec.structs.replace(payment("20", "2025-03-02", "8.00"), contract="BUYER-2"), ACTOR)
    save_masters(db, [msgspec.structs.replace(BUYER_2, status="closed")], ACTOR)
    noticed(db)
    out, reports = exported(db), reports_of(db)
    assert out.splitlines()[-1] == b'{"type":"notice_receipt","document":"notice","received":"2025-04-07"}'
    file = tmp_path / "out.jsonl"
    file.write_bytes(out)
    assert in_another_database(file) == (out, reports)
    again, heard = load(db, file)
    assert not heard and again.documents == (0, 0, 12) and again.masters[:2] == (0, 0)
    wrong = [NoticeReceipt(document=key, received=day) for key, day in (("none", "2025-04-07"), ("sale/MSK/2025/1", "2025-04-07"),
                                                                       ("notice", "2025-03-30"))]
    codes = [found.code for found in load(db, write(tmp_path / "r.jsonl", *wrong))[1] if isinstance(found, RowFault)]
    assert codes == [ErrorCode.UNKNOWN_REFERENCE, ErrorCode.INVALID_VALUE, ErrorCode.INVALID_DATE]


def noticed(conn: Conn) -> None:
    """What VEGA owes us meets what we owe METALL, by a notice that arrived a week later."""
    bought = Purchase(unit="MSK", date="2025-03-02", number="1", counterparty="METALL", contract="SUPPLIER", lines=[Line(amount="5")])
    rows = [
        AdjustmentRow(side="they_owe_us", counterparty="VEGA", contract="BUYER", amount="5"),
        AdjustmentRow(side="we_owe_them", counterparty="METALL", contract="SUPPLIER", amount="5"),
    ]
    notice = DebtAdjustment(kind="set_off", unit="MSK", key="notice", date="2025-03-31", rows=rows, one_sided=True)
    for document in (bought, notice):
        post_document(conn, document, ACTOR)
    note_receipt(conn, "notice", date(2025, 4, 7), ACTOR)


def test_a_believable_group_comes_back_as_it_was(db: Conn, tmp_path: Path) -> None:
    loaded, heard = load(db, write(tmp_path / "demo.jsonl", *records(400, 7)))
    assert loaded.kept and not heard
    out, reports = exported(db), reports_of(db)
    file = tmp_path / "out.jsonl"
    file.write_bytes(out)
    assert in_another_database(file) == (out, reports)


ODD = st.sampled_from(
    [
        "", "x", "-1", "0", "0.001", "1e5", "NaN", "9" * 30, "10000000000000000", "2025-02-30", "0001-01-01", "9999-12-31",
        "2025-03-01", "RUB", "EUR", "XXZ", "BUYER", "NONE", "VEGA", "\u0000", "\ud7ff", "😀", "' or 1=1 --", "a" * 3000, None, 5, -1,
        512, 10**20, True, [], {}, ["mgmt"], [{}], [{"amount": "5"}], [{"amount": "99999999999999999"}] * 3,
        [{"document": "sale/MSK/2025/1", "amount": "5"}],
    ]
)  # fmt: skip


def _documents() -> st.SearchStrategy[dict[str, Any]]:
    bases = [msgspec.to_builtins(sale("1")), msgspec.to_builtins(payment("1", "2025-03-05", "60.00", "sale/MSK/2025/1"))]
    more = [
        {"type": "purchase", "unit": "MSK", "date": "2025-03-01", "counterparty": "METALL", "contract": "SUPPLIER",
         "lines": [{"amount": "5", "vat_rate": "20"}]},
        {"type": "sale_correction", "unit": "MSK", "date": "2025-03-02", "base": "sale/MSK/2025/1", "direction": "down",
         "lines": [{"amount": "5"}]},
        {"type": "opening_balance", "unit": "MSK", "date": "2025-01-01", "kind": "customer_debts",
         "rows": [{"counterparty": "VEGA", "contract": "BUYER", "number": "1", "date": "2024-12-01", "amount": "7"}]},
        {"type": "manual_entry", "unit": "MSK", "date": "2025-03-01",
         "rows": [{"amount": "5", "debit": {"account": "91.02"}, "credit": {"relation": "buyer", "counterparty": "VEGA"}}]},
    ]
    fields = ["unit", "date", "key", "number", "day_order", "rate", "contours", "counterparty", "contract", "currency", "lines", "rows",
              "targets", "stages", "due", "amount", "kind", "base", "order", "agreement", "account", "cash", "direction"]
    changes = st.dictionaries(st.sampled_from(fields), ODD, max_size=3)
    return st.builds(lambda base, change: {**base, **change}, st.sampled_from(bases + more), changes)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_documents(), min_size=1, max_size=12))
def test_nothing_that_is_uploaded_crashes(db: Conn, tmp_path: Path, said: list[dict[str, Any]]) -> None:
    """Every line is in the books, unchanged, or told as a fault."""
    file = tmp_path / "odd.jsonl"
    lines = [json.dumps(line).encode() + b"\n" for line in [msgspec.to_builtins(sale("1")), *said]]
    write(file, *MASTERS, *lines)
    with db.transaction(force_rollback=True):
        loaded, heard = load(db, file, keep_good_rows=True)
        assert loaded.kept
        assert sum(loaded.documents) + len(heard) == len(lines)


def test_a_file_takes_nothing_out_of_the_books_that_a_policy_names(company: Conn, tmp_path: Path) -> None:
    money = {"type": "payment", "kind": "payment_to_supplier", "unit": "MSK", "date": "2025-03-02", "counterparty": "METALL",
             "contract": "SUPPLIER"}  # fmt: skip
    large, small = {**money, "key": "large", "amount": "500"}, {**money, "key": "small", "amount": "5"}
    load(company, write(tmp_path / "in.jsonl", large, small))
    set_policy(company, "payment", ACTOR, limit="100", currency="RUB")
    gone = [{**large, "state": "unposted"}, {**small, "state": "unposted"}]
    done, heard = load(company, write(tmp_path / "out.jsonl", *gone))
    assert (done.documents, done.held, heard) == (Counts(0, 1, 1), 1, [])
    states = company.execute("select key, status from document order by key").fetchall()
    assert states == [("large", "posted"), ("small", "unposted")]
    done, heard = load(company, write(tmp_path / "less.jsonl", {**large, "amount": "5"}))
    assert (done.held, heard) == (1, [])
    assert company.execute("select verb, state from approval order by id").fetchall() == [("unpost", "superseded"), ("post", "pending")]
    assert company.execute("select total from document where key = 'large'").fetchone() == (500_00,)
def test_contracts_left_out_are_filled_in_on_request_and_limits_hold_for_files(db: Conn, tmp_path: Path) -> None:
    masters = write(tmp_path / "masters.jsonl", *MASTERS)
    limited = msgspec.structs.replace(LYCEUM_BUYER, credit_limit="100.00")
    load(db, masters, write(tmp_path / "limit.jsonl", limited))
    sales = [
        Sale(unit="LYC", date=f"2025-03-0{day}", number=str(day), counterparty="VEGA", lines=[Line(amount=amount)])
        for day, amount in ((1, "60.00"), (2, "60.00"), (3, "30.00"))
    ]
    path = write(tmp_path / "sales.jsonl", *sales)
    loaded, heard = load(db, path, fill_contracts=True, keep_good_rows=True)
    assert [(found.row, found.code) for found in heard if isinstance(found, RowFault)] == [(2, ErrorCode.CREDIT_LIMIT_EXCEEDED)]
    assert loaded.documents.created == 2  # the third fits, for the second is not there
    named = "select document.number from document join contract on contract.id = contract_id and contract.code = 'LYCEUM-BUYER' order by 1"
    assert db.execute(named).fetchall() == [("1",), ("3",)]
    again, _ = load(db, path, fill_contracts=True, consent=True)
    assert (again.documents.created, again.documents.unchanged, again.refused) == (1, 2, 0)
