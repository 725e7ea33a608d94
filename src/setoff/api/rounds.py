"""Rounds of set-off among many: opened, added to, confirmed, solved, agreed, posted, reversed. See clearing/rounds/services.py.

A round is seen, and worked on, by who has the right in every unit of it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Annotated, Any, Final, Literal

import msgspec
from ninja import Router
from pydantic import Field

from setoff.access.approvals import Pending
from setoff.access.rights import Right
from setoff.api.answers import Said
from setoff.api.call import NDJSON, Answer, Call, Limit
from setoff.api.endpoint import endpoint
from setoff.api.reports import PDF, paper_answer
from setoff.api.trail import tell_export
from setoff.clearing.choices import Cap, Preference
from setoff.clearing.rounds import cancelling, choosing, posting, services
from setoff.clearing.rounds import queries as reads
from setoff.clearing.rounds.chain_papers import render_chain, render_chains
from setoff.clearing.rounds.choosing import Chosen
from setoff.clearing.rounds.outside import debts_of_rows
from setoff.clearing.rounds.papers import render_round_act, render_statement
from setoff.clearing.rounds.reasons import WhyTold, why
from setoff.clearing.rounds.records import WHOLE_MAX, Confirmation, NewRound, Options, Round, Side
from setoff.clearing.rounds.services import Consent
from setoff.clearing.rounds.told import (
    RoundChain,
    RoundDebtTold,
    RoundSummary,
    RoundTold,
    certificate_of,
    debts_told,
    result_of,
    summary,
    told_chains,
    whole_round,
)
from setoff.language.zones import today
from setoff.reports.ask import parse_day

router: Final = Router()
OPTIONS: Final = (
    "confirmation", "needs_consent", "one_sided", "due_only", "age_days_min", "minimum", "cycle_max", "prefer",
)  # fmt: skip
"""What a body says as the round keeps it."""
RoundCode = Annotated[str, Field(max_length=200, description="Code of the round.")]
PartyCode = Annotated[str, Field(max_length=200, description="Code of the party in the round.")]
Form = Annotated[Literal["json", "pdf"], Field(description="The form of the answer.")]
TOLD_MAX: Final = 1_000
"""Parties and debts in an answer; further ones are asked for."""
After = Annotated[int, Field(ge=0, le=(1 << 31) - 1, description="Number of the last debt of the answer before.")]
AfterChain = Annotated[int, Field(ge=0, le=(1 << 31) - 1, description="Number of the last chain of the paper before.")]
ChainNumber = Annotated[int, Field(ge=1, le=(1 << 31) - 1, description="Number of the chain.")]
PaperLanguage = Annotated[Literal["", "en", "ru", "zh"], Field(description="Language of the paper.")]
DebtNumber = Annotated[int, Field(ge=1, le=(1 << 31) - 1, description="Number of the debt in its round.")]

Number = Annotated[int, msgspec.Meta(ge=1, le=(1 << 31) - 1)]


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A body: what is not known is refused."""


class RoundCap(Wanted, frozen=True):
    """At most `amount` of a party, or of what it owes to `creditor`; without `currency` in every one."""

    party: str
    amount: str
    creditor: str = ""
    currency: str = ""


class RoundChosen(Wanted, frozen=True, kw_only=True):
    """The choices of a round. `minimum`: an amount of each debt's currency. `age_days_min`: only what has been due for so many days.
    `excluded`: codes of parties that take no part. `cycle_max`: only rings of at most so many parties, 0 of any length. Without `as_of` and
    `law` those of the round stay."""

    as_of: str = ""
    law: Literal["", "ru", "cn", "intl"] = ""
    confirmation: Confirmation = "none"
    needs_consent: bool = True
    one_sided: bool = False
    due_only: bool = False
    age_days_min: Annotated[int, msgspec.Meta(ge=0, le=WHOLE_MAX)] = 0
    minimum: Annotated[str, msgspec.Meta(max_length=40)] = ""
    excluded: list[str] = []
    caps: list[RoundCap] = []
    cycle_max: Annotated[int, msgspec.Meta(ge=0, le=WHOLE_MAX)] = 0
    prefer: Preference = "age"

    def options(self, *, from_books: bool = True) -> Options:
        said = {name: getattr(self, name) for name in OPTIONS}
        caps = tuple(Cap(cap.party, cap.creditor, cap.amount, cap.currency) for cap in self.caps)
        return Options(**said, from_books=from_books, excluded=tuple(self.excluded), caps=caps)


class RoundWanted(RoundChosen, frozen=True, kw_only=True):
    """A round to open. Without `units` all that one may write in; without `law` that of the chart. The rest are its choices."""

    code: str
    as_of: str
    units: list[str] = []
    from_books: bool = True


class RoundDebt(Wanted, frozen=True):
    """A debt between outsiders. Parties by code or tax number; `amount` is a decimal text."""

    id: str
    debtor: str
    creditor: str
    amount: str
    currency: str
    due: str = ""
    number: str = ""
    priority: str = ""


class RoundDebts(Wanted, frozen=True):
    """Debts under a name; the same name again replaces what it said before."""

    name: str
    debts: list[RoundDebt]


class RoundConfirmation(Wanted, frozen=True):
    """Who confirms debts for a side; without `numbers` all of them."""

    side: Side
    by: str
    numbers: list[Number] = []


class RoundBar(Wanted, frozen=True):
    """Debts that take no part, and why."""

    numbers: list[Number]
    because: str


class RoundAdmission(Wanted, frozen=True):
    """Debts that take part again."""

    numbers: list[Number]


class RoundCorrection(Wanted, frozen=True):
    """The right amount of a debt that was added."""

    number: Number
    amount: str
    because: str


class RoundConsent(Wanted, frozen=True):
    """A party agrees (`by`: who signed) or leaves (`by`: why). `on`: the day; of a notice: that of its receipt."""

    party: str
    consent: Literal["agreed", "refused"]
    by: str
    on: str


class RoundReceipt(Wanted, frozen=True):
    """A party received the notice of a round: who for it, and on which day."""

    party: str
    by: str
    on: str


class RoundDay(Wanted, frozen=True):
    """A day; empty: the day of the round."""

    on: str = ""


class RoundReversal(Wanted, frozen=True):
    """The day of the reversal, in an open period, and why."""

    on: str
    because: str


class RoundReason(Wanted, frozen=True):
    """Why, for the record."""

    because: str


class RoundPosted(Said):
    """The round after a verb on its documents; `waiting`: how many wait for a second person."""

    round: RoundSummary
    waiting: int


@endpoint(router, "GET", "/rounds", tag="rounds", answer=list[RoundSummary])
def list_rounds(call: Call, limit: Limit = 200) -> Any:
    """Rounds of set-off, the newest first."""
    return [summary(found) for found in reads.rounds(call.conn, limit=limit)]


@endpoint(router, "POST", "/rounds", tag="rounds", body=RoundWanted, answer=RoundTold, status=201)
def open_round(call: Call, body: RoundWanted) -> Any:
    """Open a round and collect its debts from the books of its units. The same again gives the round there is."""
    options = body.options(from_books=body.from_books)
    new = NewRound(body.code, parse_day(body.as_of, "as_of"), tuple(body.units), body.law or None, options)
    return whole_round(call.conn, services.open_round(call.conn, new, call.actor, call.rights), most=TOLD_MAX)


@endpoint(router, "GET", "/rounds/{code}", tag="rounds", answer=RoundTold, media=(PDF,))
def read_round(call: Call, code: RoundCode, form: Form = "json") -> Any:
    """A round with its parties, positions, debts and documents; as PDF the act that all parties sign."""
    found = _known(call, code, "read")
    if form == "json":
        return whole_round(call.conn, found, most=TOLD_MAX)
    return _paper(call, found, "act", render_round_act(call.conn, found, printed=today(), language=call.language))


@endpoint(router, "GET", "/rounds/{code}/statements/{party}", tag="rounds", answer=bytes, media=(PDF,))
def statement_of_round(call: Call, code: RoundCode, party: PartyCode) -> Any:
    """What the round means for one party, as PDF in its language."""
    found = _known(call, code, "read")
    return _paper(call, found, "statement", render_statement(call.conn, found, party, printed=today()))


@endpoint(router, "GET", "/rounds/{code}/certificate", tag="rounds", answer=bytes, media=(NDJSON,))
def certificate_of_round(call: Call, code: RoundCode) -> Any:
    """The result as a file that anybody can check."""
    return Answer(raw=certificate_of(call.conn, _known(call, code, "read")), media_type=NDJSON)


@endpoint(router, "GET", "/rounds/{code}/debts", tag="rounds", answer=list[RoundDebtTold])
def debts_of_round(call: Call, code: RoundCode, after: After = 0, limit: Limit = 1000) -> Any:
    """Debts of a round by number, with why each was cleared or not: the first after a number."""
    found = _known(call, code, "read")
    return debts_told(call.conn, found, reads.parties_of(call.conn, found.id), after=after, limit=limit)


@endpoint(router, "GET", "/rounds/{code}/chains", tag="rounds", answer=list[RoundChain])
def chains_of_round(call: Call, code: RoundCode, limit: Limit = 1000) -> Any:
    """What is cleared as rings of debts, the short ones first: for laws and partners that want documents of few parties."""
    found = _known(call, code, "read")
    rings = told_chains(result_of(call.conn, found), reads.obligations_of(call.conn, found.id, cleared=True))
    return list(islice(rings, limit))


@endpoint(router, "GET", "/rounds/{code}/chains/{number}", tag="rounds", media=(PDF,))
def chain_of_round(call: Call, code: RoundCode, number: ChainNumber, language: PaperLanguage = "") -> Any:
    """The act of one chain: the parties of a ring of debts. Without `language` in that of its first outsider."""
    found = _known(call, code, "read")
    return _paper(call, found, f"chain-{number}", render_chain(call.conn, found, number, printed=today(), language=language or None))


@endpoint(router, "GET", "/rounds/{code}/chain-acts", tag="rounds", media=(PDF,))
def chain_acts_of_round(call: Call, code: RoundCode, language: PaperLanguage = "", after: AfterChain = 0) -> Any:
    """The acts of all chains one after another, each as of `/chains/{number}`: at most 500, those after a number."""
    found = _known(call, code, "read")
    made = render_chains(call.conn, found, printed=today(), language=language or None, after=after)
    return _paper(call, found, "chains", made.pdf)


@endpoint(router, "GET", "/rounds/{code}/why/{number}", tag="rounds", answer=WhyTold)
def why_of_round(call: Call, code: RoundCode, number: DebtNumber) -> Any:
    """Why a debt was cleared or not, from the certificate."""
    return why(call.conn, _known(call, code, "read"), number, call.language)


@endpoint(router, "PUT", "/rounds/{code}/debts", tag="rounds", body=RoundDebts, answer=RoundTold)
def add_round_debts(call: Call, body: RoundDebts, code: RoundCode) -> Any:
    """Add debts between outsiders."""
    debts = debts_of_rows(map(msgspec.to_builtins, body.debts), body.name)
    return _changed(call, code, services.add_debts, debts, file=body.name)


@endpoint(router, "PUT", "/rounds/{code}/choices", tag="rounds", body=RoundChosen, answer=RoundTold)
def change_round_choices(call: Call, body: RoundChosen, code: RoundCode) -> Any:
    """Change the choices of a round that is not posted, all at once: what is left out is as in a new round. It is to be solved again."""
    day = parse_day(body.as_of, "as_of") if body.as_of else None
    return _changed(call, code, choosing.change_choices, Chosen(body.options(), day, body.law or None))


@endpoint(router, "POST", "/rounds/{code}/collect", tag="rounds", answer=RoundTold)
def collect_round(call: Call, code: RoundCode) -> Any:
    """Collect the debts from our books again."""
    return _changed(call, code, services.collect_again)


@endpoint(router, "POST", "/rounds/{code}/confirm", tag="rounds", body=RoundConfirmation, answer=RoundTold)
def confirm_round_debts(call: Call, body: RoundConfirmation, code: RoundCode) -> Any:
    """One side says that debts are so."""
    return _changed(call, code, services.confirm_debts, body.side, body.numbers, by=body.by)


@endpoint(router, "POST", "/rounds/{code}/bar", tag="rounds", body=RoundBar, answer=RoundTold)
def bar_round_debts(call: Call, body: RoundBar, code: RoundCode) -> Any:
    """Debts take no part."""
    return _changed(call, code, services.bar_debts, body.numbers, because=body.because)


@endpoint(router, "POST", "/rounds/{code}/admit", tag="rounds", body=RoundAdmission, answer=RoundTold)
def admit_round_debts(call: Call, body: RoundAdmission, code: RoundCode) -> Any:
    """Debts that were barred take part again."""
    return _changed(call, code, services.admit_debts, body.numbers)


@endpoint(router, "POST", "/rounds/{code}/correct", tag="rounds", body=RoundCorrection, answer=RoundTold)
def correct_round_debt(call: Call, body: RoundCorrection, code: RoundCode) -> Any:
    """A debt that was added is of another amount."""
    return _changed(call, code, services.correct_debt, body.number, body.amount, because=body.because)


@endpoint(router, "POST", "/rounds/{code}/consent", tag="rounds", body=RoundConsent, answer=RoundTold)
def set_round_consent(call: Call, body: RoundConsent, code: RoundCode) -> Any:
    """A party agrees to what is cleared for it now, or takes no part any more."""
    return _changed(call, code, services.set_consent, body.party, Consent(body.consent, body.by, parse_day(body.on, "on")))


@endpoint(router, "POST", "/rounds/{code}/solve", tag="rounds", answer=RoundTold)
def solve_round(call: Call, code: RoundCode) -> Any:
    """The preliminary result: the largest total that can be cleared, with its certificate."""
    return _changed(call, code, services.solve_round)


@endpoint(router, "POST", "/rounds/{code}/drop-unsigned", tag="rounds", body=RoundDay, answer=RoundTold)
def drop_unsigned_parties(call: Call, body: RoundDay, code: RoundCode) -> Any:
    """Parties that did not sign take no part, and the round is solved again."""
    on = parse_day(body.on, "on") if body.on else _known(call, code, "draft").as_of
    return _changed(call, code, services.drop_unsigned, on=on)


@endpoint(router, "POST", "/rounds/{code}/final", tag="rounds", body=RoundDay, answer=RoundPosted)
def finalize_round(call: Call, body: RoundDay, code: RoundCode) -> Any:
    """Post the round in the books of its units; while documents wait for a second person it is being posted."""
    _known(call, code, "post")
    day = parse_day(body.on, "on") if body.on else None
    return _posted(posting.finalize_round(call.conn, code, call.actor, call.rights, on=day))


@endpoint(router, "POST", "/rounds/{code}/cancel", tag="rounds", body=RoundReason, answer=RoundPosted)
def cancel_round(call: Call, body: RoundReason, code: RoundCode) -> Any:
    """Take back what is being posted of a round, or being reversed: it is preliminary (or final) again, with its result and consents."""
    _known(call, code, "post")
    return _posted(cancelling.cancel_round(call.conn, code, call.actor, call.rights, because=body.because))


@endpoint(router, "POST", "/rounds/{code}/received", tag="rounds", body=RoundReceipt, answer=RoundTold)
def note_round_receipt(call: Call, body: RoundReceipt, code: RoundCode) -> Any:
    """A party received the notice of a round that is posted by notice: it may decide since when the debts count as discharged."""
    return _changed(call, code, posting.note_receipt, body.party, Consent("agreed", body.by, parse_day(body.on, "on")))


@endpoint(router, "POST", "/rounds/{code}/reverse", tag="rounds", body=RoundReversal, answer=RoundPosted)
def reverse_round(call: Call, body: RoundReversal, code: RoundCode) -> Any:
    """Reverse every document of a round; its debts are open again."""
    _known(call, code, "post")
    day = parse_day(body.on, "on")
    return _posted(posting.reverse_round(call.conn, code, call.actor, call.rights, on=day, because=body.because))


def _known(call: Call, code: str, right: Right) -> Round:
    return reads.known_round(call.conn, code, call.rights, right)


def _paper(call: Call, found: Round, name: str, content: bytes) -> Answer:
    for unit_id in found.units:
        tell_export(call, f"export_round_{name}", unit_id=unit_id, round=found.code, format="pdf")
    return paper_answer(content, f"round-{found.id}-{name}")


def _changed(call: Call, code: str, verb: Callable[..., Round], *said: Any, **options: Any) -> RoundTold:
    """The round after a verb that the person may do in every unit of it."""
    _known(call, code, "draft")
    return whole_round(call.conn, verb(call.conn, code, *said, call.actor, **options), most=TOLD_MAX)


def _posted(done: posting.Posted) -> RoundPosted:
    waiting = sum(isinstance(outcome, Pending) for outcome in done.outcomes)
    return RoundPosted(round=summary(done.round), waiting=waiting)
