"""Networks of obligations with power-law degrees, from a seed: what `bench/clearing.py` measures on.

Firms are a tenth of the obligations; weights are Pareto with exponent 2.2, amounts log-normal (sigma 1.6) in cents, about two obligations
a pair, a tenth of the relations go both ways. The same size gives the same file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

SEED = 20240601


def network(size: int) -> pl.DataFrame:
    """Obligations as texts, as a file of them has."""
    generator = np.random.default_rng(SEED)
    firms = max(3, size // 10)
    share = np.cumsum(generator.pareto(2.2, firms) + 1)
    share /= share[-1]
    pairs = size // 2
    debtor, creditor = (np.searchsorted(share, generator.random(pairs)) for _ in range(2))
    back = pairs // 10
    debtor[:back], creditor[:back] = creditor[back : 2 * back].copy(), debtor[back : 2 * back].copy()
    chosen = generator.integers(0, pairs, size)
    cents = np.maximum(1, np.exp(generator.normal(11, 1.6, size))).astype(np.int64)
    frame = pl.DataFrame({
        "id": np.arange(size), "debtor": debtor[chosen], "creditor": creditor[chosen], "cents": cents,
        "days": generator.integers(0, 700, size),
    })  # fmt: skip
    return frame.select(
        pl.format("I{}", "id").alias("id"),
        *(pl.format("P{}", pl.col(side).cast(pl.String).str.zfill(7)).alias(side) for side in ("debtor", "creditor")),
        pl.format("{}.{}", pl.col("cents") // 100, (pl.col("cents") % 100).cast(pl.String).str.zfill(2)).alias("amount"),
        pl.lit("EUR").alias("currency"),
        (pl.date(2024, 1, 1) + pl.duration(days="days")).alias("due"),
    )


def written(size: int, folder: Path) -> Path:
    path = folder / f"obligations-{size}.csv"
    if not path.exists():
        network(size).write_csv(path)
    return path
