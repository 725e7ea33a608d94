"""The reserve for doubtful debts, debtor by debtor (spec 6.6, 2.11; in Russia PBU 34n, item 70).

The reserve is an estimate made on a day: the document keeps what was decided, and a later document changes it; nothing is restated when the
debts of that day change afterwards. Analytics of the reserve is the debtor (`debtor_of`); by it a write-off finds what it may use.

| row      | debit            | credit          | analytics  |
| ---      | ---              | ---             | ---        |
| accrued  | doubtful_expense | the reserve     | the debtor |
| released | the reserve      | doubtful_income | the debtor |

Guards, in this order: unit, date, contours; no_reserve_kept for a chart without the account; item, department (field_missing); rows
(field_missing); then of each row: counterparty, contract (unknown_reference, contract_of_other_party), a debtor named twice
(invalid_value), exactly one of accrued and released (field_missing, unknown_field), amount (invalid_amount, amount_not_positive), debt
(invalid_amount).
Left to the books: reserve_exceeded, where more is released than there is.
"""

from __future__ import annotations

from setoff.core.chart import Role
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Entry, Statement
from setoff.trade.directory import Directory
from setoff.trade.documents import DoubtfulReserve, ReserveRow
from setoff.trade.fields import amount_of, found, positive_amount
from setoff.trade.supply import Setting, setting_of
from setoff.trade.terms import Parties, check_contract


def facts(document: DoubtfulReserve, document_id: int, directory: Directory, *, closed_year: int = 0) -> Statement:
    """No debts change, so there are entries alone. Errors: see above."""
    del document_id, closed_year
    setting = setting_of(document, directory)
    chart = setting.unit.chart
    if not chart.reserve_account:
        raise DomainError(ErrorCode.NO_RESERVE_KEPT, chart=chart.name, field="unit")
    for field in ("item", "department", "rows"):
        if not getattr(document, field):
            raise DomainError(ErrorCode.FIELD_MISSING, field=field)
    entries: list[Entry] = []
    debtors: set[str] = set()
    for index, row in enumerate(document.rows):
        entry = _entry(row, f"rows[{index}].", setting, directory)
        if entry.item in debtors:
            raise DomainError(
                ErrorCode.INVALID_VALUE, field=f"rows[{index}].counterparty", value=entry.item, expected=f"!{entry.item}"
            )
        debtors.add(entry.item)
        entries.append(entry._replace(line=index + 1))
    return Statement((), entries if setting.in_reg else [])


def debtor_of(counterparty: str, contract: str) -> str:
    """Analytics of the reserve: whose debt it is for."""
    return f"{counterparty}/{contract}" if contract else counterparty


def _entry(row: ReserveRow, place: str, setting: Setting, directory: Directory) -> Entry:
    party = found(directory.counterparties, "counterparty", row.counterparty, place + "counterparty")
    if row.contract:
        contract = found(directory.contracts, "contract", row.contract, place + "contract")
        check_contract(contract, setting.unit, party.id, Parties(row.counterparty, row.contract, place=place))
    if not row.accrued and not row.released:
        raise DomainError(ErrorCode.FIELD_MISSING, field=place + "accrued")
    if row.accrued and row.released:
        raise DomainError(ErrorCode.UNKNOWN_FIELD, field=place + "released")
    chart, currency = setting.unit.chart, setting.unit.book_currency
    if row.debt:
        amount_of(row.debt, currency, place + "debt")
    debtor = debtor_of(row.counterparty, row.contract)
    if row.accrued:
        amount = positive_amount(row.accrued, currency, place + "accrued")
        return Entry(0, 0, chart.role(Role.DOUBTFUL_EXPENSE), 0, chart.reserve_account, amount, 0, "", debtor)
    amount = positive_amount(row.released, currency, place + "released")
    return Entry(0, 0, chart.reserve_account, 0, chart.role(Role.DOUBTFUL_INCOME), amount, 0, "", debtor)
