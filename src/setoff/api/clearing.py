"""Clearing of a network: of obligations that are sent, or of our own books. What `setoff clear` does; nothing is booked.

One question, several forms: the summary by currency, the result with its proof, chain documents, what every party gains.
"""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from typing import IO, Annotated, Any, Final, Literal

import msgspec
from ninja import Router
from pydantic import Field

from setoff.api.answers import RowFaultAnswer, Said
from setoff.api.call import NDJSON, Answer, Call, Day, Stream, many_of
from setoff.api.endpoint import endpoint
from setoff.api.idempotency import HEADER
from setoff.api.uploads import Upload
from setoff.clearing.choices import Choices
from setoff.clearing.clear import Outcome, clear
from setoff.clearing.held import Held
from setoff.clearing.liquidity import curve
from setoff.clearing.obligations import Read, read_obligations
from setoff.clearing.result_files import write_chains, write_gains
from setoff.clearing.results import write_result
from setoff.clearing.rounds.books import book_debts
from setoff.clearing.rules import cap_of
from setoff.clearing.summary import curve_record, summary_record, why_record
from setoff.clearing.why import why
from setoff.intake.screen import fault_record
from setoff.language.zones import today
from setoff.reports.ask import parse_day

router: Final = Router()
READ: Final = ("text/csv", "text/tab-separated-values", "application/x-ndjson", "application/jsonl", "application/json")
NAME: Final = "body"
Form = Literal["summary", "result", "chains", "gains"]
Amount = Annotated[str, Field(max_length=40, description="A plain decimal amount; empty: none.")]
Count = Annotated[int, Field(ge=0, le=100_000)]


class ExcludedAnswer(Said):
    """Why obligations took no part, and how many."""

    reason: str
    obligations: int


class StayingAnswer(Said):
    """Obligations that took part and are not cleared, or not whole, by the reason: debtor_has_no_claims, creditor_has_no_debts, limit,
    long_chains, no_way_back, used_up."""

    reason: str
    obligations: int
    amount: str


class CurveAnswer(Said):
    """With so much credit so much is discharged; `each`: by every further unit since the point before."""

    credit: str
    discharged: str
    each: str


class DebtEnds(Said):
    debtor: str
    creditor: str


class WhyAnswer(Said):
    """Why an obligation was cleared or not. `answer`: see the explanation of clearing. `instead`: whose debts an equally large set-off
    would clear in its place. The levels prove the answer; null where it is another set-off that does. `text` is in the language asked."""

    id: str
    answer: str
    excluded: str
    debtor: str
    creditor: str
    amount: str
    cleared: str
    pair_amount: str
    pair_cleared: str
    limit: str
    limited: str
    instead: list[DebtEnds]
    debtor_level: int | None
    creditor_level: int | None
    text: str


class ClearedAnswer(Said):
    """What is cleared in one currency. `bound`: the largest total, which no set-off exceeds; `short_of_bound` is what chains of bounded
    length cost. `full` and `part`: obligations cleared whole or in part. `curve` and `why` where they were asked for."""

    currency: str
    debt: str
    eligible: str
    cleared: str
    bound: str
    short_of_bound: str
    liquidity: str
    cycle_max: int
    obligations: int
    full: int
    part: int
    parties: int
    pairs: int
    excluded: list[ExcludedAnswer]
    stays: list[StayingAnswer]
    curve: list[CurveAnswer] = []
    why: list[WhyAnswer] = []


class RowsRefused(Said):
    """How many rows are bad, and the first thousand of them. Nothing was cleared."""

    bad: int
    faults: list[RowFaultAnswer]


def _parameter(name: str, form: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=form, default=default)


def flag(description: str) -> Any:
    return Annotated[bool, Field(description=description)]


NAMES_ASKED: Final = {
    "exclude_party": "A party that stays out", "exclude_obligation": "An obligation that stays out, by its id",
    "consent_party": "Only where both parties are listed", "consent_obligation": "Only obligations listed, besides those of consent_party",
    "cap": "PARTY=AMOUNT or DEBTOR>CREDITOR=AMOUNT: at most so much", "why": "Tell why this obligation was cleared or not",
}  # fmt: skip
ASKED: Final = (
    _parameter("form", Annotated[Form, Field(description="summary: JSON; result (with its proof), chains, gains: JSON Lines.")], "summary"),
    _parameter("as_of", Day, ""),
    _parameter("only_due", flag("Only what is due at as_of."), default=False),
    _parameter("min_age", Count, 0),
    _parameter("min_amount", Amount, ""),
    *(_parameter(name, many_of(f"{told}; may be repeated."), []) for name, told in NAMES_ASKED.items()),
    _parameter("liquidity", Amount, ""),
    _parameter("funder", Annotated[str, Field(max_length=300, description="Name of the funder.")], ""),
    _parameter("prefer", Annotated[Literal["age", "priority", "none"], Field(description="Which of the largest totals.")], "age"),
    _parameter("max_cycle", Count, 0),
    _parameter("curve", flag("Also tell what credit would discharge."), default=False),
)
OF_FILES: Final = (
    _parameter("party", many_of("A known party; any other is refused. May be repeated; none: all are known."), []),
    _parameter("skip_bad", flag("Leave bad rows out instead of refusing all."), default=False),
)


@endpoint(
    router, "POST", "/networks/clear", tag="networks", upload=READ, answer=list[ClearedAnswer], media=(NDJSON,), also={422: RowsRefused},
    signature=inspect.Signature([*ASKED, *OF_FILES]),
)  # fmt: skip
def clear_obligations(call: Call, body: Upload, party: list[str], *, skip_bad: bool, **asked: Any) -> Any:
    """Clear the largest total of obligations between any parties: CSV or JSON Lines with id, debtor, creditor, amount, currency; due,
    number, priority. Nothing is kept. 422 with the bad rows when there are any; then nothing is cleared."""
    read = read_obligations([body.path], sorted(party) or None, name=NAME)
    if read.bad and not skip_bad:
        told = RowsRefused(bad=read.bad, faults=[RowFaultAnswer(**fault_record(call.language, fault)) for fault in read.faults])
        return Answer(told, status=422)
    return _answer(call, read, asked)


@endpoint(
    router, "GET", "/networks/clear", tag="networks", answer=list[ClearedAnswer], media=(NDJSON,), signature=inspect.Signature([*ASKED])
)
def clear_own_books(call: Call, **asked: Any) -> Any:
    """Clear the largest total of the open debts of all units that may be read. Nothing is booked: a round does that."""
    day = parse_day(asked["as_of"], "as_of") if asked["as_of"] else today()
    return _answer(call, Read(Held.of(book_debts(call.conn, call.rights.units_with("read"), day).obligations), [], 0), asked)


def _answer(call: Call, read: Read, asked: dict[str, Any]) -> Any:
    choices = choices_of(asked)
    outcomes = clear(read.held, choices)
    found = {name: why(outcomes, name) for name in asked["why"]}
    writers: dict[str, Callable[[IO[bytes]], None]] = {
        "result": lambda file: write_result(file, outcomes, choices),
        "chains": lambda file: write_chains(file, outcomes, choices.funder, is_table=False),
        "gains": lambda file: write_gains(file, outcomes, is_table=False),
    }
    if asked["form"] in writers:
        return _lines(call, writers[asked["form"]])
    points = curve(read.obligations, choices) if asked["curve"] else {}

    def told(outcome: Outcome) -> ClearedAnswer:
        mine = [(name, one) for name, one in found.items() if one.currency == outcome.currency]
        record = summary_record(outcome)
        record["curve"] = curve_record(points.get(outcome.currency, ()), outcome.currency)
        record["why"] = [why_record(one, name, call.language) for name, one in mine]
        return msgspec.convert(record, ClearedAnswer)

    return [told(outcome) for outcome in outcomes]


def choices_of(asked: dict[str, Any]) -> Choices:
    """Errors: invalid_date, invalid_value."""
    consents = asked["consent_party"] or asked["consent_obligation"]
    as_of: date | None = parse_day(asked["as_of"], "as_of") if asked["as_of"] else None
    return Choices(
        as_of=as_of, only_due=asked["only_due"], age_days_min=asked["min_age"], amount_min=asked["min_amount"],
        parties_excluded=frozenset(asked["exclude_party"]), obligations_excluded=frozenset(asked["exclude_obligation"]),
        consents=frozenset(asked["consent_party"]) if consents else None,
        obligations_consented=frozenset(asked["consent_obligation"]), caps=tuple(sorted(map(cap_of, asked["cap"]))),
        liquidity=asked["liquidity"], funder=asked["funder"], prefer=asked["prefer"], cycle_max=asked["max_cycle"],
    )  # fmt: skip


def _lines(call: Call, write: Callable[[IO[bytes]], None]) -> Answer | Stream:
    """The file, sent line by line; at once where a key asks that the same answer can be given again."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the last line is sent
    write(file)
    file.seek(0)

    def lines() -> Iterator[bytes]:
        with file:
            yield from file

    return Answer(raw=b"".join(lines()), media_type=NDJSON) if HEADER in call.request.headers else Stream(lines())
