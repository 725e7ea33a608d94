"""Payment orders: debts that people choose are paid; the file for the bank is the answer.

/bank/orders/?account=ID&until=DAY
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from setoff.access import approvals
from setoff.banks.payables import Choice, OrderFile, draft_payments, payables, ready_to_order, write_orders
from setoff.banks.queries import bank_accounts
from setoff.banks.records import CounterpartyAccount
from setoff.banks.services import save_party_account
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import text
from setoff.pages.bank import actor_of, ours_of
from setoff.pages.page import PageRequest, page, render
from setoff.pages.typed import plain_number
from setoff.reports.ask import parse_day
from setoff.settlements.document_queries import document_head


@page("read")
def debts(request: PageRequest) -> HttpResponse:
    """What we owe in the currency of the account, due by the day that is chosen."""
    accounts = bank_accounts(request.books)
    chosen = request.GET.get("account", "")
    account = next((row for row in accounts if str(row.id) == chosen), accounts[0] if accounts else None)
    until = parse_day(given, "until") if (given := request.GET.get("until", "")) else None
    rows = payables(request.books, ours_of(request, account.id), until) if account else []
    context = {
        "accounts": accounts,
        "account": account,
        "debts": [(f"{row.document}|{row.line}", row) for row in rows],
        "total": sum(row.amount for row in rows),
        "until": until,
        "may_draft": account is not None and request.rights.may("draft", account.unit_id),
    }
    return render(request, "bank_orders", context)


@require_POST
@page("draft")
def pay(request: PageRequest) -> HttpResponse:
    """Drafts of the payments chosen, and the file of orders to be sent to the bank, all of it or nothing. Those that a policy wants a
    second person for are asked for, and not in the file."""
    ours = ours_of(request, int(request.POST.get("account", "0") or 0))
    request.rights.require("draft", ours.unit.code)
    choices = []
    for mark in request.POST.getlist("debt"):
        document, _, line = mark.rpartition("|")
        if not document or not line.isdecimal():
            raise DomainError(ErrorCode.INVALID_VALUE, field="debt", value=mark)
        amount = plain_number(request.POST.get(f"amount-{mark}", ""), request.language).strip()
        choices.append(Choice(document, int(line), amount))
    if not choices:
        raise DomainError(ErrorCode.FIELD_MISSING, field="debt")
    day = parse_day(request.POST.get("day", ""), "day")
    with request.books.transaction():
        keys = draft_payments(request.books, ours, choices, day, actor_of(request))
        ready = ready_to_order(request.books, keys)
        made = write_orders(request.books, ready, datetime.now(UTC), actor_of(request)) if ready else None
    waiting = [key for key in keys if key not in ready]
    if waiting:
        if request.rights.may("post", ours.unit.id):
            for key in waiting:
                approvals.post_saved(request.books, key, actor_of(request), request.rights)
        messages.warning(request, text(request.language, "bank-orders-wait", count=len(waiting)))
    return file_of(made) if made else redirect("pages:bank-orders")


@page("draft")
def one(request: PageRequest, document_id: int) -> HttpResponse:
    """The order of a payment that was saved, or approved, before."""
    head = document_head(request.books, document_id)
    request.rights.require("draft", head.unit_id)
    return file_of(write_orders(request.books, [head.key], datetime.now(UTC), actor_of(request)))


def file_of(made: OrderFile) -> HttpResponse:
    kind = "text/plain; charset=windows-1251" if made.name.endswith("txt") else "application/xml"
    answer = HttpResponse(made.content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{made.name}"'
    return answer


@require_POST
@page("draft")
def party_account(request: PageRequest) -> HttpResponse:
    """Where a party is paid."""
    given = {name: request.POST.get(name, "").strip() for name in CounterpartyAccount.__struct_fields__}
    request.rights.require("draft", given["unit"])
    save_party_account(request.books, CounterpartyAccount(**given), actor_of(request))
    return redirect("pages:bank-orders")


urlpatterns = [
    path("", debts, name="bank-orders"),
    path("pay/", pay, name="bank-pay"),
    path("of/<int:document_id>/", one, name="bank-order"),
    path("party-account/", party_account, name="bank-party-account"),
]
