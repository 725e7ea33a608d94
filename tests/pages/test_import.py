"""The page of imports: a trial tells what would change, an import does it, what is refused waits; a table may have its mapping proposed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import psycopg
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from setoff.parties.records import Rate
from setoff.trade.documents import Line, Sale

Db = psycopg.Connection[Any]
TABLE = "Day;Client;Contract;Amount\n2025-03-01;VEGA;BUYER;10.00\n2025-03-02;NOBODY;BUYER;20.00\n"
MAPPING = """
[[record]]
type = "sale"
unit = "MSK"
date = "{Day}"
key = "{Day}"
counterparty = "{Client}"
contract = "{Contract}"
lines = { amount = "{Amount}" }
"""


def sale(key: str, amount: str, **fields: Any) -> Sale:
    common: dict[str, Any] = {"unit": "MSK", "date": "2025-03-01", "counterparty": "VEGA", "contract": "BUYER"}
    return Sale(key=key, lines=[Line(amount=amount)], **{**common, **fields})


def file(name: str, *said: Any) -> SimpleUploadedFile:
    lines = [line.encode() if isinstance(line, str) else msgspec.json.encode(line) + b"\n" for line in said]
    return SimpleUploadedFile(name, b"".join(lines))


def sent(client: Client, action: str, *files: SimpleUploadedFile, status: int = 200, **fields: str) -> str:
    answer = client.post("/import/run/", {"files": list(files), "action": action, **fields}, headers={"HX-Request": "true"})
    assert answer.status_code == status, answer.content.decode()
    told: str = answer.content.decode()
    return told


def test_files_are_tried_and_taken_in(web: Db, sign_in: Callable[..., Client]) -> None:
    client = sign_in("accountant")
    assert 'name="files"' in client.get("/import/").content.decode()
    told = sent(client, "try", file("a.jsonl", sale("s1", "10.00"), sale("s2", "ten")))
    assert "nothing would be written" in told and "Documents: 1 created" in told and "a.jsonl, row 2: lines[0].amount = ten" in told
    assert "The first documents" in told and web.execute("select count(*) from document").fetchone() == (0,)
    told = sent(client, "import", file("a.jsonl", sale("s1", "10.00"), sale("s2", "ten")))
    assert "mend the rows" in told and 'href="/rejected/"' in told
    assert web.execute("select count(*) from document").fetchone() == (0,)
    told = sent(client, "import", file("a.jsonl", sale("s1", "10.00"), sale("s2", "ten")), keep_good_rows="yes")
    assert "in all contracts that the import touched: 1" in told
    told = sent(client, "try", file("a.jsonl", sale("s1", "10.00", date="2025-03-07")))
    assert "2025-03-07" in told and "document" in told
    assert web.execute("select key, date::text from document").fetchall() == [("s1", "2025-03-01")]
    assert "Загружено" in sent(sign_in("accountant", "ru"), "import", file("b.jsonl", sale("s3", "1.00")))
    assert "单据" in sent(sign_in("accountant", "zh"), "try", file("b.jsonl", sale("s4", "1.00")))


def test_a_table_has_a_mapping(web: Db, sign_in: Callable[..., Client]) -> None:
    client = sign_in("accountant")
    assert "mapping_required" in sent(client, "try", file("t.csv", TABLE), status=422)
    proposed = sent(client, "guess", file("t.csv", TABLE))
    assert 'id="import-mapping" hx-swap-oob="true"' in proposed and "{Amount" in proposed
    assert "mapping_invalid" in sent(client, "try", file("t.csv", TABLE), mapping_text="[[record]", status=422)
    assert "invalid_value" in sent(client, "try", file("t.csv", TABLE), mapping="../x", status=422)
    told = sent(client, "import", file("t.csv", TABLE), mapping_text=MAPPING, keep_good_rows="yes")
    assert "Documents: 1 created" in told and "t.csv, row 3: counterparty = NOBODY" in told
    whole = client.post("/import/run/", {"files": [file("t.csv", TABLE)], "action": "guess"}).content.decode()
    assert "<!doctype html>" in whole and "{Amount" in whole
    assert "field_missing" in sent(client, "try", status=422)
    assert "file_unreadable" in sent(client, "try", file("t.exe", "MZ"), status=422)


def test_who_may_import_and_what(web: Db, sign_in: Callable[..., Client]) -> None:
    """Whoever drafts documents somewhere; rates are an administrator's."""
    assert sign_in("viewer").get("/import/").status_code == 403
    assert sent(sign_in("viewer"), "try", file("a.jsonl", sale("s1", "1.00")), status=403)
    rate = Rate(currency="EUR", quote="RUB", date="2025-03-05", rate="101")
    assert "not_permitted" in sent(sign_in("accountant"), "try", file("r.jsonl", rate))
    assert "Master records: 1 created" in sent(sign_in("administrator"), "try", file("r.jsonl", rate))


def test_how_far_a_run_is_is_told_to_who_began_it(web: Db, sign_in: Callable[..., Client]) -> None:
    (number,) = web.execute("select id from access_user where username = 'accountant'").fetchone() or (0,)
    client = sign_in("accountant")
    assert client.get("/import/progress/?run=abc").content.decode().strip() == ""
    cache.set(f"import-{number}-abc", (1500, 30, False), 60)
    told = client.get("/import/progress/?run=abc", headers={"HX-Request": "true"}).content.decode()
    assert "Rows read: 1500" in told and 'value="30"' in told
    cache.set(f"import-{number}-abc", (5000, 100, True), 60)
    assert "being posted" in client.get("/import/progress/?run=abc").content.decode()
    assert sign_in("controller").get("/import/progress/?run=abc").content.decode().strip() == ""
