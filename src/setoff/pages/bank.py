"""The bank: accounts with what waits, files of statements, balances compared, accounts and rules that people say.

/bank/   /bank/balance/ID/   /bank/rules/          the lines and the orders: bank_lines.py, bank_orders.py
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import include, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from setoff.banks.balances import compared_balances, month_before
from setoff.banks.claims import propose_lines
from setoff.banks.known import accounts_of_ours
from setoff.banks.matching import PAYMENT_KINDS, Ours
from setoff.banks.queries import bank_accounts, bank_rules, bank_statements
from setoff.banks.records import BankAccount, BankRule
from setoff.banks.services import DIRECTIONS, RULE_FIELDS, add_rule, drop_rule, import_statements, save_account
from setoff.banks.telling import finding_text, read_reasons
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import error_text, mend_text, text
from setoff.pages.page import PageRequest, page, render
from setoff.site.environment import environment

STATEMENTS_SHOWN: Final = 60


def actor_of(request: PageRequest) -> Actor:
    return Actor(request.rights.login, "page")


@page("read")
def overview(request: PageRequest) -> HttpResponse:
    statements = [
        (row, [finding_text(request.language, finding) for finding in read_reasons(row.findings)])
        for row in bank_statements(request.books, limit=STATEMENTS_SHOWN)
    ]
    context = {
        "accounts": bank_accounts(request.books),
        "statements": statements,
        "given": {name: request.GET.get(name, "") for name in ("number", "currency")},
        "may_post": bool(request.rights.units_with("post")),
        "units": [code for code, unit_id in request.rights.unit_codes.items() if request.rights.may("post", unit_id)],
    }
    return render(request, "bank", context)


@require_POST
@page("post")
def upload(request: PageRequest) -> HttpResponse:
    """Statements of one or several files; each file by itself. What they brought is told on the page of the bank."""
    files = request.FILES.getlist("files")
    if not files:
        raise DomainError(ErrorCode.FIELD_MISSING, field="files")
    for file in files:
        _import_file(request, file)
    proposed = propose_lines(request.books)
    messages.info(request, text(request.language, "bank-proposed", **proposed._asdict()))
    return redirect("pages:bank")


def _import_file(request: PageRequest, file: UploadedFile[Any]) -> None:
    """The lines of one file, or a message why it was refused: the other files go on."""
    name = str(file.name)
    limit_mib = environment().upload_mib_max
    if (file.size or 0) > limit_mib << 20:
        raise DomainError(ErrorCode.FILE_UNREADABLE, file=name, reason=f"> {limit_mib} MiB")
    try:
        with request.books.transaction():
            done = import_statements(request.books, file.read(), name, actor_of(request))
            for imported in done:
                request.rights.require("post", imported.unit)
    except DomainError as refusal:
        messages.error(request, format_html("{}: {} {}", name, error_text(request.language, refusal), _mend(request, refusal)))
        return
    for imported in done:
        key = "bank-imported-before" if imported.was_known else "bank-imported"
        days = {"since": imported.statement.first_day, "until": imported.statement.last_day}
        counts = {"new": imported.new_lines, "known": imported.known_lines}
        messages.success(request, text(request.language, key, account=imported.account, **days, **counts))


def _mend(request: PageRequest, refusal: DomainError) -> str:
    """What to do about it; an account that we do not have yet is added on this page."""
    if refusal.code is not ErrorCode.BANK_ACCOUNT_UNKNOWN:
        return mend_text(request.language, refusal)
    query = urlencode({"number": refusal.facts.get("account", ""), "currency": refusal.facts.get("currency", "")})
    return format_html('<a href="{}?{}#new-account">{}</a>', reverse("pages:bank"), query, text(request.language, "bank-account-add"))


@require_POST
@page("post")
def save(request: PageRequest) -> HttpResponse:
    """An account of ours."""
    given = {name: request.POST.get(name, "").strip() for name in BankAccount.__struct_fields__}
    request.rights.require("post", given["unit"])
    save_account(request.books, BankAccount(**{**given, "currency": given["currency"].upper()}), actor_of(request))
    messages.success(request, text(request.language, "bank-account-saved", account=given["name"] or given["number"]))
    return redirect("pages:bank")


def ours_of(request: PageRequest, account_id: int) -> Ours:
    """Errors: unknown_reference."""
    found = next((ours for ours in accounts_of_ours(request.books) if ours.id == account_id), None)
    if found is None or found.unit.id not in request.rights.units_with("read"):
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="bank_account", value=str(account_id), field="account")
    return found


@page("read")
def balance(request: PageRequest, account_id: int) -> HttpResponse:
    """The bank beside the books, day by day; by default from the month before the newest statement."""
    ours = ours_of(request, account_id)
    newest = next((row.last_day for row in bank_accounts(request.books) if row.id == account_id), None)
    whole = request.GET.get("all") == "yes"
    since = month_before(newest) if newest and not whole else None
    context = {"ours": ours, "found": compared_balances(request.books, ours, since), "whole": whole}
    return render(request, "bank_balance", context)


# Rules -------------------------------------------------------------------------------------------------------------------


@page("read")
def rules(request: PageRequest) -> HttpResponse:
    """The rules in their order, and the form of a new one, filled in from a line where one is named."""
    context: dict[str, Any] = {
        "rules": bank_rules(request.books),
        "fields": RULE_FIELDS,
        "directions": DIRECTIONS,
        "kinds": ("ignore", *PAYMENT_KINDS),
        "units": [code for code, unit_id in request.rights.unit_codes.items() if request.rights.may("post", unit_id)],
        "given": {name: request.GET.get(name, "") for name in BankRule.__struct_fields__},
    }
    return render(request, "bank_rules", context)


@require_POST
@page("post")
def new_rule(request: PageRequest) -> HttpResponse:
    given = {name: request.POST.get(name, "").strip() for name in BankRule.__struct_fields__}
    request.rights.require("post", given["unit"])
    rule = add_rule(request.books, BankRule(**given), actor_of(request))
    propose_lines(request.books, (given["unit"],))
    messages.success(request, text(request.language, "bank-rule-added", rule=rule))
    return redirect("pages:bank-rules")


@require_POST
@page("post")
def remove_rule(request: PageRequest, rule_id: int) -> HttpResponse:
    row = next((row for row in bank_rules(request.books) if row.id == rule_id), None)
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="bank_rule", value=str(rule_id), field="rule")
    request.rights.require("post", row.record.unit)
    drop_rule(request.books, rule_id, actor_of(request))
    return redirect("pages:bank-rules")


urlpatterns = [
    path("", overview, name="bank"),
    path("upload/", upload, name="bank-upload"),
    path("account/", save, name="bank-account"),
    path("balance/<int:account_id>/", balance, name="bank-balance"),
    path("rules/", rules, name="bank-rules"),
    path("rules/new/", new_rule, name="bank-rule-new"),
    path("rules/<int:rule_id>/drop/", remove_rule, name="bank-rule-drop"),
    path("lines/", include("setoff.pages.bank_lines")),
    path("orders/", include("setoff.pages.bank_orders")),
]
