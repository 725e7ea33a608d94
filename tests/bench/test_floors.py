"""The benchmark's floors do the same work as the fold, and its figures are computed as documented."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bench import workloads
from bench.clock import Clock, percentile
from bench.floors import Columns, facts_of, numpy_fifo
from bench.table import Figure, figures_of, growth_of, printed
from setoff.settlements.fold import Facts, Folded, fold_few


def folded(columns: Columns) -> tuple[Folded, np.ndarray]:
    facts, order = facts_of(columns)
    return fold_few(Facts(*(list(map(int, column)) for column in facts))), order


@pytest.mark.parametrize("seed", range(40))
def test_the_numpy_floor_allocates_as_the_fold_does(seed: int) -> None:
    draw = np.random.default_rng(seed)
    length = int(draw.integers(1, 80))
    columns = Columns(
        draw.integers(0, 5, length), draw.permutation(length), draw.integers(1, 7, length) * draw.choice([-1, 1], length)
    )
    floor = numpy_fifo(columns)
    ours, order = folded(columns)
    pairs = []
    for settling, lot, amount in zip(ours.settling, ours.lot, ours.amount, strict=True):
        settling, lot = int(order[settling]), int(order[lot])
        pairs.append((settling, lot, amount) if columns.change[settling] > 0 else (lot, settling, amount))
    assert sorted(pairs) == sorted(zip(floor.debit.tolist(), floor.credit.tolist(), floor.amount.tolist(), strict=True))
    residual = np.empty(length, np.int64)
    residual[order] = ours.residual
    assert residual.tolist() == floor.residual.tolist()


def test_the_neutral_columns_give_the_known_truth(tmp_path: Path) -> None:
    if not workloads.SHARED.exists():
        pytest.skip("../shared/bench is not here")
    columns = workloads.columns(1500, tmp_path)
    truth = workloads.truth(1500, tmp_path)
    ours, order = folded(columns)
    change = columns.change[order]
    residual = np.array(ours.residual)
    assert (len(ours.amount), sum(ours.amount)) == (truth.alloc_rows, truth.alloc_cents)
    assert (int(residual[change > 0].sum()), int(residual[change < 0].sum())) == (truth.debt, truth.advance)


def test_the_neutral_workload_is_made_of_our_records(tmp_path: Path) -> None:
    if not workloads.SHARED.exists():
        pytest.skip("../shared/bench is not here")
    records = list(workloads.records(workloads.written("neutral", 1500, tmp_path)))
    kinds = [type(record).__name__ for record in records]
    checks = json.loads((tmp_path / "neutral-1500" / "checks.json").read_text())
    assert kinds.count("Sale") == checks["kinds"]["INV"]
    assert kinds.count("Payment") == checks["kinds"]["PAY"]
    assert kinds.count("SaleCorrection") == checks["kinds"]["CN"]
    assert kinds.count("ManualEntry") == checks["kinds"]["SET"]
    assert kinds.count("Contract") == checks["contracts"]


def test_figures_have_ratio_aim_and_growth() -> None:
    measures = {"bulk": {"cpu": 30.0, "peak_mib": 800.0}, "copy": {"cpu": 20.0}, "fold": None}
    time, memory = figures_of(1000, "own", measures)
    assert (time.ratio, time.met) == (1.5, True)
    assert (memory.ratio, memory.met) == (None, False)
    smaller = Figure("own", 100, "bulk import", 2.0, "s", 1.0, 2.0)
    assert growth_of(time, [smaller, time]) == 15.0
    assert growth_of(smaller, [smaller, time]) is None
    assert printed([smaller, time, memory]).count("NO") == 1


def test_the_clock_counts_work_but_not_waiting() -> None:
    with Clock() as clock:
        sum(range(2_000_000))
    assert 0 < clock.spent.own <= clock.spent.wall * 2
    assert clock.spent.server is None


def test_percentiles() -> None:
    values = [float(value) for value in range(1, 101)]
    assert (percentile(values, 50), percentile(values, 95), percentile([7.0], 95)) == (51.0, 96.0, 7.0)
