"""Notices between units of one organization: written, sent, confirmed, rejected, undone; templates of operations. See notices/services.py.

A notice is named by its key, which may hold slashes: it is a parameter. Whoever may read one of the units sees it (a draft: the sender's).
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated, Any, Final, Literal

import msgspec
from ninja import Router
from pydantic import Field

from setoff.access import approvals
from setoff.access.approvals import Pending
from setoff.api.answers import Said
from setoff.api.call import Call, Code, DryRun
from setoff.api.endpoint import endpoint
from setoff.api.reports import PDF, paper_answer
from setoff.api.trail import tell_export
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount
from setoff.language.zones import today
from setoff.notices import reversal, services
from setoff.notices.closing import Closing, Policy, draft_closing, propose_closing
from setoff.notices.filling import Filled, local_entry, notice_from, shared
from setoff.notices.paper import render_notice
from setoff.notices.queries import known_notice, notices, units_of, waiting_for
from setoff.notices.records import Kept
from setoff.notices.reversal import Reversal
from setoff.notices.telling import told_notice, told_template
from setoff.notices.templates import Template, drop_template, save_templates, template_of, templates_of
from setoff.trade.fields import day_of
from setoff.trade.notice_paper import Basis, Notice

router: Final = Router()
NoticeKey = Annotated[str, Field(max_length=500, description="Key of the notice.")]
Status = Annotated[Literal["", "draft", "sent", "confirmed", "rejected", "undone"], Field(description="Only notices in this state.")]
PaperLanguage = Annotated[Literal["", "en", "ru", "zh"], Field(description="Language of the paper.")]
OfUnit = Annotated[str, Field(max_length=200, description="Only notices from or to this unit.")]


class OperationFilled(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A template filled in. `head` and `branch`: units (of a local entry the one that enters). `amounts`, `contracts`, `accounts`, `items`
    by the names that the template has. `total` and `key` (unit: weight): shared among the branches instead of `amounts` and `branch`."""

    template: str
    date: str
    head: str = ""
    branch: str = ""
    amounts: dict[str, str] = {}
    contracts: dict[str, str] = {}
    accounts: dict[str, str] = {}
    items: dict[str, str] = {}
    basis: list[Basis] = []
    number: str = ""
    notice: str = ""
    comment: str = ""
    total: str = ""
    key: dict[str, Annotated[int, msgspec.Meta(ge=0, le=999_999_999)]] = {}

    def filled(self) -> Filled:
        return Filled(
            self.date, self.amounts, self.head, self.branch, self.contracts, self.accounts, self.items, self.basis, self.number,
            self.notice, self.comment,
        )  # fmt: skip


class YearClosing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The end of a year between units. `account`: where what is open goes (the chart's when empty). `left`: by branch, what is still to be
    paid and stays."""

    organization: str
    year: int
    account: str = ""
    left: dict[str, str] = {}


class ClosingAnswer(Said):
    """What is proposed between two units: claims and obligations of the sender that are closed, and the notice; none where the closing was
    `sent` already."""

    sender: str
    receiver: str
    claims: str
    obligations: str
    left: str
    currency: str
    sent: str
    notice: Notice | None


class ReversalSaid(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A confirmed notice taken back: on which day and why; `unit`: whose people draft it (the first where one may)."""

    date: str
    because: str
    unit: str = ""
    number: str = ""


class Because(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why, for the record."""

    because: str = ""


class NoticeRowAnswer(Said):
    """A notice in a list. `reverses`: the notice it takes back. `documents`: its keys in the books of sender and receiver, none before
    it is confirmed."""

    notice: str
    number: str
    date: str
    sender: str
    receiver: str
    operation: str
    nature: str
    amount: str
    currency: str
    status: str
    author: str
    sent_by: str
    decided_by: str
    reason: str
    undo_by: str
    undo_reason: str
    reverses: str
    documents: list[str]


class NoticeAnswer(NoticeRowAnswer):
    """A notice with the rows of both units."""

    said: Notice


class TemplateAnswer(Said):
    """A template: `amounts` and `parties` are the names that are filled in."""

    template: str
    name: str
    kind: str
    nature: str
    sender: str
    amounts: list[str]
    parties: list[str]
    head: list[str]
    branch: list[str]


class LocalAnswer(Said):
    """The entry of one unit; `waiting`: a second person has to approve it."""

    document: str
    number: str
    waiting: bool


class TemplateCodes(Said):
    """The templates that were saved."""

    templates: list[str]


@endpoint(router, "GET", "/notices", tag="notices", answer=list[NoticeRowAnswer])
def list_notices(call: Call, status: Status = "", unit: OfUnit = "") -> Any:
    """Notices, newest first: two hundred."""
    return [_row(found) for found in notices(call.conn, call.rights.units_with("read"), status=status, unit=unit)]


@endpoint(router, "GET", "/notices/waiting", tag="notices", answer=list[NoticeRowAnswer])
def list_waiting_notices(call: Call) -> Any:
    """What waits for the person: to confirm, to mend, to agree that it is undone. Oldest first."""
    return [_row(found) for found in waiting_for(call.conn, call.rights.units_with("post"), call.actor.author)]


@endpoint(router, "GET", "/notices/one", tag="notices", answer=NoticeAnswer)
def read_notice(call: Call, notice: NoticeKey) -> Any:
    """A notice with the rows of both units."""
    return _answer(known_notice(call.conn, notice))


@endpoint(router, "GET", "/notices/paper", tag="notices", answer=bytes, media=(PDF,))
def print_notice(call: Call, notice: NoticeKey, language: PaperLanguage = "") -> Any:
    """Both copies of a notice (form 0504805) as PDF, in the language of the organization unless another is asked for."""
    found = known_notice(call.conn, notice)
    whose = found.sender_id if call.rights.may("read", found.sender_id) else found.receiver_id
    tell_export(call, "export_paper", unit_id=whose, notice=found.code)
    return paper_answer(render_notice(call.conn, found, printed=today(), language=language or None), f"notice-{found.id}")


@endpoint(router, "POST", "/notices", tag="notices", body=Notice, answer=NoticeAnswer)
def write_notice(call: Call, body: Notice, dry_run: DryRun = False) -> Any:
    """Draft a notice, or say a drafted or rejected one anew."""
    with call.conn.transaction(force_rollback=True) if dry_run else nullcontext():
        return _answer(services.save_notice(call.conn, body, call.actor, call.rights))


@endpoint(router, "POST", "/notices/from-template", tag="notices", body=OperationFilled, answer=list[NoticeAnswer])
def write_notice_from_template(call: Call, body: OperationFilled, dry_run: DryRun = False) -> Any:
    """Draft the notice that a template makes; with a total and a key one for every branch."""
    template, filled = _template(call, body.head, body.template), body.filled()
    with call.conn.transaction(force_rollback=dry_run):
        made = shared(call.conn, template, filled, body.total, body.key) if body.key else [notice_from(call.conn, template, filled)]
        return [_answer(services.save_notice(call.conn, notice, call.actor, call.rights)) for notice in made]


@endpoint(router, "POST", "/notices/year-closing/preview", tag="notices", body=YearClosing, answer=list[ClosingAnswer])
def preview_year_closing(call: Call, body: YearClosing) -> Any:
    """What closing the settlements between units at the end of a year would draft."""
    found = propose_closing(call.conn, body.organization, body.year, Policy(body.account, body.left), call.rights)
    return [_closing(closing) for closing in found]


@endpoint(router, "POST", "/notices/year-closing", tag="notices", body=YearClosing, answer=list[NoticeAnswer])
def draft_year_closing(call: Call, body: YearClosing) -> Any:
    """Draft the notices that close the settlements between units at the end of a year; said again they say what is open then."""
    policy = Policy(body.account, body.left)
    return [_answer(found) for found in draft_closing(call.conn, body.organization, body.year, call.actor, call.rights, policy=policy)]


@endpoint(router, "POST", "/notices/local-entry", tag="notices", body=OperationFilled, answer=LocalAnswer)
def post_local_entry(call: Call, body: OperationFilled, dry_run: DryRun = False) -> Any:
    """Post the entry of one unit that a template makes."""
    document = local_entry(call.conn, _template(call, body.head or body.branch, body.template), body.filled())
    with call.conn.transaction(force_rollback=True) if dry_run else nullcontext():
        done = approvals.post(call.conn, document, call.actor, call.rights)
    return LocalAnswer(document=done.key, number=done.number, waiting=isinstance(done, Pending))


@endpoint(router, "POST", "/notices/send", tag="notices", answer=NoticeAnswer)
def send_notice(call: Call, notice: NoticeKey) -> Any:
    """Send a draft to the other unit. What could not be booked is refused."""
    return _answer(services.send_notice(call.conn, notice, call.actor, call.rights))


@endpoint(router, "POST", "/notices/recall", tag="notices", answer=NoticeAnswer)
def recall_notice(call: Call, notice: NoticeKey) -> Any:
    """Take a sent notice back, or the wish to undo a confirmed one."""
    return _answer(services.recall_notice(call.conn, notice, call.actor, call.rights))


@endpoint(router, "POST", "/notices/confirm", tag="notices", answer=NoticeAnswer)
def confirm_notice(call: Call, notice: NoticeKey, dry_run: DryRun = False) -> Any:
    """Confirm a notice that another person sent: both units book it, of its date."""
    with call.conn.transaction(force_rollback=True) if dry_run else nullcontext():
        return _answer(services.confirm_notice(call.conn, notice, call.actor, call.rights))


@endpoint(router, "POST", "/notices/reject", tag="notices", body=Because, answer=NoticeAnswer)
def reject_notice(call: Call, body: Because, notice: NoticeKey) -> Any:
    """Reject a sent notice with the reason; it goes back to the sender."""
    return _answer(services.reject_notice(call.conn, notice, call.actor, call.rights, because=body.because))


@endpoint(router, "POST", "/notices/undo", tag="notices", body=Because, answer=NoticeAnswer)
def undo_notice(call: Call, body: Because, notice: NoticeKey) -> Any:
    """Ask to undo a confirmed notice, or agree to it for the other unit: then both documents leave the books."""
    return _answer(services.undo_notice(call.conn, notice, call.actor, call.rights, because=body.because))


@endpoint(router, "POST", "/notices/reverse", tag="notices", body=ReversalSaid, answer=NoticeAnswer)
def reverse_notice(call: Call, body: ReversalSaid, notice: NoticeKey, dry_run: DryRun = False) -> Any:
    """Draft what takes a confirmed notice back on a later day: its rows the other way round, in both units."""
    said = Reversal(day_of(body.date, "date"), body.because, body.unit, body.number)
    with call.conn.transaction(force_rollback=True) if dry_run else nullcontext():
        return _answer(reversal.reverse_notice(call.conn, notice, said, call.actor, call.rights))


@endpoint(router, "POST", "/notices/drop", tag="notices", answer=NoticeAnswer)
def drop_notice(call: Call, notice: NoticeKey) -> Any:
    """Throw a drafted or rejected notice away. The answer is what it was."""
    return _answer(services.drop_notice(call.conn, notice, call.actor, call.rights))


@endpoint(router, "GET", "/notices/templates", tag="notices", answer=list[TemplateAnswer])
def list_notice_templates(call: Call, unit: Code) -> Any:
    """The templates of operations that a unit may use."""
    call.rights.require("read", unit)
    return [msgspec.convert(told_template(template, call.language), TemplateAnswer) for template in _templates(call, unit).values()]


@endpoint(router, "POST", "/notices/templates", tag="notices", body=list[Template], answer=TemplateCodes)
def save_notice_templates(call: Call, body: list[Template], organization: Code) -> Any:
    """The organization has these templates, in place of those of the same codes."""
    return TemplateCodes(templates=save_templates(call.conn, organization, body, call.actor, call.rights))


@endpoint(router, "DELETE", "/notices/templates", tag="notices", answer=TemplateCodes)
def remove_notice_template(call: Call, organization: Code, template: Code) -> Any:
    """Remove a template that the organization added. The answer names it."""
    drop_template(call.conn, organization, template, call.actor, call.rights)
    return TemplateCodes(templates=[template])


def _templates(call: Call, unit: str) -> dict[str, Template]:
    found = units_of(call.conn).get(unit)
    if found is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="unit", value=unit, field="unit")
    return templates_of(call.conn, found.organization_id, found.chart)


def _template(call: Call, unit: str, code: str) -> Template:
    return template_of(_templates(call, unit), code)


def _row(found: Kept) -> NoticeRowAnswer:
    return msgspec.convert(told_notice(found), NoticeRowAnswer)


def _answer(found: Kept) -> NoticeAnswer:
    return NoticeAnswer(**told_notice(found), said=found.notice)


def _closing(found: Closing) -> ClosingAnswer:
    amounts = (format_amount(amount, found.currency) for amount in (found.claims, found.obligations, found.left))
    claims, obligations, left = amounts
    return ClosingAnswer(
        sender=found.sender, receiver=found.receiver, claims=claims, obligations=obligations, left=left, currency=found.currency,
        sent=found.sent, notice=found.notice,
    )  # fmt: skip
