"""Corrections and returns of sales and purchases (spec 2.2).

Up is a supply with the rows of a sale or a purchase. Down and returns first reduce what is open of the base; what exceeds that
becomes an advance (or settles another debt of the key at once). Without a base (a credit note) the oldest debt is reduced.

| down, return | chart  | debit         | credit          | amount |
| ---          | ---    | ---           | ---             | ---    |
| sale         | inside | revenue       | the fact        | gross  |
| sale         | inside | vat_on_sales  | vat_on_decrease | - VAT (red storno), scaled with the fact |
| sale         | beside | revenue       | the fact        | net    |
| sale         | beside | vat_output    | the fact        | VAT    |
| sale, cost   | inside | cost_of_sales | inventory       | - cost (red storno) |
| sale, cost   | beside | inventory     | cost_of_sales   | cost   |
| purchase     | both   | the fact      | inventory, materials or expense | net |
| purchase     | both   | the fact      | vat_input       | VAT    |

A correction in foreign currency is worth the rate of its base, unless it says another: revenue and VAT change at what they were booked at,
and what a revaluation made of the debt meanwhile is an exchange difference, without VAT (2.7). Down without a base takes the carrying
value of what it reduces.

A correction of a base in a closed year uses prior_income and prior_expense (`trade/accounts.py`); returned goods are
then always Dr inventory Cr prior_income. The object of a correction is its base's: an invoice stays one object with what
corrects it.

Guards, in this order: unit, date, contours; base named (field_missing, unknown_reference), posted and of the fitting kind
(base_mismatch), of the same unit, party, contract, agreement and order (base_mismatch), earlier (target_in_future);
terms, currency as the base's (base_mismatch), lines, due (as in `trade/supply.py`); a correction down is at most what
the base's other corrections leave of its total (exceeds_base); rate.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

import msgspec

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Nature, Rule, Statement, Target
from setoff.core.moment import Moment
from setoff.core.money import Money
from setoff.trade.accounts import SaleAccounts, Variant, purchase_accounts, sale_accounts
from setoff.trade.directory import Corrected, Directory, DocumentRef
from setoff.trade.documents import (
    AnyDocument,
    Correction,
    Purchase,
    PurchaseCorrection,
    PurchaseReturn,
    Return,
    Sale,
    SaleCorrection,
    SaleReturn,
)
from setoff.trade.fields import found
from setoff.trade.kinds import day_order_of
from setoff.trade.lines import Counter, Sums, gross_of, spread_book, sums_of
from setoff.trade.objects import Paper
from setoff.trade.purchase import PURCHASE, purchase_entries
from setoff.trade.sale import SALE, sale_entries
from setoff.trade.supply import (
    Entries,
    Lot,
    Setting,
    Shape,
    Valued,
    convert_each,
    due_parts,
    facts_of,
    lots_of,
    setting_of,
    valued,
)
from setoff.trade.terms import Parties, Terms, book_rate, terms_of

AnyCorrection = SaleCorrection | PurchaseCorrection | SaleReturn | PurchaseReturn
BASES: Final = {
    "sale_correction": "sale",
    "sale_return": "sale",
    "purchase_correction": "purchase",
    "purchase_return": "purchase",
}
_document: Final = msgspec.json.Decoder(AnyDocument)


class Base(NamedTuple):
    ref: DocumentRef
    content: Sale | Purchase


def facts(document: AnyCorrection, document_id: int, directory: Directory, *, closed_year: int = 0) -> Statement:
    """`closed_year`: the last year that is closed in the unit. Errors: see above."""
    setting = setting_of(document, directory)
    kind = document.__struct_config__.tag
    assert isinstance(kind, str)
    is_sale = BASES[kind] == "sale"
    up = isinstance(document, Correction) and document.direction == "up"
    base = _base(document, kind, directory)
    if base is not None:
        _check_base(document, document_id, kind, setting, base)
    terms = terms_of(kind, setting.unit, setting.day, directory, _parties(document, base))
    if base is not None and document.currency not in ("", terms.currency):
        raise DomainError(ErrorCode.BASE_MISMATCH, base=base.ref.number, kind=base.ref.kind, status=base.ref.status, field="currency")
    variant = (not up, base is not None and base.ref.date.year <= closed_year)
    chart, book_currency = setting.unit.chart, setting.unit.book_currency
    lines = sale_accounts(chart, variant).lines if is_sale else purchase_accounts(chart, variant)
    sums = sums_of(document.lines, terms.currency, book_currency, document.prices_include_vat, (chart, lines))
    parts = due_parts(sums.total, terms if up else terms._replace(stages=()), setting.day, getattr(document, "due", ""), ())
    if base is not None and not up:
        _check_within(sums.total, document_id, base, terms)
    value = valued(sums.total, terms, _rate(document, base, terms, setting, directory))
    lots = lots_of(sums.total, value.book, parts, terms.currency)
    paper = Paper(document_id, document.order) if base is None else Paper(base.ref.id, base.content.order)
    sign = 1 if is_sale == up else -1
    targets = (Target(base.ref.id, 0, sums.total, Rule.BASE),) if base is not None and not up else ()
    shape = (SALE if is_sale else PURCHASE) if up else Shape(sign, Nature.ADJUST, targets)
    stated = facts_of(lots, terms.node(paper, paper), setting, shape)
    if base is not None and not up and terms.currency != book_currency:
        stated = [fact._replace(own_value=True) for fact in stated]
    if not setting.in_reg:
        return Statement(stated, ())
    if not is_sale:
        return Statement(stated, purchase_entries(sign, lots, sums, value.book))
    accounts = sale_accounts(chart, variant)
    if up:
        return Statement(stated, sale_entries(lots, sums, accounts, terms, value))
    return Statement(stated, _decrease(_Decrease(lots, sums, accounts, variant), terms, value).rows)


def _rate(document: AnyCorrection, base: Base | None, terms: Terms, setting: Setting, directory: Directory) -> Decimal:
    """Its own rate, else that of its base, else of its day. Errors: invalid_rate, rate_missing."""
    if document.rate or base is None:
        return book_rate(terms, setting.day, directory, document.rate)
    return book_rate(terms, base.ref.date, directory, base.content.rate)


def base_content(ref: DocumentRef) -> Sale | Purchase | None:
    """The supply that a base is; None when it is something else."""
    document = _document.decode(ref.content)
    return document if isinstance(document, Sale | Purchase) else None


def _base(document: AnyCorrection, kind: str, directory: Directory) -> Base | None:
    if not document.base:
        if isinstance(document, Correction) and document.direction == "up":
            raise DomainError(ErrorCode.FIELD_MISSING, field="base")
        return None
    ref = found(directory.documents, "document", document.base, "base")
    content = base_content(ref) if ref.kind == BASES[kind] else None
    if content is None or ref.status != "posted":
        raise DomainError(ErrorCode.BASE_MISMATCH, base=ref.number, kind=ref.kind, status=ref.status, field="base")
    return Base(ref, content)


def _check_base(document: AnyCorrection, document_id: int, kind: str, setting: Setting, base: Base) -> None:
    ref, content = base
    fields = ["base"] if ref.unit_id != setting.unit.id else []
    fields += [
        field
        for field in ("counterparty", "contract", "agreement", "order")
        if getattr(document, field) and getattr(document, field) != getattr(content, field)
    ]
    if fields:
        raise DomainError(ErrorCode.BASE_MISMATCH, base=ref.number, kind=ref.kind, status=ref.status, field=fields[0])
    day_order = day_order_of(kind) if document.day_order is None else document.day_order
    if ref.moment >= Moment(setting.day, day_order, document_id).pack():
        raise DomainError(ErrorCode.TARGET_IN_FUTURE, target=ref.number, target_date=ref.date, date=setting.day, field="base")


def _parties(document: AnyCorrection, base: Base | None) -> Parties:
    source: AnyCorrection | Sale | Purchase = document if base is None else base.content
    return Parties(source.counterparty, source.contract, source.agreement, source.currency)


def _check_within(total: int, document_id: int, base: Base, terms: Terms) -> None:
    """Against all other corrections of the base, earlier or later, so that the order of edits makes no difference."""
    left = gross_of(base.content.lines, terms.currency, base.content.prices_include_vat)
    left += sum(other.change for other in base.ref.corrections if other.document_id != document_id)
    if total > left:
        raise DomainError(
            ErrorCode.EXCEEDS_BASE, base=base.ref.number, amount=Money(total, terms.currency), base_amount=Money(left, terms.currency),
            excess=Money(total - left, terms.currency), field="lines",
        )  # fmt: skip


def correct(directory: Directory, document: AnyDocument, document_id: int, total: int) -> None:
    """Let the directory know that a document now corrects its base, for the other corrections of the same file."""
    if not isinstance(document, Correction | Return) or document.base not in directory.documents:
        return
    ref = directory.documents[document.base]
    change = total if isinstance(document, Correction) and document.direction == "up" else -total
    directory.documents[document.base] = ref._replace(corrections=(*ref.corrections, Corrected(document_id, change)))


class _Decrease(NamedTuple):
    lots: list[Lot]
    sums: Sums
    accounts: SaleAccounts
    variant: Variant


def _decrease(decrease: _Decrease, terms: Terms, value: Valued) -> Entries:
    """The table above for a sale."""
    lots, sums, accounts, (_, closed_year) = decrease
    entries = Entries()
    if accounts.inside:
        entries.against_facts(-1, lots, spread_book(sums.counters, value.book, sums.total))
        reversed_vat = [
            Counter(accounts.vat_on_decrease, vat.vat_rate, vat.item, -vat.amount) for vat in convert_each(sums.vat, value, terms)
        ]
        entries.following(lots, accounts.vat_on_sales, reversed_vat)
    else:
        entries.against_facts(-1, lots, spread_book([*sums.counters, *sums.vat], value.book, sums.total))
    for stock, _, item, amount, _ in sums.cost:
        if accounts.inside and not closed_year:
            entries.between(accounts.cost_of_sales, stock, -amount, item)
        else:
            entries.between(stock, accounts.cost_of_sales, amount, item)
    return entries
