"""What may be wrong with a counterparty although nothing forbids it: a tax number that fails its check, one entered twice.

    tax_number_fails   its check digits are wrong (INN, unified social credit code, VAT numbers by their country)
    same_tax_number    another counterparty has it
    similar_name       another counterparty is called nearly so

Whoever saves it is told and may save all the same.
"""

from __future__ import annotations

import re
from typing import Any, Final, Literal, NamedTuple

from psycopg import Connection
from rapidfuzz import fuzz
from stdnum import get_cc_module
from stdnum.cn import uscc
from stdnum.ru import inn

from setoff.parties.records import Counterparty, Master, Organization
from setoff.parties.search import counterparties

ALIKE_MIN: Final = 90
"""Of 100: token_sort_ratio of the folded names. Names that differ by one letter in ten are alike."""
SAME_SQL: Final = "select code, name from counterparty where tax_id = %s and code <> %s and kpp in (%s, '') order by code limit 5"
FOLDED_SQL: Final = "select said, folded(said) from unnest(%s::text[]) said"


class Doubt(NamedTuple):
    """`other` is the counterparty that it may be, "" where there is none."""

    what: Literal["tax_number_fails", "same_tax_number", "similar_name"]
    value: str
    other: str = ""
    other_name: str = ""


def tax_number_is_sound(tax_id: str) -> bool | None:
    """Whether the check digits are right; None where the number is of no kind that we can check."""
    if re.fullmatch(r"\d{10}|\d{12}", tax_id):
        return bool(inn.is_valid(tax_id))
    if re.fullmatch(r"[0-9A-Z]{18}", tax_id):
        return bool(uscc.is_valid(tax_id))
    if re.match(r"[A-Z]{2}", tax_id):
        module = get_cc_module(tax_id[:2].lower(), "vat")
        return bool(module.is_valid(tax_id)) if module else None
    return None


def doubts(conn: Connection[Any], record: Master) -> list[Doubt]:
    """Doubts about a record before it is saved; those of its tax number first."""
    if not isinstance(record, Counterparty | Organization):
        return []
    found: list[Doubt] = []
    if record.tax_id and tax_number_is_sound(record.tax_id) is False:
        found.append(Doubt("tax_number_fails", record.tax_id))
    if isinstance(record, Organization):
        return found
    if record.tax_id:
        rows = conn.execute(SAME_SQL, [record.tax_id, record.code, record.kpp]).fetchall()
        found += [Doubt("same_tax_number", record.tax_id, code, name) for code, name in rows]
    named = {doubt.other for doubt in found}
    return found + [Doubt("similar_name", record.name, code, name) for code, name in _alike(conn, record) if code not in named]


def _alike(conn: Connection[Any], record: Counterparty) -> list[tuple[str, str]]:
    """Counterparties whose name is nearly the record's, looked for by its longest words, one at a time."""
    words = sorted(re.findall(r"\w+", record.name), key=len, reverse=True)[:2]
    candidates = {row.code: row.name for word in words for row in counterparties(conn, word) if row.code != record.code}
    folded = dict(conn.execute(FOLDED_SQL, [[record.name, *candidates.values()]]).fetchall())
    own = folded[record.name]
    return [(code, name) for code, name in candidates.items() if fuzz.token_sort_ratio(own, folded[name]) >= ALIKE_MIN]
