"""The lines of statements on one screen: what each is proposed to be and why; confirmed, edited, ignored with the keyboard.

/bank/lines/?state=...&account=...&words=...       j k move, Enter confirms, e edits, i ignores, r makes a rule (bank.js)
/bank/lines/ID/                                    whose the line is, and what it settles, by hand
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final, NamedTuple, cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from setoff.access.approvals import Pending
from setoff.banks.claims import (
    assign_line,
    claim_line,
    confirm_lines,
    ignore_line,
    line_by_id,
    proposed_payment,
    restore_line,
    sure_lines,
    unconfirm_line,
)
from setoff.banks.known import accounts_of_ours, open_lots_of
from setoff.banks.owners import SURE
from setoff.banks.queries import LineFilter, bank_accounts, bank_lines, line_of, line_states
from setoff.banks.records import LineRow, LineState
from setoff.banks.screen import percent, reasons_of
from setoff.banks.targets import OpenLot
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount, parse_amount
from setoff.language import error_text, mend_text, text
from setoff.pages.bank import actor_of
from setoff.pages.page import PageRequest, page, render
from setoff.pages.typed import plain_number
from setoff.reports.ask import parse_day
from setoff.trade.documents import Payment, PaymentKind, PaymentRow, PaymentTarget

PAGE_LINES: Final = 50
STATES: Final[tuple[LineState, ...]] = ("unclaimed", "proposed", "pending", "booked", "ignored")
WAITING: Final[tuple[LineState, ...]] = ("unclaimed", "proposed", "pending")
IN_KINDS: Final[tuple[PaymentKind, ...]] = ("payment_from_customer", "refund_from_supplier", "other_party_in")
OUT_KINDS: Final[tuple[PaymentKind, ...]] = ("payment_to_supplier", "refund_to_customer", "other_party_out")


class Part(NamedTuple):
    """What a line settles under one contract."""

    contract: str
    documents: list[tuple[str, str]]  # (key, number)


class Shown(NamedTuple):
    """A line with what people read of its proposal."""

    row: LineRow
    payment: Payment | None
    party: str
    parts: list[Part]
    reasons: list[str]
    percent: str
    is_sure: bool
    refusal: DomainError | None = None


def shown(request: PageRequest, rows: list[LineRow], refusals: dict[int, DomainError] | None = None) -> list[Shown]:
    """With the names of the parties and contracts, read at once."""
    payments = {row.id: proposed_payment(row) for row in rows if row.proposal}
    codes = sorted({payment.counterparty for payment in payments.values()} - {""})
    names = dict(request.books.execute("select code, name from counterparty where code = any(%s)", [codes]).fetchall())
    contracts = {payment.contract for payment in payments.values()}
    contracts |= {part.contract for payment in payments.values() for part in payment.rows}
    numbers = dict(request.books.execute("select code, number from contract where code = any(%s)", [sorted(contracts)]).fetchall())
    made = []
    for row in rows:
        payment = payments.get(row.id)
        parts = []
        if payment is not None:
            listed: list[Payment | PaymentRow] = [*payment.rows] or [payment]
            parts = [Part(numbers.get(part.contract, part.contract), _named(part.targets)) for part in listed]
        party = names.get(payment.counterparty, payment.counterparty) if payment else ""
        made.append(
            Shown(
                row, payment, party, parts, reasons_of(row, request.language), percent(row.confidence), row.confidence >= SURE,
                (refusals or {}).get(row.id),
            )
        )  # fmt: skip
    return made


def _named(targets: list[PaymentTarget]) -> list[tuple[str, str]]:
    return [(target.document, target.document.rpartition("/")[2]) for target in targets]


def filter_of(request: PageRequest) -> LineFilter:
    """Errors: invalid_value, invalid_date."""
    wanted = request.GET.get("state", "waiting")
    if wanted not in ("waiting", "all", *STATES):
        raise DomainError(ErrorCode.INVALID_VALUE, field="state", value=wanted, expected=", ".join(("waiting", "all", *STATES)))
    states = WAITING if wanted == "waiting" else () if wanted == "all" else (cast(LineState, wanted),)
    since, until = (_day(request.GET.get(name, ""), name) for name in ("since", "until"))
    words = request.GET.get("words", "").strip()
    return LineFilter(account=request.GET.get("account", ""), states=states, words=words, since=since, until=until)


def _day(typed: str, field: str) -> date | None:
    return parse_day(typed, field) if typed else None


@page("read")
def lines(request: PageRequest) -> HttpResponse:
    chosen = filter_of(request)
    day, _, line_id = request.GET.get("after", "").partition("_")
    after = (parse_day(day, "after"), int(line_id)) if day and line_id.isdecimal() and len(line_id) < 19 else None
    rows = bank_lines(request.books, chosen._replace(after=after, limit=PAGE_LINES + 1))
    last = rows[PAGE_LINES - 1] if len(rows) > PAGE_LINES else None
    context = {
        "lines": shown(request, rows[:PAGE_LINES]),
        "counts": line_states(request.books, chosen),
        "accounts": bank_accounts(request.books),
        "states": ("waiting", "all", *STATES),
        "state": request.GET.get("state", "waiting"),
        "sure": len(sure_lines(request.books, account=chosen.account)),
        "next": f"{last.booking_date}_{last.id}" if last else "",
        "may_post": bool(request.rights.units_with("post")),
    }
    return render(request, "bank_lines", context)


def line_for(request: PageRequest, line_id: int) -> LineRow:
    """The line, when the person may post in its unit. Errors: unknown_reference, not_permitted."""
    row = line_by_id(request.books, line_id)
    request.rights.require("post", row.unit)
    return row


def _answer(request: PageRequest, line_id: int, refusal: DomainError | None = None) -> HttpResponse:
    """The line as it stands now: as a part for HTMX, else by way of the list."""
    if not request.htmx:
        if refusal is not None:
            messages.error(request, f"{error_text(request.language, refusal)} {mend_text(request.language, refusal)}")
        return redirect(request.POST.get("next") or reverse("pages:bank-lines"))
    (found,) = shown(request, [line_by_id(request.books, line_id)], {line_id: refusal} if refusal else None)
    return render(request, "parts/bank-line", {"line": found, "may_post": True})


@require_POST
@page("post")
def confirm(request: PageRequest, line_id: int) -> HttpResponse:
    line_for(request, line_id)
    (done,) = confirm_lines(request.books, [line_id], actor_of(request))
    return _answer(request, line_id, done.refusal)


@require_POST
@page("post")
def confirm_sure(request: PageRequest) -> HttpResponse:
    """Every line of the account that is sure. What posting refuses is told."""
    ids = sure_lines(request.books, account=request.POST.get("account", ""))
    rows = {row.id: row for row in bank_lines(request.books, LineFilter(ids=ids))} if ids else {}
    permitted = [line_id for line_id in ids if request.rights.may("post", rows[line_id].unit_id)]
    done = confirm_lines(request.books, permitted, actor_of(request))
    for found in done:
        if found.refusal is not None:
            said = error_text(request.language, found.refusal)
            messages.error(request, f"{text(request.language, 'bank-refused', line=found.line_id)} {said}")
    messages.success(request, text(request.language, "bank-confirmed", count=sum(found.refusal is None for found in done)))
    return redirect("pages:bank-lines")


@require_POST
@page("post")
def ignore(request: PageRequest, line_id: int) -> HttpResponse:
    line_for(request, line_id)
    try:
        ignore_line(request.books, line_id, request.POST.get("reason", ""), actor_of(request))
    except DomainError as refusal:
        return _answer(request, line_id, refusal)
    return _answer(request, line_id)


@require_POST
@page("post")
def undo(request: PageRequest, line_id: int) -> HttpResponse:
    """A booked line is unbooked, an ignored one open again."""
    row = line_for(request, line_id)
    try:
        if row.state == "booked":
            undone = unconfirm_line(request.books, line_id, actor_of(request))
            if isinstance(undone, Pending):
                return _answer(request, line_id, DomainError(ErrorCode.BANK_LINE_PENDING, line=line_id, number=undone.approval_id))
        else:
            restore_line(request.books, line_id, actor_of(request))
    except DomainError as refusal:
        return _answer(request, line_id, refusal)
    return _answer(request, line_id)


# By hand -----------------------------------------------------------------------------------------------------------------


class LotField(NamedTuple):
    """An open lot with the amount of it that the line settles, as text."""

    lot: OpenLot
    name: str
    amount: str


@page("post")
def edit(request: PageRequest, line_id: int) -> HttpResponse:
    row = line_for(request, line_id)
    (line,) = shown(request, [row])
    payment = line.payment
    lots = _lots(request, row, payment) if payment and payment.counterparty else []
    context: dict[str, Any] = {
        "line": line, "row": row, "debited": line_of(row).debited, "lots": lots, "may_post": True,
        "kinds": IN_KINDS if row.amount > 0 else OUT_KINDS,
        "contract": payment.contract or (payment.rows[-1].contract if payment.rows else "") if payment else "",
        "rule_field": "tax_id" if row.tax_id else "name" if row.name else "purpose",
        "rule_pattern": row.tax_id or row.name or row.purpose[:40],
    }  # fmt: skip
    return render(request, "bank_line", context)


def _lots(request: PageRequest, row: LineRow, payment: Payment) -> list[LotField]:
    ours = next(ours for ours in accounts_of_ours(request.books, (row.unit_id,)) if ours.id == row.account_id)
    party = request.books.execute("select id from counterparty where code = %s", [payment.counterparty]).fetchone()
    if party is None:
        return []
    sign = 1 if row.amount > 0 else -1
    parts: list[Payment | PaymentRow] = [payment, *payment.rows]
    named = {(target.document, target.line): target.amount for part in parts for target in part.targets}
    lots = open_lots_of(request.books, ours.unit, [party[0]])
    found = [lot for _, lot_sign, lot in lots if lot_sign == sign and lot.currency == row.currency]
    found.sort(key=lambda lot: (lot.rank, lot.line))
    return [
        LotField(lot, f"lot-{place}", named.get((lot.document, lot.line if lot.has_lines else 0), ""))
        for place, lot in enumerate(found)
    ]


@require_POST
@page("post")
def assign(request: PageRequest, line_id: int) -> HttpResponse:
    """Whose the line is; back to the page of the line with what it would settle."""
    line_for(request, line_id)
    given = request.POST
    assign_line(request.books, line_id, given.get("counterparty", ""), actor_of(request), contract=given.get("contract", ""))
    return redirect("pages:bank-line", line_id=line_id)


@require_POST
@page("post")
def claim(request: PageRequest, line_id: int) -> HttpResponse:
    """What the line settles, lot by lot; or the account it belongs to. It stays to be confirmed."""
    row = line_for(request, line_id)
    claim_line(request.books, line_id, _claimed(request, row), actor_of(request))
    if request.POST.get("then") == "confirm":
        (done,) = confirm_lines(request.books, [line_id], actor_of(request))
        if done.refusal is not None:
            raise done.refusal
    return redirect(f"{reverse('pages:bank-lines')}#line-{line_id}")


def _claimed(request: PageRequest, row: LineRow) -> Payment:
    given, currency = request.POST, row.currency
    frame: dict[str, Any] = {"unit": row.unit, "date": "", "currency": currency, "amount": format_amount(abs(row.amount), currency)}
    if given.get("account", "").strip():
        plain: PaymentKind = "other_in" if row.amount > 0 else "other_out"
        return Payment(**frame, kind=plain, account=given["account"].strip(), item=given.get("item", "").strip())
    before = proposed_payment(row) if row.proposal else None
    if before is None:
        raise DomainError(ErrorCode.FIELD_MISSING, field="counterparty")
    typed = given.get("kind", before.kind)
    kind = next((kind for kind in (*IN_KINDS, *OUT_KINDS) if kind == typed), None)
    if kind is None:
        raise DomainError(ErrorCode.INVALID_VALUE, field="kind", value=typed, expected=", ".join((*IN_KINDS, *OUT_KINDS)))
    rows = _rows(request, row, before)
    single = {"contract": rows[0].contract, "targets": rows[0].targets} if len(rows) == 1 else {"rows": rows}
    return Payment(**frame, kind=kind, counterparty=before.counterparty, payer=before.payer, **single)


def _rows(request: PageRequest, row: LineRow, before: Payment) -> list[PaymentRow]:
    """One a contract, with the lots that a person gave amounts; what is left goes to the contract chosen for it."""
    given, currency = request.POST, row.currency
    sums: dict[str, int] = {}
    targets: dict[str, list[PaymentTarget]] = {}
    for field in _lots(request, row, before):
        typed = plain_number(given.get(field.name, ""), request.language).strip()
        if not typed or not (amount := parse_amount(typed, currency)):
            continue
        contract = field.lot.contract
        sums[contract] = sums.get(contract, 0) + amount
        line = field.lot.line if field.lot.has_lines else 0
        target = PaymentTarget(document=field.lot.document, amount=format_amount(amount, currency), line=line, named_by="internal")
        targets.setdefault(contract, []).append(target)
    rest = abs(row.amount) - sum(sums.values())
    if rest or not sums:
        contract = given.get("contract", "").strip()
        sums[contract] = sums.get(contract, 0) + rest
    return [
        PaymentRow(amount=format_amount(amount, currency), contract=contract, targets=targets.get(contract, []))
        for contract, amount in sums.items()
    ]


urlpatterns = [
    path("", lines, name="bank-lines"),
    path("sure/", confirm_sure, name="bank-confirm-sure"),
    path("<int:line_id>/", edit, name="bank-line"),
    path("<int:line_id>/confirm/", confirm, name="bank-confirm"),
    path("<int:line_id>/ignore/", ignore, name="bank-ignore"),
    path("<int:line_id>/undo/", undo, name="bank-undo"),
    path("<int:line_id>/assign/", assign, name="bank-assign"),
    path("<int:line_id>/claim/", claim, name="bank-claim"),
]
