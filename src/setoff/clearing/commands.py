"""`setoff clear`: set-offs of a whole network, from files of obligations or from our own books, and the check of a result."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import typer

from setoff.core.errors import DomainError, ErrorCode
from setoff.language.zones import today

if TYPE_CHECKING:
    from setoff.clearing.certificate import Checked
    from setoff.clearing.choices import Choices
    from setoff.clearing.clear import Outcome
    from setoff.clearing.liquidity import CurvePoint
    from setoff.clearing.obligations import Read
    from setoff.clearing.why import Why
    from setoff.language import Language

Texts = list[str] | None


def clear(
    files: Annotated[list[Path] | None, typer.Argument(help="Obligations: CSV or JSON Lines with id, debtor, creditor, amount, "
                                                            "currency; due, number, priority.", show_default=False)] = None,
    books: Annotated[bool, typer.Option("--books", help="Obligations of our own books, of every unit you may read.")] = False,
    verify: Annotated[Path | None, typer.Option("--verify", help="Prove a result file (with --why: and tell of it); nothing is "
                                                                 "cleared.", dir_okay=False)] = None,
    out: Annotated[Path | None, typer.Option(help="File for the result with its proof, JSON Lines.", dir_okay=False)] = None,
    as_of: Annotated[str, typer.Option("--as-of", help="The day that due dates and ages are looked at from, YYYY-MM-DD.")] = "",
    only_due: Annotated[bool, typer.Option("--only-due", help="Only what is due at --as-of.")] = False,
    min_age: Annotated[int, typer.Option("--min-age", min=0, help="Only what has been due for so many days at --as-of.")] = 0,
    min_amount: Annotated[str, typer.Option("--min-amount", help="Only obligations of at least this amount.")] = "",
    exclude: Annotated[Path | None, typer.Option(help="CSV with a column party or obligation: who and what stays out.")] = None,
    consents: Annotated[Path | None, typer.Option(help="CSV with a column party or obligation: only these take part.")] = None,
    cap: Annotated[Texts, typer.Option(help="PARTY=AMOUNT, or DEBTOR>CREDITOR=AMOUNT: at most so much; may be repeated.")] = None,
    liquidity: Annotated[str, typer.Option(help="What a funder would lend at most, in every currency.")] = "",
    funder: Annotated[str, typer.Option(help="Name of the funder, for the result.")] = "",
    prefer: Annotated[Literal["age", "priority", "none"], typer.Option(help="Among the largest totals: the oldest by due date, "
                                                                            "the highest priority, or whichever comes.")] = "age",
    max_cycle: Annotated[int, typer.Option("--max-cycle", min=0, help="Only rings of at most so many parties; what that costs is "
                                                                      "told.")] = 0,
    curve: Annotated[bool, typer.Option("--curve", help="Also tell what a funder's money would discharge, from none to all.")] = False,
    why: Annotated[Texts, typer.Option(help="Tell why this obligation was cleared or not, by its id; may be repeated.")] = None,
    chains: Annotated[Path | None, typer.Option(help="File for what is cleared as chain documents, short ones first: .csv or "
                                                     ".jsonl.", dir_okay=False)] = None,
    gains: Annotated[Path | None, typer.Option(help="File for what every party gains and what stays of it: .csv or .jsonl.",
                                               dir_okay=False)] = None,
    round_: Annotated[str, typer.Option("--round", help="With --books: open and solve a round of this code, which `setoff round final` "
                                                         "posts.")] = "",
    parties: Annotated[Path | None, typer.Option(help="CSV with a column party: any other is unknown.")] = None,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave bad rows out instead of refusing all.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:  # fmt: skip
    """Clear the largest total of mutual debts while every party's net position stays as it is, and prove it."""
    from setoff.clearing.held import give_memory_back
    from setoff.language import default_language

    give_memory_back()
    from setoff.clearing.rules import choices_of

    language = default_language()
    if verify is not None:
        raise typer.Exit(_verify(verify, language, Shown(as_json, curve, tuple(why or ()))))
    if bool(files) == books:
        raise typer.BadParameter("FILE | --books")
    if round_ and not books:
        raise typer.BadParameter("--round: --books")
    choices = choices_of(
        as_of=as_of, only_due=only_due, age_days_min=min_age, amount_min=min_amount, exclude=exclude, consents=consents,
        caps=cap or [], liquidity=liquidity, funder=funder, prefer=prefer, cycle_max=max_cycle,
    )  # fmt: skip
    shown = Shown(as_json, curve, tuple(why or ()))
    written = Written(out, chains, gains)
    if books:
        raise typer.Exit(_run_books(choices, language, shown, written, round_))
    raise typer.Exit(_run(partial(_from_files, files or [], parties), choices, language, shown, written, skip_bad=skip_bad))


def _from_files(files: list[Path], parties: Path | None) -> Read:
    from setoff.clearing.obligations import read_obligations
    from setoff.clearing.rules import names_in

    return read_obligations(files, sorted(names_in(parties, "party")) if parties else None)


def _run_books(choices: Choices, language: Language, shown: Shown, written: Written, code: str) -> int:
    """What our books hold, of today where no day is said; with a code it becomes a round. The exit code."""
    from setoff.access.commands import acting
    from setoff.clearing.held import Held
    from setoff.clearing.obligations import Read
    from setoff.clearing.rounds.begin_commands import begin_round, not_of_rounds, round_steps
    from setoff.clearing.rounds.books import book_debts
    from setoff.clearing.summary import left_out_lines
    from setoff.language import text

    with acting() as (conn, actor, rights):
        asked = replace(choices, as_of=choices.as_of or today())
        if code:
            not_of_rounds(asked)
        found = book_debts(conn, rights.units_with("draft" if code else "read"), asked.as_of or today())
        exit_code = _run(partial(Read, Held.of(found.obligations), [], 0), asked, language, shown, written, skip_bad=False)
        lines = [*left_out_lines(found.left_out, language)]
        if code:
            lines += round_steps(conn, begin_round(conn, code, asked, actor, rights), language)
        elif not found.obligations.is_empty():
            lines.append(text(language, "clear-books-next"))
        for line in lines if not shown.as_json else ():
            typer.echo(line)
        return exit_code


class Shown(NamedTuple):
    """What is printed."""

    as_json: bool
    curve: bool
    why: tuple[str, ...]


class Written(NamedTuple):
    """The files that are written, where they are asked for."""

    out: Path | None
    chains: Path | None
    gains: Path | None


def _run(
    source: Callable[[], Read], choices: Choices, language: Language, shown: Shown, written: Written, *, skip_bad: bool
) -> int:  # fmt: skip
    """The exit code: 1 when bad rows were there and nothing was cleared."""
    from rich.console import Console

    from setoff.clearing.clear import clear as clear_obligations
    from setoff.clearing.liquidity import curve as curve_of
    from setoff.clearing.why import why as why_of
    from setoff.language import text

    console = Console(stderr=True, highlight=False, emoji=False)
    with _progress(console, language) as tell:
        tell("read", "")
        read = source()
        tell_faults(read, console, language)
        if read.bad and not skip_bad:
            console.print(text(language, "clear-nothing"), soft_wrap=True, markup=False)
            return 1
        outcomes = clear_obligations(read.held, choices, tell)
        found = {name: why_of(outcomes, name) for name in shown.why}
        points = curve_of(read.obligations, choices) if shown.curve else {}
        tell("write", "")
        _write_files(written, outcomes, choices)
    _show(Told(outcomes, points, found), language, as_json=shown.as_json)
    return 0


def tell_faults(read: Read, console: Any, language: Language) -> None:
    from setoff.intake.screen import fault_line
    from setoff.language import text

    for fault in read.faults:
        console.print(fault_line(language, fault), style="red", soft_wrap=True, markup=False)
    if read.bad:
        shown = len({(fault.file, fault.row) for fault in read.faults})
        key = "clear-bad-rows" if read.bad == shown else "clear-bad-rows-first"
        console.print(text(language, key, count=read.bad, shown=shown), style="red", soft_wrap=True, markup=False)


def _write_files(written: Written, outcomes: list[Outcome], choices: Choices) -> None:
    """All of them or none."""
    from setoff.clearing.result_files import write_chains, write_gains
    from setoff.clearing.results import write_result

    writers: list[tuple[Path | None, Callable[[IO[bytes]], None]]] = [
        (written.out, lambda file: write_result(file, outcomes, choices)),
        (written.chains, lambda file: write_chains(file, outcomes, choices.funder, is_table=_is_table(written.chains))),
        (written.gains, lambda file: write_gains(file, outcomes, is_table=_is_table(written.gains))),
    ]
    parts: list[tuple[Path, Path]] = []
    try:
        for place, write in writers:
            if place is not None:
                part = place.with_name(place.name + ".part")
                parts.append((part, place))
                with part.open("wb") as file:
                    write(file)
        for part, place in parts:
            os.replace(part, place)
    except OSError as problem:
        raise DomainError(ErrorCode.FILE_UNWRITABLE, file=str(place), reason=problem.strerror or str(problem)) from problem
    finally:
        for part, _ in parts:
            part.unlink(missing_ok=True)


def _is_table(place: Path | None) -> bool:
    return place is not None and place.suffix.lower() not in {".jsonl", ".ndjson", ".json"}


class Told(NamedTuple):
    """What is known of the result, to be printed."""

    outcomes: list[Outcome]
    points: dict[str, list[CurvePoint]]
    why: dict[str, Why]


def _show(told: Told, language: Language, *, as_json: bool) -> None:
    from setoff.clearing.summary import curve_lines, summary_lines, why_lines
    from setoff.language import text

    if as_json:
        import msgspec

        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(_records(told, language))) + b"\n")
        sys.stdout.buffer.flush()
        return
    if not told.outcomes:
        typer.echo(text(language, "clear-no-rows"))
    for outcome in told.outcomes:
        for line in [*summary_lines(outcome, language), *curve_lines(told.points.get(outcome.currency, ()), outcome.currency, language)]:
            typer.echo(line)
    for name, found in told.why.items():
        for line in why_lines(found, name, language):
            typer.echo(line)


def _records(told: Told, language: Language) -> list[dict[str, Any]]:
    """The summary of every currency; with its curve and its answers where they were asked for."""
    from setoff.clearing.summary import curve_record, summary_record, why_record

    found = []
    for outcome in told.outcomes:
        record = summary_record(outcome)
        if outcome.currency in told.points:
            record["curve"] = curve_record(told.points[outcome.currency], outcome.currency)
        if told.why:
            mine = {name: why for name, why in told.why.items() if why.currency == outcome.currency}
            record["why"] = [why_record(why, name, language) for name, why in mine.items()]
        found.append(record)
    return found


def _verify(file: Path, language: Language, shown: Shown) -> int:
    """The exit code: 0 when everything holds. Why is told of a result that is proved."""
    from setoff.clearing.certificate import verify
    from setoff.clearing.result_reading import read_result
    from setoff.clearing.summary import why_lines, why_record
    from setoff.clearing.why import why as why_of

    checked = verify(file)
    outcomes = read_result(file) if shown.why and not checked.faults else []
    told = {name: why_of(outcomes, name) for name in shown.why} if not checked.faults else {}
    if shown.as_json:
        import msgspec

        answer = _proved_record(checked)
        if told:
            answer["why"] = [why_record(found, name, language) for name, found in told.items()]
        typer.echo(msgspec.json.format(msgspec.json.encode(answer)).decode())
        return 1 if checked.faults else 0
    exit_code = _tell_proved(checked, language)
    for name, found in told.items():
        for line in why_lines(found, name, language):
            typer.echo(line)
    return exit_code


def _proved_record(checked: Checked) -> dict[str, Any]:
    from setoff.core.money import format_amount

    proved = {
        currency: {"cleared": format_amount(cleared, currency), "bound": format_amount(bound, currency)}
        for currency, (cleared, bound) in checked.proved.items()
    }
    return {"obligations": checked.obligations, "currencies": proved, "faults": [fault._asdict() for fault in checked.faults]}


def _tell_proved(checked: Checked, language: Language) -> int:
    from setoff.core.money import Money
    from setoff.language import text

    for fault in checked.faults:
        place = " ".join(filter(None, (fault.currency, fault.place)))
        typer.echo(text(language, "clear-fault", place=place, fault=text(language, f"clear-fault-{fault.what}")), err=True)
    if checked.faults:
        typer.echo(text(language, "clear-not-proved"), err=True)
        return 1
    for currency, (cleared, bound) in checked.proved.items():
        key = "clear-proved" if cleared == bound else "clear-proved-bound"
        typer.echo(text(language, key, cleared=Money(cleared, currency), bound=Money(bound, currency), count=checked.obligations))
    return 0


@contextmanager
def _progress(console: Any, language: Language) -> Iterator[Any]:
    """What is being done, where somebody watches."""
    from setoff.language import text

    if not console.is_terminal:
        yield lambda _step, _currency: None
        return
    with console.status("") as status:
        yield lambda step, currency: status.update(f"{text(language, f'clear-step-{step}')} {currency}")
