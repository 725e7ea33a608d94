"""`setoff check-set-off`: what to know of a set-off before it is posted. `setoff receive-notice`: when a notice of it arrived."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from setoff.access.commands import acting
from setoff.settlements.commands import What, document_of

if TYPE_CHECKING:
    from setoff.language import Language
    from setoff.setoffs.precheck import Checked


def check_set_off(
    what: What, output_format: Annotated[Literal["table", "json"], typer.Option("--format", help="Lines or JSON.")] = "table"
) -> None:
    """Tell what to know of a set-off before it is posted: since when it works, legal warnings, papers that lack. Nothing is refused."""
    from setoff.core.errors import DomainError, ErrorCode
    from setoff.language import default_language
    from setoff.setoffs.precheck import checked
    from setoff.settlements.services import known_document
    from setoff.trade.documents import DebtAdjustment
    from setoff.trade.kinds import kind_of
    from setoff.trade.queries import decode_document

    document = document_of(what)
    with acting() as (conn, _actor, rights):
        if document is None:
            document = decode_document(known_document(conn, what).content)
        if not isinstance(document, DebtAdjustment):
            raise DomainError(ErrorCode.INVALID_VALUE, field="type", value=kind_of(document), expected="debt_adjustment")
        rights.require("read", document.unit)
        found = checked(conn, document)
    if output_format == "json":
        typer.echo(json.dumps(_facts(found), default=str, ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(_lines(found, default_language())))


def receive_notice(
    key: Annotated[str, typer.Argument(help="Key of the posted one-sided set-off.")],
    received: Annotated[str, typer.Argument(help="Day on which the other side received the notice, YYYY-MM-DD.")],
) -> None:
    """Note when the notice of a one-sided set-off was received; its period may be closed by then."""
    from setoff.language import default_language, text
    from setoff.settlements.notices import note_receipt
    from setoff.settlements.services import known_document
    from setoff.trade.fields import day_of

    day = day_of(received, "received")
    with acting() as (conn, actor, rights):
        rights.require("post", known_document(conn, key).row.unit_id)
        is_new = note_receipt(conn, key, day, actor)
    typer.echo(text(default_language(), "notice-noted" if is_new else "notice-known", day=day))


def _lines(found: Checked, language: Language) -> list[str]:
    from setoff.language import date_text, text
    from setoff.setoffs.warnings import warning_text

    day = date_text(language, found.effect.day) if found.effect.day else ""
    lines = [text(language, found.effect.text_key, day=day)]
    lines += [warning_text(language, warned) for warned in found.warnings]
    if found.absent:
        absent = ", ".join(text(language, f"set-off-absent-{name}") for name in found.absent)
        lines.append(f"{text(language, 'set-off-absent')}: {absent}")
    return lines + [text(language, paper.text_key, name=paper.name) for paper in found.doubts]


def _facts(found: Checked) -> dict[str, Any]:
    rows = {"warnings": [one._asdict() for one in found.warnings], "papers": [one._asdict() for one in found.doubts]}
    return {"effect": found.effect._asdict(), "absent": found.absent, **rows}
