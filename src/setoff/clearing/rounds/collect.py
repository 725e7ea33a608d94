"""Debts for a round from the books of our units: what had arisen by its day and is open still.

Debts of the regulated contour, as far as the management contour holds them open too (a posting settles both), money alone: no
advances (an advance set off counts as paid, with VAT of its own), no returnable packaging. An amount is what is left of the lot now:
money that came since the day of the round is not set off a second time. Barred from the start, and reported: what only one of two
books of ours holds (mirror), debts between units of one legal person (same_party), debts that are counted in one currency and paid in
another (unit_currency).
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from setoff.clearing.rounds.mirror import BookDebt, pairs_of
from setoff.clearing.rounds.records import Barred, Lot, Obligation, OwnUnit, Party
from setoff.core.moment import end_of
from setoff.trade.terms import WE_OWE_BY_NATURE

BOOKS: Final = "books"
NOT_MONEY: Final = ("packaging_received", "packaging_issued")
OPEN_SQL: Final = """
  select l.unit_id, l.document_id, l.line, coalesce(nullif(f.label, ''), d.number), moment_date(l.rank),
         coalesce(l.due, moment_date(l.rank)),
         k.counterparty_id, k.currency, sign(l.residual)::bigint * least(abs(l.residual), abs(m.residual)),
         coalesce(ct.payment_currency, '') not in ('', k.currency)
  from lot l join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id
  join document d on d.unit_id = l.unit_id and d.id = l.document_id
  join fact f on f.unit_id = l.unit_id and f.version_id = d.posted_version_id and f.line = l.line
  join lot m on m.unit_id = l.unit_id and m.key_id = f.mgmt_key_id and m.document_id = l.document_id and m.line = l.line
   and m.residual <> 0
  left join contract ct on ct.id = k.contract_id
  where l.residual <> 0 and k.contour = 'reg' and l.unit_id = any(%(units)s) and l.moment < %(before)s
    and (l.residual < 0) = (k.relation = any(%(we_owe)s)) and not k.relation = any(%(not_money)s)
  order by l.unit_id, l.document_id, l.line"""
UNITS_SQL: Final = """
  select u.id, u.code, o.code, case when o.name = u.name then u.name else o.name || ', ' || u.name end, o.tax_id, o.kpp, o.language,
         o.chart
  from unit u join organization o on o.id = u.organization_id where u.id = any(%s) order by u.code"""


class OpenDebt(NamedTuple):
    """An open lot; `residual` + they owe us."""

    unit_id: int
    document_id: int
    line: int
    number: str
    date: datetime.date
    due: datetime.date
    counterparty_id: int
    currency: str
    residual: int
    is_unit_currency: bool

    @property
    def lot(self) -> Lot:
        return Lot(self.unit_id, self.document_id, self.line)


class Who(NamedTuple):
    """A counterparty as the round knows it."""

    code: str
    name: str
    tax_id: str
    kpp: str
    language: str


class Collected(NamedTuple):
    parties: list[Party]
    obligations: list[Obligation]


def own_units(conn: Connection[Any], unit_ids: Sequence[int]) -> list[OwnUnit]:
    return conn.cursor(row_factory=args_row(OwnUnit)).execute(UNITS_SQL, [list(unit_ids)]).fetchall()


def counterparties(conn: Connection[Any], ids: Iterable[int]) -> dict[int, Who]:
    query = "select id, code, name, tax_id, kpp, language from counterparty where id = any(%s)"
    return {row[0]: Who(*row[1:]) for row in conn.execute(query, [list(ids)])}


def open_debts(conn: Connection[Any], unit_ids: Sequence[int], as_of: date) -> list[OpenDebt]:
    names = {"units": list(unit_ids), "before": end_of(as_of), "we_owe": list(WE_OWE_BY_NATURE), "not_money": list(NOT_MONEY)}
    return conn.cursor(row_factory=args_row(OpenDebt)).execute(OPEN_SQL, names).fetchall()


def collected(units: Sequence[OwnUnit], debts: Sequence[OpenDebt], known: Mapping[int, Who]) -> Collected:
    """Parties are numbered by code, debts by due day, number and place: the same books give the same round."""
    ours = {unit.id: unit for unit in units}
    by_tax_id = {unit.tax_id: unit.organization for unit in units if unit.tax_id}
    outsiders = _outsiders(known, by_tax_id, {unit.code for unit in units})
    parties = _numbered(units, outsiders.values())
    numbers = {party.code: party.no for party in parties}
    found: list[Obligation] = []
    internal: dict[tuple[str, str, str], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for place, debt in enumerate(debts):
        own, who = ours[debt.unit_id], known[debt.counterparty_id]
        other = by_tax_id.get(who.tax_id) if who.tax_id else None
        if other is not None and other != own.organization and not debt.is_unit_currency:
            creditor, debtor = (own.organization, other) if debt.residual > 0 else (other, own.organization)
            internal[creditor, debtor, debt.currency][0 if debt.residual > 0 else 1].append(place)
            continue
        barred: Barred = "unit_currency" if debt.is_unit_currency else ""
        if other is None:
            party = numbers[outsiders[debt.counterparty_id].code]
        else:
            party = _first_unit(units, other, but=debt.unit_id if other == own.organization else 0, numbers=numbers)
            barred = barred or "same_party"
        found.append(_one_sided(debt, numbers[own.code], party, barred))
    for (creditor, debtor, _currency), (claims, owed) in internal.items():
        found += _mirrored(debts, claims, owed, _Sides(units, numbers, creditor, debtor))
    found.sort(key=lambda item: (item.currency, item.due or date.min, item.number, item.creditor_lot or (), item.debtor_lot or ()))
    return Collected(parties, [item._replace(no=no) for no, item in enumerate(found, 1)])


class _Sides(NamedTuple):
    units: Sequence[OwnUnit]
    numbers: Mapping[str, int]
    creditor: str
    debtor: str

    def number_of(self, unit_id: int) -> int:
        return next(self.numbers[unit.code] for unit in self.units if unit.id == unit_id)


def _mirrored(debts: Sequence[OpenDebt], claims: Sequence[int], owed: Sequence[int], sides: _Sides) -> list[Obligation]:
    def book(places: Sequence[int]) -> list[BookDebt]:
        return [BookDebt(place, abs(debts[place].residual), debts[place].due, debts[place].number) for place in places]

    found = []
    for pair in pairs_of(book(claims), book(owed)):
        claim = None if pair.claim is None else debts[pair.claim]
        debt = None if pair.debt is None else debts[pair.debt]
        told = claim or debt
        assert told is not None
        creditor = sides.number_of(claim.unit_id) if claim else _first_unit(sides.units, sides.creditor, but=0, numbers=sides.numbers)
        debtor = sides.number_of(debt.unit_id) if debt else _first_unit(sides.units, sides.debtor, but=0, numbers=sides.numbers)
        one = Obligation(
            0, debtor, creditor, told.currency, pair.amount, told.number, told.date,
            max(side.due for side in (claim, debt) if side is not None),
            creditor_lot=claim.lot if claim else None, debtor_lot=debt.lot if debt else None,
            creditor_confirmed=BOOKS if claim else "", debtor_confirmed=BOOKS if debt else "", barred="" if claim and debt else "mirror",
        )  # fmt: skip
        found.append(one)
    return found


def _one_sided(debt: OpenDebt, own: int, other: int, barred: Barred) -> Obligation:
    """A debt between a unit of ours and an outsider: our books speak for our side."""
    amount, told = abs(debt.residual), (debt.number, debt.date, debt.due)
    if debt.residual > 0:
        return Obligation(0, other, own, debt.currency, amount, *told, creditor_lot=debt.lot, creditor_confirmed=BOOKS, barred=barred)
    return Obligation(0, own, other, debt.currency, amount, *told, debtor_lot=debt.lot, debtor_confirmed=BOOKS, barred=barred)


def _outsiders(known: Mapping[int, Who], ours: Mapping[str, str], taken: Collection[str]) -> dict[int, Who]:
    """The outsider that each counterparty is: the first by code of several with one tax number. A unit's code gets a sign."""
    first: dict[str, Who] = {}
    found = {}
    for number, row in sorted(known.items(), key=lambda item: item[1].code):
        who = row._replace(code=row.code + "*") if row.code in taken else row
        if not who.tax_id:
            found[number] = who
        elif who.tax_id not in ours:
            found[number] = first.setdefault(who.tax_id, who)
    return found


def _numbered(units: Sequence[OwnUnit], outsiders: Iterable[Who]) -> list[Party]:
    rows = [Party(0, unit.code, unit.name, unit.tax_id, unit.kpp, unit.language, unit.id) for unit in units]
    for who in {who.code: who for who in outsiders}.values():
        rows.append(Party(0, who.code, who.name, who.tax_id, who.kpp, who.language))
    return [row._replace(no=no) for no, row in enumerate(sorted(rows, key=lambda row: (row.unit_id is None, row.code)), 1)]


def _first_unit(units: Sequence[OwnUnit], organization: str, *, but: int, numbers: Mapping[str, int]) -> int:
    """The first unit of an organization other than `but`; that one itself when there is no other."""
    of_it = [unit for unit in units if unit.organization == organization]
    return numbers[next((unit for unit in of_it if unit.id != but), of_it[0]).code]
