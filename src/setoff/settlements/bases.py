"""Documents that follow another one: a correction takes party, contract and object from its base, a reversal undoes what an adjustment did;
so they are stated again when that changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import psycopg

from setoff.core.errors import DomainError, ErrorCode
from setoff.settlements.edits import StaleDocument
from setoff.trade.directory import Directory
from setoff.trade.documents import AdvanceOffset, AnyDocument, Correction, DebtAdjustment, Purchase, Return, Sale
from setoff.trade.kinds import REVERSIBLE
from setoff.trade.queries import add_documents, decode_document

REVERSALS_SQL = """
  select document.key from reversals_naming(%s) said
  join document on document.unit_id = said.unit_id and document.id = said.document_id and document.posted_version_id = said.version_id
  where document.key <> %s order by document.moment"""
ADJUSTED_SQL = "select key from document where id = any(%s) and kind = any(%s) and key <> %s"
FOLLOWERS_SQL = """
  select document.key from corrections_naming(%s) said
  join document on document.unit_id = said.unit_id and document.id = said.document_id and document.posted_version_id = said.version_id
  where document.key <> %s order by document.moment"""
OF_THE_BOOKS: Final = (ErrorCode.PERIOD_CLOSED, ErrorCode.CONFLICT_WITH_LATER_TARGET, ErrorCode.BASE_IN_USE)
"""Refusals that tell by themselves which documents they are about."""


def base_named(document: AnyDocument) -> str:
    """The key of what a document corrects or reverses, "" for any other document."""
    if isinstance(document, DebtAdjustment | AdvanceOffset):
        return document.reverses
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
    base, which share its amount; the reversal of an adjustment."""
    if isinstance(document, DebtAdjustment | AdvanceOffset):
        return [key for (key,) in conn.execute(REVERSALS_SQL, [[document.key], document.key])]
    if isinstance(document, Sale | Purchase):
        bases = {document.key}
    else:
        bases = {base_named(document), base_named(decode_document(content_before))} - {""}
    if not bases:
        return []
    return [key for (key,) in conn.execute(FOLLOWERS_SQL, [sorted(bases), document.key])]


def reversals_touched(conn: psycopg.Connection[Any], document_ids: Iterable[int], key: str) -> list[str]:
    """Keys of the posted reversals of adjustments among these documents, whose allocations changed; but not of that of `key`."""
    ids = sorted(set(document_ids))
    adjusted = [found for (found,) in conn.execute(ADJUSTED_SQL, [ids, sorted(REVERSIBLE), key])] if ids else []
    return [found for (found,) in conn.execute(REVERSALS_SQL, [adjusted, key])] if adjusted else []


def refused_follower(number: str, follower: str, refusal: DomainError) -> DomainError:
    """Why a document may not be changed: what a correction of it would be refused for."""
    if refusal.code in OF_THE_BOOKS:
        return refusal
    return DomainError(ErrorCode.BASE_IN_USE, base=number, correction=follower, reason=refusal.code.value)
