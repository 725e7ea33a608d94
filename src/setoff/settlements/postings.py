"""Postings of documents: their entries, with the account of every settlement side found from the fold (spec 1.6, 2.0, 2.7).

For each document in turn:
1. Every fact becomes pieces on accounts. A supply goes whole through the debt account; any other fact hits the account of each
   lot it used, and what it opened hits the account of the new lot.
2. Every entry is laid over the pieces of the fact that is its side; where both sides are facts, over both. A supply in foreign
   currency is worth the carrying value of the advances it used plus the rest at its own rate, so its entries (and those
   that follow it, its VAT) are scaled to that value; shares are cumulative, so they sum exactly.
3. A supply that used advances gets one offset row for each; money whose value differs from the carrying value of the
   lot it used gets an exchange difference.

Written like the fold: one function over flat integers, interpreted for one document, compiled for a million.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import FunctionType
from typing import Any, Final, NamedTuple

from setoff.core.errors import DomainError, ErrorCode
from setoff.settlements.fold import SUM_MAX, Integers, largest_sum, multiply_divide, share_of

KIND_ENTRY: Final = 1
KIND_STORNO: Final = 2
KIND_OFFSET: Final = 3
KIND_FX: Final = 4
KINDS: Final = {KIND_ENTRY: "entry", KIND_STORNO: "storno", KIND_OFFSET: "offset", KIND_FX: "fx"}


class Folds(NamedTuple):
    """Documents with their entries and folded facts. Facts of document d are fact_start[d]..fact_start[d + 1] - 1, its entries likewise;
    allocations of fact f are allocation_start[f]..allocation_start[f + 1] - 1. Sides of entries are indices of facts, or -1 and an
    account. Accounts are ids: `positive` and `negative` hold lots of that sign, `debt` is the one of the two that holds debts."""

    fact_start: Integers
    entry_start: Integers
    sign: Integers
    amount: Integers
    book: Integers
    opened: Integers
    opened_book: Integers
    supply: Integers
    node: Integers
    positive: Integers
    negative: Integers
    debt: Integers
    gain: Integers
    loss: Integers
    allocation_start: Integers
    part: Integers
    lot_node: Integers
    lot_book: Integers
    own_book: Integers
    debit_fact: Integers
    debit_account: Integers
    credit_fact: Integers
    credit_account: Integers
    stated: Integers
    follows: Integers


class Posted(NamedTuple):
    """Postings in order, document after document: index of the document, kind, sides (account id, node id or 0), amount in book
    currency, amount in the node's currency (0 without a node), index of the entry (-1 for derived rows)."""

    document: Any
    kind: Any
    debit_account: Any
    debit_node: Any
    credit_account: Any
    credit_node: Any
    amount: Any
    settlement: Any
    entry: Any


def post_documents(
    fact_start: Any, entry_start: Any, sign: Any, amount: Any, book: Any, opened: Any, opened_book: Any, supply: Any, node: Any,
    positive: Any, negative: Any, debt: Any, gain: Any, loss: Any, allocation_start: Any, part: Any, lot_node: Any, lot_book: Any,
    own_book: Any, debit_fact: Any, debit_account: Any, credit_fact: Any, credit_account: Any, stated: Any, follows: Any,
    out_document: Any, out_kind: Any, out_debit_account: Any, out_debit_node: Any, out_credit_account: Any, out_credit_node: Any,
    out_amount: Any, out_settlement: Any, out_entry: Any,
) -> int:  # fmt: skip
    """Write the postings of every document to the outputs; returns how many, or -1 when the outputs are too short."""
    count = 0
    for document in range(len(fact_start) - 1):
        first, last = fact_start[document], fact_start[document + 1]
        accounts = [0 for _ in range(0)]
        nodes = [0 for _ in range(0)]
        values = [0 for _ in range(0)]
        settles = [0 for _ in range(0)]
        cursor = [0 for _ in range(last - first)]
        worth = [0 for _ in range(last - first)]
        for fact in range(first, last):
            cursor[fact - first] = len(values)
            value = opened_book[fact]
            for allocation in range(allocation_start[fact], allocation_start[fact + 1]):
                value += own_book[allocation]
                if not supply[fact]:
                    accounts.append(positive[fact] if sign[fact] < 0 else negative[fact])
                    nodes.append(lot_node[allocation])
                    values.append(own_book[allocation])
                    settles.append(part[allocation])
            worth[fact - first] = value
            if supply[fact]:
                accounts.append(debt[fact])
                nodes.append(node[fact])
                values.append(value)
                settles.append(amount[fact])
            elif opened[fact] > 0:
                accounts.append(positive[fact] if sign[fact] > 0 else negative[fact])
                nodes.append(node[fact])
                values.append(opened_book[fact])
                settles.append(opened[fact])
        used = [0 for _ in range(len(values))]
        laid = [0 for _ in range(last - first)]  # stated amounts of the entries laid so far, by fact
        placed = [0 for _ in range(last - first)]  # the same, scaled

        for entry in range(entry_start[document], entry_start[document + 1]):
            left = stated[entry]
            debit, credit = debit_fact[entry], credit_fact[entry]
            side = debit if credit < 0 else credit if debit < 0 else -1
            if side >= 0:
                laid[side - first] += left
                left = share_of(worth[side - first], laid[side - first], book[side]) - placed[side - first]
                placed[side - first] += left
            elif follows[entry] >= 0 and worth[follows[entry] - first] != book[follows[entry]]:
                scaled = share_of(worth[follows[entry] - first], abs(left), book[follows[entry]])
                left = scaled if left > 0 else -scaled
            while left != 0:
                take, settle = left, 0
                from_account, from_node = debit_account[entry], 0
                to_account, to_node = credit_account[entry], 0
                if debit >= 0:
                    while used[cursor[debit - first]] == values[cursor[debit - first]]:
                        cursor[debit - first] += 1
                    piece = cursor[debit - first]
                    take = min(take, values[piece] - used[piece])
                    from_account, from_node = accounts[piece], nodes[piece]
                if credit >= 0:
                    while used[cursor[credit - first]] == values[cursor[credit - first]]:
                        cursor[credit - first] += 1
                    piece = cursor[credit - first]
                    take = min(take, values[piece] - used[piece])
                    to_account, to_node = accounts[piece], nodes[piece]
                if credit >= 0:
                    piece = cursor[credit - first]
                    before = share_of(settles[piece], used[piece], values[piece])
                    used[piece] += take
                    settle = share_of(settles[piece], used[piece], values[piece]) - before
                if debit >= 0:
                    piece = cursor[debit - first]
                    before = share_of(settles[piece], used[piece], values[piece])
                    used[piece] += take
                    settle = share_of(settles[piece], used[piece], values[piece]) - before
                if count == len(out_kind):
                    return -1
                out_document[count] = document
                out_kind[count] = KIND_ENTRY if take > 0 else KIND_STORNO
                out_debit_account[count] = from_account
                out_debit_node[count] = from_node
                out_credit_account[count] = to_account
                out_credit_node[count] = to_node
                out_amount[count] = take
                out_settlement[count] = settle
                out_entry[count] = entry
                count += 1
                left -= take

        for fact in range(first, last):
            for allocation in range(allocation_start[fact], allocation_start[fact + 1]):
                lot_account = positive[fact] if sign[fact] < 0 else negative[fact]
                difference = lot_book[allocation]
                kind = KIND_OFFSET
                settle = part[allocation]
                other_account, other_node = debt[fact], node[fact]
                lot_debited = sign[fact] > 0
                if not supply[fact]:
                    difference = own_book[allocation] - lot_book[allocation]
                    kind = KIND_FX
                    settle = 0
                    # money over the carrying value: of a claim a gain (debit the lot), of a liability a loss (credit it)
                    lot_debited = (difference > 0) == (sign[fact] < 0)
                    other_account, other_node = gain[fact] if lot_debited else loss[fact], 0
                    difference = abs(difference)
                if difference == 0 or (lot_account == other_account and lot_node[allocation] == other_node):
                    continue
                if count == len(out_kind):
                    return -1
                out_document[count] = document
                out_kind[count] = kind
                out_debit_account[count] = lot_account if lot_debited else other_account
                out_debit_node[count] = lot_node[allocation] if lot_debited else other_node
                out_credit_account[count] = other_account if lot_debited else lot_account
                out_credit_node[count] = other_node if lot_debited else lot_node[allocation]
                out_amount[count] = difference
                out_settlement[count] = settle
                out_entry[count] = -1
                count += 1
    return count


@lru_cache(maxsize=1)
def compiled_post() -> Callable[..., int]:
    """`post_documents` compiled; kept on disk between runs."""
    import numba

    compiled: dict[str, Any] = {}
    for function in (multiply_divide, share_of, post_documents):
        copy = FunctionType(function.__code__, {**globals(), **compiled}, function.__name__)
        copy.__module__ = __name__
        compiled[function.__name__] = numba.njit(cache=True)(copy)
    found: Callable[..., int] = compiled["post_documents"]
    return found


def post_few(folds: Folds) -> Posted:
    """Postings from sequences of Python integers, interpreted."""
    return _post(post_documents, folds, lambda length: [0] * length)


def post_many(folds: Folds) -> Posted:
    """Postings from int64 arrays, compiled; interpreted where the value of a document may not fit (as in `fold_many`). Errors:
    amount_too_large."""
    import numpy as np

    arrays = Folds(*(np.ascontiguousarray(column, dtype=np.int64) for column in folds))
    parts = largest_sum(arrays.lot_book, np.asarray(arrays.allocation_start)[arrays.fact_start])
    if parts + largest_sum(arrays.opened_book, arrays.fact_start) >= SUM_MAX:
        return post_exactly(arrays)
    return _post(compiled_post(), arrays, lambda length: np.zeros(length, np.int64))


def post_exactly(folds: Folds) -> Posted:
    """Postings from arrays, interpreted, as arrays. Errors: amount_too_large for one that 64 bits do not hold."""
    import numpy as np

    posted = post_few(Folds(*(np.asarray(column).tolist() for column in folds)))
    too_large = [amount for amount in posted.amount if abs(amount) >= 1 << 63]
    if too_large:
        raise DomainError(ErrorCode.AMOUNT_TOO_LARGE, value=str(too_large[0]))
    return Posted(*(np.array(column, np.int64) for column in posted))


def _post(function: Callable[..., int], folds: Folds, zeros: Callable[[int], Any]) -> Posted:
    room = len(folds.stated) + 2 * len(folds.part) + len(folds.amount) + 8
    while True:  # an entry between two much divided facts can need more rows: then once more with more room
        outputs = [zeros(room) for _ in range(9)]
        count = function(*folds, *outputs)
        if count >= 0:
            return Posted(*(column[:count] for column in outputs))
        room *= 2
