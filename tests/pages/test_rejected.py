"""The page of refused rows: reached from Today and the checks; a row is imported again, or dropped with a reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from django.test import Client

from setoff.books.audit import Actor
from setoff.intake.files import Files
from setoff.intake.load import Reports, load_files
from setoff.intake.source import source_of
from setoff.parties.records import Counterparty
from setoff.parties.services import save_masters
from setoff.trade.documents import Line, Sale
from tests import cast

ACTOR = Actor("tester", "import")


def refuse(web: psycopg.Connection[Any], folder: Path) -> list[int]:
    """A sale to a party that is not there, and one of an amount that is none. Returns their numbers in the queue."""
    common: dict[str, Any] = {"unit": "MSK", "date": "2025-03-01"}
    new = Sale(key="s1", counterparty="NEW", contract="NEW-BUYER", lines=[Line(amount="77.00")], **common)
    wrong = Sale(key="s2", counterparty="VEGA", contract="BUYER", lines=[Line(amount="ten")], **common)
    path = folder / "march.jsonl"
    path.write_bytes(msgspec.json.encode(new) + b"\n" + msgspec.json.encode(wrong))
    reports = Reports(lambda _found: None)
    load_files(web, Files([source_of(path)], None, reports), reports, ACTOR)
    return [number for (number,) in web.execute("select id from rejected_row order by row_no")]


def test_refused_rows_have_a_page(web: psycopg.Connection[Any], sign_in: Callable[..., Client], tmp_path: Path) -> None:
    client = sign_in("accountant")
    link = 'href="/rejected/"'
    assert link not in client.get("/").content.decode() and link in client.get("/checks/").content.decode()
    first, second = refuse(web, tmp_path)
    assert link in client.get("/").content.decode()
    shown = client.get("/rejected/").content.decode()
    assert "march.jsonl, row 1" in shown and "lines[0].amount = ten" in shown and "&quot;77.00&quot;" in shown
    assert "march.jsonl, строка 2" in sign_in("accountant", "ru").get("/rejected/").content.decode()
    assert 'action="/rejected/drop/"' not in sign_in("viewer").get("/rejected/").content.decode()
    client = sign_in("accountant")
    assert client.post("/rejected/retry/", {"row": first}).status_code == 422
    contract = msgspec.structs.replace(cast.BUYER, code="NEW-BUYER", counterparty="NEW")
    save_masters(web, [Counterparty(code="NEW", name="New"), contract], ACTOR)
    assert client.post("/rejected/retry/", {"row": first}).status_code == 302
    assert client.post("/rejected/drop/", {"row": second, "because": ""}).status_code == 422
    assert client.post("/rejected/drop/", {"row": second, "because": "a joke"}).status_code == 302
    assert client.post("/rejected/drop/", {"row": "x", "because": "a joke"}).status_code == 422
    assert sign_in("viewer").post("/rejected/drop/", {"row": second, "because": "a joke"}).status_code == 403
    assert "a joke" in client.get("/rejected/?state=dropped").content.decode()
    assert web.execute("select state from rejected_row order by row_no").fetchall() == [("handled",), ("dropped",)]
