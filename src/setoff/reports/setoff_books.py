"""From a set-off in the books, posted or a draft, to what its act states.

Of a posted one by its allocations, as the books are now. Of a draft by what its facts would use of the lots that are open at the end of
its day: the documents its rows name, else the first in the order of the key; what no lot bears is not in the act. A draft that could
not be posted for what it says itself (sides that differ, a field that is missing) is refused with that. Errors: unknown_reference, those
of `trade/adjustment.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from psycopg import Connection

from setoff.core.errors import DomainError
from setoff.core.fact import Fact
from setoff.core.moment import Moment, end_of
from setoff.core.money import Money, parse_amount, split
from setoff.language import Language, language_of, text
from setoff.reports.ask import parse_day
from setoff.reports.report import DocumentName
from setoff.reports.setoff_act import ActClaim, ActParty, SetOffAct, VatPart, closing_claims, with_vat
from setoff.settlements.document_queries import DocumentHead
from setoff.settlements.notices import receipt_of
from setoff.settlements.set_off_queries import (
    ActCounterparty,
    OpenThen,
    Part,
    Place,
    act_counterparties,
    act_head,
    contract_names,
    open_then,
    posted_parts,
    posted_places,
)
from setoff.trade.documents import Correction, DebtAdjustment, LinkedDocument, Purchase, Return, Supply
from setoff.trade.lines import line_amounts
from setoff.trade.queries import decode_document, load_directory
from setoff.trade.registry import facts, references
from setoff.trade.set_off_law import effect_of, law_of
from setoff.trade.terms import WE_OWE_BY_NATURE

LotPlace = tuple[int, int, int]
"""A lot: its key, document and line."""


def has_act(head: DocumentHead) -> bool:
    """Whether the document is one that an act or notice of set-off states: no other adjustment, and not a reversal of one."""
    if head.kind != "set_off":
        return False
    document = decode_document(head.content)
    return isinstance(document, DebtAdjustment) and not document.reverses


def set_off_act(conn: Connection[Any], head: DocumentHead) -> SetOffAct:
    """The act of a document that has one."""
    document = decode_document(head.content)
    assert isinstance(document, DebtAdjustment)
    is_draft = head.status != "posted"
    if is_draft:
        stated = facts(document, head.id, load_directory(conn, references(document))).facts
        places = _places(stated, contract_names(conn, [fact.node.contract_id for fact in stated]))
        lots = open_then(conn, head.unit_id, {_key_of(fact) for fact in stated}, end_of(head.date))
        parts = parts_of(stated, lots)
    else:
        places = posted_places(conn, head.unit_id, head.id)
        parts = posted_parts(conn, head.unit_id, head.id)
        at = Moment(head.date, head.day_order, head.id).pack()
        lots = open_then(conn, head.unit_id, {part.key_id for part in parts}, at)
    currencies = {place.currency for place in places}
    currency = currencies.pop() if len(currencies) == 1 else head.book_currency
    ours = act_head(conn, head.unit_id)
    parties = act_counterparties(conn, [place.counterparty_id for place in places])
    order = list(dict.fromkeys(place.counterparty_id for place in places))
    claims = claims_of(places, parts, lots, order, currency)
    sides = _sides(claims)
    net = _net(claims, len(order) + 1)
    law = law_of(ours.chart)
    due = [day for claim in claims if (day := claim.falls_due)]
    received = receipt_of(conn, head.unit_id, head.id) if document.one_sided else None
    language = language_of(parties[order[0]].language)
    return SetOffAct(
        number=head.number, day=head.date, place=document.place, parties=_parties(document, ours, [parties[place] for place in order]),
        claims=(*with_vat(claims, supplied_by(lots)), *closing_claims(net, currency)), currency=currency, amount=min(sides),
        effect=effect_of(law, due, head.date, one_sided=document.one_sided, received=received), law=law, language=language,
        one_sided=document.one_sided,
        written_off=max(sides) - min(sides) if document.difference else 0, is_draft=is_draft, reason=document.reason_document,
        linked=tuple(_linked(linked, head.currency, language) for linked in document.linked),
    )  # fmt: skip


def _key_of(fact: Fact) -> int:
    return fact.node.fold_key("reg" if fact.in_reg else "mgmt").id()


def _places(stated: Iterable[Fact], contracts: Mapping[int, tuple[str, date | None]]) -> list[Place]:
    """The rows that a draft would have."""
    return [
        Place(
            fact.line, fact.node.counterparty_id, *contracts.get(fact.node.contract_id, ("", None)), fact.node.relation,
            fact.node.currency, fact.change < 0,
        )
        for fact in stated
    ]  # fmt: skip


def parts_of(stated: Iterable[Fact], lots: Sequence[OpenThen]) -> list[Part]:
    """What the facts of a draft would use: the documents they name first, then what the order of the key gives."""
    left = {_place(lot): abs(lot.before) for lot in lots}
    found: list[Part] = []
    for fact in stated:
        key_id = _key_of(fact)
        usable = sorted((lot for lot in lots if lot.key_id == key_id and (lot.before > 0) != (fact.change > 0)), key=_by_order)
        wanted = [
            (target.amount, [lot for lot in usable if lot.document_id == target.document_id and target.line in (0, lot.line)])
            for target in fact.targets
        ]
        wanted.append((abs(fact.change) - sum(target.amount for target in fact.targets), usable))
        taken: dict[LotPlace, int] = {}
        for amount, candidates in wanted:
            _take(amount, candidates, left, taken)
        books = split(abs(fact.book), list(taken.values())) if taken else []
        found += [Part(fact.line, *place, amount, book) for (place, amount), book in zip(taken.items(), books, strict=True)]
    return found


def _take(amount: int, lots: Iterable[OpenThen], left: dict[LotPlace, int], taken: dict[LotPlace, int]) -> None:
    """Up to the amount from the lots in turn."""
    for lot in lots:
        part = min(amount, left[_place(lot)])
        if part > 0:
            left[_place(lot)] -= part
            taken[_place(lot)] = taken.get(_place(lot), 0) + part
            amount -= part


def _place(lot: OpenThen) -> LotPlace:
    return lot.key_id, lot.document_id, lot.line


def _by_order(lot: OpenThen) -> tuple[date, int, int, int]:
    first = date.min if lot.order == "moment" else lot.due or date.max
    return first, lot.rank, lot.document_id, lot.line


def claims_of(
    places: Sequence[Place], parts: Sequence[Part], lots: Sequence[OpenThen], order: Sequence[int], currency: str
) -> list[ActClaim]:
    """A claim for every lot that is settled, theirs first, in the order of the rows. `order`: ids of the counterparties as they stand in
    the act. What several rows settle of one lot is one claim."""
    rows = {place.line: place for place in places}
    there = {_place(lot): lot for lot in lots}
    settled: dict[LotPlace, list[Part]] = {}
    for part in parts:
        settled.setdefault((part.key_id, part.lot_document_id, part.lot_line), []).append(part)
    claims = [
        _claim(rows[used[0].line], there[place], sum(part.amount for part in used), sum(part.book for part in used), order, currency)
        for place, used in settled.items()
    ]
    return [*(claim for claim in claims if not claim.creditor), *(claim for claim in claims if claim.creditor)]


def _claim(row: Place, lot: OpenThen, amount: int, book: int, order: Sequence[int], currency: str) -> ActClaim:
    other = order.index(row.counterparty_id) + 1
    before = abs(lot.before)
    said = decode_document(lot.content)
    incoming = said.incoming_number if isinstance(said, Purchase) else ""
    return ActClaim(
        debtor=other if row.is_theirs else 0, creditor=0 if row.is_theirs else other, currency=row.currency, before=before, amount=amount,
        after=before - amount, contract=row.contract, contract_date=row.contract_date,
        document=DocumentName(lot.key, lot.kind, lot.number, lot.day), label=lot.label, incoming=incoming, due=lot.due,
        is_advance=row.is_theirs == (row.relation in WE_OWE_BY_NATURE), value=book if row.currency != currency else 0,
    )  # fmt: skip


def supplied_by(lots: Iterable[OpenThen]) -> dict[str, list[VatPart]]:
    """What the documents of the lots supplied, by rate; those without lines do not tell."""
    found = {lot.key: supplied_in(lot.content, lot.currency) for lot in lots}
    return {key: parts for key, parts in found.items() if parts is not None}


def supplied_in(content: str, currency: str) -> list[VatPart] | None:
    """What a document supplied, by rate, from what it says; None where it has no lines."""
    said = decode_document(content)
    if not isinstance(said, Supply | Correction | Return):
        return None
    sums: dict[str, tuple[int, int]] = {}
    for place, line in enumerate(said.lines):
        amounts = line_amounts(line, currency, said.prices_include_vat, f"lines[{place}]")
        gross, vat = sums.get(amounts.vat_rate, (0, 0))
        sums[amounts.vat_rate] = gross + amounts.gross, vat + amounts.vat
    return [VatPart(rate, *amounts) for rate, amounts in sums.items()]


def _sides(claims: Iterable[ActClaim]) -> tuple[int, int]:
    """What they owe us and what we owe them of it, in the currency of the act."""
    theirs = ours = 0
    for claim in claims:
        worth = claim.value or claim.amount
        theirs, ours = (theirs, ours + worth) if claim.creditor else (theirs + worth, ours)
    return theirs, ours


def _net(claims: Iterable[ActClaim], parties: int) -> list[int]:
    net = [0] * parties
    for claim in claims:
        worth = claim.value or claim.amount
        net[claim.debtor] += worth
        net[claim.creditor] -= worth
    return net


def _parties(document: DebtAdjustment, ours: Any, others: Sequence[ActCounterparty]) -> tuple[ActParty, ...]:
    """With the first who signs for each."""
    signing = {signatory.counterparty: signatory for signatory in reversed(document.signatories)}
    named = [("", ours), *((other.code, other) for other in others)]
    found = []
    for code, party in named:
        signatory = signing.get(code)
        who = (signatory.name, signatory.position) if signatory else ("", "")
        found.append(ActParty(party.name, party.tax_id, party.kpp, *who))
    return tuple(found)


def _linked(linked: LinkedDocument, currency: str, language: Language) -> str:
    """ "Invoice 7 of 2025-03-01, 500.00 RUB", as much of it as is known."""
    kind = text(language, f"choice-type-{linked.type}")
    said = text(language, "setoff-paper-linked-document", what=kind[:1].upper() + kind[1:], number=linked.number or linked.document)
    try:
        if linked.date:
            said = text(language, "setoff-paper-linked-dated", document=said, day=parse_day(linked.date, "date"))
        if linked.amount:
            amount = Money(parse_amount(linked.amount, currency), currency)
            said = text(language, "setoff-paper-linked-amount", document=said, amount=amount)
    except DomainError:  # a reference is kept as it was typed
        return ", ".join(filter(None, (said, linked.date, linked.amount)))
    return said
