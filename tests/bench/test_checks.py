"""The benchmark of the control checks runs all of them, finds nothing in sound books, and compares what an import compares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg

from bench.checks import imported, measure
from bench.table import figures_of


def test_all_checks_are_measured_against_reading_every_row(db: psycopg.Connection[Any], tmp_path: Path) -> None:
    assert imported(db, 200, tmp_path) > 0
    found = measure(db)
    assert found["cpu"] > 0 and found["floor_cpu"] >= 0 and found["compared_cpu"] >= 0
    told = [figure.name for figure in figures_of(200, "own", {"bulk": {"cpu": 1.0, "peak_mib": 1.0}, "checks": found})]
    assert told[-2:] == ["all control checks", "compared after an import"]
