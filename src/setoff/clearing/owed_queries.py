"""Who owes whom by our own books: what is open now between our organizations and their counterparties, by currency.

    owed_currencies(conn, units, contour)        -> ["RUB", "EUR"]
    own_network(conn, units, contour, "RUB")     -> Network, one debt per pair of parties

Sums of debts are read as triggers keep them (settlements/open_sums.sql); advances are left out. A counterparty with the tax id of an
organization of ours is that organization. A debt between two of our organizations stands in both books: it is taken from the creditor's,
and from the debtor's only where the creditor's are not among the units that are read. Debts of an organization to itself are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple

import numpy as np
from psycopg import Connection

from setoff.clearing.picture import Network
from setoff.core.errors import DomainError, ErrorCode

SUM_MAX: Final = 1 << 62
"""Of all debts of a network, in minor units (clearing/solve.py)."""
ORGANIZATIONS_SQL: Final = """
  select o.id, o.code, o.name, o.tax_id, bool_or(u.id = any(%(units)s)) from organization o join unit u on u.organization_id = o.id
  group by o.id order by o.code"""
OWED_SQL: Final = """
  with owed as (
    select u.organization_id, p.counterparty_id, sum(p.they_owe)::bigint as they_owe, sum(p.we_owe)::bigint as we_owe
    from open_party p join unit u on u.id = p.unit_id
    where p.contour = %(contour)s and p.unit_id = any(%(units)s) and p.currency = %(currency)s
    group by 1, 2 having sum(p.they_owe) <> 0 or sum(p.we_owe) <> 0)
  select o.organization_id, c.code, c.name, c.tax_id, o.they_owe, o.we_owe from owed o join counterparty c on c.id = o.counterparty_id"""
CURRENCIES_SQL: Final = """
  select currency from open_party where contour = %(contour)s and unit_id = any(%(units)s)
  group by 1 having sum(they_owe) <> 0 or sum(we_owe) <> 0 order by count(*) desc, 1"""


class Debt(NamedTuple):
    """By places in a list of parties."""

    debtor: int
    creditor: int
    amount: int


class Ours(NamedTuple):
    id: int
    code: str
    name: str
    tax_id: str
    is_read: bool


def owed_currencies(conn: Connection[Any], units: Sequence[int], contour: str) -> list[str]:
    """In which anything is owed, most sums of parties first."""
    return [row[0] for row in conn.execute(CURRENCIES_SQL, {"units": list(units), "contour": contour})]


def own_network(conn: Connection[Any], units: Sequence[int], contour: str, currency: str) -> Network | None:
    """The network of a currency; none when nobody owes anybody else anything. Errors: amount_too_large."""
    asked = {"units": list(units), "contour": contour, "currency": currency}
    ours = [Ours._make(row) for row in conn.execute(ORGANIZATIONS_SQL, asked)]
    owed = sorted(conn.execute(OWED_SQL, asked), key=itemgetter(1))
    place_by_tax_id = {one.tax_id: place for place, one in enumerate(ours) if one.tax_id}
    place_of_ours = {one.id: place for place, one in enumerate(ours)}
    names = [(one.code, one.name) for one in ours]
    place_of_party: dict[str, int] = {}
    debts = []
    for organization, code, name, tax_id, they_owe, we_owe in owed:
        other = place_by_tax_id.get(tax_id, place_of_party.get(code, -1))
        if other < 0:
            other = place_of_party[code] = len(names)
            names.append((code, name))
        own = place_of_ours[organization]
        if they_owe > 0 and own != other:
            debts.append(Debt(other, own, they_owe))
        if we_owe > 0 and own != other and not (other < len(ours) and ours[other].is_read):
            debts.append(Debt(own, other, we_owe))
    return network_of(currency, debts, names) if debts else None


def network_of(currency: str, debts: Iterable[Debt], names: Sequence[tuple[str, str]]) -> Network:
    """Debts of the same pair as one, by debtor and creditor; of the parties, those that have any. Errors: amount_too_large."""
    merged: dict[tuple[int, int], int] = {}
    for debtor, creditor, amount in debts:
        merged[debtor, creditor] = merged.get((debtor, creditor), 0) + amount
    if sum(merged.values()) >= SUM_MAX:
        raise DomainError(ErrorCode.AMOUNT_TOO_LARGE, field="amount", value=str(sum(merged.values())))
    pairs = sorted(merged)
    kept = sorted({party for pair in pairs for party in pair})
    place = {party: number for number, party in enumerate(kept)}
    return Network(
        currency,
        np.array([place[debtor] for debtor, _creditor in pairs], np.int64),
        np.array([place[creditor] for _debtor, creditor in pairs], np.int64),
        np.array([merged[pair] for pair in pairs], np.int64),
        [names[party] for party in kept],
    )
