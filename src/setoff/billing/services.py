"""Billing: a preview, a run of it, and its undoing (spec 5).

    preview(conn, wanted, rights)              the invoices that would be issued, with what is left out and why
    start_run(conn, wanted, actor, rights)     a run to post them under
    bill_each(conn, run, actor, rights)        one invoice after another, each a transaction of its own
    undo_run(conn, run_id, actor, rights)      every invoice of a run is taken out of the books again, or none

An invoice is a sale with a key of its own (contract and month; contract and day of issue): after an undoing it is stated again under its
old number. A charge is billed as long as its invoice is in the books, however that came out of them. What prepaid operations wait for is
asked for by bills, in runs of their own (prepayments.py). Tax invoices that a run issued are annulled with it.
Errors: unknown_reference, not_permitted, invalid_value, tariff_missing, run_undone, and those of documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import count
from typing import Any, Final, Literal, NamedTuple, get_args

import msgspec
import psycopg

from setoff.access import approvals
from setoff.access.approvals import Pending
from setoff.access.rights import Rights
from setoff.billing import queries
from setoff.billing.calendar import banking_days
from setoff.billing.days import last_day_of, month_of
from setoff.billing.drafts import Books, Draft, Kind, Version, month_drafts, operation_drafts
from setoff.billing.prepayments import above_threshold, prepayment_drafts, waiting
from setoff.books.audit import Actor, record_audit
from setoff.books.charts import load_chart
from setoff.books.workdays import calendars
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.workdays import LAW, WorkCalendar, end_of_term
from setoff.parties.switches import SWITCHES
from setoff.settlements.invoices.services import invoice_on
from setoff.settlements.services import Outcome
from setoff.trade.documents import CustomerBill, Sale

BILLING_LOCK: Final = 7_263_011
UNIT_SQL: Final = """
  select unit.id, organization.chart, organization.book_currency, unit.policies
  from unit join organization on organization.id = unit.organization_id where unit.code = %s"""
START_SQL: Final = """
  insert into billing_run (unit_id, kind, price_list, first_day, last_day, issued_on, author) values (%s, %s, %s, %s, %s, %s, %s)
  returning id"""
CHARGE_SQL: Final = """
  insert into billed_charge (unit_id, run_id, document_id, price_list_id, account_id, operation_id, month, tariff, amount)
  values (%s, %s, %s, %s, %s, %s, %s, %s, %s)"""
PREPAYMENT_SQL: Final = """
  insert into billed_prepayment (unit_id, run_id, document_id, account_id, operation_id, estimate, amount)
  values (%s, %s, %s, %s, %s, %s, %s)"""
DOCUMENTS_SQL: Final = """
  select distinct d.id, d.key
  from (select unit_id, document_id from billed_charge where run_id = %(run)s
        union select unit_id, document_id from billed_prepayment where run_id = %(run)s) b
  join document d on d.unit_id = b.unit_id and d.id = b.document_id
  where d.status <> 'unposted' order by d.id desc"""


TAX_INVOICES_SQL: Final = """
  select distinct d.id, d.key from invoice_base b join document d on d.unit_id = b.unit_id and d.id = b.document_id
  where b.base_id = any(%s) and b.is_valid and d.status = 'posted' order by d.id desc"""


class Wanted(NamedTuple):
    """What to bill: the month charges of the month of `first`, the operations of the days from `first` to `last`, or the prepayments that
    operations of these days wait for."""

    unit: str
    price_list: str
    kind: Kind
    first: date
    last: date
    issued_on: date


class Result(NamedTuple):
    """What came of one draft. `state` refused: `refusal` says why; nothing: there was nothing to charge."""

    draft: Draft
    state: Literal["posted", "waits", "refused", "nothing"]
    key: str = ""
    number: str = ""
    refusal: DomainError | None = None


def kind_of_run(said: str) -> Kind:
    """Errors: invalid_value."""
    known: tuple[Kind, ...] = get_args(Kind)
    found = next((kind for kind in known if kind == said), None)
    if found is None:
        raise DomainError(ErrorCode.INVALID_VALUE, field="kind", value=said, expected=", ".join(known))
    return found


def wanted_of(unit: str, price_list: str, kind: Kind, days: tuple[date, date], issued_on: date) -> Wanted:
    """A month is the whole month of the first day. Errors: invalid_value."""
    first, last = days
    if kind == "month":
        first, last = month_of(first), last_day_of(month_of(first))
    if first > last:
        raise DomainError(ErrorCode.INVALID_VALUE, field="last", value=last.isoformat(), expected=f">= {first}")
    return Wanted(unit, price_list, kind, first, last, issued_on)


def preview(conn: psycopg.Connection[Any], wanted: Wanted, rights: Rights) -> list[Draft]:
    """By contract; nothing is kept."""
    unit_id = rights.require("read", wanted.unit)
    return _drafts(conn, unit_id, wanted)


def start_run(conn: psycopg.Connection[Any], wanted: Wanted, actor: Actor, rights: Rights) -> int:
    """The number of the run."""
    unit_id = rights.require("post", wanted.unit)
    queries.versions_of(conn, wanted.price_list)
    with conn.transaction():
        row = conn.execute(
            START_SQL,
            [unit_id, wanted.kind, wanted.price_list, wanted.first, wanted.last, wanted.issued_on, actor.author],
        ).fetchone()
        assert row is not None
        record_audit(
            conn, actor, "billing_run", unit_id=unit_id, run=row[0], kind=wanted.kind, price_list=wanted.price_list,
            first=wanted.first.isoformat(), last=wanted.last.isoformat(), issued_on=wanted.issued_on.isoformat(),
        )  # fmt: skip
    return int(row[0])


def bill_each(
    conn: psycopg.Connection[Any], run_id: int, actor: Actor, rights: Rights, *, after: str = ""
) -> tuple[int, Iterator[Result]]:
    """How many invoices there are to post, and what comes of each when it is its turn: by contract, those after the code `after`.
    A run that was stopped is taken up again by its number. Errors: run_undone."""
    run = run_of(conn, run_id, rights, "post")
    wanted = Wanted(run.unit, run.price_list, kind_of_run(run.kind), run.first_day, run.last_day, run.issued_on)
    unit_id = rights.require("post", run.unit)
    drafts = [draft for draft in _drafts(conn, unit_id, wanted) if draft.payer.contract > after]
    return len(drafts), _each(conn, (unit_id, run_id), drafts, actor, rights)


def _each(
    conn: psycopg.Connection[Any], run: tuple[int, int], drafts: Sequence[Draft], actor: Actor, rights: Rights
) -> Iterator[Result]:
    for draft in drafts:
        if draft.document is None:
            refusal = draft.refused[0].error if draft.refused else None
            yield Result(draft, "refused" if refusal else "nothing", refusal=refusal)
            continue
        try:
            yield _bill(conn, run, draft, actor, rights)
        except DomainError as refusal:
            yield Result(draft, "refused", refusal=refusal)


def _bill(conn: psycopg.Connection[Any], run: tuple[int, int], draft: Draft, actor: Actor, rights: Rights) -> Result:
    """One invoice with its charges. Two runs at once wait for one another; the second finds the charges billed."""
    unit_id, run_id = run
    assert draft.document is not None
    with conn.transaction():
        conn.execute("select pg_advisory_xact_lock(%s::int, %s::int)", [BILLING_LOCK, draft.payer.contract_id % (1 << 31)])
        is_bill = isinstance(draft.document, CustomerBill)
        newly = _newly_asked(conn, unit_id, draft) if is_bill else []
        is_done = not newly if is_bill else _is_billed(conn, draft)
        if is_done:
            return Result(draft, "nothing")
        done = approvals.post(conn, msgspec.structs.replace(draft.document, key=_free_key(conn, draft.document.key)), actor, rights)
        written = (unit_id, run_id, done.document_id)
        with conn.cursor() as cursor:
            if is_bill:
                cursor.execute("delete from billed_prepayment where unit_id = %s and document_id = %s", [unit_id, done.document_id])
                shares = zip(draft.charges, newly, strict=True)
                rows = [(*written, charge.account.id, charge.operation_id, estimate, charge.net) for charge, estimate in shares]
                cursor.executemany(PREPAYMENT_SQL, rows)
            else:
                cursor.execute("delete from billed_charge where unit_id = %s and document_id = %s", [unit_id, done.document_id])
                cursor.executemany(
                    CHARGE_SQL,
                    [
                        (*written, charge.version.id, charge.account.id, charge.operation_id or None, charge.month, charge.tariff,
                         charge.gross)
                        for charge in draft.charges
                    ],
                )  # fmt: skip
        if isinstance(done, Outcome):
            _tax_invoice(conn, draft, done, actor, rights)
    return Result(draft, "waits" if isinstance(done, Pending) else "posted", done.key, done.number)


def _tax_invoice(conn: psycopg.Connection[Any], draft: Draft, done: Outcome, actor: Actor, rights: Rights) -> None:
    """The tax invoice of an invoice with VAT, where the price list says so (D8)."""
    sale = draft.document
    if isinstance(sale, Sale) and draft.charges[-1].version.terms.tax_invoices and any(line.vat_rate for line in sale.lines):
        key = f"{done.key}/invoice"
        if any(other != key for _, other in conn.execute(TAX_INVOICES_SQL, [[done.document_id]])):
            return  # somebody issued one by hand
        based = msgspec.structs.replace(sale, key=done.key, number=done.number)
        made = msgspec.structs.replace(invoice_on(conn, based, "issued_invoice", draft.issued_on), key=key)
        approvals.post(conn, made, actor, rights)


def _free_key(conn: psycopg.Connection[Any], key: str) -> str:
    """The key, or the first of key/2, key/3, ... that no invoice in the books has: a second one for the same month is one of its own."""
    rows = conn.execute(
        "select key from document where (key = %s or starts_with(key, %s)) and status <> 'unposted'", [key, f"{key}/"]
    ).fetchall()
    taken = {found for (found,) in rows}
    return next(found for number in count(1) if (found := key if number == 1 else f"{key}/{number}") not in taken)


def _is_billed(conn: psycopg.Connection[Any], draft: Draft) -> bool:
    """Whether somebody billed one of these charges meanwhile."""
    pairs = [(charge.account.id, charge.operation_id or None, charge.month, charge.tariff) for charge in draft.charges]
    accounts, operations, months, tariffs = zip(*pairs, strict=True)
    row = conn.execute(
        """select exists (
             select from unnest(%s::bigint[], %s::bigint[], %s::date[], %s::text[]) said (account_id, operation_id, month, tariff)
             join billed_charge b on b.account_id = said.account_id
              and (b.operation_id = said.operation_id or (b.month = said.month and b.tariff = said.tariff))
             join document d on d.unit_id = b.unit_id and d.id = b.document_id and d.status <> 'unposted')""",
        [list(accounts), list(operations), list(months), list(tariffs)],
    ).fetchone()
    return row == (True,)


def _newly_asked(conn: psycopg.Connection[Any], unit_id: int, draft: Draft) -> list[int]:
    """What a bill asks for of every share, less what others ask for now; empty where another bill asked for one of them meanwhile."""
    asked = queries.prepayments_asked(conn, unit_id)
    left = [charge.estimate - asked.get((charge.operation_id, charge.account.id), 0) for charge in draft.charges]
    return left if all(rest >= max(charge.net, 1) for rest, charge in zip(left, draft.charges, strict=True)) else []


def undo_run(conn: psycopg.Connection[Any], run_id: int, actor: Actor, rights: Rights) -> int:
    """How many invoices were taken out of the books: all of the run, the last one first. One that cannot be (its month is closed, a payment
    names it) refuses all of them. Errors: run_undone, period_closed, conflict_with_later_target."""
    run = run_of(conn, run_id, rights, "post")
    unit_id = rights.require("post", run.unit)
    with conn.transaction():
        billed = conn.execute(DOCUMENTS_SQL, {"run": run_id}).fetchall()
        keys = [key for _, key in billed]
        papers = [key for _, key in conn.execute(TAX_INVOICES_SQL, [[document_id for document_id, _ in billed]]).fetchall()]
        for key in (*papers, *keys):
            approvals.unpost(conn, key, actor, rights)
        conn.execute(
            "update billing_run set undone_by = %s, undone_at = clock_timestamp() where unit_id = %s and id = %s",
            [actor.author, unit_id, run_id],
        )
        record_audit(conn, actor, "billing_undo", unit_id=unit_id, run=run_id, invoices=len(keys))
    return len(keys)


def run_of(conn: psycopg.Connection[Any], run_id: int, rights: Rights, right: Literal["read", "post"] = "read") -> queries.Run:
    """Errors: unknown_reference, not_permitted, run_undone (to post)."""
    found = queries.runs(conn, rights.units_with("read"), run_id=run_id)
    if not found:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="billing_run", value=str(run_id), field="run")
    if right == "post":
        rights.require("post", found[0].unit)
        if found[0].undone_by:
            raise DomainError(ErrorCode.RUN_UNDONE, run=run_id)
    return found[0]


def _drafts(conn: psycopg.Connection[Any], unit_id: int, wanted: Wanted) -> list[Draft]:
    versions = queries.versions_of(conn, wanted.price_list)
    accounts = queries.accounts_of(conn, unit_id, wanted.price_list)
    books = _books(conn, wanted, versions)
    suspended = queries.suspensions(queries.unpaid_invoices(conn, unit_id, wanted.price_list))
    if wanted.kind == "month":
        charged = queries.charged_in(conn, unit_id, wanted.first)
        earlier = queries.months_never_billed(conn, unit_id, wanted.price_list, wanted.first)
        books = replace(books, charged=charged, unbilled_months=earlier, suspended=suspended)
        return month_drafts(books, accounts, wanted.first, wanted.issued_on)
    operations = queries.operations_in(conn, unit_id, wanted.price_list, (wanted.first, wanted.last), books.book_currency)
    contracts = sorted({account.payer.contract_id for account in accounts})
    known = {account.id: account for account in accounts}
    if wanted.kind == "prepayment":
        books = replace(books, advances=queries.advances_of(conn, unit_id, contracts))
        large = above_threshold(books, operations, wanted.issued_on)
        return prepayment_drafts(books, large, known, queries.prepayments_asked(conn, unit_id), wanted.issued_on)
    operations = waiting(operations, queries.prepayments_asked(conn, unit_id))
    last, following = queries.issues_around(conn, unit_id, wanted.price_list, wanted.issued_on)
    advances = queries.advances_of(conn, unit_id, contracts) if any(operation.prepaid for operation in operations) else {}
    books = replace(books, last_issue=last, next_issue=following, advances=advances, suspended=suspended)
    return operation_drafts(books, operations, known, wanted.issued_on)


def _books(conn: psycopg.Connection[Any], wanted: Wanted, versions: Sequence[Version]) -> Books:
    row = conn.execute(UNIT_SQL, [wanted.unit]).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="unit", value=wanted.unit, field="unit")
    holidays = frozenset(date.fromisoformat(day) for version in versions for day in version.terms.bank_holidays)
    calendar = calendars(conn, [row[0]])[row[0]]
    ends = partial(end_of_term, said=row[3].get("due_on_day_off") or LAW, calendar=calendar)
    said = {name: row[3].get(name, SWITCHES[name].default) for name in ("banking_days", "vat_on_disbursements")}
    works = banking_days(WorkCalendar() if said["banking_days"] == "weekdays" else calendar, holidays)
    has_vat = said["vat_on_disbursements"] == "yes"
    return Books(wanted.unit, load_chart(row[1]), row[2], wanted.price_list, versions, works, ends, vat_on_disbursements=has_vat)
