"""Set-off over the API: what can be set off, what is proposed of a counterparty, and doing it. See setoffs/services.py."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from ninja import Router
from pydantic import Field

from setoff.api.answers import Said
from setoff.api.call import Answer, Call, Code, DryRun
from setoff.api.endpoint import endpoint
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import digits_of, format_amount, parse_amount
from setoff.language import date_text, text
from setoff.setoffs.precheck import checked
from setoff.setoffs.proposal import Filter, Order
from setoff.setoffs.queries import counterparties_of, what_can_be_set_off
from setoff.setoffs.services import ALL_TOGETHER, Proposal, Result, Wanted, propose_set_off, set_off_document, set_off_each
from setoff.setoffs.warnings import Warned, warning_text
from setoff.settlements.notices import note_receipt
from setoff.settlements.services import known_document
from setoff.trade.documents import DebtAdjustment
from setoff.trade.fields import day_of
from setoff.trade.set_off_law import Effect

router: Final = Router()
Text = Annotated[str, msgspec.Meta(max_length=200)]
SET_OFFS_MAX: Final = 5_000
AsOf = Annotated[str, Field(max_length=10, description="Day of the set-off, YYYY-MM-DD. Default: today.")]


class SearchWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which lots may be proposed; empty wants nothing. `first` and `last`: date of the document; `number`: a part of its number."""

    first: Text = ""
    last: Text = ""
    contract: Text = ""
    order: Text = ""
    least: Text = ""
    most: Text = ""
    number: Text = ""
    only_due: bool = False
    only_debts: bool = False


class SetOffWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Debts of one unit and currency to be set off, with one counterparty or with several together; `partner`: also all counterparties of
    a partner (code) or of a group (name). `currency` "*": all currencies meet in one document at the rates of the day. `amount`: no more
    than that."""

    unit: Text
    currency: Text
    counterparties: Annotated[list[Text], msgspec.Meta(max_length=100)] = []
    partner: Text = ""
    date: Text = ""
    amount: Text = ""
    by: Order = "moment"
    search: SearchWanted = SearchWanted()


class EachWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A set-off of debts for each unit, counterparty and currency that owes both ways: of everybody, of these, of a partner or a group."""

    unit: Text = ""
    counterparties: Annotated[list[Text], msgspec.Meta(max_length=5_000)] = []
    partner: Text = ""
    currency: Text = ""
    date: Text = ""
    by: Order = "moment"
    only_due: bool = False


class SetOffsWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`each`: a set-off for each that owes both ways, beside or instead of `set_offs`. `operation`: a name of yours
    for this request. Asked for again with it, nothing is done twice, whatever is still open."""

    set_offs: Annotated[list[SetOffWanted], msgspec.Meta(max_length=SET_OFFS_MAX)] = []
    each: EachWanted | None = None
    operation: Text = ""


class BothWaysAnswer(Said):
    """Debts both ways; `amount` is the smaller side, `since` when the oldest of them fell due."""

    unit: str
    counterparty: str
    name: str
    currency: str
    they_owe: str
    we_owe: str
    amount: str
    since: str


class LotAnswer(Said):
    """A lot that can be set off, what is open of it in both contours, and what is proposed of that."""

    side: Literal["they_owe_us", "we_owe_them"]
    counterparty: str
    document: str
    line: int
    kind: str
    number: str
    date: str
    due: str | None
    contract: str
    order: str
    is_advance: bool
    open: str
    set_off: str


class WarningAnswer(Said):
    """What the law may hold against it, with its article; `documents`: numbers of those it is about; `parties`: names of those in
    bankruptcy."""

    code: str
    law: str
    documents: list[str]
    parties: list[str]
    text: str


class EffectAnswer(Said):
    """Since when the debts count as discharged. `day` null: since a notice is received, which nobody confirmed yet."""

    basis: str
    day: str | None
    text: str


class PaperAnswer(Said):
    """A linked document that needs a look; `place`: its place in `linked`, from 0."""

    place: int
    name: str
    doubt: Literal["unknown", "other_party", "marked"]
    text: str


class CheckAnswer(Said):
    """What to know before posting. `absent`: which of contract, invoice, act and waybill is not linked."""

    effect: EffectAnswer
    warnings: list[WarningAnswer]
    absent: list[str]
    papers: list[PaperAnswer]


class ProposalAnswer(Said):
    """Both sides of a counterparty. `amount` is what both sides have marked; `effect`: since when it would work."""

    unit: str
    counterparties: list[str]
    amount: str
    currency: str
    lots: list[LotAnswer]
    effect: EffectAnswer
    warnings: list[WarningAnswer]


class SetOffResult(Said):
    """What came of one. `state`: posted, waits (for a second person), refused (`code` says why) or nothing (no debts both ways)."""

    unit: str
    counterparties: list[str]
    currency: str
    state: Literal["posted", "waits", "refused", "nothing"]
    amount: str
    key: str
    number: str
    code: str


class SetOffsAnswer(Said):
    set_offs: list[SetOffResult]
    kept: bool


class ReceiptNoted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`key`: of the set-off; `received`: YYYY-MM-DD."""

    key: Annotated[str, msgspec.Meta(max_length=400)]
    received: Text


class ReceiptAnswer(Said):
    key: str
    received: str
    changed: bool


@endpoint(router, "GET", "/set-offs", tag="set-offs", answer=list[BothWaysAnswer])
def read_both_ways(call: Call, unit: Code = "", currency: Code = "", as_of: AsOf = "", partner: Code = "") -> Any:
    """Everything that can be set off at a day, the largest first in each currency; of a partner or a group, of everybody."""
    parties = _parties(call, [], partner) or None
    found = what_can_be_set_off(call.conn, _day(as_of, "as_of"), today=_today(), unit=unit, currency=currency, parties=parties)
    return [
        BothWaysAnswer(
            unit=row.unit, counterparty=row.counterparty, name=row.name, currency=row.currency, since=row.since.isoformat(),
            **{name: format_amount(getattr(row, name), row.currency) for name in ("they_owe", "we_owe", "amount")},
        )
        for row in found
    ]  # fmt: skip


@endpoint(router, "POST", "/set-offs/proposal", tag="set-offs", body=SetOffWanted, answer=ProposalAnswer)
def read_proposal(call: Call, body: SetOffWanted) -> Any:
    """What would be set off, lot by lot, and what the law may hold against it. Nothing is kept."""
    unit_id = call.rights.require("read", body.unit)
    wanted = _wanted(call, body)
    return Answer(_proposal(call, wanted, propose_set_off(call.conn, unit_id, wanted)))


@endpoint(router, "POST", "/set-offs/proposals", tag="set-offs", body=EachWanted, answer=list[ProposalAnswer])
def read_proposals(call: Call, body: EachWanted) -> Any:
    """What would be set off with each that owes both ways, the largest first in each currency. Nothing is kept."""
    asked = _each(call, body)
    units = {wanted.unit: call.rights.require("read", wanted.unit) for wanted in asked}
    return Answer([_proposal(call, wanted, propose_set_off(call.conn, units[wanted.unit], wanted)) for wanted in asked])


@endpoint(router, "POST", "/set-offs", tag="set-offs", body=SetOffsWanted, answer=SetOffsAnswer)
def set_off(call: Call, body: SetOffsWanted, dry_run: DryRun = False) -> Any:
    """Set off what is proposed, one after another; what is refused leaves the others alone. An operation is done once."""
    each = _each(call, body.each) if body.each is not None else []
    asked = [wanted._replace(operation=body.operation) for wanted in [*(_wanted(call, one) for one in body.set_offs), *each]]
    for wanted in asked:
        call.rights.require("post", wanted.unit)
    with call.conn.transaction(force_rollback=True) if dry_run else nullcontext():
        results = [_result(result) for result in set_off_each(call.conn, asked, call.actor, call.rights)]
    return Answer(SetOffsAnswer(set_offs=results, kept=not dry_run))


@endpoint(router, "POST", "/set-offs/check", tag="set-offs", body=DebtAdjustment, answer=CheckAnswer)
def check_set_off(call: Call, body: DebtAdjustment) -> Any:
    """What to know of a set-off before it is posted: its effect, legal warnings, papers that lack. Nothing is kept or refused."""
    call.rights.require("read", body.unit)
    found = checked(call.conn, body)
    papers = [
        PaperAnswer(place=one.place, name=one.name, doubt=one.doubt, text=text(call.language, one.text_key, name=one.name))
        for one in found.doubts
    ]
    return CheckAnswer(effect=_effect(call, found.effect), warnings=_warnings(call, found.warnings), absent=found.absent, papers=papers)


@endpoint(router, "POST", "/set-offs/notices", tag="set-offs", body=ReceiptNoted, answer=ReceiptAnswer)
def receive_notice(call: Call, body: ReceiptNoted) -> Any:
    """Note when the notice of a posted one-sided set-off was received; its period may be closed by then. The later note counts."""
    day = day_of(body.received, "received")
    call.rights.require("post", known_document(call.conn, body.key).row.unit_id)
    return Answer(ReceiptAnswer(key=body.key, received=day.isoformat(), changed=note_receipt(call.conn, body.key, day, call.actor)))


def _effect(call: Call, effect: Effect) -> EffectAnswer:
    said = text(call.language, effect.text_key, day=date_text(call.language, effect.day) if effect.day else "")
    return EffectAnswer(basis=effect.basis, day=effect.day.isoformat() if effect.day else None, text=said)


def _warnings(call: Call, found: Sequence[Warned]) -> list[WarningAnswer]:
    return [
        WarningAnswer(
            code=one.code, law=one.law, documents=list(one.documents), parties=[party.name for party in one.parties],
            text=warning_text(call.language, one),
        )
        for one in found
    ]  # fmt: skip


def _each(call: Call, body: EachWanted) -> list[Wanted]:
    """Errors: unknown_reference; invalid_value where there are too many."""
    day, parties = _day(body.date, "date"), _parties(call, body.counterparties, body.partner)
    rows = what_can_be_set_off(call.conn, day, today=_today(), unit=body.unit, currency=body.currency, parties=parties or None)
    if len(rows) > SET_OFFS_MAX:
        raise DomainError(ErrorCode.INVALID_VALUE, field="each", value=len(rows), expected=f"0..{SET_OFFS_MAX}")
    wanted = Filter(due_by=day if body.only_due else None, only_debts=True)
    return [Wanted(row.unit, (row.counterparty,), row.currency, day, wanted, body.by) for row in rows]


def _parties(call: Call, counterparties: Sequence[str], partner: str) -> list[str]:
    """Errors: unknown_reference."""
    return list(dict.fromkeys([*counterparties, *(counterparties_of(call.conn, partner) if partner else [])]))


def _wanted(call: Call, body: SetOffWanted) -> Wanted:
    """Errors: field_missing (counterparties), unknown_currency, invalid_date, invalid_amount, unknown_reference."""
    parties = _parties(call, body.counterparties, body.partner)
    if not parties:
        raise DomainError(ErrorCode.FIELD_MISSING, field="counterparties")
    if body.currency != ALL_TOGETHER:
        digits_of(body.currency)
    day, search = _day(body.date, "date"), body.search
    found = Filter(
        _day(search.first, "first") if search.first else None, _day(search.last, "last") if search.last else None, search.contract,
        search.order, _amount(search.least, body.currency), _amount(search.most, body.currency), day if search.only_due else None,
        search.number, search.only_debts,
    )  # fmt: skip
    return Wanted(body.unit, tuple(parties), body.currency, day, found, body.by, _amount(body.amount, body.currency))


def _amount(said: str, currency: str) -> int:
    return parse_amount(said, currency) if said else 0


def _today() -> date:
    return datetime.now(UTC).date()


def _day(said: str, field: str) -> date:
    try:
        return date.fromisoformat(said) if said else _today()
    except ValueError:
        raise DomainError(ErrorCode.INVALID_DATE, value=said, field=field) from None


def _proposal(call: Call, wanted: Wanted, found: Proposal) -> ProposalAnswer:
    marked = {mark.lot: mark.amount for mark in found.marks}
    document = set_off_document(wanted, found.lots, found.marks)
    lots = [
        LotAnswer(
            side=lot.side, counterparty=lot.counterparty, document=lot.document, line=lot.line, kind=lot.kind, number=lot.number,
            date=lot.date.isoformat(), due=lot.due.isoformat() if lot.due else None, contract=lot.contract, order=lot.order,
            is_advance=lot.is_advance, open=format_amount(lot.amount, lot.currency),
            set_off=format_amount(marked.get(place, 0), lot.currency),
        )
        for place, lot in enumerate(found.lots)
    ]  # fmt: skip
    told = checked(call.conn, document)
    amount = format_amount(found.totals.they_owe_us, found.currency)
    return ProposalAnswer(
        unit=wanted.unit, counterparties=list(wanted.counterparties), amount=amount, currency=found.currency, lots=lots,
        effect=_effect(call, told.effect), warnings=_warnings(call, told.warnings),
    )  # fmt: skip


def _result(result: Result) -> SetOffResult:
    wanted = result.wanted
    return SetOffResult(
        unit=wanted.unit, counterparties=list(wanted.counterparties), currency=wanted.currency, state=result.state,
        amount=format_amount(result.amount, result.currency), key=result.key, number=result.number,
        code=result.refusal.code.value if result.refusal else "",
    )  # fmt: skip
