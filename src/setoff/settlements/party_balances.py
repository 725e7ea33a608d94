"""What every party owes and is owed on a day, kept in this process and exact at every look.

A list of a hundred thousand parties sorted by what is overdue cannot read every open lot each time it is asked. So the balances of all
parties are kept after the first look, and the next one reads again only the parties of documents written since, by transactions that the
last look could not see (written.sql). Many of them (an import), or a refold, and everything is read anew.
What one may see differs by units, so units are a part of the name under which balances are kept. "As known at" is never kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.books.scope import Scope
from setoff.settlements.party_queries import BOUNDS, SideBalance, side_balances

KEPT_MAX: Final = 3
"""Questions (units, contour, day) that a process remembers; about 30 MB each at a hundred thousand parties."""
CHANGED_MAX: Final = 2000
"""Versions; beyond, reading everything is faster."""
NOTHING: Final = (0,) * (len(BOUNDS) + 2)
WRITTEN: Final = "{row}.written_in >= %(seen)s::text::xid8 and {row}.written_in < pg_snapshot_xmax(pg_current_snapshot())"
"""Of a row: whether it may have been written since the last look. `seen`: all transactions before that one were over then. None is of a
transaction that has not begun: such a number is from the server of a backup that was restored."""
CHANGED_SQL: Final = f"""
  with written as (
    select unit_id, document_id from version where unit_id = any(%(units)s) and {WRITTEN.format(row="version")} limit %(limit)s)
  select pg_snapshot_xmin(pg_current_snapshot())::text, (select count(*) from written), array(
    select distinct node.counterparty_id
    from (select distinct unit_id, document_id from written) document
    join version on version.unit_id = document.unit_id and version.document_id = document.document_id
    join fact on fact.unit_id = version.unit_id and fact.version_id = version.id
    join node on node.unit_id = fact.unit_id and node.id = fact.node_id
    where (select count(*) from written) < %(limit)s),
    exists (select from refold where {WRITTEN.format(row="refold")})"""


class PartyBalance(NamedTuple):
    """Both sides of a party in a currency. `receivable` and `payable` by age: not due, then the buckets. `oldest_receivable` and
    `oldest_payable`: from when the oldest overdue debt counts."""

    counterparty_id: int
    currency: str
    receivable: tuple[int, ...] = NOTHING
    advance_received: int = 0
    oldest_receivable: date | None = None
    payable: tuple[int, ...] = NOTHING
    advance_paid: int = 0
    oldest_payable: date | None = None

    @property
    def they_owe(self) -> int:
        return sum(self.receivable)

    @property
    def we_owe(self) -> int:
        return sum(self.payable)

    @property
    def overdue_receivable(self) -> int:
        return sum(self.receivable[1:])

    @property
    def overdue_payable(self) -> int:
        return sum(self.payable[1:])

    @property
    def net(self) -> int:
        """+ they owe us more than we owe them, advances included."""
        return self.they_owe + self.advance_paid - self.we_owe - self.advance_received


Name = tuple[str, tuple[int, ...], str, date]
Key = tuple[int, str]


class _Kept(NamedTuple):
    lock: threading.Lock
    balances: dict[Key, PartyBalance]
    seen: list[str]
    """The first transaction that the last look may not have seen, one item; none before the first."""


_kept: OrderedDict[Name, _Kept] = OrderedDict()
_kept_lock: Final = threading.Lock()


def party_balances(conn: Connection[Any], scope: Scope, contour: str, as_of: date) -> list[PartyBalance]:
    """Those of the parties in the scope that owe or are owed, read now."""
    return list(joined(side_balances(conn, scope, contour, as_of)).values())


def all_party_balances(conn: Connection[Any], units: tuple[int, ...], contour: str, as_of: date) -> Mapping[Key, PartyBalance]:
    """Every party of these units that owes or is owed. The mapping is the caller's to read, not to change."""
    kept = _kept_for((conn.info.dsn, units, contour, as_of))
    with kept.lock:
        names = {"units": list(units), "seen": kept.seen[0] if kept.seen else None, "limit": CHANGED_MAX + 1}
        row = conn.execute(CHANGED_SQL, names).fetchone()
        assert row is not None
        seen, versions, parties, is_refolded = row
        if not kept.seen or versions > CHANGED_MAX or is_refolded:
            kept.balances.clear()
            kept.balances.update(joined(side_balances(conn, Scope(units), contour, as_of)))
        elif parties:
            found = joined(side_balances(conn, Scope(units, counterparties=tuple(parties)), contour, as_of))
            changed = set(parties)
            for key in [key for key in kept.balances if key[0] in changed and key not in found]:
                del kept.balances[key]
            kept.balances.update(found)
        kept.seen[:] = [seen]
        return dict(kept.balances)


def _kept_for(name: Name) -> _Kept:
    with _kept_lock:
        kept = _kept.setdefault(name, _Kept(threading.Lock(), {}, []))
        _kept.move_to_end(name)
        while len(_kept) > KEPT_MAX:
            _kept.popitem(last=False)
        return kept


def joined(sides: Iterable[SideBalance]) -> dict[Key, PartyBalance]:
    """Both sides of each party and currency together."""
    by_party: dict[Key, list[SideBalance]] = defaultdict(list)
    for side in sides:
        by_party[side.counterparty_id, side.currency].append(side)
    return {key: both_sides(*key, found) for key, found in by_party.items()}


def both_sides(counterparty_id: int, currency: str, sides: Iterable[SideBalance]) -> PartyBalance:
    """The sum of some rows of one party and currency (or of several parties seen as one)."""
    debts = {True: NOTHING, False: NOTHING}
    advances = {True: 0, False: 0}
    oldest: dict[bool, list[date]] = {True: [], False: []}
    for side in sides:
        debts[side.is_payable] = tuple(map(sum, zip(debts[side.is_payable], side.debts, strict=True)))
        advances[side.is_payable] += side.advance
        if side.oldest:
            oldest[side.is_payable].append(side.oldest)
    return PartyBalance(
        counterparty_id, currency, debts[False], advances[False], min(oldest[False], default=None),
        debts[True], advances[True], min(oldest[True], default=None),
    )  # fmt: skip
