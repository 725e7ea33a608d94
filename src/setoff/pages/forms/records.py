"""The layout of every master record; a test compares them with the structures."""

from __future__ import annotations

from typing import Final, get_args

from setoff.core.errors import DomainError, ErrorCode
from setoff.pages.forms.layout import Field, Grid, Layout
from setoff.parties.records import (
    Agreement,
    Contract,
    Counterparty,
    DayOff,
    Detail,
    Loan,
    Master,
    Organization,
    Partner,
    PriceList,
    Rate,
    Relation,
    ServiceAccount,
    ServiceOperation,
    Unit,
)

CODE: Final = Field("code", is_required=True)
NAME: Final = Field("name", is_required=True)
LANGUAGES: Final = ("en", "ru", "zh")
DETAILS: Final[tuple[str, ...]] = get_args(Detail)
STATUS: Final = Field("status", "select", choices=("active", "draft", "closed"))
VALIDITY: Final = (Field("valid_from", "day"), Field("valid_to", "day"))
STAGES: Final = Grid(
    "stages",
    (
        Field("percent", "number"), Field("days", "whole"), Field("working_days", "flag"),
        Field("day_off", "select", choices=get_args(DayOff)),
    ),
)  # fmt: skip
TARIFFS: Final = Grid("tariffs", (
    Field("code", is_required=True), Field("name", label="tariff-name", is_required=True),
    Field("per", "select", choices=("operation", "month")), Field("price", "number", is_required=True), Field("measure"),
    Field("minimum", "amount"), Field("urgent_percent", "number"), Field("vat_rate", label="tariff-vat"), Field("item"),
))  # fmt: skip
COSTS: Final = Grid("costs", (
    Field("counterparty", "pick", "counterparty"), Field("amount", "amount"), Field("name", label="cost-name"),
    Field("contract", "pick", "contract"),
))  # fmt: skip

LOAN_RATES: Final = Grid(
    "rates", (Field("percent", "number", label="percent-a-year", is_required=True), Field("since", "day", label="rate-since"))
)
REPAYMENTS: Final = Grid("rows", (Field("date", "day", label="repaid-on"), Field("amount", "amount", label="principal")))

RECORDS: Final[dict[str, tuple[type[Master], Layout]]] = {
    "counterparty": (
        Counterparty,
        Layout("counterparty", "counterparty", (
            CODE, NAME, Field("tax_id"), Field("kpp"), Field("address"), Field("partner", "pick", "partner"),
            Field("language", "select", choices=LANGUAGES, label="print-language"),
            Field("is_resident", "flag"), Field("is_person", "flag"), Field("bankrupt_since", "day"),
        )),
    ),
    "partner": (
        Partner,
        Layout("partner", "partner", (CODE, NAME, Field("group"), Field("is_customer", "flag"), Field("is_supplier", "flag"))),
    ),
    "contract": (
        Contract,
        Layout("contract", "contract", (
            CODE, Field("number", is_required=True), Field("organization", "pick", "organization", is_required=True),
            Field("counterparty", "pick", "counterparty", is_required=True),
            Field("relation", "select", choices=get_args(Relation)), Field("currency", "pick", "currency", is_required=True),
            Field("date", "day", label="contract-date"), *VALIDITY, STATUS, Field("manager"),
            Field("agreement", "pick", "agreement", label="made-from"),
            Field("payment_currency", "pick", "currency", more=True), Field("credit_limit", "amount"), Field("forbid_overdue", "flag"),
            Field("vat_rate", label="contract-vat-rate", more=True),
            Field("vat_rule", "select", choices=("", "included", "on_top"), more=True),
            Field("bank_account", label="our-bank-account", more=True), Field("party_bank_account", more=True),
            Field("detail", "select", choices=DETAILS, more=True),
            Field("allocation", "select", choices=("automatic", "manual"), more=True),
            Field("reg_detail", "select", choices=DETAILS, more=True),
            Field("order", "select", choices=("moment", "due_date", "legal"), label="allocation-order", more=True),
            Field("accounts", "list", more=True), Field("advance_vat", more=True),
        ), (STAGES,)),
    ),
    "agreement": (
        Agreement,
        Layout("agreement", "agreement", (
            CODE, NAME, Field("partner", "pick", "partner"), Field("currency", "pick", "currency", is_required=True), *VALIDITY, STATUS,
            Field("manager"), Field("uses_contracts", "flag"), Field("detail", "select", choices=("invoice", "order", "order_invoice")),
        ), (STAGES,)),
    ),
    "rate": (
        Rate,
        Layout("rate", "rate", (
            Field("currency", "pick", "currency", is_required=True), Field("quote", "pick", "currency", is_required=True),
            Field("date", "day", is_required=True), Field("rate", "number", is_required=True, label="rate-of-day"),
            Field("nominal", "number"),
        )),
    ),
    "organization": (
        Organization,
        Layout("organization", "organization", (
            CODE, NAME, Field("tax_id"), Field("kpp"), Field("address"),
            Field("chart", "select", choices=("ru", "ru-budget", "cn", "intl")),
            Field("book_currency", "pick", "currency", is_required=True), Field("management_currency", "pick", "currency"),
            Field("language", "select", choices=LANGUAGES, label="print-language"),
        )),
    ),
    "unit": (
        Unit,
        Layout("unit", "unit", (
            CODE, NAME, Field("organization", "pick", "organization", is_required=True),
            Field("kind", "select", choices=("head_office", "branch"), label="unit-kind"),
            Field("head_office", "pick", "unit"),
            Field("difference_limit", "amount"),
            Field("vat_on_advances", "select", choices=("", "off", "same_day", "five_days", "tax_period"), more=True),
            Field("vat_on_advances_from", "day", more=True),
            Field("vat_on_set_off", "select", choices=("", "terminated", "always"), more=True),
        )),
    ),
    "price_list": (
        PriceList,
        Layout("price_list", "price_list", (
            CODE, NAME, Field("organization", "pick", "organization", is_required=True),
            Field("currency", "pick", "currency", is_required=True), Field("valid_from", "day", is_required=True),
            Field("in_advance", "flag"), Field("issue_days", "whole"), Field("month_due_days", "whole"),
            Field("operation_due_days", "whole"), Field("non_resident_due_days", "whole"),
            Field("due_in", "select", choices=("banking_days", "days")), Field("operation_interval", "whole"),
            Field("prepayment_above", "amount"), Field("suspend_after", "whole"), Field("non_resident_suspend_after", "whole"),
            Field("fall_percent", "number"), Field("notice_months", "whole"), Field("tax_invoices", "flag"),
            Field("vat_on_disbursements", "flag", more=True), Field("bank_holidays", "list", more=True),
        ), (TARIFFS,)),
    ),
    "service_account": (
        ServiceAccount,
        Layout("service_account", "service_account", (
            CODE, Field("title"), Field("unit", "pick", "unit", is_required=True),
            Field("contract", "pick", "contract", is_required=True), Field("price_list", is_required=True),
            Field("opened", "day", is_required=True), Field("closed", "day"), Field("quantity", "number"),
            Field("tariffs", "list", label="month-tariffs", more=True),
        )),
    ),
    "loan": (
        Loan,
        Layout("loan", "loan", (
            Field("code", "pick", "contract", label="loan-contract", is_required=True),
            Field("item", label="interest-item", is_required=True),
            Field("maturity", "day"), Field("repayment", "select", choices=("bullet", "equal", "annuity", "rows")),
            Field("day_count", "select", choices=("actual", "365", "360")), Field("interest_months", "whole"),
            Field("principal_months", "whole"), Field("payment_day", "whole"), Field("first_payment", "day"),
            Field("payment", "amount", label="instalment"), Field("account", "pick", "account", label="interest-account", more=True),
        ), (LOAN_RATES, REPAYMENTS)),
    ),
    "service_operation": (
        ServiceOperation,
        Layout("service_operation", "service_operation", (
            CODE, Field("title"), Field("unit", "pick", "unit", is_required=True),
            Field("date", "day", is_required=True, label="service-date"),
            Field("accounts", "list", is_required=True, label="accounts-served"), Field("tariff"), Field("quantity", "number"),
            Field("urgent", "flag"), Field("estimate", "amount"), Field("prepaid", "flag"),
        ), (COSTS,)),
    ),
}  # fmt: skip
OF_THE_INSTALLATION: Final = frozenset({"organization", "unit"})
"""Only an administrator sees these."""
BY_ADMINISTRATORS: Final = OF_THE_INSTALLATION | {"rate"}
"""Only an administrator changes these: a rate states documents of every unit again."""


def record_layout(tag: str) -> tuple[type[Master], Layout]:
    """Errors: unknown_reference."""
    if tag not in RECORDS:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="record", value=tag)
    return RECORDS[tag]
