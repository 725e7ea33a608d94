"""A figure always opens its list: where the cells of a report lead.

    statement, ageing     a party: its page; a figure: the card, or the open items behind it
    turnover balance      an account and its figures: its analysis
    account analysis      a corresponding account: its analysis; a figure: the postings between the two
    consolidation         an account or a unit's figure: its analysis, in the unit
    postings              an account: its analysis
    everywhere            a document: its page

Every address carries the question on: the day, the period, the contour, what was known when, and the filters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse

from setoff.reports.report import Column, DocumentName, Report
from setoff.reports.statement import Codes

CARRIED: Final = ("organization", "unit", "partner", "counterparty", "contract", "currency")
OF_THE_PERIOD: Final = ("opening", "increase", "decrease", "closing")
FINER: Final = {"partner": "counterparty", "counterparty": "contract", "contract": "document", "object": "document", "document": ""}
Address = list[tuple[str, str]]


def link_of(report: Report, column: Column, row: Any) -> str:
    """The address behind a cell; empty when there is none."""
    value = column.value(row)
    if isinstance(value, DocumentName):
        return f"{reverse('pages:document-by-key')}?{urlencode({'key': value.key})}" if value.key else ""
    if value in (None, "", 0):
        return ""
    links = {
        "statement": _of_statement,
        "ageing": _of_ageing,
        "turnover-balance": _of_turnovers,
        "account-analysis": _of_analysis,
        "consolidation": _of_consolidation,
        "postings": _of_postings,
    }
    find = links.get(report.name)
    return find(report, column, row) if find else ""


def total_link_of(report: Report, column: Column, row: Any) -> str:
    """The same for a row of totals: only the open items of a whole report have a list of their own."""
    if report.name not in ("ageing", "statement") or not column.value(row):
        return ""
    return _lots(report, column, row)


def expand_link_of(report: Report, row: Any) -> str:
    """The same report about the row alone, by the next finer group: counterparties of a partner, their contracts, the documents."""
    if report.name not in ("ageing", "statement") or not any(row.codes):
        return ""
    grouped = report.question.group_by
    finer = next((FINER[name] for name in ("document", "object", "contract", "counterparty", "partner") if name in grouped), "")
    if not finer:
        return ""
    side = [("side", report.question.side)] if report.name == "ageing" else []
    return report_address(report.name, [*carried(report, **narrowed_to(row)), *side, ("group-by", finer)])


def carried(report: Report, **narrowed: str) -> Address:
    """What was asked, narrowed to a row. Names are written with "_" for "-"."""
    question = report.question
    own = {name.replace("_", "-"): value for name, value in narrowed.items() if value}
    found = [(name, value) for name, values in question.names if name in CARRIED and name not in own for value in values]
    found += list(own.items())
    found.append(("as-of", question.as_of.isoformat()))
    if question.since:
        found.append(("from", question.since.isoformat()))
    if report.of_contour and question.contour != "reg":
        found.append(("contour", question.contour))
    if question.known_at:
        found.append(("known-at", question.known_at.isoformat()))
    return found


def report_address(name: str, filters: Address) -> str:
    return f"{reverse('pages:report', args=[name])}?{urlencode(filters)}"


def narrowed_to(row: Any) -> dict[str, str]:
    """The filters that single out a row of a statement or of ageing."""
    codes: Codes = row.codes
    party = {"counterparty": codes.counterparty} if codes.counterparty else {"partner": codes.partner}
    return {**party, "contract": codes.contract, "currency": row.currency, "unit": row.unit}


def party_address(report: Report, codes: Codes) -> str:
    """The page of a partner or counterparty by its code, as of the same day."""
    party = {"counterparty": codes.counterparty} if codes.counterparty else {"partner": codes.partner}
    question = report.question
    known = {"known-at": question.known_at.isoformat()} if question.known_at else {}
    filters: Mapping[str, str] = {**party, "as-of": question.as_of.isoformat(), "contour": question.contour, **known}
    return f"{reverse('pages:partner-by-code')}?{urlencode(filters)}"


def _of_statement(report: Report, column: Column, row: Any) -> str:
    if column.key == "contract" and row.codes.contract:
        return report_address("card", carried(report, **narrowed_to(row)))
    if column.key in ("partner", "counterparty"):
        return party_address(report, row.codes) if row.codes.partner or row.codes.counterparty else ""
    if column.key in OF_THE_PERIOD and any(row.codes):
        return report_address("card", carried(report, **narrowed_to(row)))
    return _lots(report, column, row) if column.key in ("debt", "advance") else ""


def _of_ageing(report: Report, column: Column, row: Any) -> str:
    if column.kind != "money":
        return _of_statement(report, column, row)
    return _lots(report, column, row)


def _lots(report: Report, column: Column, row: Any) -> str:
    """The open items behind a figure: by relation, kind and days overdue."""
    days = ""
    if column.place >= 0:
        days = "-0" if column.place == 0 else "-".join(value for _name, value in column.facts)
        days += "-" if len(column.facts) == 1 else ""
    elif column.key not in ("debt", "total", "advance"):
        return ""
    what = "advance" if column.key == "advance" else "debt"
    filters = carried(report, **narrowed_to(row), relation=row.relation, what=what, days=days)
    return f"{reverse('pages:lots')}?{urlencode([pair for pair in filters if pair[0] != 'from'])}"


def _of_turnovers(report: Report, column: Column, row: Any) -> str:
    if column.key != "account" and column.kind != "money":
        return ""
    return report_address("account-analysis", carried(report, account=row.account))


def _of_analysis(report: Report, column: Column, row: Any) -> str:
    if column.key == "account":
        return report_address("account-analysis", carried(report, account=row.account))
    analysed = [value for name, values in report.question.names if name == "account" for value in values]
    if column.kind != "money" or not row.account:
        return ""
    filters = [*carried(report), *(("account", code) for code in analysed), ("corresponding", row.account)]
    return report_address("postings", filters)


def _of_consolidation(report: Report, column: Column, row: Any) -> str:
    """The account in one unit, or in all of them; of a document its postings there."""
    unit = dict(column.facts).get("unit", "")
    if column.key != "account" and not unit:
        return ""
    name = "account-analysis" if row.level == 0 else "postings"
    return report_address(name, carried(report, account=row.account, unit=unit))


def _of_postings(report: Report, column: Column, row: Any) -> str:
    if column.key not in ("debit_account", "credit_account"):
        return ""
    return report_address("account-analysis", carried(report, account=column.value(row)))
