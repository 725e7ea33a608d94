"""Acts of reconciliation: the list, one act with both sides, and its verbs (reports/act_commands.py has the same on the command line)."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import language_of, text
from setoff.language.zones import today
from setoff.pages.files import FILES, file_answer, source_of
from setoff.pages.letters import letter_of, tell
from setoff.pages.page import PageRequest, page, render
from setoff.pages.table import table_of
from setoff.reports.act_paper import act_report, render_act
from setoff.reports.ask import parse_day
from setoff.reports.letters import send_act
from setoff.reports.theirs import Theirs, read_theirs
from setoff.settlements.act_queries import Act, ActFilter, act_of, acts
from setoff.settlements.acts import (
    NEXT,
    NewAct,
    Signature,
    changes_since,
    create_act,
    difference_of,
    fill_ours,
    import_theirs,
    set_act_state,
)
from setoff.trade.fields import amount_of

UPLOAD_BYTES_MAX: Final = 10 << 20
STATES: Final = ("draft", "sent", "agreed", "disputed")


@page("read")
def act_list(request: PageRequest) -> HttpResponse:
    state = _state(request.GET.get("state", "")) if request.GET.get("state") else ""
    found = acts(request.books, ActFilter(states=(state,) if state else ()))
    context = {
        "acts": [(act, act.state == "agreed" and bool(changes_since(request.books, act))) for act in found],
        "state": state,
        "states": STATES,
        "units": _units(request),
        "counterparty": request.GET.get("counterparty", ""),
    }
    return render(request, "acts", context)


@require_POST
@page("post")
def new(request: PageRequest) -> HttpResponse:
    given = {name: request.POST.get(name, "").strip() for name in ("unit", "counterparty", "contract", "currency", "from", "as-of")}
    request.rights.require("post", given["unit"])
    last_day = parse_day(given["as-of"], "as-of") if given["as-of"] else request.working_day
    first_day = parse_day(given["from"], "from") if given["from"] else None
    about = given["unit"], given["counterparty"], last_day, given["contract"], given["currency"], first_day
    wanted = NewAct(*about, show_internal="show-internal" in request.POST)
    return redirect("pages:act", act_id=create_act(request.books, wanted, _actor(request)).id)


@page("read")
def act(request: PageRequest, act_id: int) -> HttpResponseBase:
    """The page of an act; `format` gives it as a file."""
    found = act_of(request.books, act_id)
    wanted = request.GET.get("format", "")
    if wanted == "pdf":
        asked = request.GET.get("language")
        made = render_act(found, printed=today(), language=language_of(asked) if asked else None)
        return HttpResponse(made, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="act-{act_id}.pdf"'})
    if wanted in FILES:
        return file_answer(request, source_of(act_report(found)), wanted)
    return _shown(request, found)


def _shown(request: PageRequest, found: Act, refusal: DomainError | None = None) -> HttpResponse:
    """Both sides, what the books say now that the act does not, and what may be done; a refusal above them, and what was typed."""
    context: dict[str, Any] = {
        "act": found,
        "tables": table_of(act_report(found), request.language),
        "changes": changes_since(request.books, found),
        "differs": difference_of(found) if found.difference else None,
        "next": NEXT[found.state],
        "may_change": request.rights.may("post", found.unit_id),
        "files": [name for name in FILES if name != "pdf"],
        "signed_by": request.POST.get("signed-by", ""),
        "signed_on": request.POST.get("signed-on") or request.working_day.isoformat(),
        "note": request.POST.get("note", found.note),
        "refusal": refusal,
    }
    return render(request, "act", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK)


@require_POST
@page("post")
def theirs(request: PageRequest, act_id: int) -> HttpResponse:
    """Their lines from an uploaded file."""
    found = _mine(request, act_id)
    name, read = _uploaded(request, found.currency)
    import_theirs(request.books, act_id, read.lines, _actor(request), opening=read.opening, file=name)
    messages.success(request, text(request.language, "act-theirs-read", count=len(read.lines), file=name))
    return redirect("pages:act", act_id=act_id)


@require_POST
@page("post")
def fill(request: PageRequest, act_id: int) -> HttpResponse:
    _mine(request, act_id)
    fill_ours(request.books, act_id, _actor(request))
    return redirect("pages:act", act_id=act_id)


@require_POST
@page("post")
def state(request: PageRequest, act_id: int) -> HttpResponse:
    """The act is in that state; a refusal is told on its page. Agreed while the balances differ is only what was marked so."""
    found = _mine(request, act_id)
    signed_by, signed_on = request.POST.get("signed-by", "").strip(), request.POST.get("signed-on", "")
    wanted = next(known for known in NEXT["draft"] if known == _state(request.POST.get("state", ""), NEXT["draft"]))
    note, differing = request.POST.get("note", "").strip(), request.POST.get("difference", "")
    try:
        signature = Signature(signed_by, parse_day(signed_on, "signed-on") if signed_on else request.working_day) if signed_by else None
        known = amount_of(differing, found.currency, "difference") if differing else 0
        set_act_state(request.books, act_id, wanted, _actor(request), signature=signature, note=note, known_difference=known)
    except DomainError as refusal:
        return _shown(request, found, refusal)
    return redirect("pages:act", act_id=act_id)


@require_POST
@page("post")
def send(request: PageRequest, act_id: int) -> HttpResponse:
    """The act goes to the partner by e-mail."""
    _mine(request, act_id)
    _act, sent = send_act(request.books, act_id, letter_of(request), _actor(request))
    tell(request, sent)
    return redirect("pages:act", act_id=act_id)


def _uploaded(request: PageRequest, currency: str) -> tuple[str, Theirs]:
    """The name of the uploaded file and what is in it. Errors: field_missing, upload too large as file_unreadable, those of theirs.py."""
    upload = request.FILES.get("file")
    if upload is None or isinstance(upload, list):
        raise DomainError(ErrorCode.FIELD_MISSING, field="file", value="")
    name = Path(upload.name or "theirs").name
    if (upload.size or 0) > UPLOAD_BYTES_MAX:
        raise DomainError(ErrorCode.FILE_UNREADABLE, file=name, reason=f"> {UPLOAD_BYTES_MAX >> 20} MB")
    with TemporaryDirectory() as folder:
        kept = Path(folder) / f"theirs{Path(name).suffix}"
        kept.write_bytes(b"".join(upload.chunks()))
        return name, read_theirs(kept, currency)


def _mine(request: PageRequest, act_id: int) -> Act:
    """The act, in whose unit the person may post. Errors: unknown_reference, not_permitted."""
    found = act_of(request.books, act_id)
    request.rights.require("post", found.unit_id)
    return found


def _units(request: PageRequest) -> list[str]:
    allowed = request.rights.units_with("post")
    return [code for code, unit_id in request.rights.unit_codes.items() if unit_id in allowed]


def _actor(request: PageRequest) -> Actor:
    return Actor(request.rights.login, "page")


def _state(value: str, known: tuple[str, ...] = STATES) -> str:
    if value not in known:
        raise DomainError(ErrorCode.INVALID_VALUE, field="state", value=value, expected=", ".join(known))
    return value


urlpatterns = [
    path("", act_list, name="acts"),
    path("new/", new, name="act-new"),
    path("<int:act_id>/", act, name="act"),
    path("<int:act_id>/theirs/", theirs, name="act-theirs"),
    path("<int:act_id>/fill/", fill, name="act-fill"),
    path("<int:act_id>/state/", state, name="act-state"),
    path("<int:act_id>/send/", send, name="act-send"),
]
