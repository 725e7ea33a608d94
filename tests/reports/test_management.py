"""The statement in management currency, by hand from the story (story.py).

Books are in roubles. At the eve of 10 February a euro is 104.50, at the end of March 98.25: Vega's opening 1,300.00 is 12.44 euros
(12.4402), its closing -200.00 is -2.04 (-2.0356), Metall's 600.00 is 6.11 (6.1069), Berlin's 58,950.00 is 600.00 euros.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
import psycopg
import pytest

from setoff.core.errors import DomainError, ErrorCode
from setoff.parties.queries import every_master
from setoff.parties.records import Organization, Rate
from setoff.parties.services import save_masters
from setoff.reports.ask import ask
from setoff.reports.files import render_csv, render_json
from setoff.reports.heading import note_text, total_text
from setoff.reports.report import Portion, Report
from tests.cast import LYCEUM, ROMASHKA
from tests.reports.story import ACTOR

Db = psycopg.Connection[Any]
NAMES = ["management_currency", "opening_management", "closing_management"]
YUAN = [
    Rate(currency="CNY", quote="RUB", date="2025-02-01", rate="128", nominal="10"),
    Rate(currency="RUB", quote="CNY", date="2025-02-01", rate="7.8125", nominal="100"),
]
"""A yuan is 12.80 roubles, quoted either way."""


def told(conn: Db, as_of: str = "2025-03-31", portion: Portion | None = None, **options: str) -> Report:
    given = {"organization": "ROMASHKA", "from": "2025-02-10", **options}
    return ask(conn, "statement", as_of=as_of, options={name: [value] for name, value in given.items() if value}, portion=portion)


def name_currency(conn: Db, currency: str, organization: Organization = ROMASHKA) -> None:
    save_masters(conn, [msgspec.structs.replace(organization, management_currency=currency)], ACTOR)


def balances(rows: Any) -> list[tuple[Any, ...]]:
    return [(row.currency, row.relation, *row.in_management) for row in rows]


def sums(report: Report, column: str) -> dict[tuple[str, str], int]:
    """By currency and relation, rows and what they were rounded by."""
    found: dict[tuple[str, str], int] = {}
    (section,) = report.sections
    stated = [((row.currency, row.relation), row) for row in section.rows]
    stated += [((total.facts["currency"], total.facts["relation"]), total.row) for total in section.totals if total.label == "rounding"]
    for key, row in stated:
        found[key] = found.get(key, 0) + (getattr(row, column, None) or 0)
    return found


def test_balances_are_translated_at_the_rate_of_their_day(story: Db) -> None:
    name_currency(story, "EUR")
    report = told(story)
    (section,) = report.sections
    expected = [("EUR", "buyer", "EUR", 0, 600_00), ("RUB", "buyer", "EUR", 12_44, -2_04), ("RUB", "supplier", "EUR", 0, 6_11)]
    assert balances(section.rows) == expected
    assert balances(total.row for total in section.totals) == expected
    assert not section.notes
    vega = json.loads(render_json(report, "en"))["sections"][0]["rows"][1]
    assert [vega[name] for name in NAMES] == ["EUR", "12.44", "-2.04"]
    (heading,) = (line for line in render_csv(report, "ru").splitlines() if "Кон. остаток в валюте учёта" in line)
    assert heading.endswith("Валюта упр. учёта,Нач. остаток в валюте упр. учёта,Кон. остаток в валюте упр. учёта")
    eve = told(story, "2025-02-09", **{"from": ""})
    assert balances(eve.sections[0].rows) == [("RUB", "buyer", "EUR", 0, 12_44)]  # as the next period opens


@pytest.mark.parametrize("rate", YUAN, ids=["in book currency", "of book currency"])
def test_rows_and_what_they_were_rounded_by_are_the_total(story: Db, rate: Rate) -> None:
    """700.00 and 600.00 are 54.69 (54.6875) and 46.88 (46.875), and 1,300.00 is 101.56 (101.5625)."""
    save_masters(story, [rate], ACTOR)
    name_currency(story, "CNY")
    report = told(story, "2025-02-10", **{"group-by": "document"})
    (section,) = report.sections
    assert balances(section.rows) == [("RUB", "buyer", "CNY", 54_69, 54_69), ("RUB", "buyer", "CNY", 46_88, 46_88)]
    rounded, total = section.totals
    assert tuple(rounded.row) == ("CNY", -1, -1)
    assert total_text(rounded, "en") == "Rounding of rows, with buyer, RUB"
    assert total.row.in_management == ("CNY", 101_56, 101_56)
    for column in ("opening_management", "closing_management"):
        assert sums(report, column) == {("RUB", "buyer"): getattr(total.row, column)}


def test_a_missing_rate_is_named_and_leaves_its_cells_empty(story: Db) -> None:
    save_masters(story, [Rate(currency="CNY", quote="RUB", date="2025-03-31", rate="12.5")], ACTOR)
    name_currency(story, "CNY")
    (section,) = told(story).sections
    expected = [
        ("EUR", "buyer", "CNY", 0, 4_716_00), ("RUB", "buyer", "CNY", None, -16_00), ("RUB", "supplier", "CNY", 0, 48_00),
    ]  # fmt: skip
    assert balances(section.rows) == expected
    assert balances(total.row for total in section.totals) == expected
    assert [note_text(note, "en") for note in section.notes] == [
        "There is no rate of CNY in RUB for 9 Feb 2025: balances of that day are not shown in management currency."
    ]


def test_organizations_of_one_book_currency_name_different_ones(story: Db) -> None:
    """The lyceum keeps books in roubles too, and names none."""
    name_currency(story, "EUR")
    (section,) = told(story, organization="").sections
    assert [row.in_management for row in section.rows] == [("", None, None)] * 3
    assert [(note.label, note.facts) for note in section.notes] == [
        ("management-several", {"book_currency": "RUB", "currencies": "EUR, RUB"})
    ]
    name_currency(story, "EUR", LYCEUM)
    (section,) = told(story, organization="").sections
    assert [row.closing_management for row in section.rows] == [600_00, -2_04, 6_11]


@pytest.mark.parametrize("named", ["", "RUB"])
def test_without_one_the_statement_is_as_it_was(story: Db, named: str) -> None:
    name_currency(story, named)
    report = told(story)
    assert not {column.key for column in report.columns} & {*NAMES} and not report.sections[0].notes


def test_pages_have_the_same_rows_and_totals(story: Db) -> None:
    name_currency(story, "EUR")
    whole = told(story).sections[0]
    pages = [told(story, portion=Portion(1))]
    while pages[-1].following:
        pages.append(told(story, portion=Portion(1, pages[-1].following)))
    assert len(pages) > 1
    assert [row for page in pages for row in page.sections[0].rows] == whole.rows
    assert all(page.sections[0].totals == whole.totals for page in pages)
    assert {note.label for page in pages for note in page.sections[0].notes} == {"management-rounding"}
    assert told(story, portion=Portion(100)).sections == [whole]  # all rows on one page


def test_the_record_keeps_it(story: Db) -> None:
    name_currency(story, "EUR")
    with story.transaction():
        found = [record for record in every_master(story, Organization) if isinstance(record, Organization)]
    assert {record.code: record.management_currency for record in found} == {
        "ROMASHKA": "EUR", "HONGYUAN": "", "NORTHSEA": "", "LYCEUM": "",
    }  # fmt: skip
    with pytest.raises(DomainError) as refused:
        name_currency(story, "XXZ")
    assert (refused.value.code, refused.value.facts["field"]) == (ErrorCode.UNKNOWN_CURRENCY, "management_currency")
