"""What the database cannot do in time or has no room for is a refusal with a code, not a traceback."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg_pool import PoolTimeout

from setoff import cli
from setoff.core.errors import ErrorCode
from setoff.site import database
from setoff.site.trouble import refusal_of

Db = psycopg.Connection[Any]
SALE = """{"type": "sale", "unit": "MSK", "date": "2026-02-02", "counterparty": "VEGA", "contract": "BUYER",
 "lines": [{"amount": "10.00"}]}"""


def limited(db: Db, setting: str) -> str:
    return make_conninfo(database.url(), options=f"-c {setting}")


def test_a_statement_that_takes_too_long(company: Db, capsys: pytest.CaptureFixture[str]) -> None:
    with database.using(limited(company, "statement_timeout=1ms")):
        assert cli.run(["check"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("database_busy: The database did not finish in time: canceling statement due to statement timeout")
    assert "How to mend it: Try again" in told


def test_a_lock_that_somebody_else_holds(company: Db, tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "sale.json"
    file.write_text(SALE)
    with company.transaction():
        company.execute("select pg_advisory_xact_lock(id) from unit")
        with database.using(limited(company, "lock_timeout=20ms")):
            assert cli.run(["post", str(file)]) == 1
        assert capsys.readouterr().err.startswith("database_busy: The database did not finish in time: canceling statement due to lock")
    assert company.execute("select count(*) from document").fetchone() == (0,)
    assert cli.run(["post", str(file)]) == 0


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (psycopg.errors.TooManyConnections("sorry, too many clients already"), ErrorCode.DATABASE_BUSY),
        (psycopg.errors.DeadlockDetected("deadlock detected"), ErrorCode.DATABASE_BUSY),
        (psycopg.errors.SerializationFailure("could not serialize access"), ErrorCode.DATABASE_BUSY),
        (PoolTimeout("couldn't get a connection after 10 sec"), ErrorCode.DATABASE_BUSY),
        (psycopg.errors.DiskFull("could not extend file"), ErrorCode.DATABASE_FULL),
        (psycopg.errors.OutOfMemory("out of memory"), ErrorCode.DATABASE_FULL),
        (psycopg.errors.AdminShutdown("terminating connection"), ErrorCode.DATABASE_UNREACHABLE),
        (psycopg.errors.ConnectionFailure("gone"), ErrorCode.DATABASE_UNREACHABLE),
        (psycopg.OperationalError("the server closed the connection"), ErrorCode.DATABASE_UNREACHABLE),
        (psycopg.errors.NumericValueOutOfRange("bigint out of range"), ErrorCode.AMOUNT_TOO_LARGE),
        (psycopg.InterfaceError("the connection is closed"), ErrorCode.DATABASE_UNREACHABLE),
        (psycopg.errors.InsufficientPrivilege("not in the name of olga"), ErrorCode.NOT_PERMITTED),
        (psycopg.errors.InsufficientPrivilege("permission denied for table version"), None),
        (psycopg.errors.UniqueViolation("duplicate key"), None),
        (psycopg.errors.SyntaxError("syntax error"), None),
        (ZeroDivisionError(), None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_which_errors_are_refusals(problem: Exception, code: ErrorCode | None) -> None:
    found = refusal_of(problem)
    assert (found.code if found else None) == code


def test_an_error_of_django_is_known_by_its_cause() -> None:
    from django.db import OperationalError

    outer = OperationalError("canceling statement due to statement timeout")
    outer.__cause__ = psycopg.errors.QueryCanceled("canceling statement due to statement timeout")
    found = refusal_of(outer)
    assert found is not None and found.code is ErrorCode.DATABASE_BUSY
