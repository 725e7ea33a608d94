"""Parties, contracts and agreements found by what people type: any words of name, code and tax number, in any order (search.sql).

Best first: what the person used lately, the exact code or tax number, names that begin so, names with words that begin so, and last
whatever contains it. Each is one indexed question and is asked only while the list is not full, but for the last, which reads the
folded texts of the table (measured: 20 ms at 100 thousand parties). Row-level security would keep the beginnings and the words from their
indexes: counterparties, of whom there are most, are looked up by functions of the owner (words.sql).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from psycopg import Connection

ROWS_MAX: Final = 20
CANDIDATES_MAX: Final = 100
"""Rows looked at to find the best among those with words that begin so."""
LAST_LETTER: Final = chr(0x10FFFF)
WORDS: Final = "array_to_tsvector(string_to_array(btrim(left({alias}.search, 300)), ' '))"


class Found(NamedTuple):
    """A record that fits. `detail` tells it from its namesakes; `terms` are its words of ours (status, relation)."""

    code: str
    name: str
    detail: str
    status: str = ""
    relation: str = ""


class Place(NamedTuple):
    """Where is looked, and what is shown of it. `exact`: columns that are identifiers; `start`, `words`: what is true of a row that
    begins so, and of one with words that begin so."""

    alias: str
    source: str
    columns: str
    exact: tuple[str, ...]
    start: str = "left({alias}.search, 60) like %(start)s || '%%'"
    words: str = f"{WORDS} @@ %(query)s::tsquery"


PARTY: Final = Place(
    "p", "counterparty p", "p.code, p.name, p.tax_id", ("code", "tax_id"),
    f"p.id in (select counterparties_beginning(%(start)s, %(beyond)s, {ROWS_MAX}))",
    f"p.id in (select counterparties_with_words(%(query)s::tsquery, {CANDIDATES_MAX}))",
)  # fmt: skip
PARTNER: Final = Place("p", "partner p", "p.code, p.name, p.group_name", ("code",))
AGREEMENT: Final = Place("a", "agreement a", "a.code, a.name, a.currency, a.status", ("code",))
CONTRACT: Final = Place(
    "c",
    "contract c join counterparty p on p.id = c.counterparty_id",
    "c.code, c.number, concat_ws(', ', p.name, c.currency), c.status, c.relation",
    ("code", "number"),
)


FITTING_SQL: Final = """c.status = 'active' and (c.valid_from is null or c.valid_from <= %(day)s)
  and (c.valid_to is null or %(day)s <= c.valid_to) and %(currency)s in ('', c.currency)
  and (%(agreement)s = '' or c.agreement_id is null or c.agreement_id = (select id from agreement where code = %(agreement)s))"""


class Fitting(NamedTuple):
    """What a document says of the contract it leaves out: in force on its day, in its currency, made from its agreement."""

    day: date
    currency: str = ""
    agreement: str = ""


class Filter(NamedTuple):
    """Further conditions, with their parameters."""

    clause: str = "true"
    parameters: dict[str, Any] = {}


def counterparties(conn: Connection[Any], said: str, recent: Sequence[str] = ()) -> list[Found]:
    return _found(conn, PARTY, said, recent, Filter())


def partners(conn: Connection[Any], said: str, recent: Sequence[str] = ()) -> list[Found]:
    return _found(conn, PARTNER, said, recent, Filter())


def agreements(conn: Connection[Any], said: str, recent: Sequence[str] = (), *, counterparty: str = "") -> list[Found]:
    """Of a counterparty: those of its partner, and typical ones."""
    clause = (
        "(a.partner_id is null or a.partner_id = (select partner_id from counterparty where code = %(counterparty)s))"
        if counterparty
        else "true"
    )
    return _found(conn, AGREEMENT, said, recent, Filter(clause, {"counterparty": counterparty}))


def contracts(
    conn: Connection[Any],
    said: str,
    recent: Sequence[str] = (),
    *,
    counterparty: str = "",
    partner: str = "",
    unit: str = "",
    relations: Iterable[str] = (),
    fitting: Fitting | None = None,
) -> list[Found]:
    """Of a counterparty or partner, and of the unit's organization, where these are known. Without either, also those of the
    counterparties that are found by the same words. Active ones come first. Those that are `fitting` are all that is offered while there
    are such: another is found by its words where none of them is."""
    if fitting is not None:
        offered = _contracts(
            conn, said, recent, counterparty=counterparty, partner=partner, unit=unit, relations=relations, fitting=fitting
        )
        if offered or not said.strip():
            return offered
    return _contracts(conn, said, recent, counterparty=counterparty, partner=partner, unit=unit, relations=relations, fitting=None)


def _contracts(
    conn: Connection[Any],
    said: str,
    recent: Sequence[str],
    *,
    counterparty: str,
    partner: str,
    unit: str,
    relations: Iterable[str],
    fitting: Fitting | None,
) -> list[Found]:
    named = [
        "c.counterparty_id = (select id from counterparty where code = %(counterparty)s)" if counterparty else "",
        "p.partner_id = (select id from partner where code = %(partner)s)" if partner and not counterparty else "",
        "c.organization_id = (select organization_id from unit where code = %(unit)s)" if unit else "",
        "c.relation = any(%(relations)s)" if relations else "",
        FITTING_SQL if fitting else "",
    ]
    parameters: dict[str, Any] = {"counterparty": counterparty, "partner": partner, "unit": unit, "relations": list(relations)}
    parameters |= fitting._asdict() if fitting else {}
    limits = Filter(" and ".join(filter(None, named)) or "true", parameters)
    found = _found(conn, CONTRACT, said, recent, limits)
    if said.strip() and not counterparty and len(found) < ROWS_MAX:
        owners = [party.code for party in counterparties(conn, said)]
        theirs = Filter(f"({limits.clause}) and p.code = any(%(owners)s)", {**parameters, "owners": owners})
        known = {row.code for row in found}
        found += [row for row in _found(conn, CONTRACT, "", (), theirs) if row.code not in known]
    return sorted(found, key=lambda row: row.status != "active")[:ROWS_MAX]


def _found(conn: Connection[Any], place: Place, said: str, recent: Sequence[str], limits: Filter) -> list[Found]:
    folded = conn.execute("select folded(%s)", [said]).fetchone()
    plain = str(folded[0]).strip() if folded else ""
    words = plain.split()
    parameters = {
        **limits.parameters,
        "exact": [said.strip(), said.strip().upper()],
        "recent": list(recent),
        "start": f" {plain}",
        "beyond": f" {plain}{LAST_LETTER}",
        "parts": [f"%{word}%" for word in words],
        "query": " & ".join(f"'{word}':*" for word in words),
    }
    rows: dict[str, Found] = {}
    for condition, order, at_most in _stages(place, bool(words), bool(recent)):
        statement = f"""select {place.columns} from {place.source}
            where {condition.replace("{alias}", place.alias)} and ({limits.clause}) {order} limit {at_most}"""
        stage = [Found(*row) for row in conn.execute(statement, parameters)]
        if at_most == CANDIDATES_MAX:
            stage.sort(key=lambda row: (-_whole_words(row, words), row.name))
        for row in stage:
            rows.setdefault(row.code, row)
        if len(rows) >= ROWS_MAX:
            break
    return list(rows.values())[:ROWS_MAX]


def _stages(place: Place, asked: bool, used: bool) -> list[tuple[str, str, int]]:
    """Condition, order and limit of each question, best first."""
    alias = place.alias
    by_name = f"order by left({alias}.search, 60) using ~<~"
    recent = [(f"{alias}.code = any(%(recent)s) and {alias}.search like all(%(parts)s::text[])",
               f"order by array_position(%(recent)s, {alias}.code)", ROWS_MAX)]  # fmt: skip
    if not asked:
        return [*(recent if used else []), ("true", by_name, ROWS_MAX)]
    exact = " or ".join(f"{alias}.{column} = any(%(exact)s)" for column in place.exact)
    return [
        *(recent if used else []),
        (f"({exact})", "", ROWS_MAX),
        (place.start, by_name, ROWS_MAX),
        (place.words, "", CANDIDATES_MAX),
        (f"{alias}.search like all(%(parts)s)", "", ROWS_MAX),
    ]


def _whole_words(row: Found, words: Sequence[str]) -> int:
    own = f"{row.name} {row.code} {row.detail}".lower().split()
    return sum(word in own for word in words)
