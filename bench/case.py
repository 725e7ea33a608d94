"""One measurement in a process of its own, so that its memory is its own and a run that hangs can be ended.

    python -m bench.case CASE WORKLOAD SIZE FOLDER      prints one line of JSON: measures by name

The database is the one of SETOFF_DATABASE_URL, the floor's database that of SETOFF_BENCH_FLOOR_URL.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from bench import copies, floors, workloads
from bench.clock import Clock, peak_mib
from bench.truth import check_truth

FLOOR_ADDRESS = "SETOFF_BENCH_FLOOR_URL"
Measures = dict[str, Any]


def fold(_: str, size: int, folder: Path) -> Measures:
    """All keys in memory from plain unsorted columns: the compiled fold and the numpy floor by turns, the best of five each."""
    from setoff.settlements.fold import fold_many

    columns = workloads.columns(size, folder)
    fold_many(floors.facts_of(columns)[0])  # compiles, or loads what was compiled
    ours, floor = [], []
    for _ in range(5):
        with Clock() as clock:
            overlaps = floors.numpy_fifo(columns)
        floor.append(clock.spent.own)
        with Clock() as clock:
            folded = fold_many(floors.facts_of(columns)[0])
        ours.append(clock.spent.own)
        assert len(overlaps.amount) == len(folded.amount)
        assert int(overlaps.amount.sum()) == int(folded.amount.sum())
        assert int(overlaps.residual.sum()) == int(folded.residual.sum())
    return {"cpu": min(ours), "floor_cpu": min(floor), "allocations": len(folded.amount), "facts": len(columns.key)}


def warm(*_: object) -> Measures:
    """Compile what is compiled once for each version of the source, so that no figure pays for it."""
    from setoff.settlements.fold import fold_many
    from setoff.settlements.postings import Folds, post_many

    none, start = np.zeros(0, np.int64), np.zeros(1, np.int64)
    fold_many(floors.facts_of(floors.Columns(start, start, start + 1))[0])
    post_many(Folds(*[none] * len(Folds._fields))._replace(fact_start=start, entry_start=start, allocation_start=start))
    return {}


def bulk(name: str, size: int, folder: Path) -> Measures:
    """From the file to durable rows: read, decode, check, post, fold, write, commit. Master records go first, apart."""
    from setoff.parties.services import save_masters
    from setoff.settlements.bulk import import_documents
    from setoff.settlements.services import Actor
    from setoff.site import database
    from setoff.trade.documents import AnyDocument, Document

    path, actor = folder / f"{name}-{size}.jsonl", Actor("bench", "bench")
    conn = database.connect()
    masters = (record for record in workloads.records(path) if not isinstance(record, Document))
    with Clock(conn) as masters_clock:
        save_masters(conn, masters, actor)
    conn.execute("checkpoint")

    def documents() -> Iterable[tuple[int, AnyDocument]]:
        numbered = enumerate(workloads.records(path), 1)
        return ((number, record) for number, record in numbered if isinstance(record, Document))

    with Clock(conn) as clock:
        outcome = import_documents(conn, documents, actor)
    spent = clock.spent
    rows = {table: conn.execute(f"select count(*) from {table}").fetchone()[0] for table in copies.LEDGER}
    assert rows["document"] == size, (rows, outcome.refused[:3])
    if name == "neutral":
        check_truth(conn, workloads.truth(size, folder))
    return {
        "cpu": spent.cpu,
        "own": spent.own,
        "server": spent.server,
        "wall": spent.wall,
        "peak_mib": peak_mib(),
        "rows": sum(rows.values()),
        "masters_cpu": masters_clock.spent.cpu,
    }


def copy(_: str, __: int, folder: Path) -> Measures:
    """The very rows of the import by COPY into the same tables of another database: same indexes, same triggers, one commit."""
    from setoff.site import database

    rows = folder / "rows"
    rows.mkdir(exist_ok=True)
    with database.connect() as source:
        copies.copy_out(source, copies.MASTERS + copies.LEDGER, rows)
    conn = database.connect(os.environ[FLOOR_ADDRESS])
    copies.copy_in(conn, copies.MASTERS, rows)
    conn.execute("checkpoint")
    with Clock(conn) as clock:
        copies.copy_in(conn, copies.LEDGER, rows)
    written = sum((rows / f"{table}.copy").stat().st_size for table in copies.LEDGER)
    for file in rows.iterdir():
        file.unlink()
    spent = clock.spent
    return {"cpu": spent.cpu, "own": spent.own, "server": spent.server, "wall": spent.wall, "mib": written / (1 << 20)}


def post(*_: object) -> Measures:
    from bench.posting import post_new
    from setoff.site import database

    return post_new(database.connect(), database.connect(os.environ[FLOOR_ADDRESS]))


def late(*_: object) -> Measures:
    from bench.posting import post_late
    from setoff.site import database

    return post_late(database.connect(), database.connect(os.environ[FLOOR_ADDRESS]))


def reports(*_: object) -> Measures:
    from bench.answers import measure
    from setoff.site import database

    return measure(database.connect())


def checks(*_: object) -> Measures:
    from bench.checks import measure
    from setoff.site import database

    return measure(database.connect())


def around(_: str, accounts: int, __: Path) -> Measures:
    from bench.around import measure
    from setoff.site import database

    return {"figures": measure(database.connect(), accounts)}


CASES: dict[str, Callable[[str, int, Path], Measures]] = {
    "warm": warm,
    "fold": fold,
    "bulk": bulk,
    "copy": copy,
    "post": post,
    "late": late,
    "reports": reports,
    "checks": checks,
    "around": around,
}


def main() -> None:
    name, workload, size, folder = sys.argv[1:5]
    began = time.perf_counter()
    measures = CASES[name](workload, int(size), Path(folder))
    print(json.dumps(measures | {"took": time.perf_counter() - began}))


if __name__ == "__main__":
    main()
