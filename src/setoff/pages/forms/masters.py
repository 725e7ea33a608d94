"""Pages of master records: a list of each type, a form, the status of many contracts at once, contracts that soon end.

    GET  /masters/                     the types
    GET  /masters/TYPE/                a list: ?q=words, ?status=, ?ends-within=days, ?after=code
    GET  /masters/TYPE/form/           a new record; ?code=CODE (a rate: ?currency=&quote=&date=) one that stands
    POST the same                      saves it
    POST /masters/contract/status/     the status of the contracts chosen: what would become of each; do=apply, do=skip

What is doubtful (parties/doubts.py) is shown first and saved when it is sent again. One transaction and the same path as a file import.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, get_args

import msgspec
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST

from setoff.attachments.queries import attachments_of, of_contract
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import Language, date_text, text
from setoff.pages.changes import first_changed
from setoff.pages.forms.layout import Field, Layout
from setoff.pages.forms.records import BY_ADMINISTRATORS, OF_THE_INSTALLATION, RECORDS, record_layout
from setoff.pages.forms.shown import TITLES_SQL, choice_text, shown_form
from setoff.pages.forms.typed import YES, Typed, content_of, typed_from, typed_of
from setoff.pages.page import PageRequest, page, render
from setoff.parties.contract_status import Status, set_contract_status
from setoff.parties.doubts import Doubt, doubts
from setoff.parties.expiring import expiring_codes
from setoff.parties.from_agreement import propose_contract
from setoff.parties.queries import Searched, key_of, masters_after
from setoff.parties.records import Agreement, Contract, Master, Rate
from setoff.reports.cells import decimal_text
from setoff.settlements.revaluation.rates import Kept, keep_records
from setoff.trade.shape import shape_refusal

ROWS: Final = 50
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "counterparty": ("code", "name", "tax_id", "partner", "language"),
    "partner": ("code", "name", "group", "is_customer", "is_supplier"),
    "contract": ("code", "number", "counterparty", "organization", "relation", "currency", "valid_to", "manager", "status"),
    "agreement": ("code", "name", "partner", "currency", "detail", "valid_to", "manager", "status"),
    "rate": ("currency", "quote", "date", "rate"),
    "price_list": ("code", "valid_from", "name", "organization", "currency"),
    "loan": ("code", "item", "repayment", "maturity", "day_count"),
    "service_account": ("code", "title", "unit", "contract", "price_list", "opened", "closed", "quantity"),
    "service_operation": ("code", "title", "unit", "date", "tariff", "quantity", "urgent"),
    "organization": ("code", "name", "tax_id", "chart", "book_currency"),
    "unit": ("code", "name", "organization", "kind"),
}
STATUSES: Final = ("active", "draft", "closed")
ENDS_WITHIN: Final = (30, 60, 90)
FIRST: Final[dict[str, str]] = {
    "is_resident": YES, "is_customer": YES, "is_supplier": YES, "uses_contracts": YES, "quantity": "1", "issue_days": "5",
    "month_due_days": "10", "operation_due_days": "10", "non_resident_due_days": "10", "operation_interval": "7", "suspend_after": "30",
    "non_resident_suspend_after": "30", "fall_percent": "15", "notice_months": "1",
    "interest_months": "1", "principal_months": "1",
}  # fmt: skip
"""What a new record says at first."""


@page("read")
def index(request: PageRequest) -> HttpResponse:
    tags = [tag for tag in RECORDS if tag not in OF_THE_INSTALLATION or request.rights.is_administrator]
    return render(request, "masters", {"tags": tags})


@page("read")
def listed(request: PageRequest, tag: str) -> HttpResponse:
    kind, layout = record_layout(tag)
    status, said = request.GET.get("status", ""), request.GET.get("q", "").replace("\0", "").strip()[:200]
    days = request.GET.get("ends-within", "")
    values: dict[str, Sequence[Any]] = {"status": [status]} if status in STATUSES and "status" in COLUMNS[tag] else {}
    if tag == "contract" and days.isdecimal() and len(days) < 4:
        until = request.working_day + timedelta(days=int(days))
        values["code"] = expiring_codes(request.books, until, request.rights.units_with("read"))
    key = key_of(kind)
    after = [part.replace("\0", "") for part in request.GET.getlist("after")]
    searched = Searched(values, said if tag != "rate" else "")
    records = masters_after(request.books, kind, searched, after if len(after) == len(key) else (), ROWS + 1)
    fields = {field.name: field for field in layout.fields}
    labels = {name: text(request.language, fields[name].label_key) for name in COLUMNS[tag]}
    shown = [fields[name] for name in COLUMNS[tag]]
    titles = _titles(request, shown, records[:ROWS])
    rows = [
        (_query(record, key), [(field.name, _told(record, field, titles, request.language)) for field in shown])
        for record in records[:ROWS]
    ]
    more = [str(getattr(records[ROWS - 1], name)) for name in key] if len(records) > ROWS else []
    context = {
        "tag": tag, "labels": labels, "rows": rows, "more": more, "said": said, "status": status, "days": days,
        "statuses": STATUSES if "status" in COLUMNS[tag] else (), "ends": ENDS_WITHIN if tag == "contract" else (),
        "may_write": may_write(request, tag), "has_text": tag != "rate",
    }  # fmt: skip
    return render(request, "masters-list", context)


def _query(record: Master, key: tuple[str, ...]) -> dict[str, str]:
    return {name: str(getattr(record, name)) for name in key}


def _titles(request: PageRequest, fields: Sequence[Field], records: Sequence[Master]) -> dict[tuple[str, str], str]:
    """The names of the records that these ones refer to, by what they are and their code."""
    found: dict[tuple[str, str], str] = {}
    for field in fields:
        if field.what in TITLES_SQL:
            codes = sorted({code for record in records if (code := getattr(record, field.name))})
            found |= {(field.what, code): title for code, title in request.books.execute(TITLES_SQL[field.what], [codes]).fetchall()}
    return found


def _told(record: Master, field: Field, titles: Mapping[tuple[str, str], str], language: Language) -> str:
    """A value as people of the language read it."""
    value = getattr(record, field.name)
    if isinstance(value, bool):
        return "✓" if value else ""
    said = str(value)
    if field.widget == "select":
        return choice_text(field, said, language)
    if said and field.widget == "day":
        return date_text(language, date.fromisoformat(said))
    return decimal_text(Decimal(said), language) if field.widget == "number" else titles.get((field.what, said), said)


def may_write(request: PageRequest, tag: str) -> bool:
    rights = request.rights
    return rights.is_administrator if tag in BY_ADMINISTRATORS else bool(rights.units_with("draft"))


def require_write(request: PageRequest, tag: str) -> None:
    """Errors: not_permitted."""
    if not may_write(request, tag):
        raise DomainError(ErrorCode.NOT_PERMITTED, right="administer" if tag in BY_ADMINISTRATORS else "draft", unit="*")


@require_http_methods(["GET", "POST"])
@page("read")
def record_form(request: PageRequest, tag: str) -> HttpResponse:
    kind, layout = record_layout(tag)
    require_write(request, tag)
    key = {name: request.GET.get(name, "").replace("\0", "") for name in key_of(kind)}
    before = _record(request, kind, key) if all(key.values()) else None
    if request.method == "GET":
        return _form(request, layout, typed_from(before, layout, request.language) if before else _first(request, layout), before)
    typed = typed_of(request.POST.dict(), layout)
    if before:
        typed |= key
    try:
        record = _said(typed, kind, layout, request)
        stands = before or _find(request, kind, {name: str(getattr(record, name)) for name in key})
        if before is None and stands is not None:
            field = key_of(kind)[0]
            raise DomainError(ErrorCode.REFERENCE_EXISTS, kind=tag, value=str(getattr(record, field)), field=field)
        if before is not None and request.POST.get("before") != digest(before):
            return _form(request, layout, typed, before, notice="master-changed", status=409)
        found = [] if request.POST.get("agreed") == YES else doubts(request.books, record)
        if found:
            return _form(request, layout, typed, before, found=found, status=409)
        if isinstance(record, Rate) and request.POST.get("agreed") != YES:
            tried = keep_records(request.books, [record], actor_of(request), dry_run=True)
            if tried.restated:
                return _form(request, layout, typed, before, moved=tried, status=409)
        saved = keep_records(request.books, [record], actor_of(request), consent=request.POST.get("consent") == YES).saved
    except DomainError as refusal:
        return _form(request, layout, typed, before, refusal=refusal, status=422)
    messages.success(request, text(request.language, "master-unchanged" if saved.unchanged else "master-saved"))
    return redirect(reverse("pages:masters-list", args=[tag]))


def actor_of(request: PageRequest) -> Actor:
    return Actor(request.rights.login, "page")


def _first(request: PageRequest, layout: Layout) -> Typed:
    """A new record: what is usual, what the address says, and for a contract who has only one organization."""
    typed: Typed = dict(FIRST) | {"date": request.working_day.isoformat(), "language": request.language}
    if layout.name == "contract" and request.GET.get("agreement"):
        said = Contract(code="", number="", organization="", counterparty=request.GET.get("counterparty", ""), currency="")
        made = propose_contract(request.books, request.GET["agreement"].replace("\0", ""), said, request.working_day)
        shown = typed_from(made, layout, request.language)
        typed |= {name: value for name, value in shown.items() if value}
    return typed | {field.name: request.GET[field.name] for field in layout.fields if request.GET.get(field.name)}


def _said(typed: Typed, kind: type[Master], layout: Layout, request: PageRequest) -> Master:
    content = content_of(typed, layout, request.language)
    try:
        return msgspec.convert(content, kind)
    except msgspec.ValidationError as problem:
        raise shape_refusal(content, str(problem)) from None


def _find(request: PageRequest, kind: type[Master], key: dict[str, str]) -> Master | None:
    try:
        found = masters_after(request.books, kind, Searched({name: [_value(name, value)] for name, value in key.items()}), (), 1)
    except ValueError:  # no day
        return None
    return found[0] if found else None


def _value(name: str, value: str) -> Any:
    return date.fromisoformat(value) if name in ("date", "valid_from") else value


def _record(request: PageRequest, kind: type[Master], key: dict[str, str]) -> Master:
    """Errors: unknown_reference."""
    found = _find(request, kind, key)
    if found is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind=str(kind.__struct_config__.tag), value=" ".join(key.values()))
    return found


def digest(record: Master) -> str:
    """The record as it stood when a form was opened on it."""
    return hashlib.sha256(msgspec.json.encode(record)).hexdigest()


def _form(
    request: PageRequest,
    layout: Layout,
    typed: Typed,
    before: Master | None,
    *,
    refusal: DomainError | None = None,
    found: list[Doubt] | None = None,
    moved: Kept | None = None,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    """`found`: what it may be by mistake; `moved`: what a rate changes of documents. Both are to be agreed to."""
    changed, documents = first_changed(request.books, moved.changes, request.language) if moved else ([], 0)
    context = {
        "moved": moved,
        "moved_documents": changed,
        "moved_count": documents,
        "tag": layout.name,
        "shown": shown_form(request.books, layout, typed, request.language, refusal),
        "before": digest(before) if before else "",
        "fixed": key_of(type(before)) if before else (),
        "doubts": [(_doubt_text(doubt, request), doubt.other) for doubt in found or ()],
        "notice": notice,
        "makes_contracts": isinstance(before, Agreement) and before.uses_contracts and before.status == "active",
        "code": typed.get("code", ""),
        "keeps_files": isinstance(before, Contract),
        "files": attachments_of(request.books, of_contract(before.code)) if isinstance(before, Contract) else [],
        "can_consent": refusal is not None and refusal.code == ErrorCode.CONTRACT_NOT_SETTLED,
        "is_changed": request.method == "POST",
    }
    return render(request, "masters-form", context, status=status)


def _doubt_text(doubt: Doubt, request: PageRequest) -> str:
    return text(request.language, f"doubt-{doubt.what.replace('_', '-')}", value=doubt.value, name=doubt.other_name)


@require_POST
@page("draft")
def contract_status(request: PageRequest) -> HttpResponse:
    """What would become of the chosen contracts; with do=apply, or do=skip where some are refused, it is done."""
    codes, wanted = request.POST.getlist("code"), request.POST.get("do", "")
    status = next((name for name in get_args(Status) if name == request.POST.get("status")), None)
    if status is None or not codes:
        raise DomainError(ErrorCode.FIELD_MISSING, field="status" if codes else "code")
    consent = request.POST.get("consent") == YES
    done = set_contract_status(
        request.books, codes, status, actor_of(request), consent=consent, skip_refused=wanted == "skip",
        dry_run=wanted not in ("apply", "skip"),
    )  # fmt: skip
    changed = sum(row.outcome == "changed" for row in done.rows)
    if done.kept:
        messages.success(request, text(request.language, "masters-status-changed", count=changed))
        return redirect(reverse("pages:masters-list", args=["contract"]))
    open_refused = any(row.error and row.error.code == ErrorCode.CONTRACT_NOT_SETTLED for row in done.rows)
    named = dict(request.books.execute(TITLES_SQL["counterparty"], [[row.counterparty for row in done.rows]]).fetchall())
    rows = [row._replace(counterparty=named.get(row.counterparty, row.counterparty)) for row in done.rows]
    context = {
        "status": status, "rows": rows, "refused": len(done.refused), "changed": changed, "consent": consent,
        "can_consent": consent or open_refused,
    }  # fmt: skip
    return render(request, "masters-status", context, status=409 if wanted in ("apply", "skip") else 200)


urlpatterns = [
    path("", index, name="masters"),
    path("contract/status/", contract_status, name="masters-status"),
    path("<str:tag>/", listed, name="masters-list"),
    path("<str:tag>/form/", record_form, name="masters-form"),
]
