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
from setoff.core.money import currencies_by_digits

ROUND_SQL: Final = """
  select r.id, r.code, r.units, (select array_agg(unit.code order by unit.code) from unit where unit.id = any(r.units)), r.as_of, r.law,
         r.options::text, r.status, r.solved, coalesce(encode(r.input_hash, 'hex'), ''), coalesce(encode(r.result_hash, 'hex'), ''),
         r.posted_on, r.effect_on, r.effect_basis, r.reversed_on, r.author, r.opened_at, r.changed_at, r.bounds
  from clearing_round r"""
PARTIES_SQL: Final = """
  select no, code, name, tax_id, kpp, language, unit_id, consent, consent_by, consent_on, consent_to, result_hash
  from round_party where round_id = %s order by no"""
_SMALL_UNITS: Final = " ".join(
    f"when o.currency in ({', '.join(map(repr, currencies))}) then {10**digits}" for digits, currencies in currencies_by_digits().items()
)
HINDRANCE_SQL: Final = f"""
  cross join lateral (
    select case
      when o.barred <> '' then o.barred
      when 'refused' in (d.consent, c.consent) then 'party_refused'
      when r.options -> 'excluded' ? d.code or r.options -> 'excluded' ? c.code then 'party_excluded'
      when (o.debtor_confirmed <> '')::int + (o.creditor_confirmed <> '')::int
         < case r.options ->> 'confirmation' when 'both' then 2 when 'one' then 1 else 0 end then 'unconfirmed'
      when (r.options ->> 'due_only')::boolean and (o.due is null or o.due > r.as_of) then 'not_due'
      when (r.options ->> 'age_days_min')::int > 0 and (o.due is null or o.due > r.as_of - (r.options ->> 'age_days_min')::int)
        then 'too_young'
      when o.amount < (r.options ->> 'minimum')::numeric * (case {_SMALL_UNITS} else 100 end) then 'below_minimum'
      else '' end as hindrance) h"""
"""Why a debt does not take part: the first reason that holds."""
OF_DEBTS_SQL: Final = f"""
  from round_obligation o
  join clearing_round r on r.id = o.round_id
  join round_party d on d.round_id = o.round_id and d.no = o.debtor
  join round_party c on c.round_id = o.round_id and c.no = o.creditor
  {HINDRANCE_SQL}"""
LEVELS_SQL: Final = """
  left join round_position pd on pd.round_id = o.round_id and pd.party = o.debtor and pd.currency = o.currency
  left join round_position pc on pc.round_id = o.round_id and pc.party = o.creditor and pc.currency = o.currency"""
WHY_SQL: Final = """
  case when h.hindrance <> '' then h.hindrance
       when r.status = 'open' or pd.level is null or pc.level is null then ''
       when pd.owed = 0 then 'no_claims'
       when pc.owes = 0 then 'no_debts'
       when (r.options ->> 'cycle_max')::int > 0 then case when o.cleared = o.amount then 'short_full' else 'short' end
       when o.cleared < o.amount and (pd.at_cap or pc.at_cap) then 'capped'
       when 1 + pd.level_out - pc.level < 0 then 'never'
       when 1 + pd.level_out - pc.level = 0 then 'edge'
       when o.cleared = o.amount then 'whole'
       else 'capped' end"""
"""The hindrance, or what the certificate says of the debt, or nothing before the first solution:

    no_claims    nobody owes the debtor anything that takes part: he has nothing to set off with
    no_debts     the creditor owes nobody anything that takes part
    whole        every largest total clears the pair in full: 1 + level of the debtor - level of the creditor > 0
    never        the same < 0: whatever was cleared of it would cost more elsewhere
    edge         the same = 0: the order among equal totals decided
    capped       a cap of a party or of the pair has no room left
    short_full   cleared in full by rings as short as the round wants
    short        not, or in part, by rings as short as that
"""
OBLIGATIONS_SQL: Final = f"""
  select o.no, o.debtor, o.creditor, o.currency, o.amount, o.number, o.date, o.due, o.file, o.reference,
         o.creditor_unit_id, o.creditor_document_id, o.creditor_line, o.debtor_unit_id, o.debtor_document_id, o.debtor_line,
         o.creditor_confirmed, o.debtor_confirmed, o.barred, o.barred_because, o.cleared, o.priority, h.hindrance
  {OF_DEBTS_SQL} where o.round_id = %(round)s and (%(no)s = 0 or o.no = %(no)s) and (not %(of_books)s or o.file = '')
    and (not %(cleared)s or o.cleared > 0) and o.no > %(after)s order by o.no limit %(limit)s"""
POSITIONS_SQL: Final = """
  select party, currency, level, owes, owed, cleared, level_out, at_cap from round_position where round_id = %s order by currency, party"""
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


def numbered_round(conn: Connection[Any], round_id: int) -> Round:
    """Errors: unknown_reference."""
    row = conn.execute(ROUND_SQL + " where r.id = %s", [round_id]).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="round", value=str(round_id), field="round")
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


def names_of(conn: Connection[Any], round_id: int, codes: Sequence[str]) -> dict[str, str]:
    """Parties of a round by their codes, those that have a name."""
    query = "select code, name from round_party where round_id = %s and code = any(%s) and name <> ''"
    return dict(conn.execute(query, [round_id, list(codes)]).fetchall())


def obligations_of(
    conn: Connection[Any], round_id: int, *, number: int = 0, of_books: bool = False, cleared: bool = False, after: int = 0,
    limit: int | None = None,
) -> list[Obligation]:  # fmt: skip
    """Debts by number: all; or one; those of our books; those of which something is cleared; the first so many after a number."""
    asked = {"round": round_id, "no": number, "of_books": of_books, "cleared": cleared, "after": after, "limit": limit}
    return [_obligation(row) for row in conn.execute(OBLIGATIONS_SQL, asked)]


def whys_of(conn: Connection[Any], round_id: int, *, after: int = 0, limit: int | None = None) -> dict[int, str]:
    """Why debts are cleared or not, by number: all, or the first so many after a number."""
    query = f"select o.no, {WHY_SQL} {OF_DEBTS_SQL} {LEVELS_SQL} where o.round_id = %s and o.no > %s order by o.no limit %s"
    return dict(conn.execute(query, [round_id, after, limit]).fetchall())


def why_of(conn: Connection[Any], round_id: int, number: int) -> str:
    """Why one is; "" when there is none, or nothing to say yet."""
    query = f"select {WHY_SQL} {OF_DEBTS_SQL} {LEVELS_SQL} where o.round_id = %s and o.no = %s"
    row = conn.execute(query, [round_id, number]).fetchone()
    return str(row[0]) if row else ""


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
