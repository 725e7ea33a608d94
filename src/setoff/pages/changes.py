"""The diff of an edit for a page: what changes, document by document, before and after (spec 1.10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.core.money import Money
from setoff.language import Language, text
from setoff.reports.cells import document_text
from setoff.reports.report import DocumentName
from setoff.settlements.diff import Change, document_names
from setoff.settlements.telling import ToldChange, tell_changes

SHOWN_MAX: Final = 50
"""Documents whose changes a preview of many shows; all are counted."""


class ChangeLine(NamedTuple):
    """What about a document changes; `contour` in words, "both" where it is the same in both. None: it was or will be absent."""

    contour: str
    subject: str
    before: Money | None
    after: Money | None


class ChangedDocument(NamedTuple):
    id: int
    name: str
    lines: list[ChangeLine]


def first_changed(conn: Connection[Any], changes: Sequence[Change], language: Language) -> tuple[list[ChangedDocument], int]:
    """The changes of the first documents, and of how many there are some."""
    ids = list(dict.fromkeys(change.document_id for change in changes))
    shown = set(ids[:SHOWN_MAX])
    return changed_documents(conn, [change for change in changes if change.document_id in shown], language), len(ids)


def changed_documents(conn: Connection[Any], changes: Sequence[Change], language: Language, first: int = 0) -> list[ChangedDocument]:
    """Changes by document: the edited one (`first`) before the others, which stand in the total order."""
    names = document_names(conn, [change.document_id for change in changes])
    lines: dict[int, dict[ToldChange, list[str]]] = {}
    for change, told in zip(changes, tell_changes(conn, changes, language), strict=True):
        lines.setdefault(change.document_id, {}).setdefault(told._replace(contour=""), []).append(told.contour)
    order = sorted(lines, key=lambda document_id: document_id != first)
    return [ChangedDocument(number, _name(names[number], language), _lines(lines[number], language)) for number in order]


def _name(name: Any, language: Language) -> str:
    return document_text(DocumentName(name.key, name.kind, name.number, name.date), language)


def _lines(told: dict[ToldChange, list[str]], language: Language) -> list[ChangeLine]:
    return [
        ChangeLine(
            text(language, f"contour-{contours[0]}" if len(contours) == 1 else "change-both"), line.subject,
            line.before if line.before.amount_minor else None, line.after if line.after.amount_minor else None,
        )
        for line, contours in told.items()
    ]  # fmt: skip
