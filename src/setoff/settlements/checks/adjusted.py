"""C-4.3.3: an adjustment of debts has one amount (spec 3, C-4.3.3; 2.4).

Every row states what it says, in its settlement currency; in book currency the amount in the books is that amount. A reversal has no rows:
it undoes what its original did.
"""

from __future__ import annotations

from typing import Any, Final

import psycopg

from setoff.core.errors import DomainError
from setoff.core.money import parse_amount
from setoff.settlements.checks import Check, Row
from setoff.trade.kinds import ADJUSTMENTS

STATED_SQL: Final = """
  select unit.code, row.number, row.said ->> 'amount', abs(fact.change), abs(fact.book), node.currency, organization.book_currency,
         document.key, document.kind, document.number, document.date, document.moment
  from document join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  join unit on unit.id = document.unit_id join organization on organization.id = unit.organization_id
  cross join lateral jsonb_array_elements(version.content::jsonb -> 'rows') with ordinality row(said, number)
  left join fact on fact.unit_id = document.unit_id and fact.version_id = version.id and fact.line = row.number
  left join node on node.unit_id = fact.unit_id and node.id = fact.node_id
  where document.kind = any(%(kinds)s) and position('"reverses"' in version.content) = 0
    and (%(unit_id)s::bigint is null or document.unit_id = %(unit_id)s)
  order by document.moment, document.id, row.number"""


def stated_rows(conn: psycopg.Connection[Any], unit_id: int | None) -> list[Row]:
    """Rows of adjustments that stand in the books with another amount than they say."""
    rows = []
    for unit, number, text, change, book, currency, book_currency, *document in conn.execute(
        STATED_SQL, {"unit_id": unit_id, "kinds": list(ADJUSTMENTS.values())}
    ):
        said = _minor(text, currency or book_currency)
        if said != change:
            rows.append(_row(unit, f"row {number}", said, change, (currency or book_currency, document)))
        elif currency == book_currency and book != change:
            rows.append(_row(unit, f"row {number} {book_currency}", change, book, (book_currency, document)))
    return rows


def _minor(text: str | None, currency: str) -> int | None:
    """What a row says; None where that is no amount."""
    try:
        return parse_amount(text or "", currency)
    except DomainError:
        return None


def _row(unit: str, key: str, expected: int | None, actual: int | None, of: tuple[str, list[Any]]) -> Row:
    currency, document = of
    return Row(unit, key, str(expected or 0), str(actual or 0), (actual or 0) - (expected or 0), currency, *document)


ADJUSTED_CHECKS: Final = (
    Check(
        "C-4.3.3", "error", "3, C-4.3.3; 2.4", "row",
        "An adjustment of debts has one amount: every row states what it says, and in book currency the books have that amount.",
        "", stated_rows,
    ),
)  # fmt: skip
