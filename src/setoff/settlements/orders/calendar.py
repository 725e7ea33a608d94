"""The payment calendar: money expected in and out by day, from debts that are open, from what orders and bills still plan, from
interest of loans (spec 6.8).

    debt    an open lot of the management contour, on the day it is due
    stage   what is left of a stage of an order                bill    what is left of a bill
    loan    interest of a loan that no document has accrued yet; the instalments of its principal are lots

No amount stands there twice: see standing.py, of interest loans/expected.py. What is overdue is expected today; a day off moves by the
rule of the organization's calendar. `probability` is that of the order or bill; a debt and a loan are certain. The bank account is that of
the contract.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from setoff.books.scope import Scope
from setoff.books.workdays import calendars
from setoff.core.moment import NEVER
from setoff.core.workdays import WorkCalendar, moved
from setoff.settlements.loans.expected import expected, known_before
from setoff.settlements.loans.queries import LoanBook, loan_books
from setoff.settlements.orders.debt_days import debt_days
from setoff.settlements.orders.standing import NEWEST, POSTED, PlannedPart, planned_parts, standings

Source = Literal["debt", "stage", "bill", "loan"]


def _scope(alias: str) -> str:
    return f"""{alias}.unit_id = any(%(units)s)
    and (%(parties)s::bigint[] = '{{}}' or {alias}.counterparty_id = any(%(parties)s))
    and (%(contracts)s::bigint[] = '{{}}' or {alias}.contract_id = any(%(contracts)s))
    and (%(currencies)s::text[] = '{{}}' or {alias}.currency = any(%(currencies)s))"""


LOTS_SQL: Final = f"""
  select 'debt', greatest(owed.due, %(today)s::date), owed.due, owed.unit_id, owed.counterparty_id, owed.contract_id, owed.document_id,
         owed.currency, greatest(owed.residual, 0), greatest(-owed.residual, 0), 100, '', coalesce(c.bank_account, '')
  from (select l.unit_id, l.document_id, l.line, l.residual, coalesce(l.due, moment_date(l.rank)) as due, k.counterparty_id, k.contract_id,
               k.currency, k.relation
        from fold_key k join lot l on l.unit_id = k.unit_id and l.key_id = k.id and l.residual <> 0
        where k.contour = 'mgmt' and (l.residual < 0) = is_owed_by_us(k.relation) and l.moment < %(before)s) owed
  left join contract c on c.id = owed.contract_id
  where owed.due <= %(until)s and {_scope("owed")}
  order by owed.due, owed.document_id, owed.line"""
ACCOUNTS_SQL: Final = "select id, bank_account from contract where id = any(%s)"


class CashRow(NamedTuple):
    """An amount expected. `day`: when, `due`: by its rule; one of the amounts is zero. `variant`: of a stage."""

    source: Source
    day: datetime.date
    due: datetime.date
    unit_id: int
    counterparty_id: int
    contract_id: int | None
    document_id: int
    currency: str
    in_minor: int
    out_minor: int
    probability: int
    variant: str
    bank_account: str


class Flow(NamedTuple):
    """Money of a day in one currency; `late_in` and `late_out` are the parts of it that are overdue."""

    day: datetime.date
    currency: str
    in_minor: int
    out_minor: int
    late_in: int = 0
    late_out: int = 0


class Asked(NamedTuple):
    """From `today` to `until`. `before`: lots that arose from that moment on are left out; `is_known_then`: within known.shadow."""

    scope: Scope
    today: date
    until: date
    before: int
    bank_accounts: tuple[str, ...] = ()
    is_known_then: bool = False

    def parameters(self) -> dict[str, Any]:
        return {
            "units": list(self.scope.units), "parties": list(self.scope.counterparties), "contracts": list(self.scope.contracts),
            "currencies": list(self.scope.currencies), "today": self.today, "until": self.until, "before": self.before,
            "accounts": list(self.bank_accounts),
        }  # fmt: skip

    @property
    def is_of_all(self) -> bool:
        """Whether no party and no contract is asked about."""
        return not (self.scope.counterparties or self.scope.contracts)

    @property
    def is_summed(self) -> bool:
        """Whether sums by day and bank account answer it."""
        return self.is_of_all and not self.is_known_then


def cash_rows(conn: Connection[Any], asked: Asked) -> list[CashRow]:
    """Every amount, by day, then by its own due day."""
    cursor = conn.cursor(row_factory=args_row(CashRow))
    kept = calendars(conn, list(asked.scope.units))
    debts = cursor.execute(LOTS_SQL, asked.parameters()).fetchall()
    rows = [
        *(row._replace(day=moved_from(row.due, kept[row.unit_id], asked.today)) for row in debts),
        *planned_rows(conn, asked, kept),
        *loan_rows(conn, asked, kept),
    ]
    wanted = asked.bank_accounts
    return in_order(row for row in rows if row.day <= asked.until and (not wanted or row.bank_account in wanted))


def in_order(rows: Iterable[CashRow]) -> list[CashRow]:
    return sorted(rows, key=lambda row: (row.day, row.due, row.document_id, -row.in_minor, row.out_minor))


def planned_rows(conn: Connection[Any], asked: Asked, kept: Mapping[int, WorkCalendar]) -> list[CashRow]:
    """What open orders and bills still plan by the end."""
    condition = f" and p.status not in ('closed', 'annulled') and p.moment < %(before)s and {_scope('p')}"
    given = asked.parameters()
    given.pop("today")
    found = standings(conn, condition, POSTED if asked.is_known_then else NEWEST, **given)
    parts = [part for part in planned_parts(conn, found) if part.day <= asked.until]
    accounts = _accounts(conn, parts)
    return [_row(part, kept[part.standing.unit_id], accounts, asked) for part in parts]


def _row(part: PlannedPart, calendar: WorkCalendar, accounts: Mapping[int, str], asked: Asked) -> CashRow:
    item = part.standing
    source: Source = "stage" if item.is_order else "bill"
    incoming = part.amount if item.sign > 0 else 0
    return CashRow(
        source, moved_from(part.day, calendar, asked.today), part.day, item.unit_id, item.counterparty_id, item.contract_id,
        item.document_id, item.currency, incoming, part.amount - incoming, item.probability, part.stage.variant,
        accounts.get(item.contract_id or 0, ""),
    )  # fmt: skip


def loan_rows(conn: Connection[Any], asked: Asked, kept: Mapping[int, WorkCalendar]) -> list[CashRow]:
    """Interest of loans that is not accrued yet and due by the end; the document is that by which the loan began."""
    scope, rows = asked.scope, []
    for book in loan_books(conn, scope.units, with_splits=False):
        is_asked = all(
            not wanted or value in wanted
            for value, wanted in (
                (book.counterparty_id, scope.counterparties), (book.contract_id, scope.contracts), (book.currency, scope.currencies),
            )
        )  # fmt: skip
        if is_asked and "mgmt" in book.contours:
            known = known_before(book, asked.before) if asked.before < NEVER else book
            rows += _instalments(known, asked, kept[book.unit_id])
    return rows


def _instalments(book: LoanBook, asked: Asked, calendar: WorkCalendar) -> list[CashRow]:
    rows = []
    for due in expected(book, asked.today, asked.until):
        if due.day <= asked.until:
            amount = due.principal + due.interest
            incoming = amount if book.is_granted else 0
            begun = next(change.document_id for change in book.changes if change.part == "principal")
            rows.append(
                CashRow(
                    "loan", moved_from(due.day, calendar, asked.today), due.day, book.unit_id, book.counterparty_id, book.contract_id,
                    begun, book.currency, incoming, amount - incoming, 100, "", book.bank_account,
                )
            )  # fmt: skip
    return rows


def moved_from(due: date, calendar: WorkCalendar, today: date) -> date:
    """When money due on a day is expected: what is overdue today, a day off as the calendar says, never before today."""
    return today if due < today else max(moved(due, calendar), today)


def _accounts(conn: Connection[Any], parts: Iterable[PlannedPart]) -> dict[int, str]:
    ids = sorted({part.standing.contract_id for part in parts if part.standing.contract_id})
    return dict(conn.execute(ACCOUNTS_SQL, [ids]).fetchall()) if ids else {}


def flows(conn: Connection[Any], asked: Asked) -> tuple[list[Flow], list[CashRow]]:
    """Money by day and currency, and the rows of orders, bills and loans in it. Debts are read from their sums by day, unless a party or a
    contract is asked about."""
    kept = calendars(conn, list(asked.scope.units))
    sums: dict[tuple[date, str], list[int]] = {}
    if asked.is_of_all:
        planned = [*planned_rows(conn, asked, kept), *loan_rows(conn, asked, kept)]
        if asked.bank_accounts:
            planned = [row for row in planned if row.bank_account in asked.bank_accounts]
        for unit_id, day, currency, *amounts in debt_days(conn, asked.parameters(), is_known_then=asked.is_known_then):
            _add(sums, moved_from(day, kept[unit_id], asked.today), currency, amounts)
        rows: Sequence[CashRow] = planned
    else:
        rows = cash_rows(conn, asked)
        planned = [row for row in rows if row.source != "debt"]
    for row in rows:
        is_late = row.due < asked.today
        late = (row.in_minor, row.out_minor) if is_late else (0, 0)
        _add(sums, row.day, row.currency, [row.in_minor, row.out_minor, *late])
    found = [Flow(day, currency, *amounts) for (day, currency), amounts in sorted(sums.items()) if day <= asked.until and any(amounts)]
    return found, [row for row in planned if row.day <= asked.until]


def _add(sums: dict[tuple[date, str], list[int]], day: date, currency: str, amounts: Sequence[int]) -> None:
    held = sums.setdefault((day, currency), [0, 0, 0, 0])
    for place, amount in enumerate(amounts):
        held[place] += amount
