"""What a document would do, before anybody says so: posted in a transaction that is rolled back, and told.

    postings            debit, credit, amount
    settles             lots it would use and open, by contour
    others              documents that would change, before and after
    lines               what each line comes to, by the rules of trade/lines.py, and their total; also while much is still missing

A refusal is told with its way out: consent to cut down later documents, or to exceed the limits of a contract,
is offered to who may post. A new document is tried under a
number of its own that nobody sees, so that trying takes none away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec
from psycopg import Connection

from setoff.access.approvals import Pending
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Rule
from setoff.core.money import Money
from setoff.language import Language, text
from setoff.pages.changes import ChangedDocument, changed_documents
from setoff.reports.cells import document_text, term_text
from setoff.reports.report import DocumentName
from setoff.settlements.choosing import choose_contract
from setoff.settlements.diff import Change
from setoff.settlements.explanation import FactStory, Posting, document_postings, fact_stories, subjects
from setoff.settlements.services import Outcome, post_document
from setoff.trade.documents import AnyDocument, Correction, Line, Purchase, Return, Sale
from setoff.trade.header import header
from setoff.trade.lines import line_amounts
from setoff.trade.queries import load_directory
from setoff.trade.references import references
from setoff.trade.terms import debt_sign

LIMITS: Final = frozenset({ErrorCode.CREDIT_LIMIT_EXCEEDED, ErrorCode.OVERDUE_FORBIDS_SHIPMENT})
GATE: Final = frozenset({ErrorCode.PREPAYMENT_MISSING, ErrorCode.ORDER_NOT_RELEASED})
CONSENTED: Final = LIMITS | GATE | {ErrorCode.CONFLICT_WITH_LATER_TARGET}
"""What may be done all the same, when the person who posts says so."""


def consent_text(code: ErrorCode) -> str:
    """The key of what a person agrees to."""
    if code in GATE:
        return "preview-consent-gate"
    return "preview-consent-limit" if code in LIMITS else "preview-consent"


ROWS_MAX: Final = 200
"""Postings and settled items shown; a document of thousands of rows is read on its own page."""


class ShownPosting(NamedTuple):
    posting: Posting
    debit_name: str
    credit_name: str
    what: str


class Step(NamedTuple):
    """A sentence of what a fact does; `contours` in words."""

    contours: str
    said: str


class LineWorth(NamedTuple):
    """What a line comes to; None where it does not say enough yet."""

    gross: int | None
    vat: int | None


class Worth(NamedTuple):
    lines: list[LineWorth]
    currency: str
    total: int
    vat: int


class Effect(NamedTuple):
    """`seen` names the changes of other documents: it goes into the form, and posting asks for the same."""

    postings: list[ShownPosting]
    steps: list[Step]
    others: list[ChangedDocument]
    seen: str
    currency: str
    document_currency: str


class Preview(NamedTuple):
    """`effect` or a refusal, or neither for who may not post."""

    worth: Worth | None
    effect: Effect | None = None
    refusal: DomainError | None = None
    may_consent: bool = False


def preview(conn: Connection[Any], document: AnyDocument, actor: Actor, language: Language, *, consent: bool, trial: str) -> Preview:
    """`trial`: the number that a new document is tried under."""
    tried = document if document.number or document.key else msgspec.structs.replace(document, number=trial)
    try:
        with conn.transaction(force_rollback=True):
            outcome = post_document(conn, tried, actor, consent=consent)
            effect = effect_told(conn, outcome, language)
    except DomainError as refusal:
        return Preview(worth_of(conn, document), None, refusal, refusal.code in CONSENTED and not consent)
    return Preview(lines_worth(document, effect.document_currency), effect)


def others_changed(outcome: Outcome | Pending) -> list[Change]:
    return [change for change in outcome.changes if change.document_id != outcome.document_id]


def seen_mark(changes: Sequence[Change]) -> str:
    """The same for the same changes, whichever way they came about; "" for none. Ids of documents not yet kept play no part."""
    if not changes:
        return ""
    told = [(change.document_id, change.what, change.contour, change.currency, change.before, change.after) for change in changes]
    return hashlib.sha256(repr(sorted(told)).encode()).hexdigest()[:32]


def effect_told(conn: Connection[Any], outcome: Outcome, language: Language) -> Effect:
    subject = subjects(conn, outcome.key)[0]
    postings = document_postings(conn, subject)[:ROWS_MAX]
    codes = sorted({code for posting in postings for code in (posting.debit, posting.credit)})
    names = dict(
        conn.execute(
            """select a.code, a.names ->> %s from account a join organization o on o.chart = a.chart
               join unit u on u.organization_id = o.id where u.id = %s and a.code = any(%s)""",
            [language, subject.unit_id, codes],
        ).fetchall()
    )
    others = others_changed(outcome)
    return Effect(
        [
            ShownPosting(row, names.get(row.debit, ""), names.get(row.credit, ""), term_text("posting-kind", row.kind, language))
            for row in postings
        ],
        steps_of(fact_stories(conn, subject)[:ROWS_MAX], language),
        changed_documents(conn, others, language),
        seen_mark(others),
        subject.book_currency,
        subject.currency,
    )


def steps_of(stories: Sequence[FactStory], language: Language) -> list[Step]:
    """What is the same in both contours is told once."""
    contours: dict[str, list[str]] = {}
    for story in stories:
        for said in _sentences(story, language):
            contours.setdefault(said, []).append(story.contour)
    return [
        Step(text(language, "preview-both") if len(set(found)) > 1 else term_text("contour", found[0], language), said)
        for said, found in contours.items()
    ]


def _sentences(story: FactStory, language: Language) -> list[str]:
    said = []
    for use in story.uses:
        name = document_text(DocumentName(use.key, use.kind, use.number, use.date), language)
        rule = term_text("rule", Rule(use.rule).name.lower(), language)
        said.append(text(language, "preview-uses", amount=Money(use.amount, story.currency), document=name, rule=rule))
    if story.opened:
        kind = "debt" if story.opened * debt_sign(story.relation) > 0 else "advance"
        facts = {"amount": Money(abs(story.opened), story.currency), "relation": story.relation, "due": story.due}
        said.append(text(language, f"preview-opens-{kind}-due" if story.due and kind == "debt" else f"preview-opens-{kind}", **facts))
    return said


def worth_of(conn: Connection[Any], document: AnyDocument) -> Worth | None:
    """Lines of a supply by the rules; None for other documents, and while its currency cannot be known."""
    if not isinstance(document, Sale | Purchase | Correction | Return):
        return None
    sample = msgspec.structs.replace(document, lines=[Line(amount="1")])
    try:
        currency = header(sample, load_directory(conn, references(document))).currency
    except DomainError:
        return None
    return lines_worth(document, currency)


def lines_worth(document: AnyDocument, currency: str) -> Worth | None:
    """Every line by itself, so that what is wrong with one hides no other."""
    if not isinstance(document, Sale | Purchase | Correction | Return):
        return None
    found = [line_worth(line, currency, document.prices_include_vat) for line in document.lines]
    return Worth(found, currency, sum(line.gross or 0 for line in found), sum(line.vat or 0 for line in found))


def line_worth(line: Line, currency: str, includes_vat: bool) -> LineWorth:
    try:
        amounts = line_amounts(line, currency, includes_vat, "")
    except DomainError:
        return LineWorth(None, None)
    return LineWorth(amounts.gross, amounts.vat)


def only_contract(conn: Connection[Any], document: AnyDocument) -> str:
    """The code of the contract, where exactly one fits and none is named; else ""."""
    if getattr(document, "contract", ""):
        return ""
    try:
        return str(getattr(choose_contract(conn, document).document, "contract", ""))
    except DomainError:
        return ""


def uses_contracts(conn: Connection[Any], document: AnyDocument) -> bool:
    """Whether a document may name a contract: not where its agreement settles without (spec 1.2, sales alone)."""
    if not isinstance(document, Sale) or not document.agreement:
        return True
    row = conn.execute("select uses_contracts from agreement where code = %s", [document.agreement]).fetchone()
    return row is None or bool(row[0])
