"""A round as networks to look at: the debts that take part, a debt per pair and currency, before and after the round.

After, it is what the round cleared, with the levels of its certificate; a round that is not solved, or was changed since, has no after.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from psycopg import Connection

from setoff.clearing.picture import Network
from setoff.clearing.rounds.queries import OF_DEBTS_SQL
from setoff.clearing.rounds.records import Round
from setoff.clearing.solve import Cleared

PAIRS_SQL: Final = f"""
  select o.currency, o.debtor, o.creditor, sum(o.amount)::bigint, sum(o.cleared)::bigint
  {OF_DEBTS_SQL} where o.round_id = %s and h.hindrance = '' group by 1, 2, 3 order by 1, 2, 3"""
PARTIES_SQL: Final = "select no, code, name from round_party where round_id = %s order by no"
LEVELS_SQL: Final = "select currency, party, level from round_position where round_id = %s"


class RoundNetwork(NamedTuple):
    network: Network
    result: Cleared | None


def round_networks(conn: Connection[Any], found: Round) -> list[RoundNetwork]:
    """A network for every currency in which anything takes part, most pairs first."""
    names = {no: (code, name) for no, code, name in conn.execute(PARTIES_SQL, [found.id])}
    levels = {(currency, party): level for currency, party, level in conn.execute(LEVELS_SQL, [found.id])}
    pairs: dict[str, list[tuple[int, int, int, int]]] = {}
    for currency, *pair in conn.execute(PAIRS_SQL, [found.id]):
        pairs.setdefault(currency, []).append((pair[0], pair[1], pair[2], pair[3]))
    made = []
    for currency, rows in pairs.items():
        parties = sorted({party for debtor, creditor, _amount, _cleared in rows for party in (debtor, creditor)})
        place = {party: number for number, party in enumerate(parties)}
        debtor, creditor, amount, cleared = (np.array(column, np.int64) for column in zip(*(
            (place[debtor], place[creditor], amount, cleared) for debtor, creditor, amount, cleared in rows
        ), strict=True))  # fmt: skip
        network = Network(currency, debtor, creditor, amount, [names[party] for party in parties])
        is_solved = found.status != "open" and all((currency, party) in levels for party in parties)
        result = Cleared(cleared, np.array([levels[currency, party] for party in parties], np.int64)) if is_solved else None
        made.append(RoundNetwork(network, result))
    return sorted(made, key=lambda one: (-len(one.network.amount), one.network.currency))
