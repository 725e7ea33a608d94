"""What a document states: facts on nodes, and ledger entries whose sides are facts or accounts.

A **fact** is a signed change of what two parties owe each other (+ they owe us, - we owe them) on a **node**. An
**entry** is one amount between a debit and a credit side; a side is an account or a fact of the same document, whose
account the fold finds. So every entry balances by construction, and `statement_problems` proves that the entries
of a fact carry exactly its book amount (I1). Spec 1.4, 1.5; why a fact and its counter side stand apart:
docs/decisions/0002-facts-and-entries.md
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from enum import IntEnum
from typing import NamedTuple


class Nature(IntEnum):
    OPENING = 1
    SUPPLY = 2
    MONEY = 3
    ADJUST = 4
    FX = 5
    TRANSFER = 6  # a debt or an advance taken over: it only opens, never settles (receiver_has_opposite_sign)
    ACCRUAL = 7  # a debt that arises without a supply: the same (accrual_towards_zero)


ONLY_OPENS = frozenset({Nature.TRANSFER, Nature.ACCRUAL})


class Rule(IntEnum):
    """Why a part of a lot was used: stored with every allocation, told by `setoff explain`."""

    PAYER = 1  # the payer named the document (binds both contours)
    INTERNAL = 2  # we named it (management contour only)
    BASE = 3  # a correction first reduces its base document
    MOMENT = 4  # oldest document first
    DUE_DATE = 5  # earliest due date first
    LEGAL = 6  # Civil Code art. 319.1 p. 3
    LEGAL_PRO_RATA = 7  # the same, equal due dates share pro rata
    ACT = 8  # an act of set-off or another adjustment names the document (binds both contours)
    REVALUED = 9  # nothing was used: a revaluation gave the lot another value


class Node(NamedTuple):
    """Where it is owed: the finest key any contour may use. Ids are database ids; contract_id 0 = none. Each contour has its
    own settlement object by its own detail ("" = the contract as a whole, "order:NUMBER", "document:ID", "document:ID/LINE")."""

    unit_id: int
    relation: str
    counterparty_id: int
    contract_id: int
    object: str  # management contour
    reg_object: str  # regulated contour
    currency: str

    def id(self) -> int:
        return _identity("node", *self)

    def fold_key(self, contour: str) -> FoldKey:
        found = self.object if contour == "mgmt" else self.reg_object
        return FoldKey(contour, self.unit_id, self.relation, self.counterparty_id, self.contract_id, found, self.currency)


class FoldKey(NamedTuple):
    """What a contour folds together: a node with that contour's object."""

    contour: str
    unit_id: int
    relation: str
    counterparty_id: int
    contract_id: int
    object: str
    currency: str

    def id(self) -> int:
        return _identity("key", *self)


def _identity(*parts: str | int) -> int:
    """A positive 62-bit id made from the natural key: the same in every database, known before the row exists, so that
    locks can be taken in order. Two keys with one id are refused by the unique natural key."""
    digest = hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 2


class Target(NamedTuple):
    """A lot named by the document: `line` 0 = any lot of that document. `rule` is PAYER, INTERNAL, ACT or BASE; a BASE target
    takes what is open, the others must find the whole `amount` (settlement currency, minor units, > 0).
    `demoted`: what was cut off with consent when an earlier document took the lot (check C-3)."""

    document_id: int
    line: int
    amount: int
    rule: Rule
    demoted: int = 0


class Fact(NamedTuple):
    """One line of a document on a node. `change` in settlement currency, `book` in book currency, same sign.
    `own_value`: what this fact consumes is valued at its own book amount (money; the difference to the lot's carrying
    value is an exchange difference); otherwise it takes over the carrying value of what it consumes (supply, adjust).
    `consume_only`: a refund, or a row of an adjustment towards zero; it may use up what is open but never open a lot of the other sign
    (refund_exceeds_advance, allocation_exceeds_balance). The natures of ONLY_OPENS are the opposite.
    `origin`: for opening balances, the date of the original document (orders lots, ages debts); `label` its number."""

    line: int
    node: Node
    nature: Nature
    change: int
    book: int
    own_value: bool
    consume_only: bool = False
    due: date | None = None
    origin: date | None = None
    label: str = ""
    targets: tuple[Target, ...] = ()
    in_reg: bool = True
    in_mgmt: bool = True


class Entry(NamedTuple):
    """One amount (book currency, minor units) between two sides. A side is a fact's line (`debit_fact` > 0) or an account
    code. Negative only as red storno. `follows`: the line of the fact whose revaluation scales this entry (VAT of an
    FX supply), 0 = none. `item`: analytics of the non-settlement side (expense item, bank account, cash-flow item)."""

    line: int
    debit_fact: int
    debit_account: str
    credit_fact: int
    credit_account: str
    amount: int
    follows: int = 0
    vat_rate: str = ""
    item: str = ""


class Statement(NamedTuple):
    """Everything a posted document says."""

    facts: Sequence[Fact]
    entries: Sequence[Entry]


def statement_problems(statement: Statement) -> list[str]:
    """Laws of I1 and I10 that this statement breaks: a list of texts for the developer, empty when it is sound."""
    problems = []
    booked = {fact.line: 0 for fact in statement.facts if fact.in_reg}
    for entry in statement.entries:
        if bool(entry.debit_fact) == bool(entry.debit_account) or bool(entry.credit_fact) == bool(entry.credit_account):
            problems.append(f"entry {entry.line}: each side is either a fact or an account")
        for line, amount in ((entry.debit_fact, entry.amount), (entry.credit_fact, -entry.amount)):
            if line:
                booked[line] = booked.get(line, 0) + amount
    for fact in statement.facts:
        if fact.change == 0 or (fact.change > 0) != (fact.book > 0):
            problems.append(f"fact {fact.line}: change and book amount must have one sign")
        if fact.in_reg and booked[fact.line] != fact.book:
            problems.append(f"fact {fact.line}: entries carry {booked[fact.line]}, the fact {fact.book}")
    return problems
