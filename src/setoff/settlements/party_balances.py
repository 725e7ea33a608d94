"""What every party owes and is owed on a day, kept in this process and exact at every look.

A list of a hundred thousand parties sorted by what is overdue cannot read every open lot each time it is asked. So the balances of all
parties are kept after the first look, and the next one reads again only the parties of documents written since: the versions recorded
after the last look, and `OVERLAP` before it, for whoever took long to commit; of these only what was written by transactions that the
last look could not see, so that an import is read once. Many of them (an import), or a refold, and everything is read anew.
What one may see differs by units, so units are a part of the name under which balances are kept. "As known at" is never kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.books.scope import Scope
from setoff.settlements.party_queries import BOUNDS, SideBalance, side_balances

KEPT_MAX: Final = 3
"""Questions (units, contour, day) that a process remembers; about 30 MB each at a hundred thousand parties."""
OVERLAP: Final = timedelta(minutes=10)
CHANGED_MAX: Final = 2000
"""Documents; beyond, reading everything is faster."""
NOTHING: Final = (0,) * (len(BOUNDS) + 2)
IS_NEW: Final = "%(seen)s::int8 is null or (({row}.xmin::text::int8 - %(seen)s::int8) & 4294967295) < 2147483648"
"""Of a row: whether the last look could not see it. `seen`: all transactions before that one were over then. A row knows 32 bits of its
transaction's number."""
CHANGED_SQL: Final = f"""
  with changed as (
    select distinct unit_id, document_id from version
    where unit_id = any(%(units)s) and recorded_at > %(since)s and ({IS_NEW.format(row="version")}) limit %(limit)s)
  select clock_timestamp(), pg_snapshot_xmin(pg_current_snapshot())::text::int8, (select count(*) from changed), array(
    select distinct node.counterparty_id
    from changed join version on version.unit_id = changed.unit_id and version.document_id = changed.document_id
    join fact on fact.unit_id = version.unit_id and fact.version_id = version.id
    join node on node.unit_id = fact.unit_id and node.id = fact.node_id),
    exists (select from refold where at > %(since)s and ({IS_NEW.format(row="refold")}))"""


class _Look(NamedTuple):
    """When the last look was, by the database's clock, and the first transaction that it may not have seen."""

    at: datetime
    seen: int


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
    last: list[_Look]
    """The last look, one item; none before the first."""


_kept: OrderedDict[Name, _Kept] = OrderedDict()
_kept_lock: Final = threading.Lock()


def party_balances(conn: Connection[Any], scope: Scope, contour: str, as_of: date) -> list[PartyBalance]:
    """Those of the parties in the scope that owe or are owed, read now."""
    return list(joined(side_balances(conn, scope, contour, as_of)).values())


def all_party_balances(conn: Connection[Any], units: tuple[int, ...], contour: str, as_of: date) -> Mapping[Key, PartyBalance]:
    """Every party of these units that owes or is owed. The mapping is the caller's to read, not to change."""
    kept = _kept_for((conn.info.dsn, units, contour, as_of))
    with kept.lock:
        last = kept.last[0] if kept.last else None
        names = {"units": list(units), "since": last.at - OVERLAP if last else None, "seen": last.seen if last else None}
        row = conn.execute(CHANGED_SQL, {**names, "limit": CHANGED_MAX + 1}).fetchone()
        assert row is not None
        now, seen, documents, parties, is_refolded = row
        if last is None or documents > CHANGED_MAX or is_refolded:
            kept.balances.clear()
            kept.balances.update(joined(side_balances(conn, Scope(units), contour, as_of)))
        elif parties:
            found = joined(side_balances(conn, Scope(units, counterparties=tuple(parties)), contour, as_of))
            changed = set(parties)
            for key in [key for key in kept.balances if key[0] in changed and key not in found]:
                del kept.balances[key]
            kept.balances.update(found)
        kept.last[:] = [_Look(now, seen)]
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
