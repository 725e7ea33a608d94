"""A template filled with amounts: a notice of two units, or a local entry of one; shared costs by a key make a notice for every branch.

Whoever fills names the units, the sums by their names, and for each name of a party the contract. Accounts with "xx" are those of the
contract's pair; where no contract gives them, the one that was chosen, else the chart's account for materials, else the first that fits.
Errors: unknown_reference (unit, contract), field_missing, invalid_value, notice_template, notice_derived, notice_units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import msgspec
from psycopg import Connection

from setoff.books.charts import load_chart
from setoff.core.chart import Chart, CurrencyClass, Role
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount, split
from setoff.notices.queries import UnitPlace, units_of
from setoff.notices.templates import Template, TemplateRow, fitting, number_of
from setoff.trade.directory import ContractTerms
from setoff.trade.documents import BranchNotice
from setoff.trade.fields import positive_amount
from setoff.trade.notice_documents import NoticeRow
from setoff.trade.notice_paper import Basis, Notice
from setoff.trade.queries import load_directory
from setoff.trade.references import References

Place = Literal["head", "branch"]
PARTIES_SQL: Final = "select c.code, p.code from contract c join counterparty p on p.id = c.counterparty_id where c.code = any(%s)"


@dataclass(frozen=True, slots=True)
class Filled:
    """What is typed into a template. `head` and `branch`: codes of units (of a local entry the one that enters). `contracts`: by name of
    the party. `accounts`: in place of accounts with "xx". `items`: analytics by name of the amount."""

    date: str
    amounts: Mapping[str, str]
    head: str = ""
    branch: str = ""
    contracts: Mapping[str, str] = field(default_factory=dict)
    accounts: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)
    basis: Sequence[Basis] = ()
    number: str = ""
    key: str = ""
    comment: str = ""


def notice_from(conn: Connection[Any], template: Template, filled: Filled) -> Notice:
    """The notice that the template makes. Errors: see above; notice_template for one that makes none."""
    _require_kind(template, "notice")
    units = units_of(conn)
    head, branch = _unit(units, filled.head, "head"), _unit(units, filled.branch, "branch")
    rows = {"head": _rows(conn, template, "head", filled, head), "branch": _rows(conn, template, "branch", filled, branch)}
    sender, receiver = ("head", "branch") if template.sender == "head_office" else ("branch", "head")
    codes = {"head": head.code, "branch": branch.code}
    return Notice(
        sender=codes[sender], receiver=codes[receiver], date=filled.date, nature=template.nature, sender_rows=rows[sender],
        receiver_rows=rows[receiver], key=filled.key, number=filled.number, operation=template.code,
        basis=list(filled.basis) or [Basis(name=name) for name in template.basis], comment=filled.comment,
    )  # fmt: skip


def local_entry(conn: Connection[Any], template: Template, filled: Filled) -> BranchNotice:
    """The entry of the unit that is named. Errors: see above."""
    _require_kind(template, "local")
    if bool(filled.head) == bool(filled.branch):
        raise DomainError(ErrorCode.FIELD_MISSING, field="unit")
    place: Place = "head" if filled.head else "branch"
    unit = _unit(units_of(conn), filled.head or filled.branch, "unit")
    rows = _rows(conn, template, place, filled, unit)
    if not rows:
        raise DomainError(ErrorCode.INVALID_VALUE, value=unit.code, field="unit", expected="branch" if place == "head" else "head")
    return BranchNotice(
        unit=unit.code, date=filled.date, key=filled.key, number=filled.number, comment=filled.comment, nature=template.nature,
        operation=template.code, money=template.money, rows=rows,
    )  # fmt: skip


def shared(
    conn: Connection[Any], template: Template, filled: Filled, total: str, key: Mapping[str, int]
) -> list[Notice]:
    """One notice for every branch of the key: the total is divided by the key (units and weights, the head office's among them), the last
    kopecks by largest remainder; the head office keeps its own part. Errors: also invalid_value (key), unknown_reference."""
    units = units_of(conn)
    head = _unit(units, filled.head, "head")
    names = template.amounts()
    if len(names) != 1 or not key or any(weight < 0 for weight in key.values()) or not sum(key.values()):
        raise DomainError(ErrorCode.INVALID_VALUE, value=", ".join(f"{unit}={weight}" for unit, weight in key.items()), field="key")
    order = sorted(key)
    parts = split(positive_amount(total, head.currency, "total"), [key[unit] for unit in order])
    return [
        notice_from(
            conn, template,
            replace(filled, amounts={names[0]: format_amount(part, head.currency)}, branch=unit, key="", number=""),
        )
        for unit, part in zip(order, parts, strict=True)
        if unit != head.code and part
    ]  # fmt: skip


def with_parties(conn: Connection[Any], rows: Sequence[NoticeRow], side: str) -> list[NoticeRow]:
    """Rows with the counterparty of each contract that they name; `side`: how a refusal calls them. Errors: unknown_reference."""
    parties = dict(conn.execute(PARTIES_SQL, [[row.contract for row in rows if row.contract]]).fetchall())
    for place, row in enumerate(rows):
        if row.contract and row.contract not in parties:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="contract", value=row.contract, field=f"{side}[{place}].contract")
    return [msgspec.structs.replace(row, counterparty=parties[row.contract]) if row.contract else row for row in rows]


def _require_kind(template: Template, kind: Literal["notice", "local"]) -> None:
    if template.kind == "derived":
        raise DomainError(ErrorCode.NOTICE_DERIVED, template=template.code)
    if template.kind != kind:
        raise DomainError(ErrorCode.NOTICE_TEMPLATE, template=template.code, problem=template.kind)


def _unit(units: Mapping[str, UnitPlace], code: str, named: str) -> UnitPlace:
    if not code:
        raise DomainError(ErrorCode.FIELD_MISSING, field=named)
    if code not in units:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="unit", value=code, field=named)
    return units[code]


def _rows(conn: Connection[Any], template: Template, place: Place, filled: Filled, unit: UnitPlace) -> list[NoticeRow]:
    said = template.rows(place)
    for row in said:
        if row.amount not in filled.amounts or not filled.amounts[row.amount].strip():
            raise DomainError(ErrorCode.FIELD_MISSING, field=f"amounts.{row.amount}")
        if row.party and not filled.contracts.get(row.party):
            raise DomainError(ErrorCode.FIELD_MISSING, field=f"contracts.{row.party}")
    named = frozenset(filled.contracts[row.party] for row in said if row.party)
    contracts = load_directory(conn, References(contracts=named)).contracts
    parties = _parties(conn, contracts)
    return [_row(template, row, filled, unit, contracts, parties) for row in said]


def _row(
    template: Template, row: TemplateRow, filled: Filled, unit: UnitPlace, contracts: Mapping[str, ContractTerms],
    parties: Mapping[int, str],
) -> NoticeRow:  # fmt: skip
    chart = load_chart(unit.chart)
    code = filled.contracts.get(row.party, "") if row.party else ""
    contract = contracts.get(code)
    if code and contract is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="contract", value=code, field=f"contracts.{row.party}")
    debit, credit = (_account(chart, said, contract, filled.accounts) for said in (row.debit, row.credit))
    return NoticeRow(
        debit=debit, credit=credit, amount=filled.amounts[row.amount].strip(), contract=code,
        counterparty=parties[contract.counterparty_id] if contract else "", item=filled.items.get(row.amount, ""),
        flow=template.flow if template.kind == "notice" else "", claim=row.claim,
    )  # fmt: skip


def _account(chart: Chart, said: str, contract: ContractTerms | None, chosen: Mapping[str, str]) -> str:
    """The code as it is written in the row, digits in place of "xx"."""
    number = number_of(said)
    if "x" not in number:
        return said
    fits = fitting(chart, number)
    pair = (contract.accounts or chart.pair(contract.relation, CurrencyClass.BOOK)) if contract else ()
    found = next((code for code in pair if code in fits), "") or chosen.get(number, "")
    if not found and chart.roles.get(Role.MATERIALS) in fits:
        found = chart.role(Role.MATERIALS)
    found = found or fits[0]
    if found not in fits:
        raise DomainError(ErrorCode.INVALID_VALUE, value=found, field=f"accounts.{number}", expected=", ".join(fits))
    return said.replace(number, found)


def _parties(conn: Connection[Any], contracts: Mapping[str, ContractTerms]) -> dict[int, str]:
    """Codes of the counterparties of these contracts."""
    ids = [contract.counterparty_id for contract in contracts.values()]
    return dict(conn.execute("select id, code from counterparty where id = any(%s)", [ids]).fetchall())
