"""What a payment settles: the documents its purpose names, the one whose amount it is, a few that sum to it, else the oldest.

Works on the open lots of one party under the contracts that fit. Each way gives rows for a payment (one a contract), a reason and a
confidence (per mille):

| way                                                         | confidence |
| ---                                                         | ---        |
| numbers named, their sum is the amount                      | 990        |
| one number named, part of it is paid                        | 970        |
| a number typed wrong by one sign, and the amount is its     | 965        |
| the amount is that of one open document                     | 965        |
| the oldest documents in a row sum to it                     | 960        |
| the same, but the contract is settled document by document  | 930        |
| oldest first, one contract fits, nothing else was named     | 960        |
| numbers named, more is paid than they are                   | 900        |
| numbers named that are no open documents                    | 900        |
| a few documents sum to it                                   | 900        |
| oldest first, the contract is settled document by document  | 850        |
| oldest first over several contracts                         | 800        |

What a payer named becomes a target of the payer; our own choice is a target of the management contour alone, and only where the fold would
not choose the same by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import combinations
from typing import Final, Literal, NamedTuple

from setoff.banks.numbers import Named, NumberNamed, number_key, one_sign_apart
from setoff.banks.owners import Reason
from setoff.core.money import Money, format_amount
from setoff.trade.directory import ContractTerms
from setoff.trade.documents import PaymentRow, PaymentTarget

NamedBy = Literal["payer", "internal"]
SEVERAL_MAX: Final = 4
LOTS_SEARCHED_MAX: Final = 16
NEAR_LENGTH_MIN: Final = 3
"""In shorter numbers one wrong sign makes half of another number."""
NUMBER_LENGTH_MIN: Final = 4
"""Shorter numbers count only behind a word that says what they are."""


class OpenLot(NamedTuple):
    """An open lot that money in this direction settles. `numbers` are keys (numbers.py) it may be named by; `amount` above zero."""

    document: str
    number: str
    numbers: tuple[str, ...]
    line: int
    has_lines: bool
    day: date
    rank: int
    due: date | None
    contract: str
    relation: str
    currency: str
    amount: int


class Share(NamedTuple):
    lot: OpenLot
    amount: int


class Laid(NamedTuple):
    """`shares` in order; `rest` settles nothing yet (an advance) and goes to `contract`."""

    shares: tuple[Share, ...]
    rest: int
    contract: str
    named_by: NamedBy
    confidence: int
    reasons: tuple[Reason, ...]


class Question(NamedTuple):
    """What is to be laid over the lots: `contracts` fit the payment, `lots` are theirs, in the order of their allocation. `settled`:
    numbers of documents of the party that need not be open: who names one of them did not mistype another."""

    amount: int
    currency: str
    named: Named
    contracts: Sequence[ContractTerms]
    lots: Sequence[OpenLot]
    settled: frozenset[str] = frozenset()


def lay(question: Question) -> Laid:
    """What the payment settles, by the first way that answers."""
    narrowed, contract_reasons, is_clear = _by_named_contract(question)
    laid = _by_number(narrowed) or _by_amount(narrowed)
    if laid is None:
        laid = _oldest_first(narrowed, is_clear=is_clear)
    return laid._replace(reasons=(*contract_reasons, *laid.reasons))


def _by_named_contract(question: Question) -> tuple[Question, tuple[Reason, ...], bool]:
    """The question for the contract that the purpose names, where it names one of those that fit; whether the contract is clear."""
    keys = {number.key for number in question.named.of("contract", "")}
    named = [contract for contract in question.contracts if number_key(contract.number) in keys]
    if len(named) > 1 and question.named.dates:  # numbers of contracts repeat from year to year
        named = [contract for contract in named if contract.valid_from in question.named.dates] or named
    if len(named) == 1:
        return _for_contracts(question, named), (Reason("reason-contract", {"contract": named[0].number}),), True
    return question, (), len(question.contracts) <= 1


def _for_contracts(question: Question, contracts: Sequence[ContractTerms]) -> Question:
    codes = {contract.code for contract in contracts}
    return question._replace(contracts=contracts, lots=[lot for lot in question.lots if lot.contract in codes])


# By number ---------------------------------------------------------------------------------------------------------------


def _by_number(question: Question) -> Laid | None:
    """By the numbers named. None when nothing of ours is named for sure."""
    asked = [number for number in question.named.of("document", "") if number.subject or len(number.key) >= NUMBER_LENGTH_MIN]
    found: dict[str, list[OpenLot]] = {}
    unknown: list[NumberNamed] = []
    for number in asked:
        lots = _with_number(question, number)
        if lots:
            found.setdefault(lots[0].document, lots)
        elif number.subject == "document":
            unknown.append(number)
    orders = {number.key for number in question.named.of("order")}
    if not found and orders:
        found = {lot.document: [lot] for lot in question.lots if number_key(lot.number) in orders}
    if not found:
        return _by_near_number(question, unknown)
    lots = [lot for listed in found.values() for lot in listed]
    total = sum(lot.amount for lot in lots)
    names = Reason("reason-number", {"numbers": ", ".join(dict.fromkeys(lot.number for lot in lots))})
    if unknown:
        near = _by_near_number(question, unknown, lots)
        if near is not None:
            return near
        doubt = Reason("doubt-number-unknown", {"numbers": ", ".join(number.text for number in unknown)})
        return _laid(question, lots, "payer", 880, (names, doubt))
    if total == question.amount:
        return _laid(question, lots, "payer", 990, (names, Reason("reason-amount-equal", {})))
    if total > question.amount:
        rival = _rival(question, lots) if len(found) == 1 else None
        if rival is not None:
            doubt = Reason("doubt-number-amount", {"number": rival.number, "amount": Money(rival.amount, question.currency)})
            return _laid(question, lots, "payer", 700, (names, doubt))
        return _laid(question, lots, "payer", 970 if len(found) == 1 else 900, (names,))
    doubt = Reason("doubt-number-less", {"total": Money(total, question.currency)})
    return _laid(question, lots, "payer", 900, (names, doubt))


def _with_number(question: Question, number: NumberNamed) -> list[OpenLot]:
    """The lots of the one document with that number; of several the one whose date is named, else whose amount is paid."""
    lots = [lot for lot in question.lots if number.key in lot.numbers]
    documents = {lot.document for lot in lots}
    for fits in (
        lambda lot: lot.day in question.named.dates,
        lambda lot: lot.amount == question.amount,
    ):
        if len(documents) > 1:
            chosen = [lot for lot in lots if fits(lot)]
            lots = chosen or lots
            documents = {lot.document for lot in lots}
    return lots if len(documents) == 1 else []


def _rival(question: Question, lots: Sequence[OpenLot]) -> OpenLot | None:
    """Another document that the payer may have meant: its number is one sign apart, and its amount is what was paid."""
    keys = {key for lot in lots for key in lot.numbers}
    documents = {lot.document for lot in lots}
    return next(
        (
            lot
            for lot in question.lots
            if lot.amount == question.amount
            and lot.document not in documents
            and any(one_sign_apart(key, other) for key in keys for other in lot.numbers)
        ),
        None,
    )


def _by_near_number(question: Question, unknown: Sequence[NumberNamed], known: Sequence[OpenLot] = ()) -> Laid | None:
    """Numbers that are one sign from those of open documents, when with them the amount is exact; each must have one such document."""
    if not unknown or any(number.key in question.settled for number in unknown):
        return None
    lots = list(known)
    for number in unknown:
        near = [
            lot for lot in question.lots
            if lot not in lots and any(one_sign_apart(key, number.key) for key in lot.numbers if len(key) >= NEAR_LENGTH_MIN)
        ]  # fmt: skip
        if number is unknown[-1]:
            left = question.amount - sum(lot.amount for lot in lots)
            near = [lot for lot in near if lot.amount == left]
        if len(near) != 1:
            return None
        lots.append(near[0])
    if sum(lot.amount for lot in lots) != question.amount:
        return None
    facts = {"written": ", ".join(number.text for number in unknown), "numbers": ", ".join(lot.number for lot in lots)}
    return _laid(question, lots, "payer", 965, (Reason("reason-number-near", facts), Reason("reason-amount-equal", {})))


# By amount ---------------------------------------------------------------------------------------------------------------


def _by_amount(question: Question) -> Laid | None:
    """One document of that amount, the oldest in a row that sum to it, or a few that do."""
    doubt = _unknown_numbers(question)
    if question.named.is_partial:
        doubt = (*doubt, Reason("doubt-partial", {}))
    confidence = 965 if not doubt else 940
    equal = [lot for lot in question.lots if lot.amount == question.amount]
    if len(equal) == 1:
        reason = Reason("reason-amount", {"number": equal[0].number})
        return _laid(question, equal, "internal", confidence, (reason, *doubt))
    if len(equal) > 1:
        doubt = (*doubt, Reason("doubt-amount-several", {"count": len(equal)}))
        same_contract = len({lot.contract for lot in equal}) == 1
        return _laid(question, equal[:1], "internal", 955 if same_contract and len(doubt) == 1 else 850, doubt)
    for contract, lots in _by_contract(question.lots).items():
        run = _first_run(lots, question.amount)
        if run:
            reasons = (Reason("reason-sum-oldest", {"count": len(run)}), *doubt)
            sure = not doubt and _fold_agrees(contract, run, question)
            return _laid(question, run, "internal", 960 if sure else 930, reasons)
    few = _few(question)
    return _laid(question, few, "internal", 900, (Reason("reason-sum", {"count": len(few)}), *doubt)) if few else None


def _unknown_numbers(question: Question) -> tuple[Reason, ...]:
    texts = [number.text for number in question.named.of("document")]
    return (Reason("doubt-number-unknown", {"numbers": ", ".join(texts)}),) if texts else ()


def _by_contract(lots: Iterable[OpenLot]) -> Mapping[str, list[OpenLot]]:
    groups: dict[str, list[OpenLot]] = {}
    for lot in lots:
        groups.setdefault(lot.contract, []).append(lot)
    return groups


def _first_run(lots: Sequence[OpenLot], amount: int) -> list[OpenLot]:
    """The first lots, at least two, when they sum to the amount."""
    total = 0
    for count, lot in enumerate(lots, 1):
        total += lot.amount
        if total >= amount:
            return list(lots[:count]) if total == amount and count > 1 else []
    return []


def _few(question: Question) -> list[OpenLot]:
    """The only two to four of the oldest lots that sum to the amount; none when there are two such choices."""
    lots = [lot for lot in question.lots if lot.amount < question.amount][:LOTS_SEARCHED_MAX]
    for count in range(2, SEVERAL_MAX + 1):
        found = [chosen for chosen in combinations(lots, count) if sum(lot.amount for lot in chosen) == question.amount]
        if found:
            return list(found[0]) if len(found) == 1 else []
    return []


# Oldest first ------------------------------------------------------------------------------------------------------------


def _oldest_first(question: Question, *, is_clear: bool) -> Laid:
    """The lots in their order; what is left is an advance under the clear contract, or the one settled last."""
    doubt = _unknown_numbers(question)
    shares: list[Share] = []
    left = question.amount
    for lot in question.lots:
        if left == 0:
            break
        shares.append(Share(lot, min(left, lot.amount)))
        left -= shares[-1].amount
    contract = shares[-1].lot.contract if shares else _newest(question)
    reasons: list[Reason] = []
    if shares:
        reasons.append(Reason("reason-oldest", {"count": len(shares)}))
    if left:
        reasons.append(Reason("reason-advance", {"amount": Money(left, question.currency)}))
    confidence = 960 if is_clear else 800
    if not question.contracts and not shares:
        confidence, reasons = 700, [*reasons, Reason("doubt-no-contract", {})]
    elif not is_clear:
        reasons.append(Reason("doubt-contracts-several", {"count": len(question.contracts)}))
    elif shares and not _fold_agrees(contract, [share.lot for share in shares], question):
        confidence = 850
        reasons.append(Reason("doubt-by-document", {}))
    if doubt:
        confidence = min(confidence, 900)
    return Laid(tuple(shares), left, contract, "internal", confidence, (*reasons, *doubt))


def _newest(question: Question) -> str:
    """The contract that an advance is for, when nothing else says so: the newest, of those in the currency of the money if there are."""
    contracts = [contract for contract in question.contracts if contract.currency == question.currency] or question.contracts
    return max(contracts, key=lambda contract: (contract.valid_from or date.min, contract.code)).code if contracts else ""


# Rows of the payment -----------------------------------------------------------------------------------------------------


def _laid(question: Question, lots: Sequence[OpenLot], named_by: NamedBy, confidence: int, reasons: tuple[Reason, ...]) -> Laid:
    """The amount over these lots in their order, in full as long as it lasts."""
    left = question.amount
    shares = []
    for lot in lots:
        if left == 0:
            break
        shares.append(Share(lot, min(left, lot.amount)))
        left -= shares[-1].amount
    return Laid(tuple(shares), left, lots[-1].contract, named_by, confidence, reasons)


def rows_of(laid: Laid, question: Question) -> list[PaymentRow]:
    """Rows of the payment, one a contract; targets where the payer named them or the fold would not choose the same."""
    amounts: dict[str, int] = {}
    targets: dict[str, list[PaymentTarget]] = {}
    chosen = [share.lot for share in laid.shares]
    for lot, amount in laid.shares:
        amounts[lot.contract] = amounts.get(lot.contract, 0) + amount
        if laid.named_by == "payer" or not _fold_agrees(lot.contract, chosen, question):
            targets.setdefault(lot.contract, []).append(
                PaymentTarget(
                    document=lot.document, amount=format_amount(amount, lot.currency), line=lot.line if lot.has_lines else 0,
                    named_by=laid.named_by,
                )
            )  # fmt: skip
    if laid.rest or not amounts:
        amounts[laid.contract] = amounts.get(laid.contract, 0) + laid.rest
    return [
        PaymentRow(amount=format_amount(amount, question.currency), contract=contract, targets=targets.get(contract, []))
        for contract, amount in amounts.items()
    ]


def _fold_agrees(code: str, chosen: Sequence[OpenLot], question: Question) -> bool:
    """Whether the fold, left alone, settles the same: the contract settles as a whole, and the lots chosen are its first."""
    terms = next((contract for contract in question.contracts if contract.code == code), None)
    if terms is None or terms.detail != "contract" or terms.allocation != "automatic":
        return False
    mine = [lot for lot in chosen if lot.contract == code]
    return mine == [lot for lot in question.lots if lot.contract == code][: len(mine)]
