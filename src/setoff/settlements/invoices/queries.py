"""Reads of the register of invoices and of the books of sales and purchases (spec 6.9)."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from datetime import date
from typing import Any, Final, Literal, NamedTuple

from psycopg import Connection

from setoff.books.charts import account_id, load_chart
from setoff.books.scope import Scope
from setoff.core.chart import ADVANCE_VAT_ROLES, Role

Book = Literal["sales", "purchases"]
Stated = list[tuple[str, int, int]]
"""By VAT rate: amount with VAT, VAT in it."""


class About(NamedTuple):
    """A document as reports name it."""

    key: str
    kind: str
    number: str
    date: datetime.date


class Registered(NamedTuple):
    """An invoice of the register. `bases`: how many documents it is for, `base` the first; `book_day`: in whose quarter's book it is, None
    in no book; `is_late`: issued more than five days after what it is for; `differs`: its base says otherwise now."""

    unit: str
    document: About
    number: str
    date: datetime.date
    entered: datetime.date
    received: datetime.date | None
    kind: str
    family: str
    status: str
    code: str
    counterparty: str
    tax_id: str
    kpp: str
    base: About
    bases: int
    gross: int
    vat: int
    sums: Stated
    currency: str
    is_down: bool
    book_day: datetime.date | None
    is_late: bool
    differs: bool
    difference: str
    document_id: int


class Place(NamedTuple):
    """So many rows after a place: day, document, line."""

    limit: int
    after: tuple[date, int, int] | None = None


LATE_DAYS: Final = 5
"""Calendar days for issuing an invoice (Tax Code, art. 168, par. 3)."""
SUMS: Final = """
  coalesce((select jsonb_agg(jsonb_build_array(stated.vat_rate, stated.gross, stated.vat) order by stated.line) from invoice_sum stated
            where stated.unit_id = {0}.unit_id and stated.document_id = {0}.document_id), '[]')"""
FIRST_BASE: Final = """
  left join lateral (
    select named.id, named.key, named.kind, named.number, named.date, named.status, named.total, named.currency,
           (select count(*) from invoice_base one where one.unit_id = {0}.unit_id and one.document_id = {0}.document_id) as bases
    from invoice_base base join document named on named.unit_id = base.unit_id and named.id = base.base_id
    where base.unit_id = {0}.unit_id and base.document_id = {0}.document_id order by base.line limit 1) base on true"""
DIFFERS: Final = """
  invoice.status = 'posted' and invoice.difference = '' and exists (
    select from invoice_base one join document named on named.unit_id = one.unit_id and named.id = one.base_id
    where one.unit_id = invoice.unit_id and one.document_id = invoice.document_id
      and (named.status <> 'posted' or named.date > invoice.entered)
    union all
    select from (
      select sum(named.total) as total, bool_and(named.currency = organization.book_currency) as is_own
      from invoice_base one join document named on named.unit_id = one.unit_id and named.id = one.base_id
      where one.unit_id = invoice.unit_id and one.document_id = invoice.document_id) said
    where invoice.family <> 'advance' and said.is_own and said.total <> invoice.gross)"""
"""The base was taken out of the books, moved behind it, or comes to another sum. VAT rates are compared by the check."""
IS_LATE: Final = f"invoice.direction = 'issued' and invoice.entered > invoice.base_day + {LATE_DAYS}"
REGISTER_SQL: Final = f"""
  select unit.code, document.key, document.kind, document.number, document.date, invoice.number, invoice.date, invoice.entered,
         invoice.received, invoice.kind, invoice.family, invoice.status, invoice.code, party.name, party.tax_id, party.kpp, base.key,
         base.kind, base.number, base.date, base.bases, invoice.gross, invoice.vat, {SUMS.format("invoice")}, organization.book_currency,
         invoice.is_down,
         (select line.day from invoice_line line
          where line.unit_id = invoice.unit_id and line.document_id = invoice.document_id and line.line = 1),
         {IS_LATE}, {DIFFERS}, invoice.difference, invoice.document_id
  from (select one.* from unnest(%(units)s::bigint[]) scope(unit_id) cross join lateral (
          select invoice.* from invoice
          where invoice.unit_id = scope.unit_id and direction = %(direction)s and entered between %(first)s and %(last)s {{where}}
          order by entered, document_id {{limit}}) one
        order by entered, document_id {{limit}}) invoice
  join document on document.unit_id = invoice.unit_id and document.id = invoice.document_id
  join unit on unit.id = invoice.unit_id join organization on organization.id = unit.organization_id
  join counterparty party on party.id = invoice.counterparty_id
  {FIRST_BASE.format("invoice")}
  order by invoice.entered, invoice.document_id"""
REGISTER_SUMS_SQL: Final = """
  select organization.book_currency, count(*), sum(case when is_down then -gross else gross end)::bigint,
         sum(case when is_down then -vat else vat end)::bigint
  from invoice join unit on unit.id = invoice.unit_id join organization on organization.id = unit.organization_id
  where unit_id = any(%(units)s) and direction = %(direction)s and entered between %(first)s and %(last)s
    and invoice.status = 'posted' {where}
  group by 1 order by 1"""


def registered(
    conn: Connection[Any], scope: Scope, direction: str, period: tuple[date, date], *, kinds: Sequence[str] = (),
    statuses: Sequence[str] = (), place: Place | None = None,
) -> list[Registered]:  # fmt: skip
    """Invoices entered in a period, or a page of them, in the order of their days."""
    names = _names(scope, direction, period, kinds, statuses)
    where, limit = _conditions(scope, kinds, statuses), ""
    if place is not None:
        limit = "limit %(limit)s"
        names["limit"] = place.limit
        if place.after is not None:
            where += " and (entered, document_id) > (%(after_day)s, %(after_id)s)"
            names |= {"after_day": place.after[0], "after_id": place.after[1]}
    rows = conn.execute(REGISTER_SQL.format(where=where, limit=limit), names)
    return [
        Registered._make((row[0], About._make(row[1:5]), *row[5:16], About._make(row[16:20]), *row[20:23], _stated(row[23], 1), *row[24:]))
        for row in rows
    ]


def registered_sums(
    conn: Connection[Any], scope: Scope, direction: str, period: tuple[date, date], *, kinds: Sequence[str] = (),
    statuses: Sequence[str] = (),
) -> list[tuple[str, int, int, int]]:  # fmt: skip
    """(currency, count, gross, VAT) of the valid ones of the whole filter; decreases count against the rest."""
    query = REGISTER_SUMS_SQL.format(where=_conditions(scope, kinds, statuses))
    return [(row[0], row[1], row[2], row[3]) for row in conn.execute(query, _names(scope, direction, period, kinds, statuses))]


def _names(scope: Scope, direction: str, period: tuple[date, date], kinds: Sequence[str], statuses: Sequence[str]) -> dict[str, Any]:
    return {
        "units": list(scope.units), "parties": list(scope.counterparties), "direction": direction, "first": period[0], "last": period[1],
        "kinds": list(kinds), "statuses": list(statuses),
    }  # fmt: skip


def _conditions(scope: Scope, kinds: Sequence[str], statuses: Sequence[str]) -> str:
    where = " and counterparty_id = any(%(parties)s)" if scope.counterparties else ""
    where += " and invoice.kind = any(%(kinds)s)" if kinds else ""
    return where + (" and invoice.status = any(%(statuses)s)" if statuses else "")


class BookLine(NamedTuple):
    """A line of a book. `number`, `date`: of the invoice, empty where an advance has none; `of_number`, `of_date`: of the invoice that a
    correction belongs to or a corrected one replaces; `sums` signed; `sheet`: day of the additional sheet."""

    day: datetime.date
    document_id: int
    line: int
    unit: str
    document: About
    sheet: datetime.date | None
    sign: int
    code: str
    number: str
    date: datetime.date | None
    kind: str
    family: str
    of_number: str
    of_date: datetime.date | None
    counterparty: str
    tax_id: str
    kpp: str
    base: About | None
    received: datetime.date | None
    gross: int
    vat: int
    sums: Stated
    currency: str


OF_INVOICES_SQL: Final = f"""
  select line.day, line.document_id, line.line::int, unit.code, document.key, document.kind, document.number, document.date, line.sheet,
         line.sign, case when line.sign < 0 and line.source_id <> line.document_id then source.code else invoice.code end, source.number,
         source.date, source.kind, source.family, coalesce(original.number, ''), original.date, party.name, party.tax_id, party.kpp,
         base.key, base.kind, base.number, base.date, source.received, line.gross, line.vat, {SUMS.format("source")},
         organization.book_currency
  from (select one.* from unnest(%(units)s::bigint[]) scope(unit_id) cross join lateral (
          select * from invoice_line
          where invoice_line.unit_id = scope.unit_id and book = %(book)s and day between %(first)s and %(last)s {{place}}
          order by day, document_id, line {{limit}}) one
        order by day, document_id, line {{limit}}) line
  join invoice on invoice.unit_id = line.unit_id and invoice.document_id = line.document_id
  join invoice source on source.unit_id = line.unit_id and source.document_id = line.source_id
  left join invoice original on original.unit_id = source.unit_id and original.document_id = source.original_id
  join document on document.unit_id = line.unit_id and document.id = line.document_id
  join unit on unit.id = line.unit_id join organization on organization.id = unit.organization_id
  join counterparty party on party.id = source.counterparty_id
  {FIRST_BASE.format("source")}"""
BY_DECISION: Final = "02"
"""An invoice received on an advance that was entered as a decision on its VAT (0026); one entered as an invoice has a line of its own."""
OWING: Final = """
  unnest(%(owing)s::bigint[], %(debits)s::int[], %(credits)s::int[], %(codes)s::text[]) owing(unit_id, debit_id, credit_id, code)"""
OF_BOOK: Final = f"""(owing.code <> '{BY_DECISION}' or (
  select decision.kind from document decision
  where decision.unit_id = posting.unit_id and decision.id = posting.document_id) = 'advance_vat')"""
"""Not `exists`, which may be planned as one look at every document."""
ADVANCE: Final = """coalesce((
           select abs(lot.book) from document paid
           join lot on lot.unit_id = paid.unit_id and lot.document_id = paid.id and lot.line = substring({0}.item from '[0-9]+$')::int
           join fold_key on fold_key.unit_id = lot.unit_id and fold_key.id = lot.key_id and fold_key.contour = 'reg'
           where paid.key = regexp_replace({0}.item, '/[0-9]+$', '')), 0)"""
"""What was paid in advance: a decision says its VAT alone."""
OF_ADVANCES_SQL: Final = f"""
  select moment_date(line.moment), line.document_id, line.line, unit.code, document.key, document.kind, document.number, document.date,
         null,
         1, line.code, case when line.code = '{BY_DECISION}' then coalesce(said.content::jsonb ->> 'incoming_number', '')
                            else coalesce(invoice.number, '') end,
         case when line.code = '{BY_DECISION}' then nullif(said.content::jsonb ->> 'incoming_date', '')::date else invoice.date end,
         'advance', 'advance', '', null, coalesce(party.name, ''),
         coalesce(party.tax_id, ''), coalesce(party.kpp, ''), named.key, named.kind, named.number, named.date, null,
         case when line.code = '{BY_DECISION}' then {ADVANCE.format("line")}
              when line.vat_rate ~ '^[0-9.]+$' and line.vat_rate::numeric > 0
              then round(line.amount * (100 + line.vat_rate::numeric) / line.vat_rate::numeric)::bigint else 0 end,
         line.amount, jsonb_build_array(jsonb_build_array(line.vat_rate, 0, line.amount)), organization.book_currency
  from (select posting.*, owing.code, regexp_replace(posting.item, '/[0-9]+$', '') as base_key from {OWING}
        cross join lateral (
          select * from posting where posting.unit_id = owing.unit_id and posting.kind = 'vat' and posting.moment >= start_of(%(first)s)
             and posting.moment < end_of(%(last)s) and posting.debit_account_id = owing.debit_id
             and posting.credit_account_id = owing.credit_id) posting
        where {OF_BOOK} {{place}} order by moment_date(moment), document_id, line {{limit}} offset 0) line
  join document on document.unit_id = line.unit_id and document.id = line.document_id
  join version said on said.unit_id = document.unit_id and said.id = document.version_id
  join unit on unit.id = line.unit_id join organization on organization.id = unit.organization_id
  cross join lateral (select * from document where document.key = line.base_key offset 0) named
  left join counterparty party on party.id = named.counterparty_id
  left join lateral (
    select said.number, said.date
    from invoice_base base join invoice said on said.unit_id = base.unit_id and said.document_id = base.document_id
    where base.unit_id = named.unit_id and base.base_id = named.id and base.is_valid limit 1) invoice on true"""
"""Each base is looked up by its key (`offset 0`): one made by a function within the join would be compared with every document's."""
SUMS_SQL: Final = """
  select coalesce(sum(gross), 0)::bigint, coalesce(sum(vat), 0)::bigint, count(*) from invoice_line
  where unit_id = any(%(units)s) and book = %(book)s and day between %(first)s and %(last)s {place}"""
ADVANCE_SUMS_SQL: Final = f"""
  select coalesce(sum(posting.amount), 0)::bigint, count(posting.line),
         coalesce(sum({ADVANCE.format("posting")}) filter (where owing.code = '{BY_DECISION}'), 0)::bigint
  from {OWING}
  join posting on posting.unit_id = owing.unit_id and posting.kind = 'vat' and posting.moment >= start_of(%(first)s)
   and posting.moment < end_of(%(last)s) and posting.debit_account_id = owing.debit_id and posting.credit_account_id = owing.credit_id
  where {OF_BOOK}"""
CHARTS_SQL: Final = """
  select unit.id, organization.chart from unit join organization on organization.id = unit.organization_id
  where unit.id = any(%s) order by 1"""
EVENT_CODES: Final[dict[Book, str]] = {"sales": "21", "purchases": "22"}
"""VAT restored of an advance paid; VAT deducted as an advance received is offset."""


class Asked(NamedTuple):
    """A book of some units in a period."""

    book: Book
    units: tuple[int, ...]
    first: date
    last: date


def book_lines(conn: Connection[Any], asked: Asked, place: Place | None = None) -> list[BookLine]:
    """Lines of a book, those of additional sheets too, in the order of their days; or a page of them."""
    names = _book_names(conn, asked)
    of_lines = of_postings = limit = ""
    if place is not None:
        limit = "limit %(limit)s"
        names["limit"] = place.limit
        if place.after is not None:
            of_lines = "and (day, document_id, line) > (%(after_day)s, %(after_id)s, %(after_line)s)"
            of_postings = "and (moment_date(moment), document_id, line) > (%(after_day)s, %(after_id)s, %(after_line)s)"
            names |= {"after_day": place.after[0], "after_id": place.after[1], "after_line": place.after[2]}
    found = conn.execute(OF_INVOICES_SQL.format(place=of_lines, limit=limit), names).fetchall()
    if names["owing"]:
        found += conn.execute(OF_ADVANCES_SQL.format(place=of_postings, limit=limit), names).fetchall()
    found.sort(key=lambda row: row[:3])
    return [_book_line(row) for row in (found[: place.limit] if place else found)]


def _book_line(row: tuple[Any, ...]) -> BookLine:
    sign = row[9]
    base = About._make(row[20:24]) if row[20] is not None else None
    return BookLine._make((*row[:4], About._make(row[4:8]), *row[8:20], base, *row[24:27], _stated(row[27], sign), row[28]))


def _stated(sums: list[list[Any]], sign: int) -> Stated:
    return [(rate, sign * gross, sign * vat) for rate, gross, vat in sums]


def book_sums(conn: Connection[Any], asked: Asked, *, sheets: bool = True) -> tuple[int, int, int]:
    """Amount with VAT (of invoices), VAT and count of all lines of a book; `sheets`: with its additional sheets."""
    names = _book_names(conn, asked)
    row = conn.execute(SUMS_SQL.format(place="" if sheets else "and sheet is null"), names).fetchone() or (0, 0, 0)
    events = (0, 0, 0)
    if names["owing"]:
        events = conn.execute(ADVANCE_SUMS_SQL, names).fetchone() or events
    return row[0] + events[2], row[1] + events[0], row[2] + events[1]


def _book_names(conn: Connection[Any], asked: Asked) -> dict[str, Any]:
    """With the accounts between which VAT of advances moves into this book, where units have them."""
    owing: list[tuple[int, int, int, str]] = []
    for unit_id, name in conn.execute(CHARTS_SQL, [list(asked.units)]):
        chart = load_chart(name)
        if chart.roles.keys() >= ADVANCE_VAT_ROLES:
            output, paid, received = (
                account_id(name, chart.role(role)) for role in (Role.VAT_OUTPUT, Role.VAT_ON_ADVANCES_PAID, Role.VAT_ON_ADVANCES_RECEIVED)
            )
            if asked.book == "sales":
                owing.append((unit_id, paid, output, EVENT_CODES["sales"]))
            else:
                owing += [(unit_id, output, received, EVENT_CODES["purchases"]), (unit_id, output, paid, BY_DECISION)]
    columns = zip(("owing", "debits", "credits", "codes"), zip(*owing, strict=True) if owing else ((),) * 4, strict=True)
    said = {"book": asked.book, "units": list(asked.units), "first": asked.first, "last": asked.last}
    return said | {name: list(column) for name, column in columns}


ADVANCES_MOVED_SQL: Final = f"""
  select moment_date(posting.moment), sum(posting.amount)::bigint
  from {OWING}
  join posting on posting.unit_id = owing.unit_id and posting.kind = 'vat' and posting.moment >= start_of(%(first)s)
   and posting.debit_account_id = owing.debit_id and posting.credit_account_id = owing.credit_id
  where {OF_BOOK} group by 1 order by 1"""


def advances_moved(conn: Connection[Any], asked: Asked) -> list[tuple[date, int]]:
    """VAT of advances that comes into a book as they are used, by day from the first day on."""
    names = _book_names(conn, asked)
    return [(row[0], row[1]) for row in conn.execute(ADVANCES_MOVED_SQL, names)] if names["owing"] else []
