"""Notices between units: what waits for one, the list, a notice with both sides, writing one from a template or line by line.

    GET  /notices/                what waits, and the notices one may see (unit, status)
    GET  /notices/one/?notice=    both sides beside one another, what can be done
    GET  /notices/paper/?notice=  both copies as PDF
    POST /notices/VERB/           send, recall, confirm, reject, undo, drop (notice, because), reverse (also date)
    GET  /notices/new/            a template is chosen and filled; POST previews, drafts, sends, or posts a local entry
    /notices/edit/                row by row: notice_form.py
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, Literal, NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from setoff.access import approvals
from setoff.books.audit import Actor
from setoff.books.charts import load_chart
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import parse_amount
from setoff.language import has_text, text
from setoff.notices import services
from setoff.notices.filling import Filled, local_entry, notice_from
from setoff.notices.judge import judge
from setoff.notices.paper import render_notice
from setoff.notices.queries import UnitPlace, find_notice, find_reversal, known_notice, notices, units_of, waiting_for
from setoff.notices.records import Kept
from setoff.notices.reversal import Reversal, reverse_notice
from setoff.notices.templates import Template, fitting, template_of, templates_of
from setoff.pages import notice_form
from setoff.pages.page import PageRequest, page, render
from setoff.trade.fields import day_of
from setoff.trade.notice_documents import NoticeRow
from setoff.trade.notice_paper import STATUSES, Notice

VERBS: Final = ("send", "recall", "confirm", "reject", "undo", "drop", "reverse")
CONTRACTS_SQL: Final = """
  select c.code, c.number || ', ' || p.name from contract c join counterparty p on p.id = c.counterparty_id
  where c.organization_id = %s and c.status = 'active' order by p.name, c.code limit 500"""
DOCUMENTS_SQL: Final = "select id from document where key = any(%s) order by key desc"


class Offer(NamedTuple):
    """What can be done with a notice. `needs_reason`: it asks why; `needs_day`: and of which day it is."""

    verb: str
    needs_reason: bool
    is_main: bool
    needs_day: bool = False

    @property
    def address(self) -> str:
        return f"pages:notice-{self.verb}"


class Wanted(NamedTuple):
    """A field of a template's form: its name in the request, how it is called, what was typed, an example; `choices`: (value, title)."""

    name: str
    title: str
    value: str
    sample: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@page("read")
def index(request: PageRequest) -> HttpResponse:
    unit, status = request.GET.get("unit", ""), request.GET.get("status", "")
    status = status if status in STATUSES else ""
    login = request.rights.login
    context = {
        "waiting": waiting_for(request.books, request.rights.units_with("post"), login),
        "notices": notices(request.books, request.rights.units_with("read"), status=status, unit=unit),
        "units": sorted(request.rights.unit_codes), "unit": unit, "status": status, "statuses": STATUSES,
        "may_draft": bool(request.rights.units_with("draft")), "login": login,
    }  # fmt: skip
    return render(request, "notices", context)


@page("read")
def one(request: PageRequest) -> HttpResponse:
    return shown(request, known_notice(request.books, request.GET.get("notice", "")))


def shown(request: PageRequest, found: Kept, refusal: DomainError | None = None) -> HttpResponse:
    documents = []
    if found.status in ("confirmed", "undone"):
        keys = [f"{found.code}/{side}" for side in ("sender", "receiver")]
        documents = [row[0] for row in request.books.execute(DOCUMENTS_SQL, [keys]).fetchall()]
    reversal = find_reversal(request.books, found.code) if documents else None
    reverses = find_notice(request.books, found.notice.reverses) if found.notice.reverses else None
    context = {
        "found": found, "notice": found.notice, "offers": offers(request, found, reversal), "documents": documents, "refusal": refusal,
        "reversal": reversal, "reverses": reverses,
        "title": _operation(request, found), "may_edit": request.rights.may("draft", found.sender_id),
        "sides": _sides(found.notice, found.currency), "currency": found.currency,
    }  # fmt: skip
    return render(request, "notice", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK)


def offers(request: PageRequest, found: Kept, reversal: Kept | None = None) -> list[Offer]:
    """What this person may do with the notice now; `reversal`: what takes it back, or is to."""
    may, login = request.rights.may, request.rights.login.lower()
    sends, answers = may("post", found.sender_id), may("post", found.receiver_id)
    is_own = login in (found.sent_by.lower(), found.author.lower())
    offered = []
    if found.status in ("draft", "rejected") and sends:
        offered.append(Offer("send", False, True))
    if found.status in ("draft", "rejected") and may("draft", found.sender_id):
        offered.append(Offer("drop", False, False))
    if found.status == "sent" and answers and not is_own:
        offered += [Offer("confirm", False, True), Offer("reject", True, False)]
    if found.status == "sent" and sends:
        offered.append(Offer("recall", False, False))
    drafts = may("draft", found.sender_id) or may("draft", found.receiver_id)
    if found.status == "confirmed" and drafts and (reversal is None or reversal.status in ("draft", "rejected")):
        offered.append(Offer("reverse", True, False, needs_day=True))
    is_taken_back = reversal is not None and reversal.status in ("sent", "confirmed")
    if found.status == "confirmed" and found.undo_unit_id is None and (sends or answers) and not is_taken_back:
        offered.append(Offer("undo", True, False))
    if found.status == "confirmed" and found.undo_unit_id is not None:
        other = found.receiver_id if found.undo_unit_id == found.sender_id else found.sender_id
        if may("post", other) and login != found.undo_by.lower():
            offered.append(Offer("undo", False, True))
        if may("post", found.undo_unit_id):
            offered.append(Offer("recall", False, False))
    return offered


@page("read")
def paper(request: PageRequest) -> HttpResponse:
    """Both copies as PDF, in the language of the organization."""
    found = known_notice(request.books, request.GET.get("notice", ""))
    made = render_notice(request.books, found, printed=request.working_day)
    return HttpResponse(made, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="notice-{found.id}.pdf"'})


@require_POST
@page("draft")
def verb(request: PageRequest, name: str) -> HttpResponse:
    """A refusal stands on the page of the notice. Errors: unknown_reference."""
    code, because = request.POST.get("notice", ""), request.POST.get("because", "")
    who = (Actor(request.rights.login, "page"), request.rights)
    done: dict[str, Callable[[], Kept]] = {
        "send": lambda: services.send_notice(request.books, code, *who),
        "recall": lambda: services.recall_notice(request.books, code, *who),
        "confirm": lambda: services.confirm_notice(request.books, code, *who),
        "reject": lambda: services.reject_notice(request.books, code, *who, because=because),
        "undo": lambda: services.undo_notice(request.books, code, *who, because=because),
        "drop": lambda: services.drop_notice(request.books, code, *who),
        "reverse": lambda: reverse_notice(request.books, code, Reversal(day_of(request.POST.get("date", ""), "date"), because), *who),
    }
    try:
        found = done[name]()
    except DomainError as refusal:
        return shown(request, known_notice(request.books, code), refusal)
    if name == "drop":
        messages.success(request, text(request.language, "notices-dropped", code=code))
        return redirect("pages:notices")
    messages.success(request, text(request.language, "notices-now", number=found.number, state=_state(request, found)))
    return redirect(_address(found.code))


@page("draft")
def new(request: PageRequest) -> HttpResponse:
    """The form of a template; what was typed stays."""
    said = request.POST if request.method == "POST" else request.GET
    units = units_of(request.books)
    own = sorted(code for code, unit_id in request.rights.unit_codes.items() if request.rights.may("draft", unit_id))
    unit = units.get(said.get("unit", "") or next(iter(own), ""))
    if unit is None or unit.code not in own:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="unit", value=said.get("unit", ""), field="unit")
    templates = templates_of(request.books, unit.organization_id, unit.chart)
    template = template_of(templates, said["template"]) if said.get("template") else None
    others = [other for other in units.values() if other.organization_id == unit.organization_id and other.id != unit.id]
    context: dict[str, Any] = {
        "units": own, "unit": unit, "others": others, "template": template,
        "templates": [(found, found.title(request.language)) for found in templates.values()],
        "typed": {
            "date": said.get("date") or request.working_day.isoformat(),
            **{name: said.get(name, "") for name in ("other", "number", "comment")},
        },
    }  # fmt: skip
    if template is not None:
        context |= _fields(request, template, unit, said)
        if request.method == "POST":
            return _answered(request, template, unit, context)
    return render(request, "notice-new", context)


def _answered(request: PageRequest, template: Template, unit: UnitPlace, context: dict[str, Any]) -> HttpResponse:
    """A preview, or the notice drafted, or sent, or the local entry posted."""
    said, who = request.POST, (Actor(request.rights.login, "page"), request.rights)
    action = said.get("action", "preview")
    try:
        filled = _filled(template, unit, said)
        if template.kind == "local":
            document = local_entry(request.books, template, filled)
            if action == "preview":
                with request.books.transaction(force_rollback=True):
                    approvals.post(request.books, document, *who)
                sides = [(unit.code, _rows(document.rows, unit.currency))]
                return render(request, "notice-new", {**context, "sides": sides, "currency": unit.currency})
            done = approvals.post(request.books, document, *who)
            messages.success(request, text(request.language, "notices-local-posted", unit=unit.code, number=done.number))
            return redirect("pages:document", done.document_id)
        notice = notice_from(request.books, template, filled)
        request.rights.require("draft", notice.sender)
        if action == "preview":
            judged = judge(request.books, notice)
            shown = {"sides": _sides(notice, unit.currency), "currency": unit.currency, "judged": judged}
            return render(request, "notice-new", {**context, **shown})
        with request.books.transaction():
            found = services.save_notice(request.books, notice, *who)
            if action == "send":
                found = services.send_notice(request.books, found.code, *who)
        messages.success(request, text(request.language, "notices-now", number=found.number, state=_state(request, found)))
        return redirect(_address(found.code))
    except DomainError as refusal:
        return render(request, "notice-new", {**context, "refusal": refusal}, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _fields(request: PageRequest, template: Template, unit: UnitPlace, said: Mapping[str, str]) -> dict[str, Any]:
    """The sums, contracts and accounts that a template asks for."""
    place: Literal["head", "branch"] = "head" if unit.kind == "head_office" else "branch"
    rows = template.rows(place) if template.kind == "local" else [*template.rows("head"), *template.rows("branch")]
    contracts = tuple(request.books.execute(CONTRACTS_SQL, [unit.organization_id]).fetchall()) if any(row.party for row in rows) else ()
    chart = load_chart(unit.chart)
    amounts = [
        Wanted(f"amount-{name}", _word(request, "amount", name), said.get(f"amount-{name}", ""), template.sample(place, name))
        for name in dict.fromkeys(row.amount for row in rows)
    ]
    parties = [
        Wanted(f"contract-{name}", _word(request, "party", name), said.get(f"contract-{name}", ""), "", contracts)
        for name in dict.fromkeys(row.party for row in rows if row.party)
    ]
    accounts = [
        Wanted(f"account-{number}", number, said.get(f"account-{number}", ""), "", tuple(
            (code, f"{code} {chart.accounts[code].names[request.language]}") for code in fitting(chart, number)
        ))
        for number in template.open_accounts(chart)
    ]  # fmt: skip
    sender = "branch" if template.sender == "branch" else "head"
    return {"amounts": amounts, "parties": parties, "accounts": accounts, "is_sender": template.kind == "local" or sender == place,
            "heading": template.title(request.language)}  # fmt: skip


def _filled(template: Template, unit: UnitPlace, said: Mapping[str, str]) -> Filled:
    def named(prefix: str) -> dict[str, str]:
        return {name.removeprefix(prefix): value.strip() for name, value in said.items() if name.startswith(prefix) and value.strip()}

    other = "" if template.kind == "local" else said.get("other", "")
    head, branch = (unit.code, other) if unit.kind == "head_office" else (other, unit.code)
    return Filled(
        said.get("date", ""), {name: amount.replace(",", ".") for name, amount in named("amount-").items()}, head, branch,
        named("contract-"), named("account-"), number=said.get("number", "").strip(), comment=said.get("comment", "").strip(),
    )  # fmt: skip


def _sides(notice: Notice, currency: str) -> list[tuple[str, list[tuple[NoticeRow, int]]]]:
    """Both units with their rows and amounts in minor units."""
    return [(notice.sender, _rows(notice.sender_rows, currency)), (notice.receiver, _rows(notice.receiver_rows, currency))]


def _rows(rows: Sequence[NoticeRow], currency: str) -> list[tuple[NoticeRow, int]]:
    return [(row, parse_amount(row.amount, currency)) for row in rows]


def _operation(request: PageRequest, found: Kept) -> str:
    """The name of the operation, where there is a template of that code."""
    unit = units_of(request.books)[found.sender]
    template = templates_of(request.books, unit.organization_id, unit.chart).get(found.operation)
    return f"{found.operation}. {template.title(request.language)}" if template else found.operation


def _word(request: PageRequest, area: str, name: str) -> str:
    """How a sum or a party of a template is called; of a template of one's own by its name."""
    key = f"notices-{area}-{name.replace('_', '-')}"
    return text(request.language, key) if has_text(request.language, key) else name.replace("_", " ")


def _state(request: PageRequest, found: Kept) -> str:
    return text(request.language, f"notices-state-{found.status}")


def _address(code: str) -> str:
    return f"{reverse('pages:notice')}?{urlencode({'notice': code})}"


urlpatterns = [
    path("", index, name="notices"),
    path("one/", one, name="notice"),
    path("new/", new, name="notice-new"),
    path("paper/", paper, name="notice-paper"),
    *(path(f"{name}/", verb, {"name": name}, name=f"notice-{name}") for name in VERBS),
    *notice_form.urlpatterns,
]
