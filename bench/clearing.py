"""Clearing of networks beside OR-tools and networkx: time, processor time and peak memory, each measurement a process of its own.

    python bench/clearing.py [SIZE ...] [--rounds N] [--only CASE] [--no-history]

    SIZE: 10000 100000 1000000 by default; 5000000 takes some minutes

    ours       read the file, clear by volume, spread to obligations; then the same with the oldest first
    solver     ours on the merged pairs, nothing read or spread
    write      the result file with its proof, after the first
    verify     the independent check of that file, read and proved
    ortools    SimpleMinCostFlow on the merged pairs: the solver alone, nothing read or spread; then asked for the oldest of the largest
               totals too, as ours is: an arc for every obligation, the volume weighing more than all days of a ring (a million: once)
    networkx   network simplex on the merged pairs, up to 10,000 obligations

Every case runs once a round, one after another; the least processor time of the rounds counts, so that OR-tools and ours met the same
machine. Figures are appended to bench/history.jsonl. What is timed exactly: docs/explanation/performance.md
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from bench.clock import peak_mib  # noqa: E402
from bench.table import Figure  # noqa: E402

NETWORKX_MAX = 10_000
ONCE_FROM = 5_000_000
LARGE = 1_000_000
FLOOR = "ortools, solver alone"
FLOOR_OF_AGE = "ortools, oldest first"
FLOORS = {"ours, oldest first": FLOOR_OF_AGE}
"""Whom a case is held against: who answers the same question. All others: `FLOOR`."""


def ours(file: Path, prefer: Any) -> Callable[[], int]:
    from setoff.clearing.choices import Choices
    from setoff.clearing.clear import clear
    from setoff.clearing.obligations import read_obligations

    choices = Choices(prefer=prefer)
    return lambda: clear(read_obligations([file]).held, choices)[0].cleared


def write(file: Path) -> Callable[[], int]:
    from setoff.clearing.choices import Choices
    from setoff.clearing.clear import clear
    from setoff.clearing.obligations import read_obligations
    from setoff.clearing.results import write_result

    choices = Choices(prefer="none")
    found = clear(read_obligations([file]).held, choices)

    def run() -> int:
        with file.with_suffix(".jsonl").open("wb") as out:
            write_result(out, found, choices)
        return found[0].cleared

    return run


def columns_of(file: Path) -> tuple[Any, Any, Any, Any, int]:
    """Debtor, creditor, amount, days of age of every obligation; how many parties."""
    import numpy as np
    import polars as pl

    from setoff.clearing.obligations import read_obligations

    frame = read_obligations([file]).obligations.filter(pl.col("debtor") != pl.col("creditor"))
    names = sorted(set(frame["debtor"]) | set(frame["creditor"]))
    sides = [frame[side].cast(pl.Enum(names)).to_physical().to_numpy().astype(np.int64) for side in ("debtor", "creditor")]
    due = frame["due"].to_physical().to_numpy().astype(np.int64)
    return *sides, frame["amount"].to_numpy(), due.max() - due, len(names)


def merged(file: Path) -> tuple[Any, Any, Any, int]:
    from setoff.clearing.network import pairs_of

    debtor, creditor, amount, _, parties = columns_of(file)
    pairs = pairs_of(debtor, creditor, amount)
    return pairs.debtor, pairs.creditor, pairs.amount, parties


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


def ortools_by_age(file: Path) -> Callable[[], int]:
    from ortools.graph.python import min_cost_flow

    debtor, creditor, amount, age, parties = columns_of(file)
    more_than_a_ring = 2 * parties * (int(age.max()) + 1)

    def run() -> int:
        solver = min_cost_flow.SimpleMinCostFlow()
        arcs = solver.add_arcs_with_capacity_and_unit_cost(debtor, creditor, amount, -(more_than_a_ring + age))
        if solver.solve() != solver.OPTIMAL:
            raise SystemExit("OR-tools found no optimum")
        return int(solver.flows(arcs).sum())

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
    FLOOR: ortools,
    FLOOR_OF_AGE: ortools_by_age,
    "write": write,
    "verify": verify,
    "networkx": by_networkx,
}


def measure(case: str, file: Path) -> dict[str, Any]:
    """In this process: compiled code is loaded before, so that what is measured is the work."""
    from setoff.clearing.held import give_memory_back

    give_memory_back()
    from setoff.clearing.forest import compiled_shift
    from setoff.clearing.joining import compiled_joining
    from setoff.clearing.reduction import compiled_reduction
    from setoff.clearing.work import compiled_loops

    if case.startswith(("ours", "write")):
        from bench.networks import written

        compiled_loops()
        compiled_reduction()
        compiled_shift()
        compiled_joining()
        small = written(10_000, file.parent)
        CASES["ours, oldest first"](small)()
    run = CASES[case](file)
    began, cpu = time.perf_counter(), time.process_time()
    cleared = run()
    return {
        "seconds": round(time.perf_counter() - began, 2), "cpu": round(time.process_time() - cpu, 2), "cleared": cleared,
        "peak_mib": int(peak_mib()),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the clearing of networks.")
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000, 1_000_000], metavar="SIZE")
    parser.add_argument("--rounds", type=int, default=0, help="how often each case runs (default: 3, from 5000000 on once)")
    parser.add_argument("--only", action="append", choices=list(CASES), help="these cases and OR-tools; may be repeated")
    parser.add_argument("--no-history", action="store_true", help="do not append to bench/history.jsonl")
    parser.add_argument("--case", help="measure one case in this process")
    parser.add_argument("--file", type=Path)
    options = parser.parse_args()
    if options.case:
        print(json.dumps(measure(options.case, options.file)))
        return
    from bench.networks import written
    from bench.run import remember

    print(f"{'obligations':>11}  {'':<22} {'seconds':>8} {'cpu':>8} {'of OR-tools':>11} {'peak MiB':>9}")
    with tempfile.TemporaryDirectory(prefix="setoff-bench-") as folder:
        for size in options.sizes:
            rounds = options.rounds or (1 if size >= ONCE_FROM else 3)
            figures = told(size, written(size, Path(folder)), rounds, options.only)
            if not options.no_history:
                remember(figures)


def told(size: int, file: Path, rounds: int, only: list[str] | None) -> list[Figure]:
    """One size, case after case; all must agree on the total."""
    runs: dict[str, list[dict[str, Any]]] = {}
    for number in range(rounds):
        for case in CASES:
            if only and case not in {*only, FLOOR, *(FLOORS.get(wanted, FLOOR) for wanted in only)}:
                continue
            if (case == "networkx" and size > NETWORKX_MAX) or (case == FLOOR_OF_AGE and number and size >= LARGE):
                continue
            command = [sys.executable, str(Path(__file__)), "--case", case, "--file", str(file)]
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            runs.setdefault(case, []).append(json.loads(said.splitlines()[-1]))
    if len({figures["cleared"] for of_case in runs.values() for figures in of_case}) != 1:
        raise SystemExit(f"the totals differ: {runs}")
    best = {case: min(of_case, key=lambda figures: figures["cpu"]) for case, of_case in runs.items()}
    found = []
    for case, figures in best.items():
        floor = best.get(FLOORS.get(case, FLOOR), best[FLOOR])["cpu"] or 0.01
        ratio = f"{figures['cpu'] / floor:.2f}"
        print(f"{size:>11,}  {case:<22} {figures['seconds']:>8} {figures['cpu']:>8} {ratio:>11} {figures['peak_mib']:>9}", flush=True)
        found += figures_of(size, case, figures, floor, rounds)
    return found


def figures_of(size: int, case: str, figures: dict[str, Any], floor: float, rounds: int) -> list[Figure]:
    """Processor time with its aim, beside OR-tools of the same rounds; and peak memory."""
    limit = {1_000_000: 0.75, 5_000_000: 0.6}.get(size) if case.startswith("ours") else None
    if case == "verify":
        limit = 1.0 if size == 1_000_000 else None
    parts = {"seconds": figures["seconds"], "rounds": rounds, "ortools": version("ortools"), "polars": version("polars")}
    memory = 600.0 if case.startswith("ours") and size >= 1_000_000 else None
    return [
        Figure("networks", size, f"network: {case}", figures["cpu"], "CPU s", None if case == "verify" else floor, limit, parts),
        Figure("networks", size, f"network: {case}, peak memory", float(figures["peak_mib"]), "MiB", None, memory, {}),
    ]


if __name__ == "__main__":
    main()
