"""What a person should know of a set-off before it is posted (spec 7.3, 7.6). Nothing here refuses; posting does that by its own rules.

| told     | what                                                                                                |
| ---      | ---                                                                                                 |
| effect   | since when the debts count as discharged, by the law of the unit's chart (`trade/set_off_law.py`)   |
| warnings | what the law may hold against it, with its article (`setoffs/warnings.py`)                          |
| absent   | which of contract, invoice, act and waybill no linked document is; a row's contract counts          |
| doubts   | linked documents that the books do not know, of another party, or marked for deletion               |

A row that names a document speaks of that document's lot, open or settled by now: a posted set-off is told as a draft is. A row that names
none counts as due on the day. Documents of units that the person may not read are unknown here. Errors: unknown_reference (unit),
invalid_date.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final, Literal, NamedTuple

from psycopg import Connection

from setoff.core.errors import DomainError, ErrorCode
from setoff.setoffs.warnings import Bankrupt, Claim, Warned, warnings
from setoff.trade.documents import AdjustmentRow, DebtAdjustment, LinkedDocument
from setoff.trade.fields import day_of
from setoff.trade.set_off_law import Effect, effect_of, law_of
from setoff.trade.terms import WE_OWE_BY_NATURE

Doubt = Literal["unknown", "other_party", "marked"]
PAPERS: Final = ("contract", "invoice", "act", "waybill")
CHART_SQL: Final = "select organization.chart from unit join organization on organization.id = unit.organization_id where unit.code = %s"
CLAIMS_SQL: Final = """
  select d.key, l.line, party.code, l.amount > 0, k.currency, coalesce(nullif(f.label, ''), d.number), coalesce(l.due, moment_date(l.rank)),
         (l.amount < 0) <> (k.relation = any(%(we_owe)s))
  from document d
  join unit on unit.id = d.unit_id and unit.code = %(unit)s
  cross join lateral (
    select f.line, f.label, f.reg_key_id from fact f
    where f.unit_id = d.unit_id and f.version_id = d.posted_version_id and f.reg_key_id is not null offset 0) f
  cross join lateral (
    select l.* from lot l where l.unit_id = d.unit_id and l.key_id = f.reg_key_id and l.document_id = d.id and l.line = f.line offset 0) l
  join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id
  join counterparty party on party.id = k.counterparty_id
  where d.key = any(%(keys)s)
  order by l.moment, l.line"""
"""Lots have no index by document alone: they are found by the keys of its facts."""
RECEIVED_SQL: Final = """
  select receipt.received from document d join notice_receipt receipt on receipt.unit_id = d.unit_id and receipt.document_id = d.id
  where d.key = %s"""
LINKED_SQL: Final = """
  select d.key, party.code, d.deletion_mark from document d left join counterparty party on party.id = d.counterparty_id
  where d.key = any(%s)"""


class DoubtfulPaper(NamedTuple):
    """A linked document that needs a look. `place`: its place in the list, from 0; `name`: its number, else its key."""

    place: int
    name: str
    doubt: Doubt

    @property
    def text_key(self) -> str:
        return f"set-off-paper-{self.doubt.replace('_', '-')}"


class Checked(NamedTuple):
    effect: Effect
    warnings: list[Warned]
    absent: list[str]
    doubts: list[DoubtfulPaper]


class _Known(NamedTuple):
    """A linked document in the books; `counterparty` None: of several, or of none."""

    counterparty: str | None
    is_marked: bool


def checked(conn: Connection[Any], document: DebtAdjustment) -> Checked:
    """All that is to be told of it, in one look. Errors: see above."""
    chart = conn.execute(CHART_SQL, [document.unit]).fetchone()
    if chart is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="unit", value=document.unit, field="unit")
    law, day = law_of(chart[0]), day_of(document.date, "date")
    claims = claims_of(conn, document, day)
    received = conn.execute(RECEIVED_SQL, [document.key]).fetchone() if document.one_sided and document.key else None
    due_days = [claim.due_day for claim in claims]
    effect = effect_of(law, due_days, day, one_sided=document.one_sided, received=received[0] if received else None)
    told = warnings(claims, law, day, one_sided=document.one_sided, bankrupt=bankrupt_parties(conn, document))
    return Checked(effect, told, absent_papers(document), doubtful_papers(conn, document))


def bankrupt_parties(conn: Connection[Any], document: DebtAdjustment) -> list[Bankrupt]:
    """The parties of its rows, and the receiver, whose master record says since when they are in bankruptcy; by name."""
    codes = sorted({row.counterparty for row in document.rows} | {document.receiver.counterparty})
    query = "select name, bankrupt_since from counterparty where code = any(%s) and bankrupt_since is not null order by name"
    return [Bankrupt(*row) for row in conn.execute(query, [codes])]


def claims_of(conn: Connection[Any], document: DebtAdjustment, day: date) -> list[Claim]:
    """The debts and advances that its rows settle, in the order of the rows."""
    keys = sorted({row.document for row in document.rows} - {""})
    names = {"unit": document.unit, "keys": keys, "we_owe": list(WE_OWE_BY_NATURE)}
    lots: dict[str, list[tuple[int, Claim]]] = {}
    for key, line, counterparty, is_theirs, currency, number, due_day, is_advance in conn.execute(CLAIMS_SQL, names):
        claim = Claim("they_owe_us" if is_theirs else "we_owe_them", counterparty, currency, number, due_day, is_advance)
        lots.setdefault(key, []).append((line, claim))
    return [_claim(row, lots.get(row.document, ()), day) for row in document.rows]


def _claim(row: AdjustmentRow, lots: Iterable[tuple[int, Claim]], day: date) -> Claim:
    """The lot that a row names; of several lots of its side the first due one."""
    fitting = [
        claim for line, claim in lots
        if row.line in (0, line) and (claim.side, claim.counterparty) == (row.side, row.counterparty)
    ]  # fmt: skip
    unnamed = Claim(row.side, row.counterparty, row.currency, row.document, day, is_advance=False)
    return min(fitting, key=lambda claim: claim.due_day, default=unnamed)


def absent_papers(document: DebtAdjustment) -> list[str]:
    """Which of contract, invoice, act and waybill no linked document is: to be told, not refused. A row's contract counts as linked."""
    linked = {paper.type for paper in document.linked} | ({"contract"} if any(row.contract for row in document.rows) else set())
    return [name for name in PAPERS if name not in linked]


def doubtful_papers(conn: Connection[Any], document: DebtAdjustment) -> list[DoubtfulPaper]:
    """The linked documents that need a look, in their order; one that is said to be on paper alone has no key and no doubt."""
    keys = [paper.document for paper in document.linked if paper.document]
    if not keys:
        return []
    known = {key: _Known(code, marked) for key, code, marked in conn.execute(LINKED_SQL, [keys])}
    parties = {row.counterparty for row in document.rows} | {document.receiver.counterparty} - {""}
    return doubts_of(document.linked, known, parties)


def doubts_of(linked: Sequence[LinkedDocument], known: dict[str, _Known], parties: set[str]) -> list[DoubtfulPaper]:
    """One doubt for a document, the gravest. Pure."""
    found = []
    for place, paper in enumerate(linked):
        if not paper.document:
            continue
        there = known.get(paper.document)
        doubt: Doubt | None = None
        if there is None:
            doubt = "unknown"
        elif there.counterparty is not None and there.counterparty not in parties:
            doubt = "other_party"
        elif there.is_marked:
            doubt = "marked"
        if doubt:
            found.append(DoubtfulPaper(place, paper.number or paper.document, doubt))
    return found
