"""From a line of a statement to the payment it is: rules of people, own transfers, payments that are in the books already, then the owner
(owners.py) and what it settles (targets.py). Pure: what the books know is given.

`Proposal.confidence` is the least of what it rests on, per mille; from `SURE` (owners.py) on it may be booked without a look. A near
name is made sure by numbers and an amount that are exact. Lots that a sure proposal takes are taken for the lines after it, so lines
are proposed in the order of their days.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, NamedTuple, get_args

from setoff.banks.kinds import kind_of_money
from setoff.banks.numbers import named_in, number_key
from setoff.banks.orders import sepa_reference
from setoff.banks.owners import SURE, Owner, OwnerIndex, Party, Reason
from setoff.banks.statement import Line
from setoff.banks.targets import Laid, OpenLot, Question, lay, rows_of
from setoff.core.chart import Role
from setoff.core.money import Money, format_amount
from setoff.settlements.keys import order_of
from setoff.trade.debited import PAY_DEBTS
from setoff.trade.directory import ContractTerms, UnitTerms
from setoff.trade.documents import Payment, PaymentKind
from setoff.trade.terms import RELATIONS, fitting_contracts

CHARGES: Final = re.compile(
    r"комисси|обслуживани\w* (?:р/?с|сч[её]т)|ведени\w* (?:р/?с|сч[её]т)|\bрко\b|bank charge|account fee|service charge|"
    r"handling fee|kontoführung|手续费|账户管理费",
    re.IGNORECASE,
)
PAYMENT_KINDS: Final[tuple[PaymentKind, ...]] = get_args(PaymentKind)
BEFORE_DAYS: Final = 10
AFTER_DAYS: Final = 3
"""A payment in the books may be older than the bank's line by so many days (it was ordered), or younger (it was dated by hand)."""


class Ours(NamedTuple):
    """An account of ours, and the unit whose books hold it."""

    id: int
    number: str
    currency: str
    name: str
    unit: UnitTerms


class Rule(NamedTuple):
    """What a person said of lines like this: whose they are, which account, or nobody's (`kind` "ignore", with the reason)."""

    id: int
    field: str
    pattern: str
    direction: str
    kind: str
    counterparty: str = ""
    contract: str = ""
    ledger_account: str = ""
    item: str = ""
    reason: str = ""


class Existing(NamedTuple):
    """A payment in the books that no line stands for yet. `amount` is signed like a line."""

    key: str
    number: str
    status: str
    kind: str
    day: date
    amount: int
    counterparty_id: int | None


class SignedLot(NamedTuple):
    """A lot and its sign: +1 what they owe us."""

    sign: int
    lot: OpenLot


class Proposal(NamedTuple):
    """`payment` None: nothing is proposed, `candidates` are parties to look at. `existing`: the key of the payment that the line is.
    `ignore`: why nothing is to be booked."""

    payment: Payment | None
    confidence: int
    reasons: tuple[Reason, ...]
    candidates: tuple[str, ...] = ()
    existing: str = ""
    ignore: str = ""


@dataclass(slots=True)
class Known:
    """What the books know that lines of one account are compared with. Contracts and lots are those of the owners found; `settled`: numbers
    that their lines name and that documents of theirs have, open or not."""

    ours: Ours
    owners: OwnerIndex
    rules: Sequence[Rule] = ()
    own_accounts: Mapping[str, str] = field(default_factory=dict)
    own_tax_ids: frozenset[str] = frozenset()
    contracts: Mapping[int, Sequence[ContractTerms]] = field(default_factory=dict)
    lots: dict[int, list[SignedLot]] = field(default_factory=dict)
    payments: dict[int, list[Existing]] = field(default_factory=dict)
    settled: Mapping[int, frozenset[str]] = field(default_factory=dict)


def rule_fits(rule: Rule, line: Line) -> bool:
    """Whether the rule's words stand in its field, in any case; `*` stands for any text between."""
    if rule.direction != "any" and (line.amount_minor > 0) != (rule.direction == "in"):
        return False
    pattern = ".*".join(re.escape(part) for part in rule.pattern.strip().split("*"))
    return re.search(pattern, str(getattr(line, rule.field)), re.IGNORECASE) is not None


def owner_of(line: Line, known: Known) -> Owner:
    """Whose the line is; a rule of people goes before what we find."""
    rule = next((rule for rule in known.rules if rule_fits(rule, line)), None)
    if rule is None:
        return known.owners.find(line)
    party = next((party for party in known.owners.parties if party.code == rule.counterparty), None) if rule.counterparty else None
    return Owner(party, 995 if party else 0, (Reason("reason-rule", {"pattern": rule.pattern}),))


def propose(line: Line, owner: Owner, known: Known, key: str) -> Proposal:
    """What the line is. `key` is that of the payment to be. What it takes of the lots is taken, when it is sure."""
    rule = next((rule for rule in known.rules if rule_fits(rule, line)), None)
    if rule is not None and rule.kind == "ignore":
        return Proposal(None, 995, owner.reasons, ignore=rule.reason)
    made = _plain_money(line, owner, known, key, rule)
    if made is not None:
        return _in_the_books(line, made, None, known) or made
    if owner.party is None:
        return Proposal(None, owner.confidence, owner.reasons, tuple(party.code for party in owner.candidates))
    kind, kind_confidence, kind_reasons = kind_of_money(
        line, known.contracts.get(owner.party.id, ()), [(sign, lot.relation) for sign, lot in known.lots.get(owner.party.id, ())]
    )
    if rule is not None and rule.kind:
        kind, kind_confidence, kind_reasons = _payment_kind(rule.kind), 995, ()
    here = _in_the_books(line, Proposal(None, owner.confidence, owner.reasons), owner.party, known)
    if here is not None:
        return here
    laid, question, takers = _laid(line, owner.party, kind, known, rule)
    reasons = (*owner.reasons, *kind_reasons, *laid.reasons)
    confidence = min(_supported(owner, laid), kind_confidence, laid.confidence)
    if kind in ("refund_to_customer", "refund_from_supplier") and laid.rest and not line.reversal:
        confidence = min(confidence, 600)
        reasons = (*reasons, Reason("doubt-refund", {"amount": Money(laid.rest, line_currency(known))}))
    if confidence >= SURE:
        _take(laid, takers)
    payment = _payment(line, owner, (kind, key), (laid, question), known)
    return Proposal(payment, confidence, reasons, tuple(party.code for party in owner.candidates))


def line_currency(known: Known) -> str:
    return known.ours.currency


def _supported(owner: Owner, laid: Laid) -> int:
    """An owner found by a near name is sure when the payer named documents of his and paid exactly them."""
    exact = laid.named_by == "payer" and laid.confidence >= 965 and not laid.rest
    return max(owner.confidence, 960) if exact and owner.confidence >= 840 and not owner.candidates else owner.confidence


# Money that is nobody's debt ---------------------------------------------------------------------------------------------


def _plain_money(line: Line, owner: Owner, known: Known, key: str, rule: Rule | None) -> Proposal | None:
    """A rule's account, a transfer between accounts of ours, a charge of the bank; None for money of a counterparty."""
    roles = known.ours.unit.chart.roles
    if rule is not None and rule.ledger_account:
        return Proposal(_other(line, known, key, rule.ledger_account, rule.item), 995, owner.reasons)
    if rule is not None:
        return None
    own = known.own_accounts.get(line.account)
    if own is not None:
        reason = Reason("reason-own-transfer", {"account": own})
        return Proposal(_other(line, known, key, roles[Role.MONEY_IN_TRANSIT], ""), 990, (reason,))
    if line.tax_id and line.tax_id in known.own_tax_ids and not CHARGES.search(line.purpose):
        reason = Reason("reason-own-tax-id", {"tax_id": line.tax_id})
        return Proposal(_other(line, known, key, roles[Role.MONEY_IN_TRANSIT], ""), 900, (reason,))
    if line.amount_minor < 0 and owner.party is None and CHARGES.search(line.purpose):
        return Proposal(_other(line, known, key, roles[Role.BANK_CHARGES], ""), 900, (Reason("reason-charge", {}),))
    return None


def _other(line: Line, known: Known, key: str, account: str, item: str) -> Payment:
    return Payment(
        unit=known.ours.unit.code,
        date=line.booking_date.isoformat(),
        key=key,
        kind="other_in" if line.amount_minor > 0 else "other_out",
        amount=format_amount(abs(line.amount_minor), known.ours.currency),
        currency=known.ours.currency,
        account=account,
        item=item,
        bank_account=known.ours.name,
        purpose=line.purpose,
    )


# Payments in the books already -------------------------------------------------------------------------------------------


def _in_the_books(line: Line, made: Proposal, party: Party | None, known: Known) -> Proposal | None:
    """The payment that somebody entered or ordered before the bank told of it: same amount and party, days near. It is taken."""
    listed = known.payments.get(line.amount_minor, [])
    wanted = party.id if party else None
    near = [
        payment for payment in listed
        if payment.counterparty_id == wanted
        and timedelta(-AFTER_DAYS) <= line.booking_date - payment.day <= timedelta(BEFORE_DAYS)
        and (made.payment is None or payment.kind == made.payment.kind)
    ]  # fmt: skip
    if not near:
        return None
    said = number_key(line.end_to_end)
    numbered = [payment for payment in near if said and said in (number_key(payment.number), number_key(sepa_reference(payment.number)))]
    chosen = min(numbered or near, key=lambda payment: (abs(payment.day - line.booking_date), payment.number))
    listed.remove(chosen)
    facts = {"number": chosen.number, "date": chosen.day, "status": chosen.status}
    confidence = min(made.confidence, 990) if numbered or made.confidence >= 900 else made.confidence
    return Proposal(None, confidence, (*made.reasons, Reason("reason-existing", facts)), existing=chosen.key)


# What it settles ---------------------------------------------------------------------------------------------------------


def _laid(
    line: Line, party: Party, kind: PaymentKind, known: Known, rule: Rule | None
) -> tuple[Laid, Question, list[SignedLot]]:
    """What the payment settles, the question that was asked, and the lots of the party, to take from."""
    sign = 1 if line.amount_minor > 0 else -1
    unit, day, currency = known.ours.unit, line.booking_date, known.ours.currency
    fitting = [
        contract for contract in fitting_contracts(known.contracts.get(party.id, ()), kind, unit, day, counterparty_id=party.id)
        if contract.payment_currency == currency and (rule is None or rule.contract in ("", contract.code))
    ]  # fmt: skip
    orders = {"": order_of("", None, unit)} | {contract.code: order_of(contract.relation, contract, unit) for contract in fitting}
    all_lots = known.lots.get(party.id, [])
    lots = [
        lot for lot_sign, lot in all_lots
        if lot_sign == sign and lot.relation in RELATIONS[kind] and lot.currency == currency and lot.contract in orders
        and lot.day <= day and lot.amount > 0
    ]  # fmt: skip
    lots.sort(key=_order(orders))
    question = Question(abs(line.amount_minor), currency, named_in(line.purpose), fitting, lots, known.settled.get(party.id, frozenset()))
    laid = lay(question)
    if any(contract.currency != currency for contract in fitting if contract.code == laid.contract):
        laid = laid._replace(reasons=(*laid.reasons, Reason("reason-other-currency", {})))
    return laid, question, all_lots


def _order(orders: Mapping[str, str]) -> Callable[[OpenLot], tuple[date, int, int]]:
    """The allocation order of each lot's contract: the oldest first, or the earliest due."""

    def place(lot: OpenLot) -> tuple[date, int, int]:
        return (lot.day if orders[lot.contract] == "moment" else lot.due or date.max, lot.rank, lot.line)

    return place


def _take(laid: Laid, lots: list[SignedLot]) -> None:
    """What the proposal settles is no longer open for the next."""
    taken = {(share.lot.document, share.lot.line, share.lot.contract): share.amount for share in laid.shares}
    for place, (sign, lot) in enumerate(lots):
        amount = taken.get((lot.document, lot.line, lot.contract))
        if amount:
            lots[place] = SignedLot(sign, lot._replace(amount=lot.amount - amount))


def _payment(line: Line, owner: Owner, named: tuple[PaymentKind, str], answer: tuple[Laid, Question], known: Known) -> Payment:
    kind, key = named
    rows = rows_of(*answer)
    assert owner.party is not None
    return Payment(
        unit=known.ours.unit.code,
        date=line.booking_date.isoformat(),
        key=key,
        kind=kind,
        amount=format_amount(abs(line.amount_minor), known.ours.currency),
        counterparty=owner.party.code,
        payer=owner.payer.code if owner.payer and owner.payer.id != owner.party.id else "",
        currency=known.ours.currency,
        contract=rows[0].contract if len(rows) == 1 else "",
        targets=rows[0].targets if len(rows) == 1 else [],
        rows=rows if len(rows) > 1 else [],
        bank_account=known.ours.name,
        debited=debited_on(line, kind),
        consent=line.reversal and kind in ("refund_to_customer", "refund_from_supplier"),
        purpose=line.purpose,
    )


def debited_on(line: Line, kind: str) -> str:
    """The day on which the payer was debited, as the payment says it: nothing where the file says none, or the kind has no payer."""
    return line.debited.isoformat() if line.debited and kind in PAY_DEBTS else ""


def _payment_kind(text: str) -> PaymentKind:
    return next(kind for kind in PAYMENT_KINDS if kind == text)


def is_sure(proposal: Proposal) -> bool:
    """Whether the proposal may be booked without a look."""
    return proposal.confidence >= SURE and (proposal.payment is not None or bool(proposal.existing) or bool(proposal.ignore))

