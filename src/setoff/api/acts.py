"""Acts of reconciliation that are kept: drawn up, filled, compared with their side, sent, agreed. See settlements/acts.py."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal

import msgspec
from ninja import Query, Router
from pydantic import Field

from setoff.access.rights import Right
from setoff.api.answers import Said
from setoff.api.call import Call, Code, Limit
from setoff.api.endpoint import endpoint
from setoff.api.reports import PDF, paper_answer
from setoff.api.trail import tell_export
from setoff.api.uploads import Upload
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount
from setoff.language.zones import today
from setoff.reports.act_paper import render_act
from setoff.reports.ask import parse_day
from setoff.reports.letters import Letter, send_act
from setoff.reports.theirs import read_theirs
from setoff.settlements import acts as verbs
from setoff.settlements.act_queries import Act, ActFilter, act_of, acts
from setoff.settlements.acts import NewAct, Signature, State
from setoff.trade.fields import amount_of

router: Final = Router()
FILES: Final = (
    "text/csv", "text/tab-separated-values", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)  # fmt: skip
Number = Annotated[int, Field(ge=1, le=(1 << 63) - 1, description="Number of the act.")]
States = Annotated[list[State], Query(description="States; may be repeated.")]
Form = Annotated[Literal["json", "pdf"], Field(description="The form of the answer.")]
EVERY_STATE: Final[list[State]] = []


class ActWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an act is about. Without `contract` all of them; without `currency` the contract's, else that of the books. `show_internal`:
    also set-offs and transfers inside the counterparty."""

    unit: str
    counterparty: str
    last_day: str
    first_day: str = ""
    contract: str = ""
    currency: str = ""
    show_internal: bool = False


class ActState(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The next state. Agreed needs who signed for them, and when; where the balances differ also `difference`, by how much, as the act says
    it."""

    state: Literal["sent", "agreed", "disputed"]
    signed_by: str = ""
    signed_on: str = ""
    note: str = ""
    difference: str = ""


class ActLetter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """To whom the act goes: addresses, by comma. `language` is that of paper and letter; empty: the counterparty's."""

    to: str
    note: str = ""
    language: Literal["", "en", "ru", "zh"] = ""


class ActLineAnswer(Said):
    """A line of one side, as that side writes it; `document` is the key of ours."""

    document: str
    date: str
    number: str
    debit: str
    credit: str


class ActChangeAnswer(Said):
    """A document whose line in the act is not what the books say now: net amounts, + they owe us."""

    document: str
    date: str
    number: str
    before: str
    after: str


class ActSummary(Said):
    """An act in a list. Ours: + they owe us. Theirs, as they write it: + we owe them; null: not given yet."""

    id: int
    unit: str
    organization: str
    counterparty: str
    contract: str
    currency: str
    first_day: str | None
    last_day: str
    state: str
    our_closing: str
    their_closing: str | None
    difference: str | None
    signed_by: str
    signed_on: str | None
    note: str
    author: str
    created_at: str


class ActAnswer(Said):
    """An act with both sides, and what the books say otherwise since it was filled."""

    act: ActSummary
    show_internal: bool
    our_opening: str
    our_lines: list[ActLineAnswer]
    their_opening: str | None
    their_lines: list[ActLineAnswer] | None
    changes: list[ActChangeAnswer]


@endpoint(router, "GET", "/acts", tag="acts", answer=list[ActSummary])
def list_acts(call: Call, unit: Code = "", counterparty: Code = "", state: States = EVERY_STATE, limit: Limit = 200) -> Any:
    """Acts of reconciliation, the newest first."""
    units = (call.rights.require("read", unit),) if unit else call.rights.units_with("read")
    parties: tuple[int, ...] = ()
    if counterparty:
        parties = tuple(row[0] for row in call.conn.execute("select id from counterparty where code = %s", [counterparty])) or (-1,)
    if not units:
        return []
    return [_summary(act) for act in acts(call.conn, ActFilter(units, parties, tuple(state)), limit=limit)]


@endpoint(router, "POST", "/acts", tag="acts", body=ActWanted, answer=ActAnswer, status=201)
def create_act(call: Call, body: ActWanted) -> Any:
    """Draw up an act: a draft with our side filled."""
    call.rights.require("draft", body.unit)
    first = parse_day(body.first_day, "first_day") if body.first_day else None
    last = parse_day(body.last_day, "last_day")
    new = NewAct(body.unit, body.counterparty, last, body.contract, body.currency, first, body.show_internal)
    return _answer(call, verbs.create_act(call.conn, new, call.actor))


@endpoint(router, "GET", "/acts/{number}", tag="acts", answer=ActAnswer, media=(PDF,))
def read_act(call: Call, number: Number, form: Form = "json") -> Any:
    """An act with both sides; as PDF in the language of the counterparty."""
    act = _known(call, number, "read")
    if form == "pdf":
        tell_export(call, "export_act", unit_id=act.unit_id, act=number, format=form)
        return paper_answer(render_act(act, printed=today()), f"act-{number}")
    return _answer(call, act)


@endpoint(router, "POST", "/acts/{number}/fill", tag="acts", answer=ActAnswer)
def fill_act(call: Call, number: Number) -> Any:
    """Fill our side again with what the books say now."""
    _known(call, number, "draft")
    return _answer(call, verbs.fill_ours(call.conn, number, call.actor))


@endpoint(router, "PUT", "/acts/{number}/theirs", tag="acts", upload=FILES, answer=ActAnswer)
def import_their_side(call: Call, body: Upload, number: Number) -> Any:
    """Their side from a table with date, document, debit and credit, as they write them."""
    act = _known(call, number, "draft")
    theirs = read_theirs(body.path, act.currency)
    return _answer(call, verbs.import_theirs(call.conn, number, theirs.lines, call.actor, opening=theirs.opening, file=body.path.name))


@endpoint(router, "POST", "/acts/{number}/state", tag="acts", body=ActState, answer=ActAnswer)
def set_act_state(call: Call, body: ActState, number: Number) -> Any:
    """Send, agree or dispute an act. Agreed needs a signature, and books that still say what the act says; where the balances of both
    sides differ, also by how much."""
    act = _known(call, number, "post" if body.state == "agreed" else "draft")
    signature = Signature(body.signed_by, parse_day(body.signed_on, "signed_on")) if body.signed_by or body.signed_on else None
    known = amount_of(body.difference, act.currency, "difference") if body.difference else 0
    done = verbs.set_act_state(call.conn, number, body.state, call.actor, signature=signature, note=body.note, known_difference=known)
    return _answer(call, done)


@endpoint(router, "POST", "/acts/{number}/send", tag="acts", body=ActLetter, answer=ActAnswer)
def mail_act(call: Call, body: ActLetter, number: Number) -> Any:
    """Send an act as PDF by e-mail. A draft or a disputed act is sent after it; without a mail server the letter is kept as a file and the
    act stays what it was."""
    _known(call, number, "post")
    act, _sent = send_act(call.conn, number, Letter(body.to, body.note, body.language or None), call.actor)
    return _answer(call, act)


def _known(call: Call, number: int, right: Right) -> Act:
    """One of a unit that one may not read does not exist."""
    act = act_of(call.conn, number)
    if not call.rights.may("read", act.unit_id):
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="act", value=str(number), field="act")
    call.rights.require(right, act.unit_id)
    return act


def _summary(act: Act) -> ActSummary:
    return ActSummary(
        id=act.id, unit=act.unit, organization=act.organization, counterparty=act.counterparty_code, contract=act.contract,
        currency=act.currency, first_day=_day(act.first_day), last_day=act.last_day.isoformat(), state=act.state,
        our_closing=format_amount(act.our_closing, act.currency), their_closing=_amount(act.their_closing, act),
        difference=_amount(act.difference, act), signed_by=act.signed_by, signed_on=_day(act.signed_on), note=act.note, author=act.author,
        created_at=act.created_at.isoformat(),
    )  # fmt: skip


def _answer(call: Call, act: Act) -> ActAnswer:
    def line(day: date, document: str, number: str, debit: int, credit: int) -> ActLineAnswer:
        amounts = (format_amount(amount, act.currency) for amount in (debit, credit))
        return ActLineAnswer(document=document, date=day.isoformat(), number=number, debit=next(amounts), credit=next(amounts))

    theirs = act.their_lines
    return ActAnswer(
        act=_summary(act), show_internal=act.show_internal,
        our_opening=format_amount(act.our_opening, act.currency), their_opening=_amount(act.their_opening, act),
        our_lines=[line(row.date, row.key, row.number, row.debit, row.credit) for row in act.our_lines],
        their_lines=None if theirs is None else [line(row.date, "", row.number, row.debit, row.credit) for row in theirs],
        changes=[
            ActChangeAnswer(
                document=change.key, date=change.date.isoformat(), number=change.number,
                before=format_amount(change.before, act.currency), after=format_amount(change.after, act.currency),
            )
            for change in verbs.changes_since(call.conn, act)
        ],
    )  # fmt: skip


def _amount(minor: int | None, act: Act) -> str | None:
    return None if minor is None else format_amount(minor, act.currency)


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None
