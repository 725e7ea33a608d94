"""Reads of rounds: one or many, parties, debts, positions, documents.

A round is seen, and worked on, by who has the right in every unit of it: it shows what all of them owe, and its documents stand in all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from psycopg import Connection
from psycopg.rows import args_row

from setoff.access.rights import Right, Rights
from setoff.clearing.rounds.records import Lot, Obligation, Options, Party, Position, Round, RoundDocument
from setoff.core.errors import DomainError, ErrorCode

ROUND_SQL: Final = """
  select r.id, r.code, r.units, (select array_agg(unit.code order by unit.code) from unit where unit.id = any(r.units)), r.as_of, r.law,
         r.options::text, r.status, r.solved, coalesce(encode(r.input_hash, 'hex'), ''), coalesce(encode(r.result_hash, 'hex'), ''),
         r.posted_on, r.effect_on, r.effect_basis, r.reversed_on, r.author, r.opened_at
  from clearing_round r"""
PARTIES_SQL: Final = """
  select no, code, name, tax_id, kpp, language, unit_id, consent, consent_by, consent_on, consent_to
  from round_party where round_id = %s order by no"""
OBLIGATIONS_SQL: Final = """
  select no, debtor, creditor, currency, amount, number, date, due, file, reference,
         creditor_unit_id, creditor_document_id, creditor_line, debtor_unit_id, debtor_document_id, debtor_line,
         creditor_confirmed, debtor_confirmed, barred, barred_because, cleared
  from round_obligation where round_id = %s order by no"""
POSITIONS_SQL: Final = """
  select party, currency, level, owes, owed, cleared from round_position where round_id = %s order by currency, party"""
DOCUMENTS_SQL: Final = """
  select unit.code, r.currency, r.is_reversal, r.document_id, d.key, d.number, d.status, r.amount
  from round_document r join unit on unit.id = r.unit_id join document d on d.unit_id = r.unit_id and d.id = r.document_id
  where r.round_id = %s order by r.is_reversal, unit.code, r.currency"""


def rounds(conn: Connection[Any], *, limit: int = 200) -> list[Round]:
    """The newest first."""
    return [_round(row) for row in conn.execute(ROUND_SQL + " order by r.as_of desc, r.id desc limit %s", [limit])]


def round_of(conn: Connection[Any], code: str) -> Round:
    """Errors: unknown_reference."""
    row = conn.execute(ROUND_SQL + " where r.code = %s", [code]).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="round", value=code, field="round")
    return _round(row)


def known_round(conn: Connection[Any], code: str, rights: Rights, right: Right) -> Round:
    """The round, in every unit of which the person has the right. One with a unit that he may not read does not exist for him.
    Errors: unknown_reference, not_permitted."""
    found = round_of(conn, code)
    if not all(rights.may("read", unit_id) for unit_id in found.units):
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="round", value=code, field="round")
    for unit_id in found.units:
        rights.require(right, unit_id)
    return found


def parties_of(conn: Connection[Any], round_id: int) -> list[Party]:
    return conn.cursor(row_factory=args_row(Party)).execute(PARTIES_SQL, [round_id]).fetchall()


def obligations_of(conn: Connection[Any], round_id: int) -> list[Obligation]:
    return [_obligation(row) for row in conn.execute(OBLIGATIONS_SQL, [round_id])]


def positions_of(conn: Connection[Any], round_id: int) -> list[Position]:
    return conn.cursor(row_factory=args_row(Position)).execute(POSITIONS_SQL, [round_id]).fetchall()


def documents_of(conn: Connection[Any], round_id: int) -> list[RoundDocument]:
    return conn.cursor(row_factory=args_row(RoundDocument)).execute(DOCUMENTS_SQL, [round_id]).fetchall()


def _round(row: Sequence[Any]) -> Round:
    identity, code, units, codes, as_of, law, options, *rest = row
    return Round(identity, code, tuple(units), tuple(codes or ()), as_of, law, msgspec.json.decode(options, type=Options), *rest)


def _obligation(row: Sequence[Any]) -> Obligation:
    head, claim, debt, rest = row[:10], row[10:13], row[13:16], row[16:]
    lots = (Lot(*lot) if lot[0] is not None else None for lot in (claim, debt))
    return Obligation._make([*head, *lots, *rest])
