"""Clearing of networks beside OR-tools and networkx: time, processor time and peak memory, each measurement a process of its own.

    python bench/clearing.py [SIZE ...]          default: 10000 100000 1000000 (5000000 takes some minutes)

    ours       read the file, clear by volume, spread to obligations; then the same with the oldest first
    verify     the independent check of the result file
    ortools    SimpleMinCostFlow on the merged pairs: the solver alone, nothing read or spread
    networkx   network simplex on the merged pairs, up to 10,000 obligations
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]
NETWORKX_MAX = 10_000


def ours(file: Path, prefer: Any) -> Callable[[], int]:
    from setoff.clearing.choices import Choices
    from setoff.clearing.clear import clear
    from setoff.clearing.obligations import read_obligations
    from setoff.clearing.results import write_result

    choices = Choices(prefer=prefer)

    def run() -> int:
        read = read_obligations([file])
        found = clear(read.obligations, choices)
        if not file.with_suffix(".jsonl").exists():
            with file.with_suffix(".jsonl").open("wb") as out:
                write_result(out, read.obligations, found, choices)
        return found[0].cleared

    return run


def merged(file: Path) -> tuple[Any, Any, Any, int]:
    import numpy as np
    import polars as pl

    from setoff.clearing.network import pairs_of
    from setoff.clearing.obligations import read_obligations

    frame = read_obligations([file]).obligations.filter(pl.col("debtor") != pl.col("creditor"))
    names = sorted(set(frame["debtor"]) | set(frame["creditor"]))
    sides = [frame[side].cast(pl.Enum(names)).to_physical().to_numpy().astype(np.int64) for side in ("debtor", "creditor")]
    pairs = pairs_of(*sides, frame["amount"].to_numpy())
    return pairs.debtor, pairs.creditor, pairs.amount, len(names)


def ortools(file: Path) -> Callable[[], int]:
    import numpy as np
    from ortools.graph.python import min_cost_flow

    debtor, creditor, amount, _ = merged(file)

    def run() -> int:
        solver = min_cost_flow.SimpleMinCostFlow()
        solver.add_arcs_with_capacity_and_unit_cost(debtor, creditor, amount, np.full(len(debtor), -1))
        solver.solve()
        return -int(solver.optimal_cost())

    return run


def solver_alone(file: Path) -> Callable[[], int]:
    from setoff.clearing.solve import clear_network

    columns = merged(file)
    return lambda: int(clear_network(*columns).flow.sum())


def by_networkx(file: Path) -> Callable[[], int]:
    import networkx

    debtor, creditor, amount, _ = merged(file)
    graph = networkx.DiGraph()
    for a, b, much in zip(debtor.tolist(), creditor.tolist(), amount.tolist(), strict=True):
        graph.add_edge(a, b, capacity=much, weight=-1)
    return lambda: -int(networkx.network_simplex(graph)[0])


def verify(file: Path) -> Callable[[], int]:
    from setoff.clearing.certificate import verify as check

    def run() -> int:
        checked = check(file.with_suffix(".jsonl"))
        if checked.faults:
            raise SystemExit(str(checked.faults))
        return checked.proved["EUR"][0]

    return run


CASES: dict[str, Callable[[Path], Callable[[], int]]] = {
    "ours": lambda file: ours(file, "none"),
    "ours, oldest first": lambda file: ours(file, "age"),
    "ours, solver alone": solver_alone,
    "verify": verify,
    "ortools, solver alone": ortools,
    "networkx": by_networkx,
}


def measure(case: str, file: Path) -> dict[str, Any]:
    """In this process: compiled code is loaded before, so that what is measured is the work."""
    from setoff.clearing.forest import compiled_shift
    from setoff.clearing.reduction import compiled_reduction
    from setoff.clearing.work import compiled_loops

    if case.startswith("ours"):
        from bench.networks import written

        compiled_loops()
        compiled_reduction()
        compiled_shift()
        small = written(10_000, file.parent)
        CASES["ours, oldest first"](small)()
    run = CASES[case](file)
    began, cpu = time.perf_counter(), time.process_time()
    cleared = run()
    return {
        "seconds": round(time.perf_counter() - began, 2), "cpu": round(time.process_time() - cpu, 2), "cleared": cleared,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the clearing of networks.")
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000, 1_000_000], metavar="SIZE")
    parser.add_argument("--case", help="measure one case in this process")
    parser.add_argument("--file", type=Path)
    options = parser.parse_args()
    if options.case:
        print(json.dumps(measure(options.case, options.file)))
        return
    from bench.networks import written

    print(f"{'obligations':>11}  {'':<22} {'seconds':>8} {'cpu':>8} {'of OR-tools':>11} {'peak MiB':>9}")
    with tempfile.TemporaryDirectory(prefix="setoff-bench-") as folder:
        for size in options.sizes:
            told(size, written(size, Path(folder)))


def told(size: int, file: Path) -> None:
    """One size, case after case; all must agree on the total."""
    found = {}
    for case in CASES:
        if case == "networkx" and size > NETWORKX_MAX:
            continue
        command = [sys.executable, str(Path(__file__)), "--case", case, "--file", str(file)]
        found[case] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    if len({figures["cleared"] for figures in found.values()}) != 1:
        raise SystemExit(f"the totals differ: {found}")
    floor = found["ortools, solver alone"]["cpu"] or 0.01
    for case, figures in found.items():
        ratio = f"{figures['cpu'] / floor:.2f}"
        print(f"{size:>11,}  {case:<22} {figures['seconds']:>8} {figures['cpu']:>8} {ratio:>11} {figures['peak_mib']:>9}", flush=True)


if __name__ == "__main__":
    main()
