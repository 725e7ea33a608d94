"""The two workloads as JSON Lines of our records: our own group, and the neutral one of ../shared/bench/gen.py.

Both write FOLDER/NAME-SIZE.jsonl once and find it there again. The neutral workload comes with the figures that any correct
FIFO must give (`Truth`).
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from bench.floors import Columns
from setoff.core.moment import Moment
from setoff.demo.generate import write_lines
from setoff.parties.records import Contract, Counterparty, Master, Organization, Unit
from setoff.trade.documents import AnyDocument, Line, ManualEntry, ManualRow, Payment, Sale, SaleCorrection, Side

SEED = 1
SHARED = Path(os.environ.get("SETOFF_SHARED", Path(__file__).parents[2] / "shared")) / "bench" / "gen.py"
ONE_ORDER = 50
"""The neutral workload orders documents by date and arrival alone, so all get one day order."""


class Truth(NamedTuple):
    """What a correct FIFO of the neutral workload gives: cents, and the number of allocation rows."""

    debt: int
    advance: int
    alloc_rows: int
    alloc_cents: int
    gl: dict[str, int]


def names() -> list[str]:
    return ["own", "neutral"] if SHARED.exists() else ["own"]


def written(name: str, size: int, folder: Path) -> Path:
    """The workload's file, made when absent."""
    path = folder / f"{name}-{size}.jsonl"
    if not path.exists():
        partial = path.with_suffix(".partial")
        with partial.open("wb") as file:
            if name == "own":
                write_lines(size, SEED, file.write)
            else:
                _neutral(size, folder, file)
        partial.rename(path)
    return path


def records(path: Path) -> Iterator[Master | AnyDocument]:
    decode = msgspec.json.Decoder(Master | AnyDocument).decode
    with path.open("rb") as file:
        for line in file:
            yield decode(line)


def truth(size: int, folder: Path) -> Truth:
    checks = json.loads((_neutral_folder(size, folder) / "checks.json").read_text())
    return Truth(**{name: checks[name] for name in Truth._fields})


def late_payments(name: str, size: int, folder: Path) -> list[Payment]:
    """Payments that are not in the file: the neutral workload brings its own."""
    if name == "own":
        return []
    with (_neutral_folder(size, folder) / "late.csv").open(newline="") as file:
        return [record for row in csv.DictReader(file) if isinstance(record := _document(row), Payment)]


def columns(size: int, folder: Path) -> Columns:
    """The facts of the workload as plain columns, for the fold in memory: of the neutral one where it is there."""
    return _neutral_columns(size, folder) if SHARED.exists() else _own_columns(size)


def _neutral_folder(size: int, folder: Path) -> Path:
    made = folder / f"neutral-{size}"
    if not (made / "checks.json").exists():
        subprocess.run([sys.executable, str(SHARED), str(size), str(made), "--seed", str(SEED)], check=True)
    return made


def _neutral(size: int, folder: Path, file: Any) -> None:
    source = _neutral_folder(size, folder)
    encode = msgspec.json.encode
    heads: list[Master] = [
        Organization(code="NEUTRAL", name="Neutral", chart="intl", book_currency="EUR"),
        Unit(code="N", organization="NEUTRAL", name="Neutral"),
    ]
    for head in heads:
        file.write(encode(head) + b"\n")
    with (source / "partners.csv").open(newline="") as partners:
        for row in csv.DictReader(partners):
            file.write(encode(Counterparty(code=row["partner"], name=row["name"])) + b"\n")
    with (source / "contracts.csv").open(newline="") as contracts:
        for row in csv.DictReader(contracts):
            code = row["contract"]
            contract = Contract(
                code=code, organization="NEUTRAL", counterparty=row["partner"], number=code, currency=row["currency"]
            )
            file.write(encode(contract) + b"\n")
    with (source / "docs.csv").open(newline="") as documents:
        for row in csv.DictReader(documents):
            file.write(encode(_document(row)) + b"\n")


def _document(row: dict[str, str]) -> AnyDocument:
    head: dict[str, Any] = {"unit": "N", "date": row["date"], "key": row["doc"], "number": row["doc"], "day_order": ONE_ORDER}
    party = {"counterparty": row["partner"], "contract": row["contract"]}
    amount = _text(row["cents"])
    if row["kind"] == "PAY":
        return Payment(**head, **party, kind="payment_from_customer", amount=amount)
    if row["kind"] == "SET":
        debit, credit = (
            Side(relation="buyer", counterparty=row["partner"], contract=contract)
            for contract in (row["contract"], row["contract_to"])
        )
        return ManualEntry(**head, rows=[ManualRow(debit=debit, credit=credit, amount=amount)])
    line = Line(amount=amount, vat_rate="20", vat=_text(row["vat"]))
    if row["kind"] == "INV":
        return Sale(**head, **party, lines=[line])
    return SaleCorrection(**head, **party, direction="down", lines=[line])


def _text(cents: str) -> str:
    return f"{int(cents) // 100}.{int(cents) % 100:02d}"


def _neutral_columns(size: int, folder: Path) -> Columns:
    key_no: dict[str, int] = {}
    keys, moments, changes = [], [], []
    days: dict[str, int] = {}
    with (_neutral_folder(size, folder) / "docs.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            amount = int(row["cents"]) * (1 if row["kind"] in ("INV", "SET") else -1)
            day = row["date"]
            if day not in days:
                days[day] = _start(day)
            for contract, change in ((row["contract"], amount), (row["contract_to"], -amount)):
                if contract:
                    keys.append(key_no.setdefault(contract, len(key_no)))
                    moments.append(days[day] + len(moments))
                    changes.append(change)
    return Columns(*(np.array(column, np.int64) for column in (keys, moments, changes)))


def _start(day: str) -> int:
    from datetime import date

    return Moment(date.fromisoformat(day), ONE_ORDER, 0).pack()


def _own_columns(size: int) -> Columns:
    """Drawn like the neutral workload: amounts lognormal, half of them negative, 28 facts a key, a tenth of them late."""
    draw = np.random.default_rng(SEED)
    arrival = np.arange(size)
    late = np.where(draw.random(size) < 0.1, draw.integers(1, 45, size), 0)
    day = np.maximum(arrival * 730 // size - late, 0)
    amount = np.maximum(draw.lognormal(11.5, 1.2, size).astype(np.int64), 100)
    return Columns(
        draw.integers(0, max(1, size // 28), size), (day << 43) + arrival, np.where(draw.random(size) < 0.5, amount, -amount)
    )
