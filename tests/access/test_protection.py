"""The database itself: what a person may not see or change he cannot reach by any SQL under the role of the application."""

from __future__ import annotations

from datetime import date
from typing import Any, LiteralString

import psycopg
import pytest

from setoff.access import protection
from setoff.access.entry import enter, leave
from setoff.access.protection import CLOSED, PROTECTED, ROLE
from setoff.access.queries import rights_of
from setoff.books.audit import Actor, record_audit
from setoff.books.services import close_period
from setoff.books.verify import verify
from setoff.core.errors import DomainError, ErrorCode
from setoff.intake.export import export_records
from setoff.parties.services import save_masters
from setoff.settlements.bulk import ImportRefused, import_documents
from setoff.settlements.services import post_document, save_document, unpost_document
from setoff.site import database
from setoff.trade.documents import Line, Payment, Sale, SaleCorrection
from tests import cast
from tests.access.people import add_user, as_role
from tests.told import BooksOf

Db = psycopg.Connection[Any]
TABLES_SQL = """
  select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1"""


def test_every_table_is_protected_or_closed(db: Db) -> None:
    """A new table needs a line in access/protection.py."""
    tables = {name for (name,) in db.execute(TABLES_SQL)}
    unknown = {name for name in tables if name not in PROTECTED and not name.startswith(CLOSED)}
    assert unknown == set()
    assert set(PROTECTED) <= tables
    watched = {name for (name,) in db.execute("select relname from pg_class where relrowsecurity")}
    assert watched == set(PROTECTED)
    reach = "select relname from pg_class where oid = any(%s::regclass[]) and has_any_column_privilege(%s, oid, 'select,insert,update')"
    closed = sorted(tables - set(PROTECTED))
    assert db.execute(reach, [closed, ROLE]).fetchall() == []


def test_no_view_goes_around_the_policies(db: Db) -> None:
    assert db.execute("select viewname from pg_views where schemaname = 'public'").fetchall() == []


def test_functions_of_the_owner_are_known(db: Db) -> None:
    """Each asks for the right itself."""
    found = {name for (name,) in db.execute("select proname from pg_proc where pronamespace = 'public'::regnamespace and prosecdef")}
    assert found == {
        "next_numbers", "cover_audit", "audit_findings", "keys_elsewhere",
        "count_new_documents", "count_changed_documents", "sum_up_document_counts", "reversals_naming",
        "sum_open_lots_after_insert", "sum_open_lots_after_update", "sum_open_lots_after_delete", "sum_up_open_lots", "corrections_naming",
        "note_settled_parties", "sum_used_lots_after_insert", "sum_used_lots_after_update", "sum_used_lots_after_delete",
        "tell_of_versions", "tell_of_seal", "queue_trial", "rebuild_open_sums", "documents_commented", "vat_decisions_naming",
        "round_of_document", "sibling_units", "counterparties_beginning", "counterparties_with_words",
        "sum_money_after_insert", "sum_money_after_update", "sum_money_after_delete", "move_open_debts",
    }  # fmt: skip


def sale(unit: str, key: str, **fields: Any) -> Sale:
    party = {"MSK": ("VEGA", "BUYER"), "SPB": ("VEGA", "BUYER"), "SHA": ("HAIDA", "CN-BUYER")}[unit]
    named = {"counterparty": party[0], "contract": party[1], "date": "2025-01-10", **fields}
    return Sale(key=key, unit=unit, lines=[Line(amount="120", vat_rate="")], **named)


@pytest.fixture
def books(books_of: BooksOf, actor: Actor) -> Db:
    return books_of(tell, actor)


def tell(company: Db, actor: Actor) -> None:
    """A posted sale in each of three units (MSK and SPB of one organization, SHA of another), January of Shanghai closed."""
    save_masters(company, cast.MASTERS, actor)
    for unit in ("MSK", "SPB", "SHA"):
        post_document(company, sale(unit, f"sale-{unit}"), actor)
        post_document(company, Payment(key=f"pay-{unit}", unit=unit, kind="payment_from_customer", date="2025-01-20", amount="50",
                                       counterparty=sale(unit, "").counterparty, contract=sale(unit, "").contract), actor)  # fmt: skip
    close_period(company, "SHA", date(2025, 1, 31), actor)
    record_audit(company, actor, "sign_in")


SEALED = ("document", "version", "fact", "entry", "lot", "allocation", "posting", "period", "seal", "seal_row")
UNIT_TABLES = [name for name, found in PROTECTED.items() if found.read.startswith("unit_id")]


def units_in(conn: Db, table: LiteralString) -> set[int]:
    return {unit_id for (unit_id,) in conn.execute("select distinct unit_id from " + table)}


def test_one_sees_the_rows_of_his_units_alone(books: Db) -> None:
    owner_sees = {table: units_in(books, table) for table in UNIT_TABLES}
    codes = dict(books.execute("select code, id from unit").fetchall())
    filled = {table for table, units in owner_sees.items() if codes["SHA"] in units}
    assert filled >= {*SEALED, "node", "fold_key", "turnover"}
    as_role(books, "anna", MSK="administrator")
    for table in UNIT_TABLES:
        assert units_in(books, table) <= {codes["MSK"]}, table
    assert books.execute("select code from unit").fetchall() == [("MSK",)]
    assert books.execute("select code from organization").fetchall() == [("ROMASHKA",)]
    assert books.execute("select count(*) from contract where code like 'CN-%' or code like 'NL-%'").fetchone() == (0,)
    assert units_in(books, "audit") == {codes["MSK"]}
    assert books.execute("select username from access_user").fetchall() == [("anna",)]
    assert len(books.execute("select * from partner").fetchall()) == 1


def test_nothing_set_means_nothing_seen(books: Db) -> None:
    """A connection that took the role and no rights, or whose rights name no unit."""
    nobody = rights_of(books, add_user(books, "nobody"))
    books.execute("set role setoff_application")
    for _ in range(2):
        for table, found in PROTECTED.items():
            columns = ", ".join(found.readable.split()) or "*"
            if table in {"partner", "counterparty", "agreement", "rate", "account", "chart", "access_user"} and _:
                continue  # shared by all who are signed in
            assert books.execute(f"select {columns} from {table}").fetchall() == [], table
        enter(books, nobody)


@pytest.mark.parametrize("role", ["viewer", "administrator"])
@pytest.mark.parametrize(
    "statement",
    [
        "update document set total = 1 where key = 'sale-SHA' returning id",
        "delete from lot returning key_id",
        "update lot set residual_book = residual_book + 1 where residual <> 0 returning key_id",
        "delete from posting returning line",
        "delete from turnover returning amount",
        "update period set state = 'open' returning last_day",
        "update contract set number = 'x' where code = 'CN-BUYER' returning id",
        "update unit set name = 'x' returning id",
        "update organization set name = 'x' returning id",
        "update access_user set is_administrator = true returning id",
        "update access_grant set role = 'administrator' returning id",
        "delete from access_grant returning id",
    ],
)
def test_another_units_rows_cannot_be_changed(books: Db, role: str, statement: LiteralString) -> None:
    """One who may do everything in St. Petersburg changes nothing of the others, nor of people."""
    before = {table: books.execute(f"select * from {table} order by 1, 2").fetchall() for table in ("document", "access_user", "unit")}
    left = "select unit_id, count(*) from {} where unit_id <> %s group by 1 order by 1"
    spb = books.execute("select id from unit where code = 'SPB'").fetchone()
    rest = {table: books.execute(left.format(table), spb).fetchall() for table in ("lot", "posting", "turnover")}
    rights = as_role(books, "boris", SPB=role)
    try:
        with books.transaction():
            changed = books.execute(statement).fetchall()
    except psycopg.errors.InsufficientPrivilege:
        changed = []
    leave(books)
    if role == "viewer":
        assert changed == []
    assert {table: books.execute(left.format(table), spb).fetchall() for table in rest} == rest
    assert books.execute("select * from document order by 1, 2").fetchall() == before["document"]
    assert books.execute("select * from unit order by 1, 2").fetchall() == before["unit"]
    assert rights_of(books, rights.user_id) == rights


def test_rows_cannot_be_put_into_another_unit(books: Db) -> None:
    codes = dict(books.execute("select code, id from unit").fetchall())
    as_role(books, "boris", SPB="administrator", MSK="viewer")
    for unit in ("SHA", "MSK"):
        for statement in (
            "insert into turnover select {0}, month, debit_account_id, credit_account_id, 1 from turnover limit 1",
            "insert into lot select {0}, key_id, document_id, line + 9, node_id, moment, rank, due, amount, book, residual, residual_book, "
            "used_moment, closed_moment from lot limit 1",
            "update turnover set unit_id = {0} where unit_id = " + str(codes["SPB"]),
            "insert into period values ({0}, '2024-01-01', '2024-01-31', 'open')",
            "insert into audit (author, origin, verb, unit_id, details) values ('x', 'x', 'x', {0}, '{{}}')",
        ):
            if unit == "MSK" and "audit" in statement:
                continue  # who reads a unit leaves a trace there
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                books.execute(statement.format(codes[unit]))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        books.execute("insert into unit (code, organization_id, name, kind) values ('NEW', 1, '', 'branch')")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        books.execute("select * from cover_audit(%s, 1::int)", [codes["SHA"]])
    assert books.execute("select * from audit_findings(%s)", [codes["SHA"]]).fetchall() == []


def test_sign_in_is_out_of_reach(books: Db) -> None:
    as_role(books, "boss", is_administrator=True)
    for statement in ("select password from access_user", "select * from django_session", "select * from mfa_authenticator",
                      "select * from account_emailaddress", "update protection set digest = ''", "truncate lot",
                      "alter table document disable row level security", "drop policy may_read on document"):  # fmt: skip
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            books.execute(statement)


def refused(code: ErrorCode) -> Any:
    return pytest.raises(DomainError, match=f"^{code.value}")


def test_verbs_work_in_ones_units_and_know_no_others(books: Db, actor: Actor) -> None:
    as_role(books, "anna", MSK="accountant")
    outcome = post_document(books, sale("MSK", "own"), actor)
    assert outcome.number == "000002"
    assert unpost_document(books, "own", actor).changed
    save_document(books, sale("MSK", "draft"), actor)
    with refused(ErrorCode.UNKNOWN_REFERENCE):
        post_document(books, sale("SHA", "other"), actor)
    with refused(ErrorCode.UNKNOWN_REFERENCE):
        unpost_document(books, "sale-SHA", actor)
    with refused(ErrorCode.UNKNOWN_REFERENCE):
        post_document(books, sale("MSK", "x", counterparty="HAIDA", contract="CN-BUYER"), actor)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        close_period(books, "MSK", date(2025, 1, 31), actor)  # the code asks first; the database refuses all the same
    leave(books)
    assert verify(books) == []


def test_a_key_of_another_unit_is_taken_and_nothing_more_is_told(books: Db, actor: Actor) -> None:
    as_role(books, "anna", MSK="accountant")
    with refused(ErrorCode.REFERENCE_EXISTS):
        post_document(books, sale("MSK", "sale-SHA"), actor)
    with pytest.raises(ImportRefused) as stopped:
        import_documents(books, lambda: [(1, sale("MSK", "sale-SHA"))], actor)
    assert stopped.value.error.code is ErrorCode.REFERENCE_EXISTS
    outcome = import_documents(books, lambda: [(1, sale("MSK", "sale-SHA")), (2, sale("MSK", "fresh"))], actor, on_error="collect")
    assert (outcome.created, [ref for ref, _error in outcome.refused]) == (1, [1])


def test_an_operator_drafts_and_does_not_post(books: Db, actor: Actor) -> None:
    as_role(books, "olga", MSK="operator")
    assert save_document(books, sale("MSK", "draft"), actor).changed
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        post_document(books, sale("MSK", "posted"), actor)
    with refused(ErrorCode.NOT_PERMITTED):
        unpost_document(books, "sale-MSK", actor)
    as_role_viewer = add_user(books_owner(books), "vera", MSK="viewer")
    enter(books, rights_of(books_owner(books), as_role_viewer))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        save_document(books, sale("MSK", "draft-2"), actor)


def books_owner(books: Db) -> Db:
    leave(books)
    return books


def test_reports_export_and_verification_tell_of_ones_units_alone(books: Db) -> None:
    as_role(books, "anna", MSK="viewer")
    written: list[bytes] = []
    export_records(books, written.append)
    text = b"".join(written).decode()
    assert "sale-MSK" in text
    for foreign in ("SHA", "HONGYUAN", "NORTHSEA", "CN-BUYER", "sale-SPB"):
        assert f'"{foreign}"' not in text
    assert verify(books) == []
    assert verify(books, "SHA") == []


def test_an_import_of_many_works_under_the_role(books: Db, actor: Actor) -> None:
    as_role(books, "anna", MSK="accountant")
    outcome = import_documents(books, lambda: [(n, sale("MSK", f"many-{n}")) for n in range(40)], actor)
    assert outcome.created == 40
    leave(books)
    assert books.execute("select count(*) from document where key like 'many-%'").fetchone() == (40,)


def test_an_administrator_makes_units(company: Db, actor: Actor) -> None:
    as_role(company, "boss", is_administrator=True)
    saved = save_masters(company, [cast.Unit(code="NEW", organization="ROMASHKA", name="Новый")], actor)
    assert saved.created == 1


def test_policies_are_those_of_the_version(db: Db) -> None:
    assert protection.is_protected(db)
    db.execute("drop policy may_read on lot")
    assert not protection.is_protected(db)
    db.execute("update protection set digest = 'older'")
    database.prepare()
    assert protection.is_protected(db)
    assert db.execute("select count(*) from pg_policies where tablename = 'lot' and policyname = 'may_read'").fetchone() == (1,)


def test_who_may_not_make_the_role_is_told_how(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.connect(server) as admin:
        admin.execute("create role humble login")
        try:
            with database.throwaway() as address, database.connect(address) as conn:
                conn.execute("set role humble")
                monkeypatch.setattr(protection, "ROLE", "setoff_of_another_name")
                with pytest.raises(DomainError) as refusal:
                    protection.protect(conn)
                assert refusal.value.code is ErrorCode.ROLE_MISSING
        finally:
            admin.execute("drop role humble")


def test_corrections_of_other_units_are_not_told(books: Db, actor: Actor) -> None:
    """The function that finds corrections by index runs as the owner."""
    lines = [Line(amount="12", vat_rate="")]
    post_document(books, SaleCorrection(key="less", unit="SHA", date="2025-02-10", direction="down", base="sale-SHA", lines=lines), actor)
    found = "select document_id from corrections_naming(array['sale-SHA', 'sale-SPB'])"
    assert len(books.execute(found).fetchall()) == 1
    enter(books, as_role(books, "boris", SPB="administrator"))
    assert books.execute(found).fetchall() == []
    leave(books)
    enter(books, as_role(books, "li", SHA="viewer"))
    assert len(books.execute(found).fetchall()) == 1
