"""The queue of refused rows: what an import refuses waits once, leaves by itself, is tried again or dropped."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from setoff.access.entry import leave
from setoff.access.queries import rights_of_owner
from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.core.money import Money
from setoff.intake.files import Files
from setoff.intake.kept_facts import kept_facts, told_facts
from setoff.intake.load import How, Loaded, Reports, load_files
from setoff.intake.mapping import parse_mapping
from setoff.intake.permitted import PermittedFiles
from setoff.intake.rejected import RejectedRow, drop_rejected, rejected_rows
from setoff.intake.retry import retry_rejected
from setoff.intake.source import source_of
from setoff.parties.records import Counterparty, Rate
from setoff.parties.services import save_masters
from setoff.settlements.services import post_document
from setoff.trade.documents import Line, Sale
from tests import cast
from tests.access.people import as_role

ACTOR = Actor("tester", "import")
Conn = psycopg.Connection[Any]
NEW = Counterparty(code="NEW", name="New one")
CONTRACT = msgspec.structs.replace(cast.BUYER, code="NEW-BUYER", counterparty="NEW")
MAPPING = """
[[record]]
type = "sale"
unit = "MSK"
date = "2025-03-01"
key = "{key}"
counterparty = "{party}"
contract = "{contract}"
lines = { amount = "{amount}" }
"""


def load(conn: Conn, *paths: Path, mapping: str = "", **options: Any) -> Loaded:
    reports = Reports(lambda _found: None)
    files = Files([source_of(path) for path in paths], parse_mapping(mapping, "m.toml") if mapping else None, reports)
    return load_files(conn, files, reports, ACTOR, How(**options))


def write(path: Path, *said: Any) -> Path:
    path.write_bytes(b"".join(line if isinstance(line, bytes) else msgspec.json.encode(line) + b"\n" for line in said))
    return path


def sale(key: str, amount: str = "100.00", **fields: Any) -> Sale:
    return Sale(**{"unit": "MSK", "date": "2025-03-01", "key": key, "counterparty": "VEGA", "contract": "BUYER",
                   "lines": [Line(amount=amount)], **fields})  # fmt: skip


def of_new(key: str) -> Sale:
    return sale(key, counterparty="NEW", contract="NEW-BUYER")


def rate(value: str, day: str = "2025-03-01") -> Rate:
    return Rate(currency="EUR", quote="RUB", date=day, rate=value)


def queue(conn: Conn, state: str = "open") -> list[RejectedRow]:
    return rejected_rows(conn, rights_of_owner(conn, "nobody"), state=state)


def places(conn: Conn, state: str = "open") -> list[tuple[str, int, str, str, str]]:
    return [(row.file, row.row, row.unit, row.key, row.refusal.code.value) for row in queue(conn, state)]


def test_facts_come_back_as_they_were() -> None:
    facts = {
        "field": "lines[0].amount", "amount": Money(1250, "RUB"), "day": date(2025, 1, 31), "rate": Decimal("1.50"), "none": None,
        "at": datetime(2025, 1, 31, 9, 30, tzinfo=UTC), "rows": [{"amount": Money(-1, "EUR"), "line": 3}],
    }  # fmt: skip
    assert told_facts(json.loads(json.dumps(kept_facts(facts)))) == facts
    assert kept_facts({"value": "a\0b"}) == {"value": "a\N{REPLACEMENT CHARACTER}b"}


def test_refused_rows_wait_once_and_leave_by_themselves(company: Conn, tmp_path: Path) -> None:
    broken = b'{"type": "sale", "key": "x"\n'
    shapeless = b'{"type": "sale", "key": "s3", "unit": "MSK", "amount": "1"}\n'
    path = write(tmp_path / "march.jsonl", sale("s1"), of_new("s2"), broken, shapeless, sale("s4", "ten"))
    assert load(company, path, dry_run=True).waiting == 0 and queue(company) == []
    loaded = load(company, path)
    assert (loaded.kept, loaded.refused, loaded.waiting) == (False, 4, 4)
    waiting = [
        ("march.jsonl", 2, "MSK", "s2", "unknown_reference"), ("march.jsonl", 3, "", "", "row_unreadable"),
        ("march.jsonl", 4, "MSK", "s3", "unknown_field"), ("march.jsonl", 5, "MSK", "s4", "invalid_amount"),
    ]  # fmt: skip
    assert sorted(places(company)) == waiting
    assert load(company, path, keep_good_rows=True).waiting == 4 and sorted(places(company)) == waiting
    kept = {row.row: row for row in queue(company)}
    assert json.loads(kept[2].content)["counterparty"] == "NEW" and kept[3].content == '{"type": "sale", "key": "x"'
    assert (kept[5].author, kept[5].refusal.facts["value"]) == ("tester", "ten")
    mended = write(tmp_path / "mended.jsonl", sale("s4", "10.00"), sale("s5", "no"))
    assert load(company, mended).waiting == 5  # nothing was kept: s4 waits as before
    assert load(company, mended, keep_good_rows=True).waiting == 4
    (handled,) = queue(company, "handled")
    assert (handled.row, handled.key, handled.settled_file, handled.settled_by) == (5, "s4", "mended.jsonl", "tester")


def test_a_row_is_tried_again_or_dropped(company: Conn, tmp_path: Path) -> None:
    rights = rights_of_owner(company, "nobody")
    load(company, write(tmp_path / "new.jsonl", CONTRACT, of_new("s1"), b"{\n"))
    contract, document, broken = sorted(queue(company), key=lambda row: row.row)
    assert (contract.kind, contract.key, contract.unit) == ("contract", "NEW-BUYER", "")
    (told,) = retry_rejected(company, document.id, ACTOR, rights).refused
    assert (told.row, told.code.value) == (2, "unknown_reference")
    assert [found.code.value for found in retry_rejected(company, broken.id, ACTOR, rights).refused] == ["row_unreadable"]
    save_masters(company, [NEW], ACTOR)
    assert retry_rejected(company, contract.id, ACTOR, rights).refused == []
    assert retry_rejected(company, document.id, ACTOR, rights).refused == []
    assert company.execute("select key, status from document").fetchall() == [("s1", "posted")]
    with pytest.raises(DomainError, match="field_missing"):
        drop_rejected(company, broken.id, ACTOR, rights, because=" ")
    drop_rejected(company, broken.id, ACTOR, rights, because="an empty line")
    assert queue(company) == [] and [row.reason for row in queue(company, "dropped")] == ["an empty line"]
    with pytest.raises(DomainError, match="unknown_reference"):
        retry_rejected(company, document.id, ACTOR, rights)
    assert load(company, tmp_path / "new.jsonl").waiting == 0  # what was dropped stays so


def test_a_row_of_a_table_is_tried_again_as_its_record(company: Conn, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("key,party,contract,amount\nt1,VEGA,BUYER,10.00\nt2,NEW,NEW-BUYER,20.00\nt3,VEGA,BUYER,x\n", encoding="utf-8")
    assert load(company, path, mapping=MAPPING, keep_good_rows=True).waiting == 2
    second, third = sorted(queue(company), key=lambda row: row.row)
    assert json.loads(second.content) == {"key": "t2", "party": "NEW", "contract": "NEW-BUYER", "amount": "20.00"}
    assert (second.row, second.key, second.unit) == (3, "t2", "MSK")
    assert json.loads(third.content)["amount"] == "x" and third.records == ""
    save_masters(company, [NEW, CONTRACT], ACTOR)
    rights = rights_of_owner(company, "nobody")
    assert retry_rejected(company, second.id, ACTOR, rights).refused == []
    assert len(retry_rejected(company, third.id, ACTOR, rights).refused) == 1
    assert company.execute("select key from document order by 1").fetchall() == [("t1",), ("t2",)]


def test_rows_are_seen_by_who_may(company: Conn, tmp_path: Path) -> None:
    """A row of a unit by who reads it; one of a unit where the importer may not write, or of none, by him and administrators."""
    path = write(tmp_path / "a.jsonl", sale("s1", "x"), sale("s2", "x", unit="SPB"), b"{\n")
    anna = as_role(company, "anna", MSK="accountant")
    assert load(company, path).waiting == 3
    assert [(row.row, row.unit) for row in rejected_rows(company, anna)] == [(1, "MSK"), (2, ""), (3, "")]
    leave(company)
    boris = as_role(company, "boris", MSK="viewer")
    (seen,) = rejected_rows(company, boris)
    assert seen.row == 1
    with pytest.raises(DomainError, match="not_permitted"):
        drop_rejected(company, seen.id, Actor("boris", "api"), boris, because="mine")
    assert company.execute("update rejected_row set reason = 'x'").rowcount == 0
    leave(company)
    chief = as_role(company, "chief", is_administrator=True)
    assert [row.row for row in rejected_rows(company, chief)] == [1, 2, 3]


def test_a_row_is_mended_where_it_waits(company: Conn, tmp_path: Path) -> None:
    """What is imported is what a person wrote; the queue keeps the row as it came, the audit trail what was written instead."""
    rights = rights_of_owner(company, "nobody")
    load(company, write(tmp_path / "bad.jsonl", sale("s1", "ten"), b'{"type": "sale", "key": "s2"\n'))
    wrong, broken = sorted(queue(company), key=lambda row: row.row)
    still = retry_rejected(company, wrong.id, ACTOR, rights, mended=msgspec.json.encode(sale("s1", "elf")).decode())
    assert [found.code.value for found in still.refused] == ["invalid_amount"]
    (waiting,) = [row for row in queue(company) if row.id == wrong.id]
    assert json.loads(waiting.content)["lines"][0]["amount"] == "ten"
    for row, record in ((wrong, sale("s1", "10.00")), (broken, sale("s2", "20.00"))):
        assert retry_rejected(company, row.id, ACTOR, rights, mended=msgspec.json.encode(record).decode()).refused == []
    assert company.execute("select key, total from document order by 1").fetchall() == [("s1", 1000), ("s2", 2000)]
    said = company.execute("select details ->> 'mended' from audit where verb = 'retry_rejected' order by id").fetchall()
    assert [json.loads(text)["key"] for (text,) in said] == ["s1", "s2"]


def test_rates_are_an_administrators_and_wait_for_one(company: Conn, tmp_path: Path) -> None:
    """A rate states documents of every unit again: of others it waits, until an administrator imports it from the queue, mended or not, or
    a later file brings the rate of that day."""
    post_document(company, sale("e1", "10.00", counterparty="BERLIN", contract="BUYER-EUR"), ACTOR)
    anna = as_role(company, "anna", MSK="accountant")
    path = write(tmp_path / "rates.jsonl", rate("110"), rate("12O", "2025-03-02"))
    reports = Reports(lambda _found: None)
    files = PermittedFiles([source_of(path)], None, reports, rights=anna)
    assert load_files(company, files, reports, ACTOR).kept is False
    assert [(fault.code.value, fault.row) for fault in reports.faults] == [("not_permitted", 1), ("not_permitted", 2)]
    first, second = rejected_rows(company, anna)
    assert (first.kind, first.key, first.unit) == ("rate", "EUR RUB 2025-03-01", "")
    assert [fault.code.value for fault in retry_rejected(company, first.id, ACTOR, anna).refused] == ["not_permitted"]
    leave(company)
    owner = rights_of_owner(company, "nobody")
    assert retry_rejected(company, first.id, ACTOR, owner).refused == []
    booked = "select fact.book from fact join document on document.posted_version_id = fact.version_id where document.key = 'e1'"
    assert company.execute(booked).fetchall() == [(110000,)]
    assert [fault.code.value for fault in retry_rejected(company, second.id, ACTOR, owner).refused] == ["invalid_rate"]
    loaded = load(company, write(tmp_path / "later.jsonl", rate("120", "2025-03-02"), rate("115")))
    assert (loaded.kept, loaded.waiting, loaded.restated) == (True, 0, 1)
    assert company.execute(booked).fetchall() == [(115000,)]
