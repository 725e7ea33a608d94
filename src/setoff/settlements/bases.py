"""Corrections and their base: a correction takes party, contract and object from its base, so it is stated again when that changes."""

from __future__ import annotations

from typing import Any, Final

import psycopg

from setoff.core.errors import DomainError, ErrorCode
from setoff.settlements.edits import StaleDocument
from setoff.trade.directory import Directory
from setoff.trade.documents import AnyDocument, Correction, Purchase, Return, Sale
from setoff.trade.queries import add_documents, decode_document

FOLLOWERS_SQL = """
  select document.key from corrections_naming(%s) said
  join document on document.unit_id = said.unit_id and document.id = said.document_id and document.posted_version_id = said.version_id
  where document.key <> %s order by document.moment"""
OF_THE_BOOKS: Final = (ErrorCode.PERIOD_CLOSED, ErrorCode.CONFLICT_WITH_LATER_TARGET, ErrorCode.BASE_IN_USE)
"""Refusals that tell by themselves which documents they are about."""


def base_named(document: AnyDocument) -> str:
    """The key of the base a document corrects, "" for any other document."""
    return document.base if isinstance(document, Correction | Return) else ""


def check_base_stands(conn: psycopg.Connection[Any], document: AnyDocument, directory: Directory) -> None:
    """Under the locks of a correction: start again unless its base, and what corrects it, is as the rules saw it."""
    base = base_named(document)
    fresh = Directory()
    add_documents(conn, fresh, [base] if base else [])
    if fresh.documents.get(base) != (directory.documents.get(base) if base else None):
        raise StaleDocument


def followers(conn: psycopg.Connection[Any], document: AnyDocument, content_before: str) -> list[str]:
    """Keys of the posted documents whose rules look at this one: the corrections of a supply; of a correction those of the same
    base, which share its amount."""
    if isinstance(document, Sale | Purchase):
        bases = {document.key}
    else:
        bases = {base_named(document), base_named(decode_document(content_before))} - {""}
    if not bases:
        return []
    return [key for (key,) in conn.execute(FOLLOWERS_SQL, [sorted(bases), document.key])]


def refused_follower(number: str, follower: str, refusal: DomainError) -> DomainError:
    """Why a document may not be changed: what a correction of it would be refused for."""
    if refusal.code in OF_THE_BOOKS:
        return refusal
    return DomainError(ErrorCode.BASE_IN_USE, base=number, correction=follower, reason=refusal.code.value)
