"""The list of documents: a page of it in either direction, and the totals of everything the filter lets through.

Two orders: by date (the total order of the books) and by amount. A page is found by keyset: it begins after the last row of the page
before, so the thousandth page costs what the first does.

How it stays fast among millions: filters by unit, day, kind, state and currency are answered by `document_count`, sums by day kept beside
the documents (document_counts.sql): totals come from it alone, and a page reads only the days on which there is something to show. By
amount, or of a range of amounts, documents are read from an index for every unit, kind and currency that the counts know; a range is
compared in the currency of each document. Other filters go by an index each. What is typed to search finds numbers, keys and words of
comments (document_words.py): few documents by their ids; a word of many is looked for document by document, in the order of the list.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import end_of, start_of
from setoff.core.money import AMOUNT_MAX, DIGITS_USUAL, currencies_by_digits
from setoff.settlements.document_words import NAMES_IT, Found, find_documents
from setoff.trade.kinds import KINDS, REVERSIBLE

COLUMNS: Final = """d.id, d.key, d.kind, d.number, d.date, d.moment, document_state(d.status, d.deletion_mark), u.code,
         coalesce(cp.name, ''), coalesce(ct.number, ''), d.currency, d.total, v.author,
         case when v.content like '%%"comment":%%' then coalesce(v.content::jsonb->>'comment', '') else '' end"""
NAMES: Final = """join version v on v.unit_id = d.unit_id and v.id = d.version_id join unit u on u.id = d.unit_id
         left join counterparty cp on cp.id = d.counterparty_id left join contract ct on ct.id = d.contract_id"""
OF_DAY: Final = ("d.moment >= start_of(s.date)", "d.moment < end_of(s.date)")
OF_GROUP: Final = ("d.kind = s.kind", "d.currency = s.currency")
UNITS: Final = "unnest(%(units)s::int8[]) s(unit_id)"
WITHOUT_PARTY: Final = ("manual_entry", *sorted(REVERSIBLE - {"advance_offset"}), *(kind for kind in KINDS if kind.startswith("opening_")))
"""Kinds whose rows may name several counterparties and contracts: found by their facts."""
AUTHORED: Final = """exists (
  select from version w where w.unit_id = d.unit_id and w.id = d.version_id and w.author = any(%(authors)s))"""
State = Literal["draft", "posted", "unposted", "marked"]
STATES: Final[tuple[State, ...]] = ("draft", "posted", "unposted", "marked")
Order = Literal["date", "amount"]
PAGE: Final = 50
PORTION: Final = 2_000
FEW: Final = 2000
ODD: Final[dict[int, list[str]]] = currencies_by_digits()
DIGITS: Final = (*ODD, DIGITS_USUAL)
"""Decimals that currencies have; `ODD`: the currencies that have others than two."""
FIRST: Final = -(1 << 63)
LAST: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """`units` is never empty; every other empty field lets everything through. `text`: a number, a key, or how one begins, or words of the
    comment. `found`: what that is, looked up by `resolved`."""

    units: tuple[int, ...]
    since: datetime.date | None = None
    until: datetime.date | None = None
    kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    counterparties: tuple[int, ...] = ()
    contracts: tuple[int, ...] = ()
    currencies: tuple[str, ...] = ()
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    authors: tuple[str, ...] = ()
    text: str = ""
    found: Found | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether it names parties, contracts, authors or documents: what the kept sums do not know."""
        return bool(self.counterparties or self.contracts or self.authors or self.text)

    @property
    def has_amounts(self) -> bool:
        return self.amount_from is not None or self.amount_to is not None

    @property
    def is_quick(self) -> bool:
        """Whether its totals come from sums or an index."""
        return not (self.authors or self.has_amounts or self.is_of_many)

    @property
    def is_of_many(self) -> bool:
        """Whether its text names so many documents that each is looked at: adding them up takes seconds."""
        return self.found is not None and self.found.ids is None


class Listed(NamedTuple):
    """A row of the list."""

    id: int
    key: str
    kind: str
    number: str
    date: datetime.date
    moment: int
    state: str
    unit: str
    counterparty: str
    contract: str
    currency: str
    total: int
    author: str
    comment: str


class Place(NamedTuple):
    """Where a page begins: beside this row, in the order of the list. `moment` or `total` as the order asks."""

    value: int
    id: int


class Sort(NamedTuple):
    """The order of the list, and its direction."""

    order: Order = "date"
    descending: bool = True


NEWEST: Final = Sort()


class Page(NamedTuple):
    rows: list[Listed]
    has_before: bool
    has_after: bool


class CurrencyTotal(NamedTuple):
    currency: str
    documents: int
    total: int


def resolved(conn: Connection[Any], wanted: DocumentFilter) -> DocumentFilter:
    """The filter with the documents looked up that its text names."""
    if not wanted.text or wanted.found:
        return wanted
    first, before = start_of(wanted.since) if wanted.since else FIRST, end_of(wanted.until) if wanted.until else LAST
    return replace(wanted, found=find_documents(conn, wanted.text, wanted.units, wanted.kinds, (first, before)))


def documents_page(
    conn: Connection[Any], wanted: DocumentFilter, sort: Sort = NEWEST, *, after: Place | None = None, before: Place | None = None,
    limit: int = PAGE,
) -> Page:  # fmt: skip
    """The rows after (or before) a place in the order, the first page without one."""
    wanted = resolved(conn, wanted)
    place, down = before or after, sort.descending != (before is not None)
    parameters = parameters_of(wanted)
    source, of = _source(conn, wanted, sort.order, _of_counted_days(wanted, down=down, place=place))
    conditions = [*conditions_of(wanted, of), *of]
    if place is not None:
        edge = "d.moment" if sort.order == "date" else "(d.total, d.id)"
        conditions.append(f"{edge} {'<' if down else '>'} {'%(place)s' if sort.order == 'date' else '(%(place)s, %(place_id)s)'}")
        parameters |= {"place": place.value, "place_id": place.id}
    by = _by(sort.order, down=down)
    cursor = conn.cursor(row_factory=args_row(Listed))
    cursor.execute(
        f"""with found as materialized (
              select d.* from {source}
              cross join lateral (
                select * from document d where {_all(conditions)} order by {by} limit %(limit)s) d
              order by {by} limit %(limit)s)
            select {COLUMNS} from found d {NAMES} order by {by}""",
        {**parameters, "limit": limit + 1},
        prepare=False,
    )
    rows = cursor.fetchall()
    has_more, rows = len(rows) > limit, rows[:limit]
    return Page(rows[::-1], has_more, True) if before is not None else Page(rows, after is not None, has_more)


def _by(order: Order, *, down: bool) -> str:
    direction = "desc" if down else "asc"
    return f"d.moment {direction}" if order == "date" else f"d.total {direction}, d.id {direction}"


def _all(conditions: list[str]) -> str:
    return " and ".join(["d.unit_id = s.unit_id", *conditions])


def _of_counted_days(wanted: DocumentFilter, *, down: bool, place: Place | None) -> str:
    """SQL of the days of units that hold the page: as many as are needed to fill it, beside the day where it begins, of which all may
    have been shown."""
    edge = f"and c.date {'<=' if down else '>='} moment_date(%(place)s)" if place is not None else ""
    counted = "case when c.date = moment_date(%(place)s) then 0 else sum(c.documents) end" if place is not None else "sum(c.documents)"
    return f"""(
      select day.unit_id, day.date from (
        select c.unit_id, c.date, sum({counted}) over (order by c.date {"desc" if down else "asc"})
                                  - sum({counted}) over (partition by c.date) as passed
        from document_count c where c.unit_id = any(%(units)s) {edge} {_counted(wanted)}
        group by c.unit_id, c.date having sum(c.documents) > 0) day
      where day.passed < %(limit)s) s"""


def _source(conn: Connection[Any], wanted: DocumentFilter, order: Order, days: str) -> tuple[str, tuple[str, ...]]:
    """What a page is read by, with the conditions that tie documents to it: days or groups that the counts know, or whole units, where
    an index of the filter serves, or the documents come by and by in the order of the books."""
    if wanted.counterparties or wanted.contracts or wanted.text:
        return UNITS, ()
    if not (wanted.authors or wanted.has_amounts):
        return (_of_groups(wanted), OF_GROUP) if order == "amount" else (days, OF_DAY)
    few = _are_few(conn, wanted)
    if wanted.authors:
        return (UNITS, ()) if few or order == "date" else (_of_groups(wanted), OF_GROUP)
    return (_of_groups(wanted), OF_GROUP) if few or order == "amount" else (UNITS, ())


def _are_few(conn: Connection[Any], wanted: DocumentFilter) -> bool:
    """Whether so few documents have the authors, or the amounts, that all of them may be read."""
    if wanted.authors:
        some = "version v where v.unit_id = any(%(units)s) and v.author = any(%(authors)s)"
    else:
        some = f"{_of_groups(wanted)} join document d on {_all([*conditions_of(wanted, OF_GROUP), *OF_GROUP])}"
    query = f"select count(*) from (select from {some} limit {FEW + 1}) counted"
    row = conn.execute(query, parameters_of(wanted), prepare=False).fetchone()
    assert row is not None
    return int(row[0]) <= FEW


def _of_groups(wanted: DocumentFilter) -> str:
    """SQL of the units, kinds and currencies that have documents of the filter."""
    return f"""(
      select c.unit_id, c.kind, c.currency from document_count c
      where c.unit_id = any(%(units)s) {_counted(wanted)} group by 1, 2, 3 having sum(c.documents) > 0) s"""


def _everything(wanted: DocumentFilter) -> tuple[str, list[str]]:
    """Source and conditions of all documents of the filter."""
    if wanted.is_narrow or not wanted.has_amounts:
        return UNITS, conditions_of(wanted)
    return _of_groups(wanted), [*conditions_of(wanted, OF_GROUP), *OF_GROUP]


def document_totals(conn: Connection[Any], wanted: DocumentFilter) -> list[CurrencyTotal]:
    """Count and sum of everything the filter lets through, by currency."""
    wanted = resolved(conn, wanted)
    if not wanted.is_narrow and not wanted.has_amounts:
        sql = f"""select c.currency, sum(c.documents)::bigint, sum(c.total) from document_count c
                  where c.unit_id = any(%(units)s) {_counted(wanted)} group by 1 having sum(c.documents) > 0 order by 1"""
    else:
        source, conditions = _everything(wanted)
        sql = f"""select d.currency, count(*), sum(d.total) from {source} join document d on {_all(conditions)} group by 1 order by 1"""
    rows = conn.execute(sql, parameters_of(wanted), prepare=False)
    return [CurrencyTotal(currency, count, int(total)) for currency, count, total in rows]


def all_documents(conn: Connection[Any], wanted: DocumentFilter, sort: Sort = NEWEST) -> Iterator[Listed]:
    """Everything the filter lets through, in order, read in portions while it is consumed; the connection is in a transaction."""
    wanted = resolved(conn, wanted)
    source, conditions = _everything(wanted)
    with conn.cursor("all_documents", row_factory=args_row(Listed)) as cursor:
        cursor.itersize = PORTION
        cursor.execute(
            f"""select {COLUMNS} from {source} join document d on {_all(conditions)} {NAMES}
                order by {_by(sort.order, down=sort.descending)}""",
            parameters_of(wanted),
        )
        yield from cursor


def _counted(wanted: DocumentFilter) -> str:
    """Conditions on `document_count c`."""
    return "".join(
        f" and {condition}"
        for is_set, condition in (
            (wanted.since, "c.date >= %(since)s"),
            (wanted.until, "c.date <= %(until)s"),
            (wanted.kinds, "c.kind = any(%(kinds)s)"),
            (wanted.states, "c.state = any(%(states)s)"),
            (wanted.currencies, "c.currency = any(%(currencies)s)"),
        )
        if is_set
    )


def conditions_of(wanted: DocumentFilter, of: tuple[str, ...] = ()) -> list[str]:
    """Conditions on `document d`, without that on its unit and those `of` its source."""
    found = (
        (wanted.since, "d.moment >= %(first)s"),
        (wanted.until, "d.moment < %(end)s"),
        (wanted.kinds, "d.kind = any(%(kinds)s)"),
        (wanted.states, "document_state(d.status, d.deletion_mark) = any(%(states)s)"),
        (wanted.currencies, "d.currency = any(%(currencies)s)"),
        (wanted.counterparties, _of_party("counterparty")),
        (wanted.contracts, _of_party("contract")),
        (wanted.authors, AUTHORED),
        (wanted.found, "d.id = any(%(named)s)" if wanted.found and wanted.found.ids is not None else NAMES_IT),
    )
    conditions = [condition for is_set, condition in found if is_set]
    if wanted.states and "posted" not in wanted.states:
        conditions.append("d.status <> 'posted'")  # lets the index of those few serve
    if wanted.has_amounts:
        currency = "s.currency" if of == OF_GROUP else "d.currency"  # known before the document is read: a bound for the index
        conditions += [f"d.total >= {_in_minor('from', currency)}", f"d.total <= {_in_minor('to', currency)}"]
    return conditions


def _in_minor(side: str, currency: str) -> str:
    """SQL of a bound of the range in minor units of the currency."""
    cases = "".join(f" when {currency} = any(%(with_{digits})s) then %({side}_{digits})s::int8" for digits in ODD)
    return f"case{cases} else %({side}_{DIGITS_USUAL})s::int8 end"


def _of_party(what: str) -> str:
    """The documents of counterparties (or contracts): by their header, or by the facts of those that name several."""
    nodes = {
        "counterparty": "select n.id from node n where n.counterparty_id = any(%(counterparty)s)",
        "contract": """select n.id from node n join contract c on c.id = n.contract_id and c.counterparty_id = n.counterparty_id
                       where c.id = any(%(contract)s)""",
    }
    return f"""(d.{what}_id = any(%({what})s) or d.{what}_id is null and d.kind = any(%(several)s) and exists (
      select from fact f where f.unit_id = d.unit_id and f.version_id = d.posted_version_id and f.node_id = any(array({nodes[what]}))))"""


def parameters_of(wanted: DocumentFilter) -> dict[str, Any]:
    """SQL parameters of a filter. Errors: invalid_value where an amount is longer than any can be."""
    found: dict[str, Any] = {
        "units": list(wanted.units), "since": wanted.since, "until": wanted.until, "kinds": list(wanted.kinds),
        "states": list(wanted.states), "currencies": list(wanted.currencies), "counterparty": list(wanted.counterparties),
        "contract": list(wanted.contracts), "several": list(WITHOUT_PARTY), "authors": list(wanted.authors),
        "first": start_of(wanted.since) if wanted.since else None, "end": end_of(wanted.until) if wanted.until else None,
    }  # fmt: skip
    for digits in DIGITS:
        found[f"with_{digits}"] = ODD.get(digits, [])
        found[f"from_{digits}"] = _minor(wanted.amount_from, digits, "amount-from", 0)
        found[f"to_{digits}"] = _minor(wanted.amount_to, digits, "amount-to", (1 << 63) - 1)
    if wanted.found:
        found |= wanted.found.parameters()
    return found


def _minor(amount: Decimal | None, digits: int, field: str, default: int) -> int:
    if amount is None:
        return default
    scaled = int(amount.scaleb(digits))
    if scaled > AMOUNT_MAX:
        raise DomainError(ErrorCode.AMOUNT_TOO_LARGE, value=f"{amount:f}", field=field)
    return scaled
