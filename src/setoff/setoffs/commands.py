"""`setoff propose` shows what can be set off; `setoff setoff` does it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from setoff.access.commands import acting
from setoff.language.zones import today

if TYPE_CHECKING:
    import psycopg

    from setoff.setoffs.proposal import Filter
    from setoff.setoffs.services import Proposal, Result, Wanted
    from setoff.settlements.open_queries import BothWays

Texts = list[str] | None
Unit = Annotated[str, typer.Option("--unit", help="Code of the unit.")]
Parties = Annotated[Texts, typer.Option("--counterparty", help="Code of the counterparty; may be repeated.")]
Partner = Annotated[str, typer.Option("--partner", help="All counterparties of a partner, or of a group of partners.")]
Currency = Annotated[str, typer.Option("--currency", help="Settlement currency; * for all in one document, at the rates of the day.")]
Day = Annotated[str, typer.Option("--date", help="Day of the set-off, YYYY-MM-DD. Default: today.")]
First = Annotated[str, typer.Option("--from", help="Documents of this day or later.")]
Last = Annotated[str, typer.Option("--to", help="Documents of this day or earlier.")]
Contract = Annotated[str, typer.Option("--contract", help="Only this contract (code).")]
Order = Annotated[str, typer.Option("--order", help="Only this order.")]
Least = Annotated[str, typer.Option("--least", help="Only debts of this amount or more.")]
Most = Annotated[str, typer.Option("--most", help="Only debts of this amount or less.")]
Number = Annotated[str, typer.Option("--number", help="Only documents with this in their number.")]
OnlyDue = Annotated[bool, typer.Option("--only-due", help="Only what is due on the day.")]
OnlyDebts = Annotated[bool, typer.Option("--only-debts", help="No advances.")]
By = Annotated[Literal["moment", "due_date"], typer.Option("--by", help="Oldest document first, or earliest due date.")]
Everything = Annotated[bool, typer.Option("--all", help="A set-off for each unit, counterparty and currency with debts both ways.")]
AtMost = Annotated[str, typer.Option("--amount", help="Set off no more than this.")]
Format = Annotated[Literal["table", "json"], typer.Option("--format")]


def propose(
    unit: Unit = "", counterparty: Parties = None, partner: Partner = "", currency: Currency = "", day: Day = "", first: First = "",
    last: Last = "", contract: Contract = "", order: Order = "", least: Least = "", most: Most = "", number: Number = "",
    only_due: OnlyDue = False, only_debts: OnlyDebts = False, by: By = "moment", at_most: AtMost = "",
    everything: Everything = False, output_format: Format = "table",
) -> None:  # fmt: skip
    """Show what can be set off: all that is owed both ways, or what is proposed of it, of one counterparty, a group, or of everybody."""
    from setoff.setoffs.queries import book_currency
    from setoff.setoffs.services import propose_set_off

    at = _day(day)
    texts = (first, last, contract, order, least, most, number)
    with acting() as (conn, _actor, rights):
        if not (counterparty or partner or everything):
            print_both_ways(_both_ways(conn, at, unit, currency, None), output_format)
            return
        if everything:
            asked = _each(conn, (unit, currency, _parties(conn, counterparty, partner)), texts, (at, only_due, by, at_most))
            found = [(wanted, propose_set_off(conn, rights.require("read", wanted.unit), wanted)) for wanted in asked]
            print_proposals(found, output_format)
            return
        unit_id = rights.require("read", unit)
        currency = currency or _only_currency(conn, at, unit, _parties(conn, counterparty, partner)) or book_currency(conn, unit_id)
        said = _filter(currency, at, texts, only_due=only_due, only_debts=only_debts)
        wanted = _wanted(conn, unit, counterparty, partner, (currency, at, said, by, at_most))
        print_proposal(propose_set_off(conn, unit_id, wanted), output_format)


def set_off(
    unit: Unit = "", counterparty: Parties = None, partner: Partner = "", currency: Currency = "", day: Day = "", first: First = "",
    last: Last = "", contract: Contract = "", order: Order = "", least: Least = "", most: Most = "", number: Number = "",
    only_due: OnlyDue = False, only_debts: OnlyDebts = False, by: By = "moment", at_most: AtMost = "",
    operation: Annotated[str, typer.Option("--operation", help="A name of your own: said again with it, nothing is done twice.")] = "",
    everything: Everything = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what it would do; keep nothing.")] = False,
) -> None:  # fmt: skip
    """Set off what is proposed: of a counterparty, of several together, or of each that owes both ways (of a group, of everybody)."""
    from setoff.core.errors import DomainError, ErrorCode
    from setoff.setoffs.queries import book_currency

    at = _day(day)
    if not everything and not (counterparty or partner):
        raise DomainError(ErrorCode.FIELD_MISSING, field="counterparty")
    texts = (first, last, contract, order, least, most, number)
    with acting() as (conn, actor, rights):
        if everything:
            asked = _each(conn, (unit, currency, _parties(conn, counterparty, partner)), texts, (at, only_due, by, at_most))
        else:
            unit_id = rights.require("post", unit)
            currency = currency or _only_currency(conn, at, unit, _parties(conn, counterparty, partner)) or book_currency(conn, unit_id)
            said = _filter(currency, at, texts, only_due=only_due, only_debts=only_debts)
            asked = [_wanted(conn, unit, counterparty, partner, (currency, at, said, by, at_most))]
        asked = [one._replace(operation=operation) for one in asked]
        results = _run(conn, asked, (actor, rights), dry_run=dry_run)
    if any(result.state == "refused" for result in results):
        raise typer.Exit(1)


def _run(conn: psycopg.Connection[Any], asked: Sequence[Wanted], who: tuple[Any, Any], *, dry_run: bool) -> list[Result]:
    """With a bar where a person looks on, and a line for each."""
    from rich.console import Console
    from rich.progress import track

    from setoff.core.money import Money
    from setoff.language import default_language, error_text, fact_text, text
    from setoff.setoffs.services import set_off_each

    language = default_language()
    with conn.transaction(force_rollback=True) if dry_run else nullcontext():
        done = set_off_each(conn, asked, *who)
        console = Console(stderr=True)
        results = list(track(done, text(language, "set-offs-title"), len(asked), console=console, disable=not console.is_terminal))
        for result in results:
            names = [*result.wanted.counterparties, result.number]
            amount = fact_text(language, "amount", Money(result.amount, result.currency))
            state = text(language, f"set-offs-{result.state}")
            typer.echo(f"{' '.join(filter(None, names))}: {amount}, {state}" + _why(result.refusal, error_text, language))
    counts = {name: sum(result.state == name for result in results) for name in ("posted", "waits", "refused")}
    typer.echo(text(language, "set-offs-tried" if dry_run else "set-offs-finished", **counts))
    return results


def _why(refusal: Any, told: Any, language: Any) -> str:
    return f" ({told(language, refusal)})" if refusal is not None else ""


def print_both_ways(rows: Sequence[BothWays], output_format: str) -> None:
    """Who owes us while we owe him."""
    from setoff.core.money import Money, format_amount

    if output_format == "json":
        amounts = ("they_owe", "we_owe", "amount")
        said = [{**row._asdict(), **{name: format_amount(getattr(row, name), row.currency) for name in amounts}} for row in rows]
        typer.echo(json.dumps(said, default=str, ensure_ascii=False, indent=2))
        return
    cells = [
        (row.name, row.counterparty, Money(row.amount, row.currency), Money(row.they_owe, row.currency), Money(row.we_owe, row.currency),
         row.since, row.unit)
        for row in rows
    ]  # fmt: skip
    _print(("counterparty", "code", "amount", "they-owe", "we-owe", "since", "unit"), cells, empty="set-offs-none")


def print_proposals(found: Sequence[tuple[Wanted, Proposal]], output_format: str) -> None:
    """One after another, each below who it is with."""
    from setoff.language import default_language, text

    if output_format == "json":
        named = [{"unit": wanted.unit, "counterparties": wanted.counterparties, **_said(proposal)} for wanted, proposal in found]
        typer.echo(json.dumps(named, default=str, ensure_ascii=False, indent=2))
        return
    if not found:
        typer.echo(text(default_language(), "set-offs-none"))
    for wanted, proposal in found:
        typer.echo(" ".join((wanted.unit, *wanted.counterparties, wanted.currency)))
        print_proposal(proposal, output_format)


def _said(found: Proposal) -> dict[str, Any]:
    from setoff.core.money import format_amount

    marked = {mark.lot: mark.amount for mark in found.marks}
    amounts = [{"amount": lot.amount, "set_off": marked.get(place, 0)} for place, lot in enumerate(found.lots)]
    lots = [
        {**lot._asdict(), **{name: format_amount(minor, lot.currency) for name, minor in said.items()}}
        for lot, said in zip(found.lots, amounts, strict=True)
    ]
    return {"amount": format_amount(found.totals.they_owe_us, found.currency), "currency": found.currency, "lots": lots}


def print_proposal(found: Proposal, output_format: str) -> None:
    """Lots of both sides with what is proposed of each."""
    from setoff.core.money import Money
    from setoff.language import default_language, fact_text, text

    language = default_language()
    marked = {mark.lot: mark.amount for mark in found.marks}
    if output_format == "json":
        typer.echo(json.dumps(_said(found), default=str, ensure_ascii=False, indent=2))
        return
    cells = [
        (
            text(language, "set-off-they" if lot.side == "they_owe_us" else "set-off-we"),
            f"{fact_text(language, 'kind', lot.kind)} {lot.label or lot.number}", lot.date, lot.contract_number,
            Money(lot.amount, lot.currency), Money(marked[place], lot.currency) if place in marked else "",
        )
        for place, lot in enumerate(found.lots)
    ]  # fmt: skip
    _print(("side", "document", "date", "contract", "open", "take"), cells, empty="set-off-nothing")
    if cells:
        typer.echo(f"{text(language, 'set-offs-amount')}: {fact_text(language, 'amount', Money(found.totals.they_owe_us, found.currency))}")


def _print(headings: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str) -> None:
    from setoff.core.money import Money
    from setoff.language import default_language, fact_text, text
    from setoff.language.screen import print_rows

    language = default_language()
    shown = [[fact_text(language, "amount" if isinstance(cell, Money) else "value", cell) for cell in row] for row in rows]
    if not shown:
        typer.echo(text(language, empty))
        return
    figures = [place for place, heading in enumerate(headings) if heading in ("amount", "they-owe", "we-owe", "open", "take")]
    print_rows([text(language, f"set-offs-{heading}") for heading in headings], shown, figures=figures)


def _both_ways(conn: psycopg.Connection[Any], at: date, unit: str, currency: str, parties: Sequence[str] | None) -> list[BothWays]:
    from setoff.setoffs.queries import what_can_be_set_off

    return what_can_be_set_off(conn, at, today=today(), unit=unit, currency=currency.strip("*"), parties=parties)


def _only_currency(conn: psycopg.Connection[Any], at: date, unit: str, parties: Sequence[str] | None) -> str:
    """The one in which these parties owe both ways; "" where there is none, or several."""
    found = {row.currency for row in _both_ways(conn, at, unit, "", parties)}
    return found.pop() if len(found) == 1 else ""


def _each(
    conn: psycopg.Connection[Any], whose: tuple[str, str, Sequence[str] | None], texts: Sequence[str], said: tuple[Any, ...]
) -> list[Wanted]:
    """A set-off of debts for each that owes both ways. `whose`: unit, currency, parties; `said`: day, only due, order, no more than."""
    (unit, currency, parties), (at, only_due, by, at_most) = whose, said
    asked = []
    for row in _both_ways(conn, at, unit, currency, parties):
        narrowed = _filter(row.currency, at, texts, only_due=only_due, only_debts=True)
        asked.append(_wanted(conn, row.unit, [row.counterparty], "", (row.currency, at, narrowed, by, at_most)))
    return asked


def _parties(conn: psycopg.Connection[Any], counterparty: Texts, partner: str) -> list[str] | None:
    """Codes; None where nobody was named. Errors: unknown_reference."""
    from setoff.setoffs.queries import counterparties_of

    named = [*(counterparty or []), *(counterparties_of(conn, partner) if partner else [])]
    return list(dict.fromkeys(named)) or None


def _day(said: str, field: str = "date") -> date:
    from setoff.core.errors import DomainError, ErrorCode

    try:
        return date.fromisoformat(said) if said else today()
    except ValueError:
        raise DomainError(ErrorCode.INVALID_DATE, value=said, field=field) from None


def _filter(currency: str, at: date, said: Sequence[str], *, only_due: bool, only_debts: bool) -> Filter:
    """Amounts are in the currency asked for. Errors: unknown_currency, where it is all of them."""
    from setoff.core.money import parse_amount
    from setoff.setoffs.proposal import Filter

    first, last, contract, order, least, most, number = said
    return Filter(
        _day(first, "from") if first else None, _day(last, "to") if last else None, contract, order,
        parse_amount(least, currency) if least else 0, parse_amount(most, currency) if most else 0, at if only_due else None, number,
        only_debts,
    )  # fmt: skip


def _wanted(conn: psycopg.Connection[Any], unit: str, counterparty: Texts, partner: str, said: tuple[Any, ...]) -> Wanted:
    """Errors: unknown_reference, invalid_amount."""
    from setoff.core.money import parse_amount
    from setoff.setoffs.services import Wanted

    currency, at, wanted, by, at_most = said
    parties = tuple(_parties(conn, counterparty, partner) or ())
    return Wanted(unit, parties, currency, at, wanted, by, parse_amount(at_most, currency) if at_most else 0)
