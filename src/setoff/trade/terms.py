"""The terms a document settles under: which contract, relation, currency and detail, and whether they allow it.

Guards, in this order (spec 1.2, 2.0, 4):
(What is left of a contract is settled whether it is still in force or not: `Force`.)
1. unknown_reference, field_missing    the counterparty
2. unknown_reference                   the agreement
3. agreement_of_other_party            it is another partner's
4. contract_not_active                 its status
5. contract_out_of_validity            its validity on the document's date
6. contract_required                   it settles by contracts and the sale names none
7. contract_not_used                   it settles without contracts and the sale names one
8. unknown_reference                   the contract
9. contract_of_other_party             another organization's or another counterparty's
10. relation_mismatch                  its relation does not fit the document
11. contract_not_active                its status
12. contract_out_of_validity           its validity on the document's date
13. currency_differs_from_contract     the document's currency
14. unknown_currency                   a settlement currency without a contract
15. invalid_rate, rate_missing         the rate to book currency (`book_rate`)
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Node
from setoff.parties.records import Stage
from setoff.trade.directory import AgreementTerms, ContractTerms, Directory, Party, UnitTerms
from setoff.trade.fields import ONE, currency_of, found, rate_of
from setoff.trade.objects import Paper, object_of

SALES: Final = ("buyer", "commission_agent", "other_buyer")
PURCHASES: Final = ("supplier", "consignor", "other_supplier")
OTHERS: Final = ("other", "other_buyer", "other_supplier")
OTHER_BALANCES: Final = (*OTHERS, "packaging_received", "packaging_issued", "loan_received", "loan_granted")
ANY_RELATION: Final = ("", *SALES, *PURCHASES, "other", "packaging_received", "packaging_issued", "loan_received", "loan_granted")
LOAN_INTEREST: Final = "loan_interest"
LOAN_PARTS: Final[dict[str, dict[str, str]]] = {
    "loan_received": {"costs": "loan_costs", "interest": LOAN_INTEREST, "principal": "loan_received"},
    "loan_granted": {"costs": "loan_costs_granted", "interest": "loan_interest_granted", "principal": "loan_granted"},
}
"""Interest of a loan, and what it costs the lender to get his money, are owed beside its principal: own relations of the node, under the
loan's contract, so that they have accounts of their own and are never mixed with the principal (spec 1.6, 2.3). A payment covers them in
this order (Civil Code art. 319)."""
BESIDE_PRINCIPAL: Final[dict[str, str]] = {
    parts[name]: relation for relation, parts in LOAN_PARTS.items() for name in ("costs", "interest")
}
"""Relation of interest or costs -> that of the loan's contract."""
RELATIONS: Final[dict[str, tuple[str, ...]]] = {
    "sale": SALES,
    "disbursement": ("other_supplier", "supplier", "consignor"),
    "sale_correction": SALES,
    "sale_return": SALES,
    "purchase": PURCHASES,
    "purchase_correction": PURCHASES,
    "purchase_return": PURCHASES,
    "payment_from_customer": SALES,
    "refund_to_customer": SALES,
    "payment_to_supplier": PURCHASES,
    "refund_from_supplier": PURCHASES,
    "other_party_in": OTHERS,
    "other_party_out": OTHERS,
    "loan_received": ("loan_received",),
    "loan_repaid": ("loan_received",),
    "loan_interest_paid": ("loan_received",),
    "loan_granted": ("loan_granted",),
    "loan_returned": ("loan_granted",),
    "loan_interest": ("loan_received", "loan_granted"),
    "packaging_deposit_in": ("packaging_issued", "packaging_received"),
    "packaging_deposit_out": ("packaging_received", "packaging_issued"),
    "packaging_issued": ("packaging_issued",),
    "packaging_returned": ("packaging_issued",),
    "packaging_received": ("packaging_received",),
    "packaging_given_back": ("packaging_received",),
    "opening_customer_debts": SALES,
    "opening_customer_advances": SALES,
    "opening_supplier_debts": PURCHASES,
    "opening_supplier_advances": PURCHASES,
    "opening_other_debts": OTHER_BALANCES,
    "opening_other_advances": OTHER_BALANCES,
    "manual_entry": ANY_RELATION,
    "branch_notice": ANY_RELATION,
    "local_entry": ANY_RELATION,
    "set_off": ANY_RELATION,
    "debt_transfer": ANY_RELATION,
    "debt_write_off": ANY_RELATION,
    "debt_accrual": ANY_RELATION,
    "netting": ANY_RELATION,
    "advance_offset": ANY_RELATION,
    "customer_order": SALES,
    "supplier_order": PURCHASES,
    "customer_bill": SALES,
    "supplier_bill": PURCHASES,
    "doubtful_reserve": ANY_RELATION,
}
"""The relations of a contract that fit a kind; the first is that of a document without a contract ("": the row must say)."""
WE_OWE_BY_NATURE: Final = frozenset(
    {"supplier", "consignor", "other_supplier", "packaging_received", "loan_received", LOAN_INTEREST, "loan_costs"}
)


Force = Literal["trade", "opened", "settled"]
"""What a document asks of its contract and agreement: "trade", that they are active and in force on the day; "opened" (a debt formed
without trade: a transfer's receiver, an accrual), that they are active and have begun, for a penalty outlives its contract; "settled",
that they are no drafts, for what is left is settled after the end and after closing too."""

STATUSES: Final[dict[Force, tuple[str, ...]]] = {"trade": ("active",), "opened": ("active",), "settled": ("active", "closed")}


def debt_sign(relation: str) -> int:
    """+1 where a debt is what they owe us, -1 where it is what we owe them (spec 1.5)."""
    return -1 if relation in WE_OWE_BY_NATURE else 1


class Parties(NamedTuple):
    """The codes of a document (or of its row) that choose its terms. `place` is the path before their fields ("rows[1].");
    `relation` is only asked for by documents that may adjust any."""

    counterparty: str
    contract: str
    agreement: str = ""
    currency: str = ""
    place: str = ""
    relation: str = ""


class Terms(NamedTuple):
    unit: UnitTerms
    relation: str
    counterparty_id: int
    contract_id: int  # 0 = none
    currency: str  # of settlement
    payment_currency: str
    detail: str
    allocation: str
    reg_detail: str
    stages: tuple[Stage, ...]

    def node(self, paper: Paper, reg_paper: Paper) -> Node:
        return Node(
            self.unit.id, self.relation, self.counterparty_id, self.contract_id,
            object_of(self.detail, self.allocation, paper), object_of(self.reg_detail, "automatic", reg_paper), self.currency,
        )  # fmt: skip


def terms_of(kind: str, unit: UnitTerms, day: date, directory: Directory, parties: Parties, *, force: Force = "trade") -> Terms:
    """The terms on a day. Without a contract: relation by kind, detail of the agreement (by invoice without one), and the
    regulated contour settles by counterparty."""
    party = found(directory.counterparties, "counterparty", parties.counterparty, parties.place + "counterparty")
    agreement = _agreement(kind, day, directory, parties, party, force) if parties.agreement else None
    if not parties.contract:
        currency = parties.currency or (agreement.currency if agreement else "") or unit.book_currency
        currency_of(currency, parties.place + "currency")
        detail = agreement.detail if agreement else "invoice"
        stages = agreement.stages if agreement else ()
        return Terms(unit, RELATIONS[kind][0], party.id, 0, currency, currency, detail, "automatic", "contract", stages)
    contract = found(directory.contracts, "contract", parties.contract, parties.place + "contract")
    check_contract(contract, unit, party.id, parties)
    if contract.relation not in RELATIONS[kind]:
        raise DomainError(
            ErrorCode.RELATION_MISMATCH,
            contract=contract.number,
            relation=contract.relation,
            kind=kind,
            field=parties.place + "contract",
        )
    check_in_force(contract, day, parties.place, force)
    if parties.currency and parties.currency != contract.currency:
        raise DomainError(
            ErrorCode.CURRENCY_DIFFERS_FROM_CONTRACT, contract=contract.number, currency=parties.currency,
            contract_currency=contract.currency, field=parties.place + "currency",
        )  # fmt: skip
    return Terms(
        unit, contract.relation, contract.counterparty_id, contract.id, contract.currency,
        contract.payment_currency or contract.currency, contract.detail, contract.allocation, contract.reg_detail,
        contract.stages or (agreement.stages if agreement else ()),
    )  # fmt: skip


def adjusted_terms(
    kind: str, unit: UnitTerms, day: date, directory: Directory, parties: Parties, *, force: Force = "trade"
) -> Terms:
    """`terms_of` a node adjusted by hand: any relation; without a contract it has to be said. Interest and costs of a loan are said with
    the relations of LOAN_PARTS. Errors: also field_missing, relation_mismatch (relation)."""
    terms = terms_of(kind, unit, day, directory, parties, force=force)
    said = parties.relation or terms.relation
    field = parties.place + "relation"
    if not said:
        raise DomainError(ErrorCode.FIELD_MISSING, field=field)
    fits = not terms.relation or terms.relation in (said, BESIDE_PRINCIPAL.get(said))
    if not fits or said not in (*ANY_RELATION, *BESIDE_PRINCIPAL):
        raise DomainError(ErrorCode.RELATION_MISMATCH, contract=parties.contract, relation=said, kind=kind, field=field)
    return terms._replace(relation=said)


def _agreement(kind: str, day: date, directory: Directory, parties: Parties, party: Party, force: Force) -> AgreementTerms:
    agreement = found(directory.agreements, "agreement", parties.agreement, parties.place + "agreement")
    field = parties.place + "agreement"
    if agreement.partner_id is not None and agreement.partner_id != party.partner_id:
        raise DomainError(ErrorCode.AGREEMENT_OF_OTHER_PARTY, agreement=agreement.code, counterparty=parties.counterparty, field=field)
    if agreement.status not in STATUSES[force]:
        raise DomainError(ErrorCode.CONTRACT_NOT_ACTIVE, contract=agreement.code, status=agreement.status, field=field)
    _check_validity(agreement.code, (agreement.valid_from, agreement.valid_to), day, field, force)
    if kind == "sale" and agreement.uses_contracts and not parties.contract:
        raise DomainError(ErrorCode.CONTRACT_REQUIRED, agreement=agreement.code, field=parties.place + "contract")
    if kind == "sale" and parties.contract and not agreement.uses_contracts:
        raise DomainError(ErrorCode.CONTRACT_NOT_USED, agreement=agreement.code, field=parties.place + "contract")
    return agreement


def check_contract(contract: ContractTerms, unit: UnitTerms, counterparty_id: int, parties: Parties) -> None:
    """The contract is of the unit's organization and of the document's counterparty."""
    if contract.organization_id != unit.organization_id or contract.counterparty_id != counterparty_id:
        raise DomainError(
            ErrorCode.CONTRACT_OF_OTHER_PARTY, contract=contract.number, counterparty=parties.counterparty, unit=unit.code,
            field=parties.place + "contract",
        )  # fmt: skip


def check_in_force(contract: ContractTerms, day: date, place: str, force: Force = "trade") -> None:
    """The contract is active and valid on the day, as far as the document asks for it."""
    if contract.status not in STATUSES[force]:
        raise DomainError(ErrorCode.CONTRACT_NOT_ACTIVE, contract=contract.number, status=contract.status, field=place + "contract")
    _check_validity(contract.number, (contract.valid_from, contract.valid_to), day, place + "contract", force)


def _check_validity(number: str, validity: tuple[date | None, date | None], day: date, field: str, force: Force) -> None:
    first, last = validity
    is_early = first is not None and day < first and force != "settled"
    is_late = last is not None and day > last and force == "trade"
    if is_early or is_late:
        raise DomainError(
            ErrorCode.CONTRACT_OUT_OF_VALIDITY, contract=number, date=day, valid_from=first or "", valid_to=last or "", field=field
        )


def book_rate(terms: Terms, day: date, directory: Directory, typed: str) -> Decimal:
    """Book currency for one unit of the settlement currency: typed in the document, else of the rate table.
    Errors: invalid_rate, also for a rate other than 1 where the settlement currency is the book currency; rate_missing."""
    if terms.currency == terms.unit.book_currency:
        if typed and rate_of(typed, "rate") != 1:
            raise DomainError(ErrorCode.INVALID_RATE, value=typed, field="rate")
        return ONE
    return rate_of(typed, "rate") if typed else directory.rate(terms.currency, terms.unit.book_currency, day)


def fitting_contracts(
    contracts: Iterable[ContractTerms], kind: str, unit: UnitTerms, day: date, *, counterparty_id: int, currency: str = "",
    paid_in: str = "", agreement: str = "",
) -> list[ContractTerms]:
    """The contracts a document could name, for the automatic choice in a form or a file: exactly one is filled in, several are
    offered (spec 1.2). `currency` of settlement, `paid_in` of payment; a contract made from another `agreement` does not fit. In order of
    their codes."""
    return sorted(
        (
            contract
            for contract in contracts
            if contract.organization_id == unit.organization_id
            and contract.counterparty_id == counterparty_id
            and contract.relation in RELATIONS[kind]
            and contract.status == "active"
            and (contract.valid_from is None or contract.valid_from <= day)
            and (contract.valid_to is None or day <= contract.valid_to)
            and currency in ("", contract.currency)
            and paid_in in ("", contract.payment_currency or contract.currency)
            and (not agreement or contract.agreement in ("", agreement))
        ),
        key=lambda contract: contract.code,
    )
