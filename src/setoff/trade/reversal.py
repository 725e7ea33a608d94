"""Reversal of a debt adjustment or an advance offset whose period is closed (spec 7.6): it undoes, on its own date, exactly what that did.

Every part of a lot that the adjustment used is owed again: a fact of the opposite sign on the same node, worth what the lot released,
due and ordered as the lot was, called by its name. What the adjustment opened (a receiver, an accrual) is used up again, by name; what
has been settled meanwhile cannot be (allocation_exceeds_balance). The contours are stated apart where they settled different documents.

| adjusted                        | reversed                                                                              |
| ---                             | ---                                                                                   |
| Dr a Cr b                       | Dr b Cr a, part by part                                                               |
| exchange gain or loss on a part | taken back: the account of the difference stands in for the fact, or against it        |

Guards, in this order: rows and the other fields a reversal takes from its original (unknown_field, `trade/adjustment.py` and
`trade/advance_offset.py`); reverses (unknown_reference; base_mismatch for another unit, kind or state, a later document, or a reversal;
reversed_already).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple, TypeVar

import msgspec

from setoff.core.chart import Role
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Entry, Fact, Nature, Rule, Statement, Target
from setoff.trade.directory import Directory, DocumentRef, Done
from setoff.trade.documents import AdvanceOffset, DebtAdjustment
from setoff.trade.doubtful import debtor_of
from setoff.trade.fields import amount_of, found
from setoff.trade.kinds import kind_of
from setoff.trade.supply import Setting, overlaps

Reversible = DebtAdjustment | AdvanceOffset
T = TypeVar("T", bound=Reversible)


_content: Final[msgspec.json.Decoder[Reversible]] = msgspec.json.Decoder(Reversible)


@lru_cache(maxsize=1 << 8)
def _decoded(content: bytes) -> Reversible:
    return _content.decode(content)


def reversed_content(document: T, directory: Directory) -> T:
    """What the document says, or what it reverses says. Errors: unknown_reference, base_mismatch."""
    if not document.reverses:
        return document
    ref = found(directory.documents, "document", document.reverses, "reverses")
    if ref.kind != kind_of(document):
        raise _mismatch(ref)
    said = _decoded(ref.content)
    assert isinstance(said, type(document))
    return said


def _mismatch(ref: DocumentRef) -> DomainError:
    return DomainError(ErrorCode.BASE_MISMATCH, base=ref.number, kind=ref.kind, status=ref.status, field="reverses")


def reversal_facts(document: Reversible, document_id: int, setting: Setting, directory: Directory) -> Statement:
    """Errors: see above."""
    said: Reversible = reversed_content(document, directory)
    ref = directory.documents[document.reverses]
    fits = ref.status == "posted" and ref.unit_id == setting.unit.id and ref.date <= setting.day and ref.id != document_id
    if not fits or said.reverses or not ref.done:
        raise _mismatch(ref)
    if set(ref.reversals) - {document_id}:
        raise DomainError(ErrorCode.REVERSED_ALREADY, document=ref.number, field="reverses")
    contours = {contour: [part for part in ref.done if part.contour == contour] for contour in ("reg", "mgmt")}
    bare = {contour: [part._replace(contour="") for part in parts] for contour, parts in contours.items()}
    if bare["reg"] == bare["mgmt"]:
        stated = _stated(contours["reg"], ref, setting, (True, True), 1)
        return Statement(stated, _entries(contours["reg"], stated, said, setting))
    stated = _stated(contours["reg"], ref, setting, (True, False), 1)
    further = _stated(contours["mgmt"], ref, setting, (False, True), len(stated) + 1)
    return Statement([*stated, *further], _entries(contours["reg"], stated, said, setting))


def _stated(parts: Sequence[Done], ref: DocumentRef, setting: Setting, contours: tuple[bool, bool], first: int) -> list[Fact]:
    """A fact for every part, of the opposite sign, in the regulated or the management contour or both."""
    book_currency = setting.unit.book_currency
    facts = []
    for line, part in enumerate(parts, first):
        sign = -1 if part.change > 0 else 1
        reopens = part.lot_document_id > 0
        targets = () if reopens else (Target(ref.id, part.line, abs(part.change), Rule.ACT),)
        facts.append(
            Fact(
                line, part.node, Nature.ADJUST, -part.change, sign * part.lot_book, part.node.currency != book_currency, not reopens,
                part.due if reopens else None, part.origin if reopens else None, part.label if reopens else "", targets, *contours,
            )
        )  # fmt: skip
    return facts


class _Part(NamedTuple):
    """One part of a side: a fact (its line), or an account in its place. `row`: the line of the adjustment that it takes back."""

    fact: int
    account: str
    amount: int
    row: int = 0


def _entries(parts: Sequence[Done], stated: Sequence[Fact], said: Reversible, setting: Setting) -> list[Entry]:
    """The entries of the adjustment the other way round; an advance offset has none. A part whose value differed from what its lot was
    carried at had an exchange difference: what the part was worth above the lot stands on the account of the difference, what it was
    below, against it."""
    if isinstance(said, AdvanceOffset):
        return []
    chart = setting.unit.chart
    gain, loss = chart.role(Role.FX_GAIN), chart.role(Role.FX_LOSS)
    sides: dict[int, list[_Part]] = {1: [], -1: []}
    entries: list[Entry] = []
    for part, fact in zip(parts, stated, strict=True):
        sign = 1 if fact.change > 0 else -1
        above = part.own_book - part.lot_book
        worth = min(part.own_book, part.lot_book)
        if worth:
            sides[sign].append(_Part(fact.line, "", worth, part.line))
        # above, a claim had been settled with a gain and a liability with a loss; below, the other way round
        account = gain if (sign > 0) == (above > 0) else loss
        if above > 0:
            sides[sign].append(_Part(0, account, above, part.line))
        elif above < 0:
            debit, credit = (_Part(fact.line, "", 0), _Part(0, account, 0)) if sign > 0 else (_Part(0, account, 0), _Part(fact.line, "", 0))
            entries.append(Entry(0, debit.fact, debit.account, credit.fact, credit.account, -above))
    if said.kind in ("set_off", "transfer"):
        entries += _paired(sides[1], sides[-1], said)
    elif said.kind == "write_off":
        entries += _written_back(sides, said, setting)
    else:
        account = chart.role(Role.CLEARING) if said.kind == "netting" else said.account
        item = said.round if said.kind == "netting" else said.item
        for sign, side in sides.items():
            other = _Part(0, account, 0)
            pairs = ((part, other) if sign > 0 else (other, part) for part in side)
            entries += _laid(pairs, [part.amount for part in side], item)
    return [entry._replace(line=line) for line, entry in enumerate(entries, 1)]


def _written_back(sides: dict[int, list[_Part]], said: DebtAdjustment, setting: Setting) -> list[Entry]:
    """A write-off the other way round: what the reserve bore of a row goes back to it first, the rest to the account."""
    currency, reserve = setting.unit.book_currency, setting.unit.chart.reserve_account
    borne = {line: amount_of(row.reserve, currency, "reserve") for line, row in enumerate(said.rows, 1) if row.reserve}
    entries: list[Entry] = []
    for sign, side in sides.items():
        for part in side:
            taken = min(borne.get(part.row, 0), part.amount) if sign > 0 else 0
            borne[part.row] = borne.get(part.row, 0) - taken
            row = said.rows[part.row - 1]
            for account, amount, item in (
                (reserve, taken, debtor_of(row.counterparty, row.contract)), (said.account, part.amount - taken, said.item),
            ):  # fmt: skip
                other = _Part(0, account, 0)
                if amount:
                    entries += _laid([(part, other) if sign > 0 else (other, part)], [amount], item)
    return entries


def _paired(debits: list[_Part], against: list[_Part], said: DebtAdjustment) -> list[Entry]:
    """Both sides laid over one another; what one lacks is the difference that was written off."""
    missing = sum(part.amount for part in debits) - sum(part.amount for part in against)
    if missing:
        (against if missing > 0 else debits).append(_Part(0, said.account, abs(missing)))
    laid = list(overlaps([part.amount for part in debits], [part.amount for part in against]))
    return _laid(
        ((debits[first], against[second]) for first, second, _ in laid), [amount for *_, amount in laid], said.item if missing else ""
    )


def _laid(pairs: Iterable[tuple[_Part, _Part]], amounts: Sequence[int], item: str) -> list[Entry]:
    return [
        Entry(0, debit.fact, debit.account, credit.fact, credit.account, amount, 0, "", item if debit.account or credit.account else "")
        for (debit, credit), amount in zip(pairs, amounts, strict=True)
        if (debit.fact, debit.account) != (credit.fact, credit.account)
    ]
