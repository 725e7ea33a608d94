"""The scenario file: a TOML story of masters, documents and actions, and what must be true after it.

Everything a person writes is text: dates "2026-01-10", amounts "500.00". Documents have plain names ("invoice 1"), which are
their external keys. What is not said has a default: one organization ORG with one unit MAIN, the chart ru and its currency,
counterparties that exist because somebody names them, and the contract of the story when there is just one.

A step is a table with one verb. A document verb (`sale`, `payment_from_customer`, `opening_customer_debts` ...) takes the
fields of that document (docs/reference/documents.md) with some shorthand (`records.py`); the other verbs are in ACTIONS.

Errors: scenario_invalid(file, step, reason). Reference: docs/reference/scenarios.md
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, get_args, get_type_hints

import msgspec

from setoff.core.errors import DomainError, ErrorCode
from setoff.language import Language
from setoff.trade.documents import OpeningBalance, PackagingKind, PaymentKind
from setoff.trade.kinds import ADJUSTMENTS

BOOK_CURRENCY: Final = {"ru": "RUB", "ru-budget": "RUB", "cn": "CNY", "intl": "EUR"}

SUPPLY_VERBS: Final = ("sale", "purchase")
CORRECTION_VERBS: Final = ("sale_correction", "purchase_correction", "sale_return", "purchase_return")
PAYMENT_VERBS: Final[tuple[str, ...]] = get_args(PaymentKind)
OPENING_VERBS: Final = tuple(f"opening_{kind}" for kind in get_args(get_type_hints(OpeningBalance)["kind"]))
PLAN_VERBS: Final = ("customer_order", "supplier_order", "customer_bill", "supplier_bill")
ADJUSTMENT_VERBS: Final = {name: kind for kind, name in ADJUSTMENTS.items()}
PACKAGING_VERBS: Final = {f"packaging_{kind}": kind for kind in get_args(PackagingKind)}
NOTICE_VERBS: Final = ("local_entry", "branch_notice")
INVOICE_VERBS: Final = ("issued_invoice", "received_invoice")
DOCUMENT_VERBS: Final = (
    *SUPPLY_VERBS, *CORRECTION_VERBS, *PAYMENT_VERBS, *OPENING_VERBS, "manual_entry", *ADJUSTMENT_VERBS, "advance_offset", "advance_vat",
    *PACKAGING_VERBS, *INVOICE_VERBS, "revaluation", *PLAN_VERBS,
    *NOTICE_VERBS, "loan_interest", "doubtful_reserve",
)  # fmt: skip

ACTIONS: Final = {
    "edit": "post a new version of a document: the fields given replace the old ones",
    "post": "post a document that is a draft or was unposted",
    "unpost": "take a document out of the books",
    "reorder": "move a document within its day: `day_order`",
    "cancel": "mark a document for deletion",
    "restore": "take the deletion mark away",
    "close": 'close the period of a month ("2026-01") of `unit`',
    "seal": "seal the closed period of a month",
    "reopen": "open a closed period again: `reason`, and `sealed` = true for one that was sealed",
    "revalue": 'revalue the debts of `unit` at the end of every month up to that one ("2026-01"), by the rate table',
    "accrue": 'accrue the interest of the loans of `unit` to the end of that month ("2026-01")',
    "accrue_reserve": 'make the reserve for doubtful debts of `unit` what the debts ask for at the end of a month ("2026-01")',
    "reschedule": "from the `date` on what is left of the loan of that contract is due by its terms",
    "import": "import the documents in `records` as one file: `on_error` stop (all or nothing) or collect (the good rows)",
    "masters": "add or change master records: `records`",
    "change_contract": "change a contract of the story: the fields given replace the old ones",
    "open_round": "open a round of set-off of that code: `date`, `units`, and choices of a round",
    "round_debts": "add debts between others to a round: `name`, `debts`",
    "confirm_round": "one side says that debts of a round are so: `side`, `by`, `numbers`",
    "solve_round": "the preliminary result of a round",
    "agree_round": "a party agrees to what is cleared for it: `party`, `by`, `date`",
    "refuse_round": "a party leaves a round: `party`, `because`, `date`",
    "final_round": "post a round: `date`",
    "reverse_round": "reverse the documents of a round: `date`, `because`",
    "bill": "bill a price list: `kind` month or operations, `first`, `last`, `date` of the invoices",
    "undo_bill": "undo the last billing run of a price list",
    "pay_quote": "pay an invoice in another currency, with the amount quoted for it: `currency`, `date`",
    "notice": "draft a notice between units: `sender`, `receiver`, `date`, `nature`, `operation`, `sender_rows`, `receiver_rows`",
    "send_notice": "send a drafted notice: `by`",
    "recall_notice": "take a sent notice back: `by`",
    "confirm_notice": "confirm a sent notice, which books both sides: `by`",
    "reject_notice": "reject a sent notice: `by`, `because`",
    "reverse_notice": "draft what takes a confirmed notice back, as KEY/reversal: `date`, `because`, `unit`, `by`",
    "undo_notice": "ask to undo a confirmed notice, or agree to it for the other side: `by`, `because`",
    "branch_operation": "an operation by its `template` (the first word of its name): a notice confirmed at once, or an entry of `unit`",
    "share_costs": "share a `total` by a `key` of units and weights: a drafted notice of `template` for every branch",
    "drop_notice": "throw a drafted or rejected notice away: `by`",
    "check": "do nothing, compare what is expected here",
}
EVERYWHERE: Final = ("note", "refused", "changes", "dry_run", "demote_targets", "expect")


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A table of a scenario file."""


class ContourExpected(Part):
    """What one contour must hold. Every list is complete: what is not in it must not be there."""

    balances: list[str] | None = None
    """Per contract: "main  debt 500.00 advance 300.00" in its settlement currency; without a contract the counterparty."""
    lots: list[str] | None = None
    """Open items: "invoice 1  200.00" (+ they owe us, - we owe them); "invoice 1 #2  75.00 = 5400.00 due 2026-03-01"."""
    allocations: list[str] | None = None
    """"receipt 1 -> invoice 1  300.00"; with " = 21000.00 / 21500.00" (released value / own value) and " by moment"."""


class Expected(Part):
    """What must be true now. Sections not given are not compared."""

    accounts: list[str] | None = None
    """All accounts with a balance in book currency: "62.01  Dr 200.00"."""
    both: ContourExpected = ContourExpected()
    """What holds in both contours alike."""
    reg: ContourExpected = ContourExpected()
    mgmt: ContourExpected = ContourExpected()
    postings: dict[str, list[str]] = {}
    """By document: "62.01 / 90.01  500.00", optionally with its kind: entry, offset, fx, storno, vat, revaluation."""
    states: dict[str, Literal["draft", "posted", "unposted", "marked", "absent"]] = {}
    plans: dict[str, list[str]] = {}
    """By order or bill, what is still planned: "2025-04-01 credit 60.00"; and of "status shipment", "shipped 40.00", "paid 30.00",
    "debt 10.00", "advance 5.00", "overdue 10.00 on 2025-04-02" those that are named."""
    notices: dict[str, str] = {}
    """By notice its state: draft, sent, confirmed, rejected, undone, absent."""
    rounds: dict[str, list[str]] = {}
    """By round, what it clears: "Buyer -> MAIN invoice 1  60.00"; the first line may be its state: "final"."""


class Title(Part):
    """What a story is about, for readers of each language."""

    en: str
    ru: str
    zh: str


class Scenario(Part):
    """A file. `title`: one text, or one in each language. `country`: whose days off the organization keeps, "" = weekends alone (default:
    those of the chart). `contracts` are records without code, number and organization, `loans` the terms of those that are loans;
    `policies` are fields of the records of all units; `rates` are "date rate" lines per currency."""

    title: str | Title
    steps: list[dict[str, Any]]
    spec: str = ""
    story: str = ""
    chart: Literal["ru", "ru-budget", "cn", "intl"] = "ru"
    book_currency: str = ""
    country: str | None = None
    units: list[str] = msgspec.field(default_factory=lambda: ["MAIN"])
    policies: dict[str, Any] = {}
    contracts: dict[str, dict[str, Any]] = {}
    loans: dict[str, dict[str, Any]] = {}
    agreements: dict[str, dict[str, Any]] = {}
    counterparties: dict[str, dict[str, Any]] = {}
    rates: dict[str, list[str]] = {}
    masters: list[dict[str, Any]] = []
    expect: Expected = Expected()

    def titled(self, language: Language) -> str:
        """The title as readers of a language have it; one text is for all of them."""
        if isinstance(self.title, str):
            return self.title
        titles: dict[Language, str] = {"en": self.title.en, "ru": self.title.ru, "zh": self.title.zh}
        return titles[language]


class Step(NamedTuple):
    """`position` counts from 1. `subject` is the plain name (or month, or words) after the verb; `fields` the rest."""

    position: int
    verb: str
    subject: str
    fields: dict[str, Any]
    refused: dict[str, Any] | None
    changes: list[str] | None
    dry_run: bool
    demote_targets: bool
    expect: Expected


class Story(NamedTuple):
    path: str
    scenario: Scenario
    steps: list[Step]


def load_scenario(path: Path) -> Story:
    """The story in a file, every step checked for its verb. Errors: scenario_invalid."""
    try:
        text = path.read_text(encoding="utf-8")
        raw = tomllib.loads(text)
        scenario = msgspec.convert(raw, Scenario)
    except (OSError, ValueError) as problem:  # tomllib, msgspec and decoding errors are ValueErrors
        raise invalid(path.name, 0, str(problem)) from None
    return Story(path.name, scenario, [_step(path.name, number, fields) for number, fields in enumerate(scenario.steps, 1)])


def _step(file: str, position: int, table: dict[str, Any]) -> Step:
    documents = [verb for verb in table if verb in DOCUMENT_VERBS]  # a field of theirs may be called as an action is
    verbs = documents or [verb for verb in table if verb in ACTIONS]
    if len(verbs) != 1:
        raise invalid(file, position, f"one verb is needed, found {verbs or 'none'}")
    verb = verbs[0]
    rest = {name: value for name, value in table.items() if name != verb and name not in EVERYWHERE}
    try:
        refused = msgspec.convert(table.get("refused"), dict[str, Any] | None)
        changes = msgspec.convert(table.get("changes"), list[str] | None)
        expect = msgspec.convert(table.get("expect", {}), Expected)
        subject = msgspec.convert(table[verb], str)
        flags = [msgspec.convert(table.get(flag, False), bool) for flag in ("dry_run", "demote_targets")]
    except msgspec.ValidationError as problem:
        raise invalid(file, position, str(problem)) from None
    if refused is not None and "code" not in refused:
        raise invalid(file, position, "`refused` needs a `code`")
    return Step(position, verb, subject, rest, refused, changes, flags[0], flags[1], expect)


def invalid(file: str, step: int, reason: str) -> DomainError:
    return DomainError(ErrorCode.SCENARIO_INVALID, file=file, step=step, reason=reason)
