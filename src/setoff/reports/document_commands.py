"""`setoff documents`: the list of documents with the filters of its page, on the screen or as a file of any length."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from setoff.reports.commands import Codes, Texts


def documents(
    words: Annotated[str, typer.Option(help="A number or key, or how one begins, or words of the comment.")] = "",
    since: Annotated[str, typer.Option("--from", help="First day, YYYY-MM-DD.")] = "",
    until: Annotated[str, typer.Option("--to", help="Last day, YYYY-MM-DD.")] = "",
    kind: Annotated[Texts, typer.Option(help="Document kind; may be repeated.")] = None,
    state: Annotated[Texts, typer.Option(help="draft, posted, unposted or marked; may be repeated.")] = None,
    counterparty: Codes = None,
    contract: Codes = None,
    unit: Codes = None,
    currency: Annotated[Texts, typer.Option(help="May be repeated.")] = None,
    amount_from: Annotated[str, typer.Option("--amount-from", help="In the currency of each document.")] = "",
    amount_to: Annotated[str, typer.Option("--amount-to", help="In the currency of each document.")] = "",
    author: Annotated[Texts, typer.Option(help="Who stated it last; may be repeated.")] = None,
    by: Annotated[Literal["date", "amount"], typer.Option("--by", help="Order of the list.")] = "date",
    ascending: Annotated[bool, typer.Option("--ascending", help="Oldest or smallest first.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Rows on the screen; files have everything.")] = 50,
    output_format: Annotated[Literal["table", "jsonl", "csv", "xlsx", "pdf"], typer.Option("--format")] = "table",
    out: Annotated[Path | None, typer.Option(help="File to write instead of the screen.", dir_okay=False)] = None,
) -> None:  # fmt: skip
    """List documents by any filter, with totals over the whole of it."""
    from setoff.core.errors import DomainError, ErrorCode
    from setoff.core.money import parse_decimal
    from setoff.language import default_language
    from setoff.language.zones import today
    from setoff.reports.ask import parse_day, question_of
    from setoff.reports.commands import deliver, write_parts
    from setoff.reports.documents import documents_report
    from setoff.reports.portions import documents_in_parts, joined
    from setoff.reports.registry import definition_of
    from setoff.settlements.document_list import STATES, DocumentFilter, Sort, document_totals, documents_page
    from setoff.site import database

    for said in state or ():
        if said not in STATES:
            raise DomainError(ErrorCode.INVALID_VALUE, field="state", value=said, expected=", ".join(STATES))
    given = {"kind": kind, "counterparty": counterparty, "contract": contract, "unit": unit, "currency": currency}
    options = {name: values for name, values in given.items() if values}
    typed = {**options, "q": [words], "state": state or [], "author": author or [], "amount-from": [amount_from], "amount-to": [amount_to]}
    names = [(name, tuple(values)) for name, values in typed.items() if any(values)]
    language, sort = default_language(), Sort(by, not ascending)
    database.prepare()
    with database.connect() as conn:
        question = question_of(conn, definition_of("journal"), as_of=until or today().isoformat(), options=options)
        scope = question.scope
        wanted = DocumentFilter(
            scope.units, parse_day(since, "from") if since else None, parse_day(until, "to") if until else None, question.kinds,
            tuple(state or ()), scope.counterparties, scope.contracts, scope.currencies,
            parse_decimal(amount_from, "amount-from") if amount_from else None,
            parse_decimal(amount_to, "amount-to") if amount_to else None, tuple(author or ()), words.strip(),
        )  # fmt: skip
        if output_format == "table":
            page = documents_page(conn, wanted, sort, limit=limit)
            found = documents_report(page.rows, document_totals(conn, wanted), wanted, question.as_of, names, language)
            deliver(found, output_format, out, language)
        elif output_format == "pdf":
            deliver(joined(documents_in_parts(conn, wanted, sort, question.as_of, names, language)), output_format, out, language)
        else:
            write_parts(documents_in_parts(conn, wanted, sort, question.as_of, names, language), output_format, out, language)
