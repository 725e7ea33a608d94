"""The benchmark of what stands around a posting runs, and measures as many documents as it says."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from bench import around
from bench.table import printed


def test_every_line_is_measured_against_its_floor(db: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(around, "ROUNDS", 3)
    monkeypatch.setattr(around, "WARM_UP", 1)
    figures = around.measure(db, 6)
    assert [(figure.name, figure.size) for figure in figures] == [
        ("sale by an order", 3), ("payment under revaluations", 3), ("sale with VAT of an advance", 3), ("billing run", 6),
        ("missing invoices issued", 2), ("notice sent and confirmed", 3), ("month closed with notices", 6),
        ("mirror of notices checked", 6), ("consolidated balance", 6),
    ]  # fmt: skip
    assert all(figure.value > 0 and figure.floor is not None and figure.floor >= 0 for figure in figures)
    assert len(printed(figures).splitlines()) == 10
    deducted = "select count(*) from posting where kind = 'vat' and unit_id = (select id from unit where code = %s)"
    assert (db.execute(deducted, ["VAT"]).fetchone(), db.execute(deducted, ["PLAIN"]).fetchone()) == ((6,), (0,))
    assert db.execute("select count(*) from document where kind = 'revaluation'").fetchone() == (12,)
