"""Other documents as a rule sees them: what a base or a target says of its party, contract and object.

The content of a named document is decoded no further than needed. Errors: unknown_reference (the base of a named correction).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

import msgspec

from setoff.core.fact import Node
from setoff.trade.directory import Directory, DocumentRef
from setoff.trade.fields import found
from setoff.trade.kinds import REVERSIBLE
from setoff.trade.objects import Paper


class _Row(msgspec.Struct, gc=False, frozen=True):
    counterparty: str = ""
    contract: str = ""
    agreement: str = ""
    order: str = ""


class _Content(msgspec.Struct, gc=False):
    """The fields that say where a document's lots are; whatever else it holds is skipped."""

    counterparty: str = ""
    contract: str = ""
    agreement: str = ""
    order: str = ""
    base: str = ""
    document: str = ""
    kind: str = ""
    rows: list[_Row] = []
    receiver: _Row = _Row()
    reverses: str = ""


class _ManualSide(msgspec.Struct, gc=False):
    counterparty: str = ""
    contract: str = ""
    order: str = ""


class _ManualRow(msgspec.Struct, gc=False):
    debit: _ManualSide
    credit: _ManualSide


class _Manual(msgspec.Struct, gc=False):
    rows: list[_ManualRow]


_content: Final = msgspec.json.Decoder(_Content)
_manual: Final = msgspec.json.Decoder(_Manual)


class Whereabouts(NamedTuple):
    """Where the lots of a document are. `None` in a code: the document has several, or none of its own; the fold decides."""

    paper: Paper
    counterparty: str | None
    contract: str | None
    agreement: str | None


def whereabouts(ref: DocumentRef, line: int, directory: Directory) -> Whereabouts:
    """Of the lots that line `line` of a document opened (0 = any). A correction's are where those of its base are."""
    if ref.kind in REVERSIBLE and _content.decode(ref.content).reverses:
        return _of_reversal(ref, line)
    return _whereabouts(ref.id, ref.kind, ref.content, line) or whereabouts(
        found(directory.documents, "document", base_of(ref.content), "base"), 0, directory
    )


def base_of(content: bytes) -> str:
    """The key of the base a document names, "" without one."""
    return _content.decode(content).base


@lru_cache(maxsize=1 << 12)
def _whereabouts(document_id: int, kind: str, content: bytes, line: int) -> Whereabouts | None:
    """None for a correction of a base."""
    if kind == "manual_entry":
        return _of_manual(document_id, _manual.decode(content))
    said = _content.decode(content)
    if said.base:
        return None
    if kind == "debt_transfer":
        return Whereabouts(Paper(document_id, said.receiver.order), *_party(said.receiver))
    if kind in REVERSIBLE - {"debt_accrual", "advance_offset"}:
        parties, contracts = [row.counterparty for row in said.rows], [row.contract for row in said.rows]
        return Whereabouts(Paper(document_id), _only(parties), _only(contracts), None)
    if kind.startswith("opening_") or kind == "debt_accrual":
        return _of_opening(document_id, kind, said, line)
    if said.rows:
        return Whereabouts(
            Paper(document_id, _only([row.order or said.order for row in said.rows]) or "", stays_apart=True),
            said.counterparty,
            _only([row.contract or said.contract for row in said.rows]),
            said.agreement,
        )
    moved = kind == "advance_offset" and not said.document
    paper = Paper(document_id, said.order, stays_apart=bool(said.kind), is_advance=moved)  # of these only payments have a kind
    return Whereabouts(paper, said.counterparty, said.contract, said.agreement)


def _of_opening(document_id: int, kind: str, said: _Content, line: int) -> Whereabouts:
    line = line or (1 if len(said.rows) == 1 else 0)
    if not 0 < line <= len(said.rows):
        return Whereabouts(Paper(document_id, line=line, stays_apart=kind.endswith("_advances")), None, None, None)
    row = said.rows[line - 1]
    paper = Paper(document_id, row.order, line, kind.endswith("_advances"))
    return Whereabouts(paper, row.counterparty, row.contract, row.agreement)


def _party(row: _Row) -> tuple[str, str, str]:
    return row.counterparty, row.contract, row.agreement


def _of_reversal(ref: DocumentRef, line: int) -> Whereabouts:
    """What a reversal owes again is where the lots were that its original had settled."""
    papers = {_paper_of(ref.id, part.node) for part in ref.done if not part.lot_document_id and line in (0, part.line)}
    return Whereabouts(papers.pop() if len(papers) == 1 else Paper(ref.id), None, None, None)


def _paper_of(document_id: int, node: Node) -> Paper:
    """The paper that makes the objects of a node again."""
    order, line = "", "0"
    for name in (node.reg_object, node.object):
        what, _, rest = name.partition(":")
        if what == "order":
            order = rest
        elif what == "document":
            number, _, line = rest.partition("/")
            document_id = int(number)
    return Paper(document_id, order, int(line or 0), bool(node.object))


def _of_manual(document_id: int, said: _Manual) -> Whereabouts:
    sides = [side for row in said.rows for side in (row.debit, row.credit) if side.counterparty]
    return Whereabouts(
        Paper(document_id, _only([side.order for side in sides]) or ""),
        _only([side.counterparty for side in sides]),
        _only([side.contract for side in sides]),
        "",
    )


def _only(codes: list[str]) -> str | None:
    """The code that all have, None when they differ."""
    return codes[0] if codes and len(set(codes)) == 1 else None
