"""Documents that follow another one: a correction takes party, contract, object and rate from its base, a reversal undoes what an
adjustment did, an advance in foreign currency that is moved keeps its value; so they are stated again when that changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import psycopg

from setoff.core.errors import DomainError, ErrorCode
from setoff.settlements.edits import StaleDocument
from setoff.settlements.stored import Stored
from setoff.trade.directory import Directory
from setoff.trade.documents import (
    AdvanceOffset,
    AnyDocument,
    Correction,
    DebtAdjustment,
    OpeningBalance,
    Payment,
    Purchase,
    Return,
    Sale,
)
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
CARRIED_SQL = """
  select key from (
    select distinct document.key, document.moment from unnest(%s::int8[]) own(key_id)
    join allocation on allocation.key_id = own.key_id and allocation.lot_document_id = %s
    join document on document.unit_id = allocation.unit_id and document.id = allocation.document_id
    where document.kind in ('debt_transfer', 'advance_offset') and document.status = 'posted' and document.key <> %s) carried
  order by moment"""
OF_THE_BOOKS: Final = (ErrorCode.PERIOD_CLOSED, ErrorCode.CONFLICT_WITH_LATER_TARGET, ErrorCode.BASE_IN_USE)
"""Refusals that tell by themselves which documents they are about."""


def base_named(document: AnyDocument) -> str:
    """The key of what a document corrects or reverses, "" for any other document."""
    if isinstance(document, DebtAdjustment | AdvanceOffset):
        return document.reverses
    return document.base if isinstance(document, Correction | Return) else ""


def looked_at(document: AnyDocument) -> list[str]:
    """Keys of the documents by which its rules state it: its base, the advances that it moves."""
    if isinstance(document, AdvanceOffset) and document.advance:
        return [document.advance]
    if isinstance(document, DebtAdjustment) and document.kind == "transfer" and not document.reverses:
        return sorted({row.document for row in document.rows} - {""})
    base = base_named(document)
    return [base] if base else []


def check_base_stands(conn: psycopg.Connection[Any], document: AnyDocument, directory: Directory) -> None:
    """Under the locks of a document that follows others: start again unless these, and what corrects them, are as the rules saw them."""
    keys = looked_at(document)
    fresh = Directory()
    add_documents(conn, fresh, keys)
    if any(fresh.documents.get(key) != directory.documents.get(key) for key in keys):
        raise StaleDocument


def leads(document: AnyDocument, action: str) -> bool:
    """Whether others follow it after this action. Corrections that follow their base are followed by nothing: so are the others of it."""
    return action != "follow" or not isinstance(document, Correction | Return)


def followers(conn: psycopg.Connection[Any], document: AnyDocument, before: Stored) -> list[str]:
    """Keys of the posted documents whose rules look at this one: the corrections of a supply; of a correction those of the same
    base, which share its amount; the reversal of an adjustment; what moved an advance that it opened."""
    if isinstance(document, DebtAdjustment | AdvanceOffset):
        found = [key for (key,) in conn.execute(REVERSALS_SQL, [[document.key], document.key])]
        return [*found, *(key for key in carriers(conn, before) if key not in found)]
    if isinstance(document, Payment | OpeningBalance):
        return carriers(conn, before)
    if isinstance(document, Sale | Purchase):
        bases = {document.key}
    else:
        bases = {base_named(document), base_named(decode_document(before.content))} - {""}
    if not bases:
        return []
    return [key for (key,) in conn.execute(FOLLOWERS_SQL, [sorted(bases), document.key])]


def carriers(conn: psycopg.Connection[Any], before: Stored) -> list[str]:
    """Keys of the transfers and offsets that used what this document opened, in their order."""
    keys = sorted({key_id for pair in before.keys for key_id in pair if key_id is not None})
    return [key for (key,) in conn.execute(CARRIED_SQL, [keys, before.row.id, before.row.key])] if keys else []


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
