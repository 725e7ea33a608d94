"""An act of reconciliation on paper, in the language of the partner.

Russian: the classic act of two halves, «По данным …», debit and credit of each side, what is owed in figures and in words, signatures
of both. Chinese: 往来对账函, a letter to the partner with a slip to be returned. English: a statement of account with a running balance
and the same slip. Where their side is known every language has two halves, with lines that differ shaded and listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from setoff.books.scope import Scope
from setoff.core.money import Money
from setoff.language import Language, date_text, language_of, money_text, text
from setoff.reports.act import ACT_COLUMNS, BOTH_COLUMNS, ActRow, BothRow, act_section, with_theirs
from setoff.reports.cells import term_text, undated_text
from setoff.reports.in_words import amount_in_words
from setoff.reports.pdf import PADDING, foot, letters
from setoff.reports.report import Question, Report, Section
from setoff.reports.typesetting import typeset
from setoff.settlements.act_queries import Act

SIZE_TENTHS: Final = 85
PORTRAIT: Final = 515
LANDSCAPE: Final = 762
DOCUMENT_LEAST: Final = 84
"""Points that the name of a document needs; a half with less makes the page turn."""


def act_report(act: Act) -> Report:
    """The act as a report, for the screen and files."""
    names = (("unit", (act.unit,)), ("counterparty", (act.counterparty_code,)))
    scope = Scope((act.unit_id,), (act.counterparty_id,))
    question = Question(as_of=act.last_day, scope=scope, since=act.first_day, names=names, organizations=(act.organization,))
    columns = ACT_COLUMNS if act.their_lines is None else BOTH_COLUMNS
    return Report("reconciliation-act", question, columns, [_section(act)])


def render_act(act: Act, *, printed: date, language: Language | None = None) -> bytes:
    """The PDF, in the language of the counterparty unless another is asked for."""
    chosen = language or language_of(act.language)
    section = _section(act)
    is_halves = chosen == "ru" or act.their_lines is not None
    tables = _halves(section, act, chosen) if is_halves else _statement(section, act, chosen)
    title = text(chosen, "act-title")
    data = {
        "title": title,
        "author": act.organization,
        "centred": chosen != "en",
        "under": _under(act, chosen),
        "intro": text(chosen, "act-intro"),
        **tables,
        **_fitted(tables),
        "sentences": _sentences(act, chosen),
        "differences_title": text(chosen, "act-differences"),
        "differences": _differences(section, act, chosen),
        "slip": _lines(text(chosen, "act-slip")),
        "signatures": _signatures(act, chosen),
        **foot(chosen, printed, running=f"{act.organization} – {act.counterparty}"),
        "size_tenths": SIZE_TENTHS,
    }
    return typeset("act", data, chosen, printed=printed)


def _section(act: Act) -> Section:
    part = (act.organization, act.counterparty, act.contract, act.currency)
    section = act_section(part, act.last_day, act.our_lines, (act.our_opening, act.our_closing))
    if act.their_lines is None or act.their_opening is None:
        return section
    return with_theirs(section, part, act.last_day, act.their_lines, act.their_opening)


def _halves(section: Section, act: Act, language: Language) -> dict[str, Any]:
    """Two halves of four columns; without their side theirs is empty, for a pen."""
    heads = [text(language, f"column-{name}") for name in ("date", "document", "debit", "credit")]
    rows = [_halves_row(row, act, language) for row in section.rows]
    return {
        "sides": [text(language, "act-side", name=name, currency=act.currency) for name in (act.organization, act.counterparty)],
        "columns": heads * 2,
        "numeric": [False, False, True, True] * 2,
        "labels": [0, 4],
        "opening": [_halves_balance("opening", total.row, act, language) for total in section.opening],
        "rows": rows,
        "totals": [_halves_balance(total.label, total.row, act, language) for total in section.totals],
    }


def _halves_row(row: ActRow | BothRow, act: Act, language: Language) -> dict[str, Any]:
    ours = [_day(row.date, language), undated_text(row.document, language) if row.document.key else "", *_amounts(row, act, language)]
    if isinstance(row, ActRow):
        return {"kind": "row", "marked": False, "cells": [*ours, "", "", "", ""]}
    theirs = [_day(row.their_date, language), row.their_document, *_their_amounts(row, act, language)]
    return {"kind": "row", "marked": bool(row.mark) and row.mark != "date-differs", "cells": [*ours, *theirs]}


def _halves_balance(label: str, row: ActRow | BothRow, act: Act, language: Language) -> dict[str, Any]:
    said = text(language, f"total-{label}")
    theirs = _their_amounts(row, act, language) if isinstance(row, BothRow) else ["", ""]
    return {"kind": "total", "marked": False, "cells": [said, "", *_amounts(row, act, language), said, "", *theirs]}


def _statement(section: Section, act: Act, language: Language) -> dict[str, Any]:
    """Our side with the balance after each line."""
    balance = act.our_opening
    rows = []
    for row in section.rows:
        balance += row.debit - row.credit
        cells = [_day(row.date, language), undated_text(row.document, language), *_amounts(row, act, language)]
        rows.append({"kind": "row", "marked": False, "cells": [*cells, money_text(language, balance, act.currency)]})
    heads = [text(language, f"column-{name}") for name in ("date", "document", "debit", "credit", "balance")]
    balances = {"opening": act.our_opening, "closing": act.our_closing}
    return {
        "sides": [],
        "columns": heads,
        "numeric": [False, False, True, True, True],
        "labels": [0],
        "opening": [_statement_balance("opening", ["", "", money_text(language, act.our_opening, act.currency)], language)],
        "rows": rows,
        "totals": [
            _statement_balance(
                total.label,
                ["", "", money_text(language, balances["closing"], act.currency)] if total.label == "closing"
                else [*_amounts(total.row, act, language), ""],
                language,
            )
            for total in section.totals
        ],
    }  # fmt: skip


def _statement_balance(label: str, amounts: list[str], language: Language) -> dict[str, Any]:
    return {"kind": "total", "marked": False, "cells": [text(language, f"total-{label}"), "", *amounts]}


def _amounts(row: ActRow | BothRow, act: Act, language: Language) -> list[str]:
    return [money_text(language, amount, act.currency) if amount else "" for amount in (row.debit, row.credit)]


def _their_amounts(row: BothRow, act: Act, language: Language) -> list[str]:
    return [money_text(language, amount, act.currency) if amount else "" for amount in (row.their_debit, row.their_credit)]


def _fitted(tables: dict[str, Any]) -> dict[str, Any]:
    """Widths in points: dates and amounts what they need, the documents the rest; the page is turned when that is too little. A half
    that is left for a pen is as wide as ours."""
    lines = [row["cells"] for row in (*tables["opening"], *tables["rows"], *tables["totals"])]
    columns = tables["columns"]
    documents = [place + 1 for place in tables["labels"]]
    needed = []
    for place, head in enumerate(columns):
        cells = [head] if place in tables["labels"] else [head, *(cells[place] for cells in lines)]
        dates = [row["cells"][place] for row in tables["rows"]] if place in tables["labels"] else []
        widest = max(map(letters, [*cells, *dates])) * SIZE_TENTHS * 106 // 100_000
        needed.append(0 if place in documents else widest + PADDING + 1)
    half = len(columns) // 2
    if tables["sides"] and not any(cell for row in tables["rows"] for cell in row["cells"][half:]):
        needed[half:] = needed[:half]
    landscape = PORTRAIT - sum(needed) < DOCUMENT_LEAST * len(documents)
    room = (LANDSCAPE if landscape else PORTRAIT) - sum(needed)
    widths = [room // len(documents) if place in documents else width for place, width in enumerate(needed)]
    return {"landscape": landscape, "widths": widths}


def _under(act: Act, language: Language) -> list[str]:
    """Below the title: the period, the parties, the contract."""
    period = "act-period" if act.first_day else "act-as-of"
    lines = [
        text(language, "act-number", number=str(act.id)),
        text(language, period, first=act.first_day, last=act.last_day),
        *_lines(text(language, "act-between", **_parties(act))),
    ]
    if act.contract:
        contract = "act-contract" if act.contract_date else "act-contract-undated"
        lines.append(text(language, contract, contract=act.contract, day=act.contract_date))
    return lines


def _parties(act: Act) -> dict[str, str]:
    return {
        "organization": act.organization, "organization_tax": act.organization_tax_id, "counterparty": act.counterparty,
        "counterparty_tax": act.counterparty_tax_id,
    }  # fmt: skip


def _sentences(act: Act, language: Language) -> list[str]:
    """What is owed by our books, and by theirs."""
    found = [_owed(act, act.organization, act.our_closing, language)]
    if act.their_closing is not None:
        found.append(_owed(act, act.counterparty, -act.their_closing, language))
    return found


def _owed(act: Act, side: str, closing: int, language: Language) -> str:
    """By the books of `side`; `closing`: + the counterparty owes the organization."""
    facts = {"side": side, "day": act.last_day}
    if not closing:
        return text(language, "act-nothing", **facts)
    debtor, creditor = (act.counterparty, act.organization) if closing > 0 else (act.organization, act.counterparty)
    words = amount_in_words(abs(closing), act.currency, language)
    return text(language, "act-owed", debtor=debtor, creditor=creditor, amount=Money(abs(closing), act.currency), words=words, **facts)


def _differences(section: Section, act: Act, language: Language) -> list[str]:
    """A line for every row with a mark that changes what is owed, and for the opening balance."""
    if act.their_lines is None:
        return []
    opening = section.opening[0].row.difference
    found = [("opening", text(language, "total-opening"), opening)] if opening else []
    for row in section.rows:
        if row.mark and row.difference:
            name = undated_text(row.document, language) if row.document.key else row.their_document
            said = f"{_day(row.date or row.their_date, language)} {name}"
            found.append((term_text("act-mark", row.mark, language), said, row.difference))
    return [
        text(language, f"act-{'opening-' if mark == 'opening' else ''}differs", name=name, mark=mark, amount=Money(amount, act.currency))
        for mark, name, amount in found
    ]


def _signatures(act: Act, language: Language) -> list[dict[str, Any]]:
    blanks: Sequence[str] = _lines(text(language, "act-blanks"))
    return [
        {"name": text(language, "act-for", name=name), "blanks": blanks, "seal": "".join(_lines(text(language, "act-seal")))}
        for name in (act.organization, act.counterparty)
    ]


def _lines(said: str) -> list[str]:
    """The lines of a text of ours; one that is "-" is none."""
    return [line.strip() for line in said.splitlines() if line.strip() not in ("", "-")]


def _day(day: date | None, language: Language) -> str:
    return date_text(language, day) if day else ""
