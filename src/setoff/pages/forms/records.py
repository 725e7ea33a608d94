"""The layout of every master record; a test compares them with the structures."""

from __future__ import annotations

from typing import Final, get_args

from setoff.core.errors import DomainError, ErrorCode
from setoff.pages.forms.layout import Field, Grid, Layout
from setoff.parties.records import Agreement, Contract, Counterparty, Detail, Master, Organization, Partner, Rate, Relation, Unit

CODE: Final = Field("code", is_required=True)
NAME: Final = Field("name", is_required=True)
LANGUAGES: Final = ("en", "ru", "zh")
DETAILS: Final[tuple[str, ...]] = get_args(Detail)
STATUS: Final = Field("status", "select", choices=("active", "draft", "closed"))
VALIDITY: Final = (Field("valid_from", "day"), Field("valid_to", "day"))
STAGES: Final = Grid("stages", (Field("percent", "number"), Field("days", "whole"), Field("working_days", "flag")))

RECORDS: Final[dict[str, tuple[type[Master], Layout]]] = {
    "counterparty": (
        Counterparty,
        Layout("counterparty", "counterparty", (
            CODE, NAME, Field("tax_id"), Field("kpp"), Field("partner", "pick", "partner"),
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
            Field("vat_rate", "number", label="contract-vat-rate", more=True),
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
        )),
    ),
    "organization": (
        Organization,
        Layout("organization", "organization", (
            CODE, NAME, Field("tax_id"), Field("kpp"), Field("chart", "select", choices=("ru", "ru-budget", "cn", "intl")),
            Field("book_currency", "pick", "currency", is_required=True),
            Field("language", "select", choices=LANGUAGES, label="print-language"),
        )),
    ),
    "unit": (
        Unit,
        Layout("unit", "unit", (
            CODE, NAME, Field("organization", "pick", "organization", is_required=True),
            Field("kind", "select", choices=("head_office", "branch"), label="unit-kind"),
            Field("difference_limit", "amount"),
            Field("vat_on_advances", "select", choices=("", "off", "same_day", "five_days", "tax_period"), more=True),
            Field("vat_on_advances_from", "day", more=True),
            Field("vat_on_set_off", "select", choices=("", "terminated", "always"), more=True),
        )),
    ),
}  # fmt: skip
OF_THE_INSTALLATION: Final = frozenset({"organization", "unit"})
"""Only an administrator changes these."""


def record_layout(tag: str) -> tuple[type[Master], Layout]:
    """Errors: unknown_reference."""
    if tag not in RECORDS:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="record", value=tag)
    return RECORDS[tag]
