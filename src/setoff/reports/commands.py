"""`setoff report` and `setoff explain`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from contextlib import nullcontext
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from setoff.core.errors import DomainError, ErrorCode

if TYPE_CHECKING:
    from setoff.language import Language
    from setoff.reports.report import Report

Texts = list[str] | None
Codes = Annotated[Texts, typer.Option(help="Code; may be repeated.")]
Currencies = Annotated[Texts, typer.Option(help="Settlement currency; may be repeated.")]


def report(
    name: Annotated[str, typer.Argument(help="turnover-balance, account-analysis, consolidation, card, statement, ageing, "
                                             "reconciliation-act, applied-payments, adjustments, advance-vat, pending-vat, "
                                             "issued-invoices, received-invoices, sales-book, purchase-book, missing-invoices, "
                                             "exchange-differences, journal, postings, orders, bills, payment-calendar, expected-actual, "
                                             "loan-interest, written-off-debts, management-expenses, collection-days, "
                                             "expiring-contracts or contour-difference.", show_default=False)],
    as_of: Annotated[str, typer.Option("--as-of", help="Last day of the report, YYYY-MM-DD. Default: today.")] = "",
    since: Annotated[str, typer.Option("--from", help="First day of the period. Default: from the beginning.")] = "",
    known_at: Annotated[str, typer.Option("--known-at", help="What was known then: an ISO instant, or a day (its end).")] = "",
    contour: Annotated[str, typer.Option(help="reg (books, tax) or mgmt.")] = "",
    organization: Codes = None,
    unit: Codes = None,
    partner: Codes = None,
    counterparty: Codes = None,
    contract: Codes = None,
    account: Annotated[Texts, typer.Option(help="Account code with its sub-accounts; may be repeated.")] = None,
    corresponding: Annotated[Texts, typer.Option(help="Postings: the account on the other side; may be repeated.")] = None,
    currency: Currencies = None,
    kind: Annotated[Texts, typer.Option(help="Document kind; of invoices shipment, advance, correction or corrected; repeatable.")] = None,
    status: Annotated[Texts, typer.Option(help="draft, posted or unposted (journal, adjustments); of invoices posted, "
                                                              "replaced or annulled; may be repeated.")] = None,
    group_by: Annotated[Texts, typer.Option(help="unit, partner, counterparty, contract, object, document.")] = None,
    side: Annotated[str, typer.Option(help="Ageing of what they owe us (receivable) or what we owe (payable).")] = "",
    buckets: Annotated[str, typer.Option(help="Ageing: last days of the buckets, for example 30,60,90.")] = "",
    reserve: Annotated[str, typer.Option(help="Ageing: reserve percents, not due first, for example 0,5,25,50,100.")] = "",
    within: Annotated[str, typer.Option(help="Expiring contracts, payment calendar: so many days ahead. Default: 30.")] = "",
    bank_account: Annotated[Texts, typer.Option(help="Payment calendar: a bank account of ours; may be repeated.")] = None,
    show_internal: Annotated[bool, typer.Option("--show-internal", help="Act: also transfers inside a counterparty.")] = False,
    theirs: Annotated[Path | None, typer.Option(help="Act: file of their lines (CSV, XLSX): date, document, debit, credit.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Difference of contours: also rows that agree.")] = False,
    output_format: Annotated[Literal["table", "json", "jsonl", "csv", "xlsx", "pdf"], typer.Option("--format")] = "table",
    out: Annotated[Path | None, typer.Option(help="File to write instead of the screen.", dir_okay=False)] = None,
) -> None:  # fmt: skip
    """Answer a question: who owes whom, since when, by which document, and what the books say."""
    from setoff.language import default_language
    from setoff.language.zones import today
    from setoff.reports.ask import ask
    from setoff.reports.portions import report_in_parts
    from setoff.site import database

    given: dict[str, list[str]] = {
        "from": [since], "known-at": [known_at], "contour": [contour], "organization": organization or [], "unit": unit or [],
        "partner": partner or [], "counterparty": counterparty or [], "contract": contract or [], "account": account or [],
        "corresponding": corresponding or [], "currency": currency or [], "kind": kind or [], "status": status or [],
        "group-by": group_by or [], "side": [side], "buckets": [buckets], "reserve": [reserve], "within": [within],
        "bank-account": bank_account or [],
        "show-internal": ["yes"] if show_internal else [],
        "theirs": [str(theirs)] if theirs else [], "all": ["yes"] if everything else [],
    }  # fmt: skip
    options = {option: values for option, values in given.items() if any(values)}
    language = default_language()
    as_of = as_of or today().isoformat()
    database.prepare()
    with database.connect() as conn:
        if output_format in ("csv", "xlsx", "jsonl"):
            write_parts(report_in_parts(conn, name, as_of=as_of, options=options, language=language), output_format, out, language)
            return
        found = ask(conn, name, as_of=as_of, options=options, language=language)
    deliver(found, output_format, out, language)


def deliver(found: Report, output_format: str, out: Path | None, language: Language) -> None:
    """To the file, or to the screen."""
    from setoff.language.screen import terminal
    from setoff.reports.files import render_json
    from setoff.reports.table import print_table, render_table

    if output_format in ("csv", "xlsx", "jsonl"):
        write_parts([found], output_format, out, language)
    elif output_format == "pdf":
        from setoff.language.zones import today
        from setoff.reports.pdf import render_pdf

        write_out(render_pdf(found, language, printed=today()), out)
    elif output_format == "table" and out is None:
        print_table(found, language, terminal())
    else:
        render = {"table": render_table, "json": render_json}[output_format]
        write_out(render(found, language).encode(), out)


def write_parts(parts: Iterable[Report], output_format: str, out: Path | None, language: Language) -> None:
    """A report that may be long, piece by piece. A CSV file starts with a byte order mark, so that spreadsheets read it as UTF-8."""
    from setoff.reports.files import csv_pieces, jsonl_pieces, write_xlsx

    if output_format == "xlsx":
        with tempfile.TemporaryFile() as whole:
            write_xlsx(parts, language, whole)
            whole.seek(0)
            _copy(iter(lambda: whole.read(1 << 16), b""), out)
    elif output_format == "csv":
        _copy(chain([b"\xef\xbb\xbf"] if out else [], csv_pieces(parts, language)), out)
    else:
        _copy(jsonl_pieces(parts, language), out)


def _copy(pieces: Iterable[bytes], out: Path | None) -> None:
    with out.open("wb") if out else nullcontext(sys.stdout.buffer) as file:
        for piece in pieces:
            file.write(piece)
        file.flush()


def write_out(content: bytes, out: Path | None) -> None:
    """To the file, or to standard output."""
    if out:
        out.write_bytes(content)
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()


def explain(
    document: Annotated[str, typer.Argument(help="Key or number of the document.", show_default=False)],
    output_format: Annotated[Literal["text", "json", "pdf"], typer.Option("--format")] = "text",
    out: Annotated[Path | None, typer.Option(help="File to write instead of the screen (pdf).", dir_okay=False)] = None,
) -> None:
    """Tell why each amount of a document went where it did, what moved it later, and its history; as PDF: the document to print."""
    from setoff.language import default_language
    from setoff.reports.explain import explain as explanations
    from setoff.reports.explain import explanation_text, explanations_json
    from setoff.site import database

    database.prepare()
    with database.connect() as conn:
        found = explanations(conn, document)
        if output_format == "pdf":
            from setoff.language.zones import today
            from setoff.reports.document_paper import render_document

            write_out(render_document(conn, found[0].document.id, default_language(), printed=today()), out)
            return
    if output_format == "json":
        typer.echo(explanations_json(found), nl=False)
    else:
        typer.echo("\n".join(explanation_text(explanation, default_language()) for explanation in found), nl=False)


def paper(
    document: Annotated[str, typer.Argument(help="Key of the document.", show_default=False)],
    paper_language: Annotated[Literal["", "en", "ru", "zh"], typer.Option("--language", help="Default: the partner's.")] = "",
    out: Annotated[Path | None, typer.Option(help="File to write instead of the screen.", dir_okay=False)] = None,
) -> None:
    """The PDF that parties sign or receive: of a set-off, posted or a draft, the act or the notice; of any other document its print."""
    from setoff.language import default_language, language_of
    from setoff.language.zones import today
    from setoff.reports.paper import render_paper
    from setoff.settlements.document_queries import document_of_key
    from setoff.site import database

    database.prepare()
    with database.connect() as conn:
        found = document_of_key(conn, document)
        if found is None:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="document", value=document)
        language = language_of(paper_language) if paper_language else None
        write_out(render_paper(conn, found.id, default_language(), printed=today(), language=language), out)
