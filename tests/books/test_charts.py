"""The charts of accounts: complete, sound, and the same in the database."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import psycopg
import pytest

from setoff.books.charts import account_id, chart_names, digests, load_chart
from setoff.core.chart import ADVANCE_VAT_ROLES, RESERVE_ROLES, AccountPair, CurrencyClass, Role
from setoff.core.errors import DomainError, ErrorCode
from setoff.parties.records import Organization, Relation
from setoff.site import database

CHARTS = ("cn", "intl", "ru", "ru-budget")


def test_the_charts_are_those_that_an_organization_may_name() -> None:
    assert tuple(chart_names()) == CHARTS
    assert set(get_args(get_type_hints(Organization)["chart"])) == set(CHARTS)


@pytest.mark.parametrize("name", CHARTS)
def test_every_relation_has_a_sound_pair_in_every_currency_class(name: str) -> None:
    chart = load_chart(name)
    for relation in get_args(Relation):
        for currency_class in CurrencyClass:
            pair = chart.pair(relation, currency_class)
            assert chart.checked_pair(*pair) == pair
            assert chart.account(pair.debt).currency_class == currency_class


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize(("relation", "debt", "advance"), [("buyer", "active", "passive"), ("supplier", "passive", "active")])
def test_debts_and_advances_stand_on_their_side(name: str, relation: str, debt: str, advance: str) -> None:
    chart = load_chart(name)
    for currency_class in CurrencyClass:
        pair = chart.pair(relation, currency_class)
        assert (chart.account(pair.debt).nature, chart.account(pair.advance).nature) == (debt, advance)


@pytest.mark.parametrize("name", CHARTS)
def test_every_role_has_an_account_and_only_interest_is_a_settlement(name: str) -> None:
    chart = load_chart(name)
    wanted = set(Role) if chart.sales_vat == "inside" else set(Role) - {Role.VAT_ON_SALES}
    wanted -= set() if chart.vat_rates else ADVANCE_VAT_ROLES
    wanted -= {Role.RETAINED_EARNINGS if name == "ru-budget" else Role.BRANCH_RESULT}
    wanted -= set() if name in ("cn", "intl") else {Role.NOTES_RECEIVABLE}
    wanted -= set() if chart.reserve_account else RESERVE_ROLES
    assert {Role(role) for role in chart.roles} == wanted
    assert {role for role in wanted if chart.account(chart.role(role)).is_settlement} == {Role.INTEREST_PAYABLE}


@pytest.mark.parametrize("name", CHARTS)
def test_no_pair_has_an_account_that_it_does_not_know(name: str) -> None:
    chart = load_chart(name)
    used = {code for pair in chart.pairs.values() for code in pair}
    assert used <= set(chart.accounts)
    assert all(chart.accounts[code].is_settlement for code in used)
    assert all(all(account.names.values()) for account in chart.accounts.values())


@pytest.mark.parametrize("name", CHARTS)
def test_interest_on_a_loan_has_an_account_of_the_same_currency_class(name: str) -> None:
    chart = load_chart(name)
    for currency_class in CurrencyClass:
        principal = chart.pair("loan_received", currency_class)
        interest = chart.interest_pair(principal)
        assert chart.checked_pair(*interest) == interest != principal
        assert chart.account(interest.debt).currency_class == currency_class
    assert all(account.interest in chart.accounts for account in chart.accounts.values() if account.interest)


def test_the_russian_pairs_are_those_of_the_specification() -> None:
    chart = load_chart("ru")
    expected = {
        "buyer": [("62.01", "62.02"), ("62.21", "62.22"), ("62.31", "62.32")],
        "supplier": [("60.01", "60.02"), ("60.21", "60.22"), ("60.31", "60.32")],
        "other_supplier": [("76.05", "76.05"), ("76.25", "76.25"), ("76.35", "76.35")],
        "other_buyer": [("76.06", "76.06"), ("76.26", "76.26"), ("76.36", "76.36")],
        "other": [("76.09", "76.09"), ("76.29", "76.29"), ("76.39", "76.39")],
        "loan_received": [("66.03", "66.03"), ("66.23", "66.23"), ("66.33", "66.33")],
        "loan_granted": [("58.03", "58.03"), ("58.23", "58.23"), ("58.33", "58.33")],
    }
    for relation, pairs in expected.items():
        assert [chart.pair(relation, currency_class) for currency_class in CurrencyClass] == [
            AccountPair(*pair) for pair in pairs
        ]


def test_the_russian_settlement_accounts_are_those_of_the_specification() -> None:
    accounts = load_chart("ru").accounts.values()
    expected = {
        account.code for account in accounts if account.code[:2] in {"60", "62", "66", "67"} or account.code in {"58.03"}
    }
    expected |= {
        account.code for account in accounts if "76.05" <= account.code <= "76.39" or account.code in {"58.23", "58.33"}
    }
    assert {account.code for account in accounts if account.is_settlement} == expected


@pytest.mark.parametrize(
    ("debt", "advance"),
    [("60.01", "60.01"), ("60.02", "60.02"), ("60.01", "60.22"), ("76.05", "76.06"), ("62.01", "51"), ("76.09", "62.02")],
)
def test_pairs_that_the_specification_refuses(debt: str, advance: str) -> None:
    with pytest.raises(DomainError) as refused:
        load_chart("ru").checked_pair(debt, advance)
    assert refused.value.code is ErrorCode.INVALID_ACCOUNT_PAIR
    assert refused.value.facts == {"debt": debt, "advance": advance, "chart": "ru"}


def test_accounts_between_units_hold_no_settlements_with_parties() -> None:
    """Spec 2.13: 30404; of commercial charts what stands for it."""
    expected = {"ru": ("79", "79.01", "79.02"), "ru-budget": ("30404",), "cn": ("2241.40",), "intl": ("1195",)}
    for name in CHARTS:
        chart = load_chart(name)
        assert chart.inter_branch == expected[name]
        accounts = [chart.account(code) for code in chart.inter_branch]
        assert all(account.nature == "both" and not account.is_settlement for account in accounts)
        assert not set(chart.inter_branch) & set(chart.roles.values())


def test_the_budget_chart_has_every_account_of_the_operations_between_units() -> None:
    """Spec 2.13, the table: without its first digit (KFO) and its last three (KOSGU)."""
    accounts = load_chart("ru-budget").accounts
    assert {"20531", "20551", "20111", "20631", "10536", "10960", "30231", "30303", "30304", "30404", "40110", "40120", "40130"} <= set(
        accounts
    )


def test_an_account_of_no_chart_is_refused() -> None:
    with pytest.raises(DomainError) as refused:
        load_chart("ru").account("62.99")
    assert refused.value.code is ErrorCode.UNKNOWN_ACCOUNT
    with pytest.raises(DomainError) as refused:
        load_chart("../secret")
    assert refused.value.code is ErrorCode.UNKNOWN_REFERENCE


def test_every_account_has_an_id_of_its_own() -> None:
    pairs = [(name, code) for name in CHARTS for code in load_chart(name).accounts]
    ids = {account_id(*pair) for pair in pairs}
    assert len(ids) == len(pairs)
    assert all(0 < found < 2**31 for found in ids)
    assert account_id("ru", "62.01") == 2144720380


def test_the_database_has_the_accounts_of_the_files(db: psycopg.Connection[Any]) -> None:
    columns = "id, chart, code, nature, is_settlement, is_inter_branch, currency_class, names ->> 'zh'"
    rows = db.execute(f"select {columns} from account").fetchall()
    assert sorted(rows) == sorted(
        (
            account_id(name, code),
            name,
            code,
            account.nature,
            account.is_settlement,
            account.is_inter_branch,
            account.currency_class.value,
            account.names["zh"],
        )
        for name in CHARTS
        for code, account in load_chart(name).accounts.items()
    )


def test_a_changed_chart_is_written_again(db: psycopg.Connection[Any]) -> None:
    with database.connect() as conn:
        conn.execute("update account set names = '{}' where chart = 'cn' and code = '1122'")
        conn.execute("update chart set digest = 'of an older file' where name = 'cn'")
        database.prepare()
    row = db.execute("select names ->> 'en' from account where chart = 'cn' and code = '1122'").fetchone()
    assert row == ("Accounts receivable",)
    assert dict(db.execute("select name, digest from chart").fetchall()) == digests()
