"""Saving master records: idempotent, set-based, with every refusal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import NEVER
from setoff.core.money import Money
from setoff.parties.queries import every_master
from setoff.parties.records import Contract, Counterparty, Master, Organization, Rate, Stage, Unit
from setoff.parties.services import Saved, save_masters
from setoff.site import database
from tests import cast

Db = psycopg.Connection[Any]


@pytest.fixture
def conn(company: Db) -> Iterator[Db]:
    with database.connect() as found:
        yield found


def changed(record: Any, **fields: Any) -> Any:
    return msgspec.structs.replace(record, **fields)


def test_saying_the_same_again_changes_nothing(conn: Db, actor: Actor) -> None:
    before = conn.execute("select array_agg(contract.* order by id) from contract").fetchone()
    assert save_masters(conn, cast.MASTERS, actor) == Saved(0, 0, len(cast.MASTERS))
    assert conn.execute("select array_agg(contract.* order by id) from contract").fetchone() == before


def test_counts_what_is_new_and_what_changed(conn: Db, actor: Actor) -> None:
    new = Counterparty(code="NEW", name="ООО «Новое»")
    renamed = changed(cast.VEGA, name="АО «Вега»")
    assert save_masters(conn, [new, renamed, cast.SIRIUS], actor) == Saved(1, 1, 1)
    assert conn.execute("select name from counterparty where code = 'VEGA'").fetchone() == ("АО «Вега»",)


def test_records_may_stand_in_any_order(db: Db, actor: Actor) -> None:
    with database.connect() as conn:
        assert save_masters(conn, reversed(cast.MASTERS), actor) == Saved(len(cast.MASTERS), 0, 0)


def test_of_several_with_one_code_the_last_counts(conn: Db, actor: Actor) -> None:
    first, last = (Counterparty(code="TWICE", name=name) for name in ("first", "last"))
    assert save_masters(conn, [first, last], actor) == Saved(1, 0, 0)
    assert conn.execute("select name from counterparty where code = 'TWICE'").fetchone() == ("last",)


def test_a_contract_keeps_every_field(conn: Db, actor: Actor) -> None:
    record = Contract(
        code="ALL",
        organization="ROMASHKA",
        counterparty="VEGA",
        number="7/26",
        currency="EUR",
        relation="supplier",
        date="2026-01-02",
        valid_from="2026-01-03",
        valid_to="2027-01-03",
        payment_currency="RUB",
        detail="order",
        allocation="manual",
        order="legal",
        reg_detail="invoice",
        stages=[Stage(percent="30.5", days=0), Stage(percent="69.5", days=10, working_days=True)],
        credit_limit="1500.25",
        accounts=["60.31", "60.32"],
        status="draft",
    )
    save_masters(conn, [record], actor)
    columns = (
        "number, relation, currency, payment_currency, date, valid_from, valid_to, detail, allocation, allocation_order,"
        " reg_detail, stages, credit_limit_minor, debt_account, advance_account, status"
    )
    assert conn.execute(f"select {columns} from contract where code = 'ALL'").fetchone() == (
        "7/26",
        "supplier",
        "EUR",
        "RUB",
        date(2026, 1, 2),
        date(2026, 1, 3),
        date(2027, 1, 3),
        "order",
        "manual",
        "legal",
        "invoice",
        [{"percent": "30.5", "days": 0}, {"percent": "69.5", "days": 10, "working_days": True}],
        150025,
        "60.31",
        "60.32",
        "draft",
    )


def test_a_rate_stays_as_typed_and_is_found_by_its_day(conn: Db, actor: Actor) -> None:
    rate = Rate(currency="CNY", quote="RUB", date="2025-01-01", rate="12.3456")
    assert save_masters(conn, [rate], actor) == Saved(1, 0, 0)
    assert save_masters(conn, [rate], actor) == Saved(0, 0, 1)
    assert save_masters(conn, [changed(rate, rate="12.5")], actor) == Saved(0, 1, 0)
    row = conn.execute("select rate from rate where currency = 'CNY'").fetchone()
    assert row == (Decimal("12.5"),)
    assert str(row[0]) == "12.5"


REFUSALS: list[tuple[Master, ErrorCode, dict[str, Any]]] = [
    (changed(cast.VEGA, code=" "), ErrorCode.FIELD_MISSING, {"field": "code"}),
    (changed(cast.BUYER, number=""), ErrorCode.FIELD_MISSING, {"field": "number"}),
    (changed(cast.VEGA, name="a\0b"), ErrorCode.INVALID_VALUE, {"field": "name", "value": "a\\0b"}),
    (
        changed(cast.MSK, organization="NONE"),
        ErrorCode.UNKNOWN_REFERENCE,
        {"kind": "organization", "value": "NONE", "field": "organization"},
    ),
    (
        changed(cast.SPB, head_office="NONE"),
        ErrorCode.UNKNOWN_REFERENCE,
        {"kind": "unit", "value": "NONE", "field": "head_office"},
    ),
    (changed(cast.MSK, head_office="SPB"), ErrorCode.INVALID_VALUE, {"value": "SPB", "field": "head_office"}),  # is none
    (changed(cast.SPB, head_office="SHA"), ErrorCode.INVALID_VALUE, {"value": "SHA", "field": "head_office"}),  # of others
    (changed(cast.SPB, head_office="SPB"), ErrorCode.INVALID_VALUE, {"value": "SPB", "field": "head_office"}),
    (changed(cast.VEGA, partner="NONE"), ErrorCode.UNKNOWN_REFERENCE, {"kind": "partner", "value": "NONE", "field": "partner"}),
    (
        changed(cast.RETAIL, partner="NONE"),
        ErrorCode.UNKNOWN_REFERENCE,
        {"kind": "partner", "value": "NONE", "field": "partner"},
    ),
    (
        changed(cast.BUYER, counterparty="NONE"),
        ErrorCode.UNKNOWN_REFERENCE,
        {"kind": "counterparty", "value": "NONE", "field": "counterparty"},
    ),
    (changed(cast.BUYER, currency="RUX"), ErrorCode.UNKNOWN_CURRENCY, {"currency": "RUX", "field": "currency"}),
    (changed(cast.BUYER, payment_currency="руб"), ErrorCode.UNKNOWN_CURRENCY, {"currency": "руб", "field": "payment_currency"}),
    (changed(cast.ROMASHKA, book_currency=""), ErrorCode.UNKNOWN_CURRENCY, {"currency": "", "field": "book_currency"}),
    (changed(cast.BUYER, date="2025-02-30"), ErrorCode.INVALID_DATE, {"value": "2025-02-30", "field": "date"}),
    (changed(cast.BUYER, valid_to="20250101"), ErrorCode.INVALID_DATE, {"value": "20250101", "field": "valid_to"}),
    (changed(cast.BUYER, valid_to="2024-12-31"), ErrorCode.INVALID_VALUE, {"value": "2024-12-31", "field": "valid_to"}),
    (changed(cast.RATES[0], date=""), ErrorCode.FIELD_MISSING, {"field": "date"}),
    (changed(cast.RATES[0], rate="0"), ErrorCode.INVALID_RATE, {"field": "rate", "value": "0"}),
    (changed(cast.RATES[0], rate="ten"), ErrorCode.INVALID_RATE, {"field": "rate", "value": "ten"}),
    (changed(cast.RATES[0], quote="EUR"), ErrorCode.INVALID_VALUE, {"field": "quote", "value": "EUR"}),
    (
        changed(cast.BUYER, stages=[Stage(percent="60", days=0), Stage(percent="39.5", days=5)]),
        ErrorCode.STAGES_DIFFER_FROM_TOTAL,
        {"parts": "99.5 %", "total": "100 %", "field": "stages"},
    ),
    (
        changed(cast.BUYER, stages=[Stage(percent="0", days=0), Stage(percent="100", days=5)]),
        ErrorCode.INVALID_RATE,
        {"field": "stages[0].percent", "value": "0"},
    ),
    (
        changed(cast.BUYER, stages=[Stage(percent="100", days=-1)]),
        ErrorCode.INVALID_VALUE,
        {"field": "stages[0].days", "value": "-1"},
    ),
    (changed(cast.BUYER, accounts=["62.01"]), ErrorCode.INVALID_VALUE, {"field": "accounts", "value": "62.01"}),
    (
        changed(cast.BUYER, accounts=["62.01", "62.01"]),
        ErrorCode.INVALID_ACCOUNT_PAIR,
        {"debt": "62.01", "advance": "62.01", "chart": "ru", "field": "accounts"},
    ),
    (
        changed(cast.BUYER, accounts=["62.21", "62.22"]),
        ErrorCode.INVALID_ACCOUNT_PAIR,
        {"debt": "62.21", "advance": "62.22", "chart": "ru", "field": "accounts"},
    ),
    (
        changed(cast.BUYER, accounts=["62.01", "62.99"]),
        ErrorCode.UNKNOWN_ACCOUNT,
        {"account": "62.99", "chart": "ru", "field": "accounts"},
    ),
    (
        changed(cast.BUYER, credit_limit="12.345"),
        ErrorCode.INVALID_AMOUNT,
        {"value": "12.345", "currency": "RUB", "digits": 2, "field": "credit_limit"},
    ),
    (changed(cast.BUYER, credit_limit="-1"), ErrorCode.AMOUNT_NOT_POSITIVE, {"value": "-1", "field": "credit_limit"}),
]


@pytest.mark.parametrize(("record", "code", "facts"), REFUSALS, ids=lambda value: getattr(value, "value", None))
def test_what_is_refused(conn: Db, actor: Actor, record: Master, code: ErrorCode, facts: dict[str, Any]) -> None:
    before = conn.execute("select count(*) from audit").fetchone()
    with pytest.raises(DomainError) as refused:
        save_masters(conn, [Counterparty(code="GOOD", name="good"), record], actor)
    assert (refused.value.code, refused.value.facts) == (code, facts)
    assert conn.execute("select count(*) from counterparty where code = 'GOOD'").fetchone() == (0,)
    assert conn.execute("select count(*) from audit").fetchone() == before


def test_good_records_are_saved_when_asked_and_what_names_a_bad_one_is_left_out(conn: Db, actor: Actor) -> None:
    records = [
        Organization(code="BAD", name="bad", chart="intl", book_currency="XXZ"),
        Unit(code="BAD-UNIT", organization="BAD", name="unit of a bad one"),
        Counterparty(code="GOOD", name="good"),
    ]
    saved = save_masters(conn, records, actor, on_error="collect")
    assert (saved.created, saved.changed, saved.unchanged) == (1, 0, 0)
    assert [(row.position, row.record.code, row.error.code) for row in saved.refused] == [
        (0, "BAD", ErrorCode.UNKNOWN_CURRENCY),
        (1, "BAD-UNIT", ErrorCode.UNKNOWN_REFERENCE),
    ]


def test_a_branch_names_its_head_office(db: Db, actor: Actor) -> None:
    """In whatever order they stand; whom branches name stays a head office."""
    branch = changed(cast.SPB, head_office="MSK")
    with database.connect() as conn:
        assert save_masters(conn, [branch, cast.MSK, cast.ROMASHKA], actor) == Saved(3, 0, 0)
        with conn.transaction():
            assert list(every_master(conn, Unit)) == [cast.MSK, branch]
        with pytest.raises(DomainError) as refused:
            save_masters(conn, [changed(cast.MSK, kind="branch")], actor)
        assert refused.value.facts == {"field": "kind", "value": "branch", "expected": "head_office"}
        for record in (cast.SPB, changed(cast.MSK, kind="branch")):
            assert save_masters(conn, [record], actor) == Saved(0, 1, 0)


def test_a_branch_of_a_bad_head_office_is_left_out(conn: Db, actor: Actor) -> None:
    records = [
        Unit(code="FILIAL", organization="ROMASHKA", name="branch", kind="branch", head_office="CENTRE"),
        Unit(code="CENTRE", organization="ROMASHKA", name=""),
    ]
    saved = save_masters(conn, records, actor, on_error="collect")
    assert [(row.record.code, row.error.code) for row in saved.refused] == [
        ("FILIAL", ErrorCode.UNKNOWN_REFERENCE),
        ("CENTRE", ErrorCode.FIELD_MISSING),
    ]


def test_a_dry_run_tells_and_writes_nothing(conn: Db, actor: Actor) -> None:
    assert save_masters(conn, [Counterparty(code="NEW", name="new")], actor, dry_run=True) == Saved(1, 0, 0)
    assert conn.execute("select count(*) from counterparty where code = 'NEW'").fetchone() == (0,)
    assert conn.execute("select count(*) from audit").fetchone() == (1,)  # the cast


def test_every_call_is_written_into_the_audit_trail(conn: Db, actor: Actor) -> None:
    save_masters(conn, [Counterparty(code="NEW", name="new")], actor)
    row = conn.execute("select author, origin, verb, details from audit order by id desc limit 1").fetchone()
    assert row == ("tester", "test", "save_masters", {"created": 1, "changed": 0, "refused": 0})


def open_debt(conn: Db, code: str, residual: int = 700) -> None:
    """A debt of 700 kopecks of that contract, of which `residual` is open: rows as the kernel would write them."""
    conn.execute("set session_replication_role = replica")
    (contract,) = conn.execute(
        "select id, counterparty_id, relation, currency from contract where code = %s", [code]
    ).fetchall()
    (unit,) = conn.execute("select id from unit where code = 'MSK'").fetchone() or (0,)
    names = {
        "unit": unit,
        "contract": contract[0],
        "counterparty": contract[1],
        "relation": contract[2],
        "currency": contract[3],
    }
    conn.execute(
        "insert into document (unit_id, id, kind, number, year, key, date, moment, status, currency, total, version_id,"
        " posted_version_id) values (%(unit)s, 1, 'sale', '1', 2025, 'sale/1', '2025-03-01', start_of('2025-03-01') + 1,"
        " 'posted', %(currency)s, 700, 1, 1)",
        names,
    )
    conn.execute(
        "insert into node values (%(unit)s, 11, %(relation)s, %(counterparty)s, %(contract)s, '', '', %(currency)s, 22, 33)",
        names,
    )
    conn.execute(
        "insert into fold_key"
        " (unit_id, id, contour, relation, counterparty_id, contract_id, object, currency, allocation_order)"
        " values (%(unit)s, 33, 'mgmt', %(relation)s, %(counterparty)s, %(contract)s, '', %(currency)s, 'moment')",
        names,
    )
    names |= {"residual": residual, "closed": NEVER if residual else 10**15}
    conn.execute(
        "insert into lot values (%(unit)s, 33, 1, 1, 11, start_of('2025-03-01') + 1, start_of('2025-03-01') + 1, null, 700, 700,"
        " %(residual)s, %(residual)s, %(closed)s, %(closed)s)",
        names,
    )
    conn.execute("set session_replication_role = origin")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"currency": "EUR"}, "currency"),
        ({"relation": "supplier"}, "relation"),
        ({"counterparty": "SIRIUS"}, "counterparty"),
        ({"detail": "order"}, "detail"),
        ({"reg_detail": "invoice"}, "reg_detail"),
        ({"organization": "LYCEUM"}, "organization"),
        ({"order": "due_date", "detail": "invoice"}, "detail, order"),
        ({"relation": "loan_received", "accounts": ["67.03", "67.03"]}, "relation, accounts"),
    ],
)
def test_a_contract_in_use_keeps_its_terms(conn: Db, actor: Actor, fields: dict[str, Any], named: str) -> None:
    save_masters(conn, [changed(cast.BUYER, **fields)], actor, dry_run=True)  # before there is anything in the books
    open_debt(conn, "BUYER")
    with pytest.raises(DomainError) as refused:
        save_masters(conn, [changed(cast.BUYER, **fields)], actor)
    assert refused.value.code is ErrorCode.CONTRACT_IN_USE
    assert refused.value.facts == {"contract": "BUYER", "fields": named, "field": named.split(",")[0]}
    later = changed(cast.BUYER, number="Д-2", valid_to="2030-01-01", allocation="manual", credit_limit="10", date="2025-01-05")
    assert save_masters(conn, [later], actor) == Saved(0, 1, 0)


def test_an_organization_and_a_unit_in_use_keep_what_the_books_rest_on(conn: Db, actor: Actor) -> None:
    open_debt(conn, "BUYER")
    with pytest.raises(DomainError) as refused:
        save_masters(conn, [changed(cast.ROMASHKA, book_currency="EUR", chart="intl")], actor)
    assert refused.value.code is ErrorCode.RECORD_IN_USE
    assert refused.value.facts == {
        "kind": "organization",
        "value": "ROMASHKA",
        "fields": "chart, book_currency",
        "field": "chart",
    }
    with pytest.raises(DomainError) as refused:
        save_masters(conn, [changed(cast.MSK, organization="NORTHSEA")], actor)
    assert refused.value.facts == {"kind": "unit", "value": "MSK", "fields": "organization", "field": "organization"}
    assert save_masters(
        conn, [changed(cast.ROMASHKA, name="Ромашка"), changed(cast.SPB, organization="LYCEUM")], actor
    ) == Saved(0, 2, 0)


def test_a_contract_closes_when_nothing_is_open_on_it(conn: Db, actor: Actor) -> None:
    open_debt(conn, "BUYER")
    closed = changed(cast.BUYER, status="closed")
    with pytest.raises(DomainError) as refused:
        save_masters(conn, [closed], actor)
    assert refused.value.code is ErrorCode.CONTRACT_NOT_SETTLED
    assert refused.value.facts == {"contract": "BUYER", "balances": [Money(700, "RUB")], "field": "status"}
    assert save_masters(conn, [closed], actor, consent=True, dry_run=True) == Saved(0, 1, 0)
    assert save_masters(conn, [changed(cast.BUYER_2, status="closed")], actor) == Saved(0, 1, 0)
    conn.execute("set session_replication_role = replica")
    conn.execute("update lot set residual = 0, residual_book = 0, closed_moment = moment + 1")
    conn.execute("set session_replication_role = origin")
    assert save_masters(conn, [closed], actor) == Saved(0, 1, 0)


def test_many_thousands_at_once(conn: Db, actor: Actor) -> None:
    parties = [Counterparty(code=f"C{number}", name=f"Контрагент {number}") for number in range(3000)]
    contracts = [
        Contract(code=f"C{number}", organization="ROMASHKA", counterparty=f"C{number}", number=str(number), currency="RUB")
        for number in range(3000)
    ]
    assert save_masters(conn, [*contracts, *parties], actor) == Saved(6000, 0, 0)
    assert save_masters(conn, [*contracts, *parties], actor) == Saved(0, 0, 6000)
