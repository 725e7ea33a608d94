"""One document with everything that follows from it: what it says, its postings, why its amounts went where they did, its history,
its relatives, and what may be done with it."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from setoff.access.queries import ApprovalRow, approvals
from setoff.access.rights import Right, Rights
from setoff.attachments.queries import attachments_of, of_document
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import language_of
from setoff.language.zones import today
from setoff.pages import attachments, document_list
from setoff.pages.document_said import said_fields, said_tables
from setoff.pages.document_story import history_of, moves_of, story_of
from setoff.pages.document_verbs import verb_page
from setoff.pages.forms.basis import FOLLOWERS
from setoff.pages.order_standing import standing_of
from setoff.pages.page import PageRequest, page, render
from setoff.reports.document_paper import render_document
from setoff.reports.paper import render_paper
from setoff.reports.said_names import names_in
from setoff.reports.setoff_books import has_act
from setoff.settlements.document_queries import DocumentHead, corrections_of, document_head, document_of_key, posting_lines
from setoff.settlements.explanation import Subject
from setoff.settlements.notices import note_receipt, receipt_of
from setoff.settlements.orders.basis import statuses_of
from setoff.settlements.orders.kept import as_it_stands
from setoff.settlements.services import find_document
from setoff.trade.documents import AdvanceOffset, AnyDocument, BranchNotice, DebtAdjustment
from setoff.trade.fields import day_of
from setoff.trade.kinds import REVERSIBLE
from setoff.trade.order_documents import Plan
from setoff.trade.queries import decode_document


class Action(NamedTuple):
    """A verb that fits how the document stands; `key` presses it."""

    verb: str
    key: str


class Offer(NamedTuple):
    right: Right
    statuses: tuple[str, ...]
    marked: bool
    action: Action


OFFERS = (
    Offer("post", ("draft", "unposted"), False, Action("post", "p")),
    Offer("post", ("posted",), False, Action("unpost", "u")),
    Offer("post", ("posted",), False, Action("reorder", "o")),
    Offer("draft", ("draft", "unposted"), False, Action("mark", "d")),
    Offer("draft", ("draft", "unposted"), True, Action("clear", "d")),
)


@page("read")
def by_key(request: PageRequest) -> HttpResponse:
    """To the page of the document with that key."""
    key = request.GET.get("key", "")
    stored = find_document(request.books, key)
    if stored is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="document", value=key)
    return redirect("pages:document", document_id=stored.row.id)


@page("read")
def document(request: PageRequest, document_id: int) -> HttpResponse:
    head = document_head(request.books, document_id)
    said = as_it_stands(request.books, decode_document(head.content))
    names = names_in(request.books, said)
    of_notice = said.notice if isinstance(said, BranchNotice) else ""  # its verbs are on the page of the notice
    context = {
        "head": head,
        "of_notice": of_notice,
        "actions": () if of_notice else actions_of(head, request.rights),
        "may_edit": not of_notice and may_edit(head, request.rights),
        "statuses": statuses_of(said) if head.status == "posted" and request.rights.may("post", head.unit_id) else (),
        "standing": standing_of(request.books, head.key, request.working_day) if isinstance(said, Plan) else None,
        "may_reverse": may_reverse(said, head, request.rights),
        "may_enter": not of_notice and request.rights.may("draft", head.unit_id),
        "followers": FOLLOWERS.get(head.kind, ()) if head.status == "posted" else (),
        "fields": said_fields(said, head, request.language, names),
        "tables": said_tables(said, head, request.language, names),
        "postings": posting_lines(request.books, head, request.language),
        "story": story_of(request.books, subject_of(head), request.language),
        "history": history_of(request.books, subject_of(head), request.language),
        "base": document_of_key(request.books, head.base) if head.base else None,
        "attachments": attachments_of(request.books, of_document(head.id)),
        "may_attach": request.rights.may("draft", head.unit_id),
        "requests": requests_of(request, head.id),
        "corrections": corrections_of(request.books, head.key),
        "may_send": request.rights.may("post", head.unit_id) and bool(head.counterparty or has_act(head)),
        "notice": notice_of(request, said, head),
        "has_order": getattr(said, "kind", "") == "payment_to_supplier" and bool(getattr(said, "bank_account", ""))
        and request.rights.may("draft", head.unit_id),
        "act_title": ("document-notice" if getattr(said, "one_sided", False) else "document-act") if has_act(head) else "",
    }
    return render(request, "document", context)


class Notice(NamedTuple):
    """Of a posted one-sided set-off: when its notice was received, and whether this person may note it."""

    received: date | None
    may_note: bool


def notice_of(request: PageRequest, said: AnyDocument, head: DocumentHead) -> Notice | None:
    """None where there is no notice in the books."""
    is_notice = has_act(head) and head.status == "posted" and isinstance(said, DebtAdjustment) and said.one_sided
    return Notice(receipt_of(request.books, head.unit_id, head.id), request.rights.may("post", head.unit_id)) if is_notice else None


@require_POST
@page("post")
def receipt(request: PageRequest, document_id: int) -> HttpResponse:
    """The notice was received on that day. Errors: those of the verb, not_permitted."""
    head = document_head(request.books, document_id)
    request.rights.require("post", head.unit_id)
    note_receipt(request.books, head.key, day_of(request.POST.get("received", ""), "received"), Actor(request.rights.login, "page"))
    return redirect("pages:document", document_id=document_id)


@page("read")
def paper(request: PageRequest, document_id: int) -> HttpResponse:
    """The document as PDF, to print."""
    made = render_document(request.books, document_id, request.language, printed=today())
    return HttpResponse(made, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{document_id}.pdf"'})


@page("read")
def act(request: PageRequest, document_id: int) -> HttpResponse:
    """The act or notice of a set-off as PDF, in the language of the partner or in that asked for."""
    asked = request.GET.get("language")
    language = language_of(asked) if asked else None
    made = render_paper(request.books, document_id, request.language, printed=today(), language=language)
    return HttpResponse(made, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{document_id}-act.pdf"'})


@page("read")
def moves(request: PageRequest, document_id: int) -> HttpResponse:
    """What edits of other documents moved: a part of the page, asked for apart since it folds the history of its keys."""
    head = document_head(request.books, document_id)
    return render(request, "parts/moves", {"moves": moves_of(request.books, subject_of(head), request.language)})


def actions_of(head: DocumentHead, rights: Rights) -> list[Action]:
    """What this person may do with a document that stands so."""
    return [
        offer.action
        for offer in OFFERS
        if head.status in offer.statuses and head.deletion_mark == offer.marked and rights.may(offer.right, head.unit_id)
    ]


def may_edit(head: DocumentHead, rights: Rights) -> bool:
    """What is closed when it is posted is reopened or reversed first (spec 7.6)."""
    is_posted = head.status == "posted"
    is_closed = is_posted and head.kind in REVERSIBLE
    return rights.may("post" if is_posted else "draft", head.unit_id) and not head.deletion_mark and not is_closed


def may_reverse(said: AnyDocument, head: DocumentHead, rights: Rights) -> bool:
    """A posted debt adjustment that is no reversal itself."""
    is_adjustment = isinstance(said, DebtAdjustment | AdvanceOffset) and not said.reverses
    return is_adjustment and head.status == "posted" and rights.may("draft", head.unit_id)


def subject_of(head: DocumentHead) -> Subject:
    return Subject(
        head.id, head.unit_id, head.key, head.kind, head.number, head.date, head.unit, head.counterparty_name, head.status, head.total,
        head.currency, head.book_currency,
    )  # fmt: skip


def requests_of(request: PageRequest, document_id: int) -> list[ApprovalRow]:
    """What waits for a second person; else his last word, when it refused what the document says now."""
    found = approvals(request.books, None, document_id=document_id)
    waiting = [row for row in found if row.state == "pending"]
    return waiting or [row for row in found[:1] if row.state == "refused" and not row.is_stale]


urlpatterns = [
    *document_list.urlpatterns,
    *attachments.urlpatterns,
    path("by-key/", by_key, name="document-by-key"),
    path("<int:document_id>/", document, name="document"),
    path("<int:document_id>/moves/", moves, name="document-moves"),
    path("<int:document_id>/act/", act, name="document-act"),
    path("<int:document_id>/receipt/", receipt, name="document-receipt"),
    path("<int:document_id>/pdf/", paper, name="document-pdf"),
    path("<int:document_id>/<str:verb>/", verb_page, name="document-verb"),
]
