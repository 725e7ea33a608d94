"""Rounds, their debts and their parties as lists: filtered, a page at a time, with sums over the whole filter. Everything is counted by the
database, so a round of a million debts is looked at as quickly as one of ten.

    round_lines(conn, state)                     rounds, the newest first, with sums by currency and who has not agreed
    debts_page(conn, round_id, wanted, after)    debts by number; debt_totals: of the whole filter, by currency
    parties_page(conn, round_id, wanted, after)  parties by number, each with what the round does to it in every currency
    progress_of(conn, round_id)                  how far a round is: confirmed, barred, agreed

Why a debt takes no part, or what the certificate says of it, is `why` (queries.py).
"""

from __future__ import annotations

import datetime
from typing import Any, Final, Literal, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from setoff.clearing.rounds.queries import LEVELS_SQL, OF_DEBTS_SQL, WHY_SQL

Confirmed = Literal["", "both", "debtor", "creditor", "nobody"]
Gone = Literal["", "whole", "part", "nothing"]
CONFIRMED: Final[tuple[Confirmed, ...]] = ("both", "debtor", "creditor", "nobody")
GONE: Final[tuple[Gone, ...]] = ("whole", "part", "nothing")
WHYS: Final = (
    "whole", "never", "edge", "no_claims", "no_debts", "capped", "short_full", "short", "mirror", "same_party", "unit_currency", "person",
    "party_refused", "party_excluded", "unconfirmed", "not_due", "too_young", "below_minimum",
)  # fmt: skip
PAGE_ROWS: Final = 100
NAMES_TOLD: Final = 3


class DebtFilter(NamedTuple):
    """What the list of debts is narrowed to. `said`: a part of a party's code or name, or of the number of a document; `party`: its
    number in the round (0: any)."""

    said: str = ""
    currency: str = ""
    why: str = ""
    confirmed: Confirmed = ""
    gone: Gone = ""
    party: int = 0

    @property
    def is_set(self) -> bool:
        return any(self[:5])


class DebtRow(NamedTuple):
    """A debt of a round. Documents: ids in our books, None where the side's books are not ours."""

    no: int
    debtor: int
    debtor_code: str
    debtor_name: str
    creditor: int
    creditor_code: str
    creditor_name: str
    currency: str
    amount: int
    cleared: int
    number: str
    due: datetime.date | None
    file: str
    creditor_document_id: int | None
    debtor_document_id: int | None
    creditor_confirmed: str
    debtor_confirmed: str
    barred_because: str
    why: str

    @property
    def rest(self) -> int:
        return self.amount - self.cleared


class DebtTotal(NamedTuple):
    """`amount` of all debts of the filter; `part`: of those that take part."""

    currency: str
    debts: int
    amount: int
    taking_part: int
    part: int
    cleared: int

    @property
    def left(self) -> int:
        return self.amount - self.cleared


class PartyRow(NamedTuple):
    """A party in one currency; amounts None before the first solution, and for who takes no part. `is_signed`: it agreed to just what is
    cleared for it now; `is_involved`: something is."""

    no: int
    code: str
    name: str
    tax_id: str
    is_ours: bool
    consent: str
    consent_by: str
    consent_on: datetime.date | None
    is_involved: bool
    is_signed: bool
    currency: str | None
    owes: int | None
    owed: int | None
    cleared: int | None

    @property
    def net(self) -> int | None:
        return None if self.owes is None or self.owed is None else self.owed - self.owes

    @property
    def owes_after(self) -> int:
        return (self.owes or 0) - (self.cleared or 0)

    @property
    def owed_after(self) -> int:
        return (self.owed or 0) - (self.cleared or 0)

    @property
    def mark(self) -> str:
        """ours, agreed, lapsed (to another result), refused, asked (not answered yet), or nothing to agree to."""
        if self.is_ours:
            return "ours"
        if self.consent == "refused":
            return "refused"
        if self.is_signed or (self.consent == "agreed" and not self.is_involved):
            return "agreed"
        return "lapsed" if self.consent == "agreed" else "asked" if self.is_involved else ""


class Progress(NamedTuple):
    """Counts over a whole round. `asked`: outsiders that something is cleared for, of which `signed` agreed to just that."""

    debts: int
    of_books: int
    of_files: int
    by_both: int
    by_one: int
    by_nobody: int
    barred: int
    refused: int
    asked: int
    signed: int
    parties: int


class RoundLine(NamedTuple):
    """A round in a list; `sums`: currency, taking part, cleared. `unsigned`: how many have not agreed, with the first names."""

    id: int
    code: str
    units: list[str]
    as_of: datetime.date
    law: str
    status: str
    solved: int
    effect_on: datetime.date | None
    sums: list[tuple[str, int, int]]
    unconfirmed: int
    unsigned: int
    names: list[str]


FROM_SQL: Final = f"{OF_DEBTS_SQL} {LEVELS_SQL}"
WHERE_SQL: Final = f"""
  where o.round_id = %(round)s
    and (%(said)s = '' or position(lower(%(said)s) in lower(d.code || chr(10) || d.name || chr(10) || c.code || chr(10) || c.name
                                                           || chr(10) || o.number)) > 0)
    and (%(currency)s = '' or o.currency = %(currency)s)
    and (%(party)s = 0 or %(party)s in (o.debtor, o.creditor))
    and (%(confirmed)s = '' or (o.debtor_confirmed <> '') = (%(confirmed)s in ('both', 'debtor'))
                           and (o.creditor_confirmed <> '') = (%(confirmed)s in ('both', 'creditor')))
    and (%(gone)s = '' or case when o.cleared = 0 then 'nothing' when o.cleared < o.amount then 'part' else 'whole' end = %(gone)s)
    and (%(why)s = '' or {WHY_SQL} = %(why)s)"""
DEBTS_SQL: Final = f"""
  select o.no, o.debtor, d.code, d.name, o.creditor, c.code, c.name, o.currency, o.amount, o.cleared, o.number, o.due, o.file,
         o.creditor_document_id, o.debtor_document_id, o.creditor_confirmed, o.debtor_confirmed, o.barred_because, {WHY_SQL}
  {FROM_SQL} {WHERE_SQL} and o.no > %(after)s order by o.no limit %(limit)s"""
TOTALS_SQL: Final = f"""
  select o.currency, count(*), sum(o.amount)::bigint, count(*) filter (where h.hindrance = ''),
         coalesce(sum(o.amount) filter (where h.hindrance = ''), 0)::bigint, sum(o.cleared)::bigint
  {FROM_SQL} {WHERE_SQL} group by 1 order by 1"""
PARTIES_SQL: Final = """
  select p.no, p.code, p.name, p.tax_id, p.unit_id is not null, p.consent, p.consent_by, p.consent_on, p.result_hash <> '',
         p.result_hash <> '' and p.consent = 'agreed' and p.consent_to = p.result_hash, s.currency, s.owes, s.owed, s.cleared
  from (
    select * from round_party where round_id = %(round)s and no > %(after)s
      and (%(said)s = '' or position(lower(%(said)s) in lower(code || chr(10) || name || chr(10) || tax_id)) > 0)
      and (%(no)s = 0 or no = %(no)s)
      and (not %(waiting)s or unit_id is null and result_hash <> '' and not (consent = 'agreed' and consent_to = result_hash))
    order by no limit %(limit)s) p
  left join round_position s on s.round_id = p.round_id and s.party = p.no
  order by p.no, s.currency"""
PROGRESS_SQL: Final = """
  with debts as (
    select count(*) as debts, count(*) filter (where file = '') as of_books, count(*) filter (where file <> '') as of_files,
           count(*) filter (where debtor_confirmed <> '' and creditor_confirmed <> '') as by_both,
           count(*) filter (where (debtor_confirmed <> '') <> (creditor_confirmed <> '')) as by_one,
           count(*) filter (where debtor_confirmed = '' and creditor_confirmed = '') as by_nobody,
           count(*) filter (where barred <> '') as barred
    from round_obligation where round_id = %(round)s),
  parties as (
    select count(*) filter (where consent = 'refused') as refused, count(*) filter (where unit_id is null and result_hash <> '') as asked,
           count(*) filter (where unit_id is null and result_hash <> '' and consent = 'agreed' and consent_to = result_hash) as signed,
           count(*) as parties
    from round_party where round_id = %(round)s)
  select debts.*, parties.* from debts, parties"""
ROUNDS_SQL: Final = """
  select r.id, r.code, (select array_agg(unit.code order by unit.code) from unit where unit.id = any(r.units)), r.as_of, r.law, r.status,
         r.solved, r.effect_on,
         coalesce((select jsonb_agg(jsonb_build_array(t.currency, t.part, t.cleared) order by t.currency) from (
            select s.currency, sum(s.owes) as part, sum(s.cleared) as cleared from round_position s
            where s.round_id = r.id and r.status <> 'open' group by 1
            union all
            select o.currency, sum(o.amount), 0 from round_obligation o where o.round_id = r.id and r.status = 'open' and o.barred = ''
            group by 1) t), '[]'),
         case when r.status <> 'open' then 0 else (
            select count(*) from round_obligation o where o.round_id = r.id and o.barred = ''
              and (o.debtor_confirmed <> '')::int + (o.creditor_confirmed <> '')::int
                < case r.options ->> 'confirmation' when 'both' then 2 when 'one' then 1 else 0 end) end,
         waiting.count, waiting.names
  from clearing_round r
  cross join lateral (
    select count(*), coalesce((array_agg(p.name order by p.no))[:%(names)s], '{}') as names from round_party p
    where p.round_id = r.id and r.status = 'preliminary' and coalesce((r.options ->> 'needs_consent')::boolean, true)
      and p.unit_id is null and p.result_hash <> ''
      and not (p.consent = 'agreed' and p.consent_to = p.result_hash)) waiting
  where (%(state)s = '' or r.status = %(state)s) and (%(said)s = '' or position(lower(%(said)s) in lower(r.code)) > 0)
  order by r.as_of desc, r.id desc limit %(limit)s offset %(offset)s"""


def round_lines(conn: Connection[Any], *, state: str = "", said: str = "", page: int = 1, limit: int = PAGE_ROWS) -> list[RoundLine]:
    """One more than `limit` when there are further ones."""
    asked = {"state": state, "said": said, "limit": limit + 1, "offset": (page - 1) * limit, "names": NAMES_TOLD}
    rows = conn.cursor(row_factory=args_row(RoundLine)).execute(ROUNDS_SQL, asked).fetchall()
    return [row._replace(sums=[(currency, int(part), int(cleared)) for currency, part, cleared in row.sums]) for row in rows]


def debts_page(conn: Connection[Any], round_id: int, wanted: DebtFilter, *, after: int = 0, limit: int = PAGE_ROWS) -> list[DebtRow]:
    """Debts with a higher number than `after`; one more than `limit` when there are further ones."""
    asked = {"round": round_id, "after": after, "limit": limit + 1, **wanted._asdict()}
    return conn.cursor(row_factory=args_row(DebtRow)).execute(DEBTS_SQL, asked).fetchall()


def debt_totals(conn: Connection[Any], round_id: int, wanted: DebtFilter) -> list[DebtTotal]:
    asked = {"round": round_id, **wanted._asdict()}
    return conn.cursor(row_factory=args_row(DebtTotal)).execute(TOTALS_SQL, asked).fetchall()


def parties_page(
    conn: Connection[Any], round_id: int, *, said: str = "", waiting: bool = False, number: int = 0, after: int = 0, limit: int = PAGE_ROWS
) -> list[PartyRow]:
    """Parties with a higher number than `after`, a row for each currency; one party more than `limit` when there are further ones.
    `waiting`: who has not agreed yet; `number`: this one alone."""
    asked = {"round": round_id, "said": said, "no": number, "waiting": waiting, "after": after, "limit": limit + 1}
    return conn.cursor(row_factory=args_row(PartyRow)).execute(PARTIES_SQL, asked).fetchall()


def progress_of(conn: Connection[Any], round_id: int) -> Progress:
    row = conn.cursor(row_factory=args_row(Progress)).execute(PROGRESS_SQL, {"round": round_id}).fetchone()
    assert row is not None
    return row
