"""Documents, open items and orders found by what people type: a part of the number, or the key.

A number is found without its leading zeros. Where the counterparty is known its documents are read newest first; where it is not, the
number is looked up by the index of numbers, unit by unit and year by year.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple

from psycopg import Connection
from psycopg.rows import class_row

from setoff.core.moment import NEVER
from setoff.trade.kinds import KINDS

ROWS_MAX: Final = 20
NUMBER_DIGITS: Final = 6
"""Numbers given by the books have that many digits."""


class FoundDocument(NamedTuple):
    key: str
    kind: str
    number: str
    date: datetime.date
    counterparty: str
    total: int
    currency: str
    status: str


class OpenItem(NamedTuple):
    """A lot with something left. `residual` is above zero; `line` is 0 when it is its document's only one."""

    key: str
    line: int
    kind: str
    number: str
    date: datetime.date
    due: datetime.date | None
    contract: str
    residual: int
    currency: str


class Asked(NamedTuple):
    """Where is looked: codes, "" or empty = anywhere."""

    units: Sequence[int]
    said: str = ""
    counterparty: str = ""
    contract: str = ""
    kinds: Sequence[str] = ()
    status: str = ""


DOCUMENTS_SQL: Final = """
  select d.key, d.kind, d.number, d.date, coalesce(p.name, '') as counterparty, d.total, d.currency, d.status
  from document d left join counterparty p on p.id = d.counterparty_id"""
LIMITS_SQL: Final = """
  d.unit_id = any(%(units)s) and (%(any_kind)s or d.kind = any(%(kinds)s)) and %(status)s in ('', d.status)
  and (%(contract)s = '' or d.contract_id = (select id from contract where code = %(contract)s))"""


def found_documents(conn: Connection[Any], asked: Asked) -> list[FoundDocument]:
    """Newest first."""
    said = asked.said.strip()
    parameters = {
        **asked._asdict(), "said": said, "units": list(asked.units), "kinds": list(asked.kinds), "any_kind": not asked.kinds,
        "numbers": [said, said.zfill(NUMBER_DIGITS)], "part": f"%{said}%",
    }  # fmt: skip
    if asked.counterparty:
        place = "d.counterparty_id = (select id from counterparty where code = %(counterparty)s) and d.number ilike %(part)s"
    elif said:
        place = """(d.key = %(said)s or (d.kind, d.year, d.number) in (
            select kind, year, number from unnest(%(numbers)s::text[]) number,
              (select distinct unnest(%(all_kinds)s::text[]) as kind) kinds,
              generate_series(extract(year from current_date)::int - 12, extract(year from current_date)::int + 1) year))"""
        parameters["all_kinds"] = list(asked.kinds or KINDS)
    else:
        place = "true"
    cursor = conn.cursor(row_factory=class_row(FoundDocument))
    cursor.execute(f"{DOCUMENTS_SQL} where {LIMITS_SQL} and {place} order by d.moment desc, d.id desc limit {ROWS_MAX}", parameters)
    return cursor.fetchall()


def open_items(conn: Connection[Any], asked: Asked, *, sign: int, only: Literal["", "debt", "advance"] = "") -> list[OpenItem]:
    """What is open now in the management contour, oldest first: +1 what they owe us, -1 what we owe them, 0 both; `only` debts or
    advances."""
    cursor = conn.cursor(row_factory=class_row(OpenItem))
    cursor.execute(
        f"""select d.key, case when (select count(*) from fact f where f.unit_id = d.unit_id and f.version_id = d.posted_version_id) > 1
                              then l.line else 0 end as line,
                   d.kind, coalesce(nullif(f.label, ''), d.number) as number, moment_date(l.rank) as date, l.due,
                   coalesce(c.code, '') as contract, abs(l.residual) as residual, k.currency
            from fold_key k
            join lot l on l.unit_id = k.unit_id and l.key_id = k.id and l.closed_moment = %(never)s
            join document d on d.unit_id = l.unit_id and d.id = l.document_id
            join fact f on f.unit_id = d.unit_id and f.version_id = d.posted_version_id and f.line = l.line
            left join contract c on c.id = k.contract_id
            where k.unit_id = any(%(units)s) and k.contour = 'mgmt' and %(sign)s in (0, sign(l.residual))
              and (%(only)s = '' or ((l.residual < 0) = is_owed_by_us(k.relation)) = (%(only)s = 'debt'))
              and k.counterparty_id = (select id from counterparty where code = %(counterparty)s)
              and %(contract)s in ('', c.code)
              and (d.number ilike %(part)s or f.label ilike %(part)s or d.key = %(said)s)
            order by l.rank, l.document_id, l.line limit {ROWS_MAX}""",
        {**asked._asdict(), "units": list(asked.units), "sign": sign, "only": only, "never": NEVER, "part": f"%{asked.said.strip()}%"},
    )
    return cursor.fetchall()


def found_orders(conn: Connection[Any], asked: Asked) -> list[str]:
    """Orders that a counterparty's documents named."""
    rows = conn.execute(
        f"""select distinct substr(n.object, 7) from node n
            where n.unit_id = any(%(units)s) and n.object like 'order:%%'
              and n.counterparty_id = (select id from counterparty where code = %(counterparty)s)
              and (%(contract)s = '' or n.contract_id = (select id from contract where code = %(contract)s))
              and n.object ilike %(part)s order by 1 limit {ROWS_MAX}""",
        {**asked._asdict(), "units": list(asked.units), "part": f"order:%{asked.said.strip()}%"},
    )
    return [row[0] for row in rows]
