"""The tables of master records: which columns a record fills, by which it is found again, which stay
as they are once a record is in use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, LiteralString

from setoff.parties.records import (
    Agreement,
    Contract,
    Counterparty,
    Loan,
    Master,
    Organization,
    Partner,
    PriceList,
    Rate,
    ServiceAccount,
    ServiceOperation,
    Unit,
)


@dataclass(frozen=True, slots=True)
class Table:
    """`frozen`: column -> field of the record, fixed as soon as the SQL condition `in_use` holds. `kept`: columns that stay as they are
    when nothing is said, with what a new record has."""

    name: LiteralString
    columns: tuple[LiteralString, ...]
    key: tuple[LiteralString, ...] = ("code",)
    frozen: tuple[tuple[LiteralString, str], ...] = ()
    in_use: LiteralString = "false"
    kept: tuple[tuple[LiteralString, LiteralString | None], ...] = ()


TABLES: Final[dict[type[Master], Table]] = {
    # In the order in which they name one another.
    Organization: Table(
        "organization",
        ("code", "name", "chart", "book_currency", "tax_id", "kpp", "language", "address", "management_currency"),
        frozen=(("chart", "chart"), ("book_currency", "book_currency")),
        in_use="""exists (select from unit where unit.organization_id = organization.id
                  and exists (select from document where document.unit_id = unit.id))""",
    ),
    Unit: Table(
        "unit",
        (
            "code",
            "organization_id",
            "name",
            "kind",
            "head_office_id",
            "difference_limit_minor",
            "vat_on_advances",
            "vat_on_advances_from",
            "vat_on_set_off",
            "policies",
        ),
        # The rest are changed with all that follows from them: settlements/advance_vat/services.py.
        frozen=(
            ("organization_id", "organization"),
            ("vat_on_advances", "vat_on_advances"),
            ("vat_on_advances_from", "vat_on_advances_from"),
            ("vat_on_set_off", "vat_on_set_off"),
        ),
        in_use="exists (select from document where document.unit_id = unit.id)",
        kept=(("vat_on_advances", "off"), ("vat_on_advances_from", None), ("vat_on_set_off", "terminated"), ("policies", "{}")),
    ),
    Partner: Table("partner", ("code", "name", "group_name", "is_customer", "is_supplier")),
    Counterparty: Table(
        "counterparty",
        ("code", "name", "partner_id", "tax_id", "kpp", "is_resident", "is_person", "language", "bankrupt_since", "address"),
    ),
    Agreement: Table(
        "agreement",
        ("code", "name", "partner_id", "currency", "uses_contracts", "detail", "stages", "valid_from", "valid_to", "manager", "status"),
    ),
    Contract: Table(
        "contract",
        (
            "code",
            "organization_id",
            "counterparty_id",
            "number",
            "relation",
            "currency",
            "payment_currency",
            "date",
            "valid_from",
            "valid_to",
            "detail",
            "allocation",
            "allocation_order",
            "reg_detail",
            "stages",
            "credit_limit_minor",
            "debt_account",
            "advance_account",
            "agreement_id",
            "manager",
            "bank_account",
            "party_bank_account",
            "forbid_overdue",
            "vat_rate",
            "vat_rule",
            "status",
            "advance_vat",
        ),
        # The last ones shape what is folded: a changed one would make a refold differ from what stands.
        frozen=(
            ("organization_id", "organization"),
            ("counterparty_id", "counterparty"),
            ("relation", "relation"),
            ("currency", "currency"),
            ("detail", "detail"),
            ("reg_detail", "reg_detail"),
            ("payment_currency", "payment_currency"),
            ("allocation_order", "order"),
            ("debt_account", "accounts"),
            ("advance_account", "accounts"),
            ("advance_vat", "advance_vat"),
        ),
        # A node belongs to the contract's own counterparty, which has an index.
        in_use="""exists (select from node where node.counterparty_id = contract.counterparty_id
                  and node.contract_id = contract.id)""",
    ),
    Rate: Table("rate", ("currency", "quote", "date", "rate", "nominal"), key=("currency", "quote", "date")),
    PriceList: Table(
        "price_list",
        ("code", "valid_from", "organization_id", "name", "currency", "terms"),
        key=("code", "valid_from"),
        frozen=(("organization_id", "organization"), ("currency", "currency"), ("terms", "tariffs")),
        in_use="exists (select from billed_charge where billed_charge.price_list_id = price_list.id)",
    ),
    ServiceAccount: Table(
        "service_account",
        ("code", "unit_id", "contract_id", "price_list", "opened", "closed", "title", "quantity", "tariffs"),
        frozen=(("unit_id", "unit"), ("contract_id", "contract"), ("price_list", "price_list"), ("opened", "opened")),
        in_use="""exists (select from billed_charge where billed_charge.account_id = service_account.id)
                  or exists (select from billed_prepayment where billed_prepayment.account_id = service_account.id)""",
    ),
    Loan: Table("loan", ("code", "contract_id", "organization_id", "terms")),
    ServiceOperation: Table(
        "service_operation",
        ("code", "unit_id", "date", "title", "content", "accounts"),
        frozen=(("unit_id", "unit"), ("date", "date"), ("content", "tariff"), ("accounts", "accounts")),
        in_use="""exists (select from billed_charge join document using (unit_id)
                  where document.id = billed_charge.document_id and document.status <> 'unposted'
                    and billed_charge.operation_id = service_operation.id)""",
    ),
}
