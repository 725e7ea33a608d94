"""Chain documents of a round: the act of one ring of debts, for laws and parties that want documents of few parties.

A ring of two is an act of set-off of two parties, of three one of three, and so on; its paper is that of any set-off
(reports/setoff_paper.py). The chains are those of clearing/chains.py, the short ones first; read in their order, each finds of a debt what
those before have left. VAT is that contained in the part, from the document of the creditor, else of the debtor.

Errors: round_state while there is no result, unknown_reference (a number that no chain has).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import count, islice
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.clearing.chains import ChainDocument, chains_of
from setoff.clearing.rounds.posting import effect_of_round
from setoff.clearing.rounds.queries import obligations_of, parties_of
from setoff.clearing.rounds.records import Obligation, Party, Round
from setoff.clearing.rounds.solving import debt_id
from setoff.clearing.rounds.told import result_of
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import Language, language_of, text
from setoff.reports.report import DocumentName
from setoff.reports.setoff_act import ActClaim, ActParty, SetOffAct, with_vat
from setoff.reports.setoff_books import supplied_in
from setoff.reports.setoff_paper import render_set_off, render_set_offs
from setoff.trade.documents import Purchase
from setoff.trade.queries import decode_document

DOCUMENTS_SQL: Final = """
  select wanted.no, d.key, d.kind, v.content, coalesce(ct.number, ''), ct.date
  from unnest(%(numbers)s::int[], %(units)s::bigint[], %(documents)s::bigint[], %(lines)s::int[]) wanted(no, unit_id, document_id, line)
  join document d on d.unit_id = wanted.unit_id and d.id = wanted.document_id
  join version v on v.unit_id = d.unit_id and v.id = d.version_id
  left join fact f on f.unit_id = d.unit_id and f.version_id = d.posted_version_id and f.line = wanted.line
  left join fold_key k on k.unit_id = f.unit_id and k.id = f.reg_key_id
  left join contract ct on ct.id = coalesce(k.contract_id, d.contract_id)"""
ACTS_MAX: Final = 500
OUTSIDE: Final = "sale"
"""How a debt that only a file states is called on paper: as a supply."""


class Said(NamedTuple):
    """What our books say of a debt's document."""

    key: str
    kind: str
    content: str
    contract: str
    contract_date: date | None

    @property
    def incoming(self) -> str:
        """The number of the other side's paper, "" where there is none."""
        said = decode_document(self.content)
        return said.incoming_number if isinstance(said, Purchase) else ""


class Told(NamedTuple):
    """A chain, with what is left of its debts before it."""

    chain: ChainDocument
    left: dict[str, int]


class Books(NamedTuple):
    """What all chains of a round are told with: its parties by code, its debts by id, and what our books say of their documents."""

    parties: dict[str, Party]
    debts: dict[str, Obligation]
    said: dict[int, Said]


class ChainActs(NamedTuple):
    """The acts of chains in one file. `following`: the number of the last, when there are further ones; else 0."""

    pdf: bytes
    following: int


def render_chain(conn: Connection[Any], found: Round, number: int, *, printed: date, language: Language | None = None) -> bytes:
    """The act of the chain of that number as PDF; in the language of its first outsider, else of its first party."""
    debts = cleared_debts(conn, found)
    told = next((told for told in told_chains(conn, found, debts) if told.chain.number == number), None)
    if told is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="chain", value=str(number), field="number")
    own = {part.id: debts[part.id] for part in told.chain.parts}
    return render_set_off(act_of_chain(found, told, books_of(conn, found, own)), printed=printed, language=language)


def render_chains(
    conn: Connection[Any], found: Round, *, printed: date, language: Language | None = None, after: int = 0
) -> ChainActs:  # fmt: skip
    """The acts of all chains after that number, at most ACTS_MAX, in one PDF. Errors: unknown_reference when there is none."""
    debts = cleared_debts(conn, found)
    numbered = (told for told in told_chains(conn, found, debts) if told.chain.number > after)
    chosen = list(islice(numbered, ACTS_MAX + 1))
    if not chosen:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="chain", value=str(after + 1), field="after")
    shown = chosen[:ACTS_MAX]
    books = books_of(conn, found, {part.id: debts[part.id] for told in shown for part in told.chain.parts})
    acts = [act_of_chain(found, told, books) for told in shown]
    title_language = language or acts[0].language
    title = text(title_language, "round-paper-chains", round=found.code)
    made = render_set_offs(acts, title, title_language, printed=printed, language=language)
    return ChainActs(made, shown[-1].chain.number if len(chosen) > ACTS_MAX else 0)


def cleared_debts(conn: Connection[Any], found: Round) -> dict[str, Obligation]:
    return {debt_id(debt): debt for debt in obligations_of(conn, found.id, cleared=True)}


def told_chains(conn: Connection[Any], found: Round, debts: dict[str, Obligation]) -> Iterator[Told]:
    """All chains in their order, numbered through all currencies, each with what those before have left of its debts."""
    left = {name: debt.amount for name, debt in debts.items()}
    places = count(1)
    for outcome in result_of(conn, found):
        for chain in chains_of(outcome):
            yield Told(chain._replace(number=next(places)), {part.id: left[part.id] for part in chain.parts})
            for part in chain.parts:
                left[part.id] -= part.amount


def books_of(conn: Connection[Any], found: Round, debts: dict[str, Obligation]) -> Books:
    parties = {party.code: party for party in parties_of(conn, found.id)}
    return Books(parties, debts, documents_said(conn, list(debts.values())))


def act_of_chain(found: Round, told: Told, books: Books) -> SetOffAct:
    chain = told.chain
    codes = list(dict.fromkeys(part.debtor for part in chain.parts))
    codes.sort(key=lambda code: books.parties[code].unit_id is None)
    parties = [books.parties[code] for code in codes]
    own = [books.debts[part.id] for part in chain.parts]
    said = {debt.no: row for debt in own if (row := books.said.get(debt.no)) is not None}
    claims = [
        claim_of(debt, codes.index(part.debtor), codes.index(part.creditor), told.left[part.id], part.amount, said.get(debt.no))
        for part, debt in zip(chain.parts, own, strict=True)
    ]
    supplied = {row.key: parts for row in said.values() if (parts := supplied_in(row.content, chain.currency)) is not None}
    day = found.posted_on or found.as_of
    first = next((party for party in parties if party.unit_id is None), parties[0])
    return SetOffAct(
        number=f"{found.code}/{chain.number}", day=day, place="", parties=tuple(map(act_party, parties)),
        claims=tuple(with_vat(claims, supplied)), currency=chain.currency, amount=chain.amount,
        effect=effect_of_round(found, parties, own, day), law=found.law,
        language=language_of(first.language), is_draft=found.status not in ("final", "reversed"),
    )  # fmt: skip


def act_party(party: Party) -> ActParty:
    """With who signed for it, where somebody did."""
    return ActParty(party.name, party.tax_id, party.kpp, party.consent_by if party.consent == "agreed" else "")


def claim_of(debt: Obligation, debtor: int, creditor: int, before: int, amount: int, said: Said | None) -> ActClaim:
    """`before`: what is open of the debt before this chain."""
    document = DocumentName(said.key, said.kind, debt.number, debt.date) if said else DocumentName(
        debt_id(debt), OUTSIDE, debt.number or debt.reference, debt.date
    )  # fmt: skip
    return ActClaim(
        debtor=debtor, creditor=creditor, currency=debt.currency, before=before, amount=amount, after=before - amount,
        contract=said.contract if said else "", contract_date=said.contract_date if said else None, document=document, due=debt.due,
        incoming=said.incoming if said else "",
    )  # fmt: skip


def documents_said(conn: Connection[Any], debts: Sequence[Obligation]) -> dict[int, Said]:
    """Of the debts in our books, from the document of the creditor, else of the debtor. The contract is that of the debt: a document that
    brings many in has none of its own."""
    known = [(debt.no, lot) for debt in debts if (lot := debt.creditor_lot or debt.debtor_lot) is not None]
    names = {
        "numbers": [no for no, _ in known], "units": [lot.unit_id for _, lot in known], "documents": [lot.document_id for _, lot in known],
        "lines": [lot.line for _, lot in known],
    }  # fmt: skip
    return {row[0]: Said(*row[1:]) for row in conn.execute(DOCUMENTS_SQL, names)}
