"""Documents: lists, one with its history and explanation, and the verbs. See settlements/services.py for what the verbs do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

import msgspec
from ninja import Query, Router
from pydantic import Field

from setoff.access import approvals
from setoff.access.approvals import Pending
from setoff.access.order_status import set_status
from setoff.access.policies import active_policies
from setoff.api.answers import (
    DocumentAnswer,
    DocumentPage,
    DocumentRow,
    ExplanationAnswer,
    OutcomeAnswer,
    VersionAnswer,
)
from setoff.api.call import NDJSON, NONE, Answer, Call, Code, Codes, Consent, Cursor, Day, DryRun, Limit, Stream
from setoff.api.changes import told_changes
from setoff.api.cursors import cursor_after, values_of
from setoff.api.endpoint import endpoint
from setoff.api.letters import LetterAnswer, PaperLetter, letter_answer
from setoff.api.queries import Filter, ListedDocument, all_documents, known, listed_documents, stands, versions_of
from setoff.api.reports import PDF, paper_answer
from setoff.api.trail import tell_export
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount, parse_decimal
from setoff.language import language_of
from setoff.language.zones import today
from setoff.reports.ask import parse_day
from setoff.reports.explain import explain, explanations_json
from setoff.reports.letters import send_document
from setoff.reports.paper import render_paper
from setoff.settlements import services
from setoff.settlements.document_list import DocumentFilter
from setoff.settlements.filling import fill_by_balances
from setoff.settlements.orders.kept import as_it_stands
from setoff.settlements.services import Outcome
from setoff.settlements.standing import standings
from setoff.trade.documents import AnyDocument, Payment
from setoff.trade.queries import decode_document

router: Final = Router()
Key = Annotated[str, Field(max_length=400, description="Key of the document.")]
Kinds = Annotated[list[str], Query(description="Kinds of documents; may be repeated.")]
Status = Literal["draft", "posted", "unposted"]
Statuses = Annotated[list[Status], Query(description="Statuses; may be repeated.")]
PaperLanguage = Annotated[Literal["", "en", "ru", "zh"], Field(description="Language of the paper. Default: the partner's.")]
Amount = Annotated[str, Field(max_length=40, description="In the currency of each document.")]
NOTHING: Final[list[Status]] = []
LISTED: Final = "documents"
# The verbs are declared before the path that is the key alone: a key has slashes, and the first address that fits counts.


class Reorder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where in its day a document stands: 0 comes first, 511 last; sales stand at 30, payments at 50."""

    day_order: Annotated[int, msgspec.Meta(ge=0, le=511)]


class StatusWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The status of an order (approval, processing, shipment, closed) or bill (issued, annulled). `approved`: the day of approval, where
    the order does not say it yet. Default: today."""

    status: str
    approved: str = ""


WAITING: Final = {HTTPStatus.ACCEPTED.value: OutcomeAnswer}
"""What is asked of a second person first is answered so."""


@endpoint(router, "GET", "/documents", tag="documents", answer=DocumentPage, media=(NDJSON,))
def list_documents(
    call: Call,
    unit: Codes = NONE,
    kind: Kinds = NONE,
    status: Statuses = NOTHING,
    counterparty: Codes = NONE,
    contract: Codes = NONE,
    currency: Annotated[list[str], Query(description="Currencies; may be repeated.")] = NONE,
    number: Code = "",
    deletion_mark: Annotated[bool | None, Field(description="Marked for deletion or not.")] = None,
    since: Day = "",
    until: Day = "",
    q: Annotated[str, Field(max_length=200, description="A number or key, or how one begins, or words of the comment.")] = "",
    author: Annotated[list[str], Query(description="Who stated it last; may be repeated.")] = NONE,
    amount_from: Amount = "",
    amount_to: Amount = "",
    order: Annotated[Literal["asc", "desc"], Field(description="By date and order in the day.")] = "asc",
    limit: Limit = 100,
    cursor: Cursor = "",
) -> Any:
    """Documents by filters, in the order of the books. With `Accept: application/x-ndjson` all of them, one to a line."""
    given = {
        "kind": kind, "status": status, "counterparty": counterparty, "contract": contract, "currency": currency, "number": number,
    }  # fmt: skip
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value}
    if deletion_mark is not None:
        chosen["deletion_mark"] = deletion_mark
    units = [call.rights.require("read", code) for code in unit] or call.rights.units_with("read")
    first, last = (parse_day(day, name) if day else None for day, name in ((since, "since"), (until, "until")))
    least = parse_decimal(amount_from, "amount_from") if amount_from else None
    most = parse_decimal(amount_to, "amount_to") if amount_to else None
    further = DocumentFilter(tuple(units), authors=tuple(author), text=q.strip(), amount_from=least, amount_to=most)
    asked = Filter(units, chosen, first, last, order == "desc", further)
    if call.wants(NDJSON):
        said = {"q": q, "author": author, "amount_from": amount_from, "amount_to": amount_to}
        tell_export(call, "export_documents", filters={**given, **said}, since=since, until=until, units=unit)
        return Stream(_document_lines(call, asked))
    listed = f"{LISTED} {order}"
    after = values_of(cursor, listed, int)[0] if cursor else None
    rows = listed_documents(call.conn, asked, after, limit + 1)
    more = cursor_after(listed, [rows[limit - 1].moment]) if len(rows) > limit else ""
    return DocumentPage(rows=[_row(row) for row in rows[:limit]], next=more)


def _document_lines(call: Call, asked: Filter) -> Iterator[bytes]:
    for row in all_documents(call.conn, asked):
        yield msgspec.json.encode(_row(row)) + b"\n"


def _row(row: ListedDocument) -> DocumentRow:
    said = {**row._asdict(), "date": row.date.isoformat(), "total": format_amount(row.total, row.currency)}
    said.pop("moment")
    return DocumentRow(**said)


@endpoint(router, "POST", "/documents", tag="documents", body=AnyDocument, answer=OutcomeAnswer, also=WAITING)
def state_document(call: Call, body: AnyDocument, dry_run: DryRun = False, consent: Consent = False) -> Any:
    """Post a document, or save it when its state is draft. One that a policy asks a second person for is answered with 202. One whose key
    (or kind, unit, year and number) exists is edited; saying the same again changes nothing. With dry_run the answer is the diff of what
    would happen."""
    return _stated(call, body, dry_run=dry_run, consent=consent)


@endpoint(router, "POST", "/documents/{path:key}/post", tag="documents", answer=OutcomeAnswer, headers=("If-Match",), also=WAITING)
def post_saved_document(call: Call, key: Key, dry_run: DryRun = False, consent: Consent = False) -> Any:
    """Post a draft or an unposted document as it was saved."""
    _require(call, key, "post")
    return _done(call, key, lambda: approvals.post_saved(call.conn, key, call.actor, call.rights, consent=consent), dry_run=dry_run)


@endpoint(router, "POST", "/documents/{path:key}/unpost", tag="documents", answer=OutcomeAnswer, headers=("If-Match",), also=WAITING)
def unpost_document(call: Call, key: Key, dry_run: DryRun = False, consent: Consent = False) -> Any:
    """Take a posted document out of the books; what it said stays."""
    _require(call, key, "post")
    return _done(call, key, lambda: approvals.unpost(call.conn, key, call.actor, call.rights, consent=consent), dry_run=dry_run)


@endpoint(
    router, "POST", "/documents/{path:key}/reorder", tag="documents", body=Reorder, answer=OutcomeAnswer, headers=("If-Match",),
    also=WAITING,
)  # fmt: skip
def reorder_document(call: Call, body: Reorder, key: Key, dry_run: DryRun = False, consent: Consent = False) -> Any:
    """Move a document within its day."""
    _require(call, key, "post")
    verb = approvals.reorder
    return _done(call, key, lambda: verb(call.conn, key, body.day_order, call.actor, call.rights, consent=consent), dry_run=dry_run)


@endpoint(
    router, "POST", "/documents/{path:key}/status", tag="documents", body=StatusWanted, answer=OutcomeAnswer, headers=("If-Match",),
    also=WAITING,
)  # fmt: skip
def set_order_status(call: Call, body: StatusWanted, key: Key, dry_run: DryRun = False, consent: Consent = False) -> Any:
    """Give a posted order or bill another status. Refused while the stages of an order before it are not paid; consent lets it through."""
    _require(call, key, "post")
    day = parse_day(body.approved, "approved") if body.approved else today()
    return _done(
        call, key, lambda: set_status(call.conn, key, body.status, day, call.actor, call.rights, consent=consent), dry_run=dry_run
    )


@endpoint(router, "POST", "/documents/{path:key}/mark-deletion", tag="documents", answer=OutcomeAnswer, headers=("If-Match",))
def mark_for_deletion(call: Call, key: Key) -> Any:
    """Mark a document that is not posted for deletion."""
    _require(call, key, "draft")
    return _done(call, key, lambda: services.mark_for_deletion(call.conn, key, call.actor), versioned=False)


@endpoint(router, "POST", "/documents/{path:key}/clear-deletion-mark", tag="documents", answer=OutcomeAnswer, headers=("If-Match",))
def clear_deletion_mark(call: Call, key: Key) -> Any:
    """Take the deletion mark off."""
    _require(call, key, "draft")
    return _done(call, key, lambda: services.clear_deletion_mark(call.conn, key, call.actor), versioned=False)


@endpoint(router, "GET", "/documents/{path:key}/paper", tag="documents", media=(PDF,))
def print_document(call: Call, key: Key, language: PaperLanguage = "") -> Any:
    """The PDF that parties sign or receive: of a set-off, posted or a draft, the act or the notice; of any other document its print."""
    found = known(call.conn, key, call.rights.units_with("read"))
    chosen = language_of(language) if language else None
    content = render_paper(call.conn, found.id, call.language, printed=datetime.now(UTC).date(), language=chosen)
    tell_export(call, "export_paper", unit_id=found.unit_id, document_id=found.id, language=language)
    return paper_answer(content, str(found.id))


@endpoint(router, "POST", "/documents/{path:key}/send", tag="documents", body=PaperLetter, answer=LetterAnswer)
def mail_document(call: Call, body: PaperLetter, key: Key) -> Any:
    """Send the paper of a document to its partner by e-mail, as PDF in his language: of a set-off the act or the notice, of any other
    document its print without what is ours alone."""
    _require(call, key, "post")
    return letter_answer(send_document(call.conn, key, body.letter(), call.actor, call.rights))


@endpoint(router, "GET", "/documents/{path:key}", tag="documents", answer=DocumentAnswer)
def read_document(call: Call, key: Key) -> Any:
    """A document as it stands. ETag is its version, for If-Match."""
    found = known(call.conn, key, call.rights.units_with("read"))
    answer = DocumentAnswer(
        document=as_it_stands(call.conn, decode_document(found.content)), status=found.status, deletion_mark=found.deletion_mark,
        version=found.version, recorded_at=found.recorded_at.isoformat(), author=found.author,
    )  # fmt: skip
    return Answer(answer, headers={"ETag": _etag(found.version)})


@endpoint(
    router, "PUT", "/documents/{path:key}", tag="documents", body=AnyDocument, answer=OutcomeAnswer, headers=("If-Match",), also=WAITING
)
def put_document(call: Call, body: AnyDocument, key: Key, dry_run: DryRun = False, consent: Consent = False) -> Any:
    """State the document of that key: as POST, with the key from the path."""
    if body.key not in ("", key):
        raise DomainError(ErrorCode.INVALID_VALUE, field="key", value=body.key, expected=key)
    return _stated(call, msgspec.structs.replace(body, key=key), dry_run=dry_run, consent=consent)


@endpoint(router, "POST", "/payments/fill", tag="documents", body=Payment, answer=Payment)
def fill_payment(call: Call, body: Payment) -> Any:
    """Fill a payment by balances: the same payment with the open debts (or advances) it would settle. Nothing is kept."""
    call.rights.require("read", body.unit)
    return fill_by_balances(call.conn, body)


@endpoint(router, "GET", "/versions/{path:key}", tag="documents", answer=list[VersionAnswer])
def list_versions(call: Call, key: Key) -> Any:
    """Everything a document ever said, the first version first."""
    found = known(call.conn, key, call.rights.units_with("read"))
    return [
        VersionAnswer(
            version=row.version, recorded_at=row.recorded_at.isoformat(), author=row.author, action=row.action, posted=row.posted,
            document=decode_document(row.content),
        )
        for row in versions_of(call.conn, found)
    ]  # fmt: skip


@endpoint(router, "GET", "/explanations/{path:key}", tag="documents", answer=ExplanationAnswer)
def explain_document(call: Call, key: Key) -> Any:
    """Why each amount of a document went where it did: facts, lots it used and opened, who used those, postings, what edits moved."""
    known(call.conn, key, call.rights.units_with("read"))
    found = msgspec.json.decode(explanations_json(explain(call.conn, key)[:1]), type=list[ExplanationAnswer])
    return found[0]


def _require(call: Call, key: str, right: Literal["draft", "post"]) -> None:
    call.rights.require(right, known(call.conn, key, call.rights.units_with("read")).unit_id)


def _stated(call: Call, document: AnyDocument, *, dry_run: bool, consent: bool) -> Answer:
    call.rights.require("post" if document.state == "posted" else "draft", document.unit)
    if document.key and stands(call.conn, document.key, call.rights.units_with("read")):
        _require(call, document.key, "draft")

    def verb() -> Outcome | Pending:
        if document.state == "posted":
            return approvals.post(call.conn, document, call.actor, call.rights, consent=consent)
        standing = standings(call.conn, [document.key]).get(document.key)
        if standing is None:
            return services.save_document(call.conn, document, call.actor)
        if standing.status == "posted":
            call.rights.require("post", document.unit)
        return approvals.restate_or_request(call.conn, document, standing, call.actor, active_policies(call.conn))

    return _done(call, document.key, verb, dry_run=dry_run)


def _done(call: Call, key: str, verb: Callable[[], Outcome | Pending], *, dry_run: bool = False, versioned: bool = True) -> Answer:
    """What the verb did. Errors: version_differs, when the document is not at the version that If-Match names; looked at before the verb
    and after it, so that nobody's edit is lost in between."""
    readable = call.rights.units_with("read")
    expected = _expected(call)
    with call.conn.transaction(force_rollback=dry_run):
        if expected is not None:
            before = stands(call.conn, key, readable)
            _compare(expected, before.version if before else 0)
        outcome = verb()
        now = known(call.conn, outcome.key, readable)
        if expected is not None:
            _compare(expected, now.version - int(outcome.changed and versioned))
        answer = OutcomeAnswer(
            key=outcome.key, number=outcome.number, status=now.status, version=now.version, changed=outcome.changed, kept=not dry_run,
            changes=told_changes(call, outcome.changes), approval=outcome.approval_id if isinstance(outcome, Pending) else None,
        )  # fmt: skip
    status = HTTPStatus.ACCEPTED if isinstance(outcome, Pending) and not dry_run else HTTPStatus.OK
    return Answer(answer, status=status, headers={} if dry_run else {"ETag": _etag(now.version)})


def _compare(expected: int, actual: int) -> None:
    if expected != actual:
        raise DomainError(ErrorCode.VERSION_DIFFERS, expected=expected, actual=actual)


def _expected(call: Call) -> int | None:
    given = call.request.headers.get("If-Match")
    if given is None or given == "*":
        return None
    match = re.fullmatch(r'(?:W/)?"(\d{1,9})"', given)
    if match is None:
        raise DomainError(ErrorCode.INVALID_VALUE, field="If-Match", value=given, expected='"7"')
    return int(match[1])


def _etag(version: int) -> str:
    return f'"{version}"'

