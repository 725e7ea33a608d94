"""The reports by name, and which filters each understands."""

from __future__ import annotations

from typing import Final, get_args

from setoff.core.errors import DomainError, ErrorCode
from setoff.reports.act import reconciliation_act
from setoff.reports.adjustments import adjustments
from setoff.reports.advance_vat import advance_vat, pending
from setoff.reports.applied import applied_payments
from setoff.reports.calendar import expected_actual, payment_calendar
from setoff.reports.card import card, journal
from setoff.reports.collection import collection_days
from setoff.reports.consolidation import consolidation
from setoff.reports.contours import contour_difference
from setoff.reports.exchange import exchange_differences
from setoff.reports.expiring import expiring
from setoff.reports.habits import payment_habits
from setoff.reports.invoice_books import purchase_book, sales_book
from setoff.reports.invoices import issued_invoices, missing_invoices, received_invoices
from setoff.reports.ledger import account_analysis, postings, turnover_balance
from setoff.reports.loan_interest import loan_interest
from setoff.reports.open_lots import open_items
from setoff.reports.orders import bills, orders
from setoff.reports.report import Definition
from setoff.reports.statement import ageing, statement
from setoff.reports.written_off import management_expenses, written_off_debts
from setoff.trade.invoice_documents import InvoiceKind

_PARTIES: Final = frozenset({"partner", "counterparty", "contract", "currency"})
_OF_INVOICES: Final = frozenset({"from", "partner", "counterparty", "kind", "status"})
INVOICE_STATUSES: Final = ("posted", "replaced", "annulled")
INVOICE_KINDS: Final = get_args(InvoiceKind)
_GROUPS: Final = ("unit", "partner", "counterparty", "contract", "object", "document")

REPORTS: Final = {
    definition.name: definition
    for definition in (
        Definition(
            "turnover-balance", turnover_balance, frozenset({"from", "account", "partner", "counterparty", "contract"}),
            groups=("unit", "counterparty", "contract", "object", "document"), reads="books",
        ),
        Definition(
            "account-analysis", account_analysis, frozenset({"from", "account", "partner", "counterparty", "contract"}),
            groups=("counterparty", "contract"), required=(("account",),), reads="books",
        ),
        Definition("consolidation", consolidation, frozenset({"from", "account"}), required=(("organization", "unit"),), reads="books"),
        Definition("card", card, _PARTIES | {"from", "contour"}, required=(("counterparty", "contract", "partner"),)),
        Definition("statement", statement, _PARTIES | {"from", "contour"}, groups=_GROUPS, by_default=("counterparty",)),
        Definition(
            "ageing", ageing, _PARTIES | {"contour", "side", "buckets", "reserve"}, groups=_GROUPS,
            by_default=("counterparty",), reads="open lots",
        ),
        Definition("open-lots", open_items, _PARTIES | {"contour", "side"}, reads="open lots"),
        Definition("payment-habits", payment_habits, _PARTIES | {"contour"}, required=(("counterparty", "contract", "partner"),)),
        Definition(
            "reconciliation-act", reconciliation_act, _PARTIES | {"from", "contour", "show-internal", "theirs"}, groups=("contract",),
            required=(("counterparty", "contract", "partner"),),
        ),
        Definition("applied-payments", applied_payments, _PARTIES | {"from", "contour", "kind"}),
        Definition("adjustments", adjustments, frozenset({"from", "partner", "counterparty", "currency", "kind", "status"})),
        Definition("advance-vat", advance_vat, frozenset({"partner", "counterparty", "contract"}), reads="books"),
        Definition("pending-vat", pending, frozenset({"partner", "counterparty", "contract"}), reads="books"),
        Definition("issued-invoices", issued_invoices, _OF_INVOICES, kinds=INVOICE_KINDS, statuses=INVOICE_STATUSES, is_of_now=True),
        Definition("received-invoices", received_invoices, _OF_INVOICES, kinds=INVOICE_KINDS, statuses=INVOICE_STATUSES, is_of_now=True),
        Definition("sales-book", sales_book, frozenset({"from"}), is_of_now=True),
        Definition("purchase-book", purchase_book, frozenset({"from"}), is_of_now=True),
        Definition("missing-invoices", missing_invoices, frozenset({"from"}), is_of_now=True),
        Definition("exchange-differences", exchange_differences, _PARTIES | {"from", "contour"}),
        Definition("journal", journal, _PARTIES | {"from", "kind", "status"}),
        Definition("postings", postings, _PARTIES | {"from", "account", "corresponding"}, reads="books"),
        Definition("orders", orders, _PARTIES | {"all"}, reads="contours"),
        Definition("bills", bills, _PARTIES | {"all"}, reads="contours"),
        Definition("payment-calendar", payment_calendar, _PARTIES | {"within", "bank-account"}, reads="contours"),
        Definition("expected-actual", expected_actual, _PARTIES | {"from", "bank-account"}, reads="contours"),
        Definition("loan-interest", loan_interest, _PARTIES | {"from"}, reads="contours"),
        Definition("written-off-debts", written_off_debts, frozenset({"partner", "counterparty", "contract"}), reads="contours"),
        Definition(
            "management-expenses", management_expenses, frozenset({"from", "partner", "counterparty", "contract", "contour"}),
            reads="contours",
        ),
        Definition(
            "collection-days", collection_days, frozenset({"from", "partner", "counterparty", "contract"}),
            groups=("counterparty", "contract"), reads="books",
        ),
        Definition("expiring-contracts", expiring, _PARTIES | {"within"}),
        Definition("contour-difference", contour_difference, _PARTIES | {"all"}, reads="contours"),
    )
}  # fmt: skip


def definition_of(name: str) -> Definition:
    """Errors: report_unknown."""
    if name not in REPORTS:
        raise DomainError(ErrorCode.REPORT_UNKNOWN, report=name, reports=", ".join(REPORTS))
    return REPORTS[name]
