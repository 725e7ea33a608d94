"""Charts of accounts: TOML files beside this module, read once, and the table `account` that mirrors them.

A file gives accounts (code -> nature, settlement or inter-branch flag, currency class, names in three languages), roles
(role -> code) and, for each relation, the pair of settlement accounts of each currency class (spec 1.6). A new chart is a new file,
no code.
Errors: unknown_reference (no such chart).
"""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

import psycopg

from setoff.core.chart import Account, AccountPair, Chart, CurrencyClass
from setoff.core.errors import DomainError, ErrorCode

FOLDER: Final = Path(__file__).parent / "charts"


def chart_names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@cache
def load_chart(name: str) -> Chart:
    """The chart of that name. Every code that a role or a pair speaks of is one of its accounts."""
    path = FOLDER / f"{name}.toml"
    if name not in chart_names():
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="chart", value=name, field="chart")
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return Chart(
        name=name,
        sales_vat=content["sales_vat"],
        accounts={code: _account(code, found) for code, found in content["accounts"].items()},
        roles=content["roles"],
        pairs={
            (relation, currency_class): AccountPair(*pair)
            for relation, pairs in content["pairs"].items()
            for currency_class, pair in pairs.items()
        },
        vat_rates=tuple(sorted((day, rate) for day, rate in content.get("vat_rates", ()))),
        input_vat=content.get("input_vat", "deducted"),
        written_off_memo=content.get("written_off_memo", ""),
    )


def _account(code: str, found: dict[str, Any]) -> Account:
    return Account(
        code=code,
        names={language: found[language] for language in ("en", "ru", "zh")},
        nature=found["nature"],
        is_settlement=found.get("settlement", False),
        currency_class=CurrencyClass(found.get("currency", "book")),
        interest=found.get("interest", ""),
        is_inter_branch=found.get("inter_branch", False),
        long_term=found.get("long_term", ""),
    )


@cache
def account_id(chart_name: str, code: str) -> int:
    """The account's id in every database: 31 bits of a hash, so that a new account moves no other."""
    digest = hashlib.blake2b(f"{chart_name}\x1f{code}".encode(), digest_size=4).digest()
    return int.from_bytes(digest) >> 1


def digests() -> dict[str, str]:
    """Chart -> fingerprint of its file: whether the accounts in a database are still those of the files."""
    return {name: hashlib.sha256((FOLDER / f"{name}.toml").read_bytes()).hexdigest() for name in chart_names()}


def write_accounts(conn: psycopg.Connection[Any]) -> None:
    """Table `account` holds every account of every chart as the files say. One that left a file stays: postings name it."""
    from psycopg.types.json import Json

    rows = [
        (
            account_id(name, code), name, code, found.nature, found.is_settlement, found.is_inter_branch, found.currency_class,
            Json(dict(found.names)),
        )
        for name in chart_names()
        for code, found in load_chart(name).accounts.items()
    ]  # fmt: skip
    with conn.transaction(), conn.cursor() as cursor:
        cursor.executemany(
            "insert into account (id, chart, code, nature, is_settlement, is_inter_branch, currency_class, names)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict (id) do update"
            " set nature = excluded.nature, is_settlement = excluded.is_settlement, is_inter_branch = excluded.is_inter_branch,"
            " currency_class = excluded.currency_class, names = excluded.names",
            rows,
        )
        cursor.executemany(
            "insert into chart (name, digest) values (%s, %s) on conflict (name) do update set digest = excluded.digest",
            list(digests().items()),
        )
