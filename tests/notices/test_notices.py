"""Notices in the books: whose right each verb takes, what each unit sees, what the database refuses, templates of an organization."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import psycopg
import pytest

from setoff.access.entry import enter, leave
from setoff.access.queries import rights_of, rights_of_owner
from setoff.access.rights import Rights
from setoff.books.audit import Actor
from setoff.books.services import close_period
from setoff.core.errors import DomainError, ErrorCode
from setoff.notices import services
from setoff.notices.filling import Filled, local_entry, notice_from, shared
from setoff.notices.queries import notices, open_between, units_of, waiting_for
from setoff.notices.templates import drop_template, ours, said_templates, save_templates, template_of, templates_of
from setoff.parties.records import Unit
from setoff.parties.services import save_masters
from setoff.settlements.services import post_document
from setoff.trade.notice_documents import NoticeRow
from setoff.trade.notice_mirror import Open
from tests import cast
from tests.access.people import add_user
from tests.notices.owing import share

Db = psycopg.Connection[Any]
OWNER = Actor("owner", "test")
OWN_TEMPLATE = """
[[operations]]
code = "rent"
name = "Rent of the branch"
flow = "expenses"
head = ["79.02 / 26  rent"]
branch = ["26 / 79.02  rent"]
"""


@pytest.fixture
def people(company: Db) -> dict[str, Rights]:
    """anna posts in MSK, boris in SPB, olga only drafts in MSK, clara posts in both."""
    roles = {"anna": {"MSK": "accountant"}, "boris": {"SPB": "controller"}, "olga": {"MSK": "operator"}, "vera": {"SPB": "viewer"},
             "clara": {"MSK": "accountant", "SPB": "accountant"}}
    return {login: rights_of(company, add_user(company, login, **units)) for login, units in roles.items()}


def as_(conn: Db, people: dict[str, Rights], login: str) -> tuple[Actor, Rights]:
    leave(conn)
    enter(conn, people[login])
    return Actor(login, "page"), people[login]


def refused(code: ErrorCode) -> Any:
    return pytest.raises(DomainError, match=f"^{code.value}")


def balances(conn: Db) -> list[tuple[str, str, int]]:
    leave(conn)
    return conn.execute(
        """select unit.code, account.code, sum(side.amount)::bigint from (
             select unit_id, debit_account_id as account_id, amount from posting
             union all select unit_id, credit_account_id, -amount from posting) side
           join account on account.id = side.account_id join unit on unit.id = side.unit_id
           group by 1, 2 having sum(side.amount) <> 0 order by 1, 2"""
    ).fetchall()


def test_each_side_acts_with_its_own_right(company: Db, people: dict[str, Rights]) -> None:
    """Nobody of SPB may write in MSK, and yet his confirmation books both."""
    actor, rights = as_(company, people, "olga")
    assert services.save_notice(company, share(), actor, rights).status == "draft"
    with refused(ErrorCode.NOT_PERMITTED):
        services.send_notice(company, "share", actor, rights)
    actor, rights = as_(company, people, "boris")
    assert notices(company, rights.units_with("read")) == []  # a draft is the sender's business
    with refused(ErrorCode.UNKNOWN_REFERENCE):
        services.confirm_notice(company, "share", actor, rights)
    with refused(ErrorCode.UNKNOWN_REFERENCE):
        services.save_notice(company, share(key="theirs"), actor, rights)
    actor, rights = as_(company, people, "anna")
    services.send_notice(company, "share", actor, rights)
    assert waiting_for(company, rights.units_with("post"), "anna") == []
    with refused(ErrorCode.UNKNOWN_REFERENCE):
        services.confirm_notice(company, "share", actor, rights)
    actor, rights = as_(company, people, "vera")
    with refused(ErrorCode.NOT_PERMITTED):
        services.confirm_notice(company, "share", actor, rights)
    actor, rights = as_(company, people, "boris")
    assert [found.code for found in waiting_for(company, rights.units_with("post"), "boris")] == ["share"]
    found = services.confirm_notice(company, "share", actor, rights)
    assert (found.status, found.sent_by, found.decided_by, found.amount, found.claims) == ("confirmed", "anna", "boris", 350_00, 350_00)
    assert [key for (key,) in company.execute("select key from document order by key").fetchall()] == ["share/receiver"]
    assert company.execute("select current_setting('setoff.write_units')").fetchone() == (str(rights.unit_codes["SPB"]),)
    assert balances(company) == [("MSK", "26", -350_00), ("MSK", "79.02", 350_00), ("SPB", "26", 350_00), ("SPB", "79.02", -350_00)]
    assert company.execute("select distinct date from document").fetchall() == [(date(2025, 2, 10),)]


def test_nobody_answers_himself(company: Db, people: dict[str, Rights]) -> None:
    """Not who drafted, nor who sent, in whatever letters; to undo it takes both sides too."""
    actor, rights = as_(company, people, "clara")
    services.save_notice(company, share(), actor, rights)
    actor, rights = as_(company, people, "anna")
    services.send_notice(company, "share", actor, rights)
    with refused(ErrorCode.NOTICE_OWN):
        services.confirm_notice(company, "share", Actor("CLARA", "page"), as_(company, people, "clara")[1])
    actor, rights = as_(company, people, "boris")
    services.confirm_notice(company, "share", actor, rights)
    with refused(ErrorCode.FIELD_MISSING):
        services.undo_notice(company, "share", actor, rights)
    assert services.undo_notice(company, "share", actor, rights, because="booked twice").undo_by == "boris"
    with refused(ErrorCode.UNKNOWN_REFERENCE):
        services.undo_notice(company, "share", actor, rights)
    actor, rights = as_(company, people, "anna")
    assert [found.code for found in waiting_for(company, rights.units_with("post"), "anna")] == ["share"]
    assert services.undo_notice(company, "share", actor, rights).status == "undone"
    assert balances(company) == []
    verbs = [row[0] for row in company.execute("select verb from audit where details ->> 'notice' = 'share' order by id").fetchall()]
    assert verbs == ["save_notice", *("send_notice",) * 2, *("confirm_notice",) * 2, *("ask_undo_notice",) * 2, *("undo_notice",) * 2]


def test_what_cannot_be_booked_in_one_unit_is_booked_in_none(company: Db, people: dict[str, Rights]) -> None:
    actor, rights = as_(company, people, "anna")
    services.save_notice(company, share(), actor, rights)
    services.send_notice(company, "share", actor, rights)
    leave(company)
    with refused(ErrorCode.NOTICES_UNCONFIRMED) as stopped:
        close_period(company, "SPB", date(2025, 2, 28), OWNER)
    assert stopped.value.facts["notices"] == "000001"
    close_period(company, "SPB", date(2025, 1, 31), OWNER)
    actor, rights = as_(company, people, "boris")
    services.reject_notice(company, "share", actor, rights, because="not ours")
    leave(company)
    close_period(company, "SPB", date(2025, 2, 28), OWNER)
    with refused(ErrorCode.NOTICES_UNCONFIRMED):
        close_period(company, "MSK", date(2025, 2, 28), OWNER)  # the sender mends it, or throws it away
    actor, rights = as_(company, people, "anna")
    with refused(ErrorCode.PERIOD_CLOSED):
        services.send_notice(company, "share", actor, rights)
    assert services.drop_notice(company, "share", actor, rights).status == "rejected"
    assert notices(company, rights.units_with("read")) == [] and balances(company) == []


def test_the_database_keeps_the_course_of_a_notice(company: Db, people: dict[str, Rights]) -> None:
    actor, rights = as_(company, people, "anna")
    services.save_notice(company, share(), actor, rights)
    services.send_notice(company, "share", actor, rights)
    for statement in (
        "update branch_notice set content = content || '{\"comment\": \"x\"}'",
        "update branch_notice set status = 'confirmed', decided_by = 'boris'",
        "update branch_notice set status = 'rejected', decided_by = sent_by, reason = 'x'",
    ):
        leave(company)
        with pytest.raises(psycopg.Error), company.transaction():
            company.execute(statement)
    as_(company, people, "boris")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="not in the name of"), company.transaction():
        company.execute("update branch_notice set status = 'rejected', decided_by = 'vera', reason = 'x'")
    with pytest.raises(psycopg.errors.InsufficientPrivilege), company.transaction():
        company.execute(
            """insert into branch_notice (code, sender_unit_id, receiver_unit_id, number, year, date, operation, nature, amount, currency,
                                          claims, obligations, content, author)
               select 'forged', sender_unit_id, receiver_unit_id, '2', year, date, operation, nature, amount, currency, claims, obligations,
                      content, 'boris' from branch_notice"""
        )


def test_numbers_and_what_is_open(company: Db) -> None:
    rights = rights_of_owner(company, "owner")
    first = services.save_notice(company, share(key=""), OWNER, rights)
    assert (first.number, first.code) == ("000001", "notice/MSK/2025/000001")
    with refused(ErrorCode.NUMBER_TAKEN):
        services.save_notice(company, share(key="other", number="000001"), OWNER, rights)
    services.send_notice(company, first.code, OWNER, rights)
    services.confirm_notice(company, first.code, Actor("other", "test"), rights)
    units = units_of(company)
    day = date(2025, 2, 10)
    assert open_between(company, units["MSK"], units["SPB"], day) == Open(350_00, 0)
    assert open_between(company, units["SPB"], units["MSK"], day) == Open(0, 350_00)
    assert open_between(company, units["MSK"], units["SPB"], date(2025, 2, 9)) == Open()
    with refused(ErrorCode.NOTICE_UNITS):
        services.save_notice(company, share(receiver="SHA", key="x"), OWNER, rights)
    with refused(ErrorCode.UNKNOWN_REFERENCE):
        services.save_notice(company, share(receiver="NONE", key="x"), OWNER, rights)


def test_imported_notices_count_as_open(company: Db) -> None:
    """Books that came from elsewhere have the documents of notices, not the notices."""
    from setoff.settlements.bulk import import_documents

    documents = [msgspec.structs.replace(share(number="7").document(side), key=f"old/{side}") for side in ("sender", "receiver")]
    with refused(ErrorCode.NOTICE_DOCUMENT):
        post_document(company, documents[0], OWNER)
    import_documents(company, lambda: enumerate(documents), OWNER)
    units = units_of(company)
    assert open_between(company, units["MSK"], units["SPB"], date(2025, 3, 1)) == Open(350_00, 0)
    assert open_between(company, units["SPB"], units["MSK"], date(2025, 3, 1)) == Open(0, 350_00)
    rights = rights_of_owner(company, "owner")
    paid = share(
        key="paid", date="2025-03-01", nature="payment", sender="SPB", receiver="MSK",
        sender_rows=[NoticeRow(debit="79.02", credit="51", amount="350.00")],
        receiver_rows=[NoticeRow(debit="51", credit="79.02", amount="350.00")],
    )  # fmt: skip
    services.save_notice(company, paid, OWNER, rights)
    assert services.send_notice(company, "paid", OWNER, rights).obligations == -350_00


def test_templates_of_setoff_are_sound_and_an_organization_has_its_own(company: Db) -> None:
    assert {chart: len(ours(chart)) for chart in ("ru-budget", "ru", "cn", "intl")} == {"ru-budget": 37, "ru": 7, "cn": 7, "intl": 7}
    rights = rights_of_owner(company, "owner")
    unit = units_of(company)["MSK"]
    assert save_templates(company, "ROMASHKA", said_templates(OWN_TEMPLATE), OWNER, rights) == ["rent"]
    found = templates_of(company, unit.organization_id, unit.chart)
    assert [*found] == [*ours("ru"), "rent"] and found["rent"].title("zh") == "Rent of the branch"
    filled = Filled("2025-02-10", {"rent": "12.00"}, "MSK", "SPB", items={"rent": "office"})
    made = notice_from(company, found["rent"], filled)
    assert made.sender_rows == [NoticeRow(debit="79.02", credit="26", amount="12.00", item="office", flow="expenses")]
    drop_template(company, "ROMASHKA", "rent", OWNER, rights)
    with refused(ErrorCode.UNKNOWN_REFERENCE):
        drop_template(company, "ROMASHKA", "rent", OWNER, rights)
    with refused(ErrorCode.UNKNOWN_REFERENCE):
        template_of(templates_of(company, unit.organization_id, unit.chart), "rent")


@pytest.mark.parametrize(
    "said",
    [
        "operations = 1", '[[operations]]\ncode = "x"\nname = "x"\nhead = ["79.02 - 26  rent"]\nbranch = ["26 / 79.02  rent"]',
        '[[operations]]\ncode = "x"\nname = "x"\nhead = ["79.02 / 2600  rent"]\nbranch = ["26 / 79.02  rent"]',
        '[[operations]]\ncode = "x"\nname = "x"\nhead = ["79.02 / 26  rent"]', '[[operations]]\ncode = "x"\nname = "x"',
        '[[operations]]\ncode = "x"\nname = "x"\nkind = "local"\nhead = ["79.02 / 26  rent"]',
    ],
)  # fmt: skip
def test_templates_that_are_refused(company: Db, said: str) -> None:
    with refused(ErrorCode.NOTICE_TEMPLATE):
        save_templates(company, "ROMASHKA", said_templates(said), OWNER, rights_of_owner(company, "owner"))


def test_what_a_template_wants_and_whose_contract(company: Db) -> None:
    budget = ours("ru-budget")
    save_masters(
        company,
        [Unit(code="FIL", organization="LYCEUM", name="Филиал", kind="branch"),
         msgspec.structs.replace(cast.LYCEUM_BUYER, code="SUP", counterparty="METALL", number="7", relation="supplier")],
        OWNER,
    )  # fmt: skip
    whole = Filled("2025-02-10", {"stock": "30.00"}, "LYC", "FIL")
    assert [row.debit for row in notice_from(company, budget["5.3"], whole).receiver_rows] == ["2 10536 340"]
    chosen = Filled("2025-02-10", {"stock": "30.00"}, "LYC", "FIL", accounts={"105xx": "10532"})
    assert [row.credit for row in notice_from(company, budget["5.3"], chosen).sender_rows] == ["2 10532 440"]
    bought = Filled("2025-02-10", {"stock": "30.00"}, branch="FIL", contracts={"supplier": "SUP"})
    assert local_entry(company, budget["5.5"], bought).rows == [
        NoticeRow(debit="2 10536 340", credit="2 30231 730", amount="30.00", counterparty="METALL", contract="SUP")
    ]
    for template, filled, code, field in (
        ("5.3", Filled("2025-02-10", {}, "LYC", "FIL"), ErrorCode.FIELD_MISSING, "amounts.stock"),
        ("5.3", Filled("2025-02-10", {"stock": "1"}, "LYC"), ErrorCode.FIELD_MISSING, "branch"),
        ("5.3", Filled("2025-02-10", {"stock": "1"}, "LYC", "X"), ErrorCode.UNKNOWN_REFERENCE, "branch"),
        ("5.3", Filled("2025-02-10", {"stock": "1"}, "LYC", "FIL", accounts={"105xx": "10960"}), ErrorCode.INVALID_VALUE, "accounts.105xx"),
        ("5.5", Filled("2025-02-10", {"stock": "1"}, branch="FIL"), ErrorCode.FIELD_MISSING, "contracts.supplier"),
        (
            "5.5", Filled("2025-02-10", {"stock": "1"}, branch="FIL", contracts={"supplier": "X"}), ErrorCode.UNKNOWN_REFERENCE,
            "contracts.supplier",
        ),
        ("5.5", Filled("2025-02-10", {"stock": "1"}, head="LYC", contracts={"supplier": "SUP"}), ErrorCode.INVALID_VALUE, "unit"),
    ):  # fmt: skip
        make = notice_from if template == "5.3" else local_entry
        with refused(code) as caught:
            make(company, budget[template], filled)
        assert caught.value.facts["field"] == field
    with refused(ErrorCode.NOTICE_DERIVED):
        local_entry(company, budget["5.7"], bought)
    with refused(ErrorCode.NOTICE_TEMPLATE):
        notice_from(company, budget["5.5"], whole)


def test_costs_are_shared_by_a_key_to_the_last_kopeck(company: Db) -> None:
    """10.00 among weights 1 : 1 : 1: two branches bear 3.33, and the first by code the odd kopeck."""
    save_masters(company, [Unit(code="KZN", organization="ROMASHKA", name="Казань", kind="branch")], OWNER)
    filled = Filled("2025-02-28", {}, "MSK")
    made = shared(company, ours("ru")["costs"], filled, "10.00", {"MSK": 1, "SPB": 1, "KZN": 1})
    assert [(notice.receiver, notice.sender_rows[0].amount) for notice in made] == [("KZN", "3.34"), ("SPB", "3.33")]
    for key in ({}, {"MSK": 0, "SPB": 0}, {"SPB": -1}):
        with refused(ErrorCode.INVALID_VALUE):
            shared(company, ours("ru")["costs"], filled, "10.00", key)
