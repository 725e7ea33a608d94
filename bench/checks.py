"""Every control check over books of a given size, and what an import pays for comparing the ledger afterwards.

    python -m bench.checks [SIZE]      (a part of `make bench`: on the books of its bulk import)

    all control checks        one after another, as `setoff check`        floor: every row of the ledger read and hashed once
    compared after an import  C-4.2 of all contracts (after_import.py)    floor: the bulk import of these books

No check can say that rows are right without reading them: the floor is what that costs alone.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from bench import copies, workloads
from bench.clock import Clock
from bench.table import Figure, printed
from setoff.parties.services import save_masters
from setoff.settlements.bulk import import_documents
from setoff.settlements.checks import all_checks, run_check
from setoff.settlements.checks.after_import import reconcile
from setoff.settlements.services import Actor
from setoff.trade.documents import Document

ACTOR: Final = Actor("bench", "bench")
SIZE: Final = 10_000
AT_ONCE: Final = 0.05
"""Seconds from which a check is told apart."""
READ_SQL: Final = "select count(*), sum(hashtextextended(told::text, 0)::numeric) from {} told"


def measure(conn: Any) -> dict[str, Any]:
    """CPU seconds of all checks, of the floor and of the comparison; by code, of those that take long."""
    with Clock(conn) as floor:
        for table in copies.LEDGER:
            conn.execute(READ_SQL.format(table)).fetchone()
    by_code, found = {}, {}
    with Clock(conn) as whole, conn.transaction():
        conn.execute("set local work_mem = '64MB'")
        for check in all_checks():
            with Clock(conn) as clock:
                rows = run_check(conn, check)
            by_code[check.code] = clock.spent.cpu
            found[check.code] = len(rows) if check.state == "error" else 0
    assert not any(found.values()), {code: count for code, count in found.items() if count}
    with Clock(conn) as compared:
        reconciled = reconcile(conn, 0)
    assert reconciled.contracts > 0 and not reconciled.differing
    longest = sorted(by_code.items(), key=lambda item: -item[1])
    return {
        "cpu": whole.spent.cpu, "wall": whole.spent.wall, "floor_cpu": floor.spent.cpu, "compared_cpu": compared.spent.cpu,
        "by_code": {code: round(cpu, 2) for code, cpu in longest if cpu >= AT_ONCE},
    }  # fmt: skip


def imported(conn: Any, size: int, folder: Path) -> float:
    """Books of so many documents of the demo group. Returns the CPU seconds of their import."""
    records = list(workloads.records(workloads.written("own", size, folder)))
    save_masters(conn, [record for record in records if not isinstance(record, Document)], ACTOR)
    documents = [record for record in records if isinstance(record, Document)]
    with Clock(conn) as clock:
        import_documents(conn, lambda: list(enumerate(documents, 1)), ACTOR)
    return clock.spent.cpu


def main(arguments: Sequence[str]) -> None:
    from setoff.site import database

    size = int(arguments[0]) if arguments else SIZE
    with tempfile.TemporaryDirectory(prefix="setoff-bench-") as folder, database.throwaway(), database.connect() as conn:
        spent = imported(conn, size, Path(folder))
        found = measure(conn)
    print(printed([
        Figure("own", size, "all control checks", found["cpu"], "s", found["floor_cpu"]),
        Figure("own", size, "compared after an import", found["compared_cpu"], "s", spent),
    ]))  # fmt: skip
    print(found["by_code"])


if __name__ == "__main__":
    main(sys.argv[1:])
