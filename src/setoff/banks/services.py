"""The verbs on bank accounts, statements and rules. One transaction each, with its audit record.

    save_account          an account of ours is known
    import_statements     the lines of a file are in the books' waiting room, each once however often files overlap
    add_rule, drop_rule   what people say once and for all
    save_party_account    an account of a party, for payments out

Proposing and confirming: claims.py. Errors: bank_account_unknown, bank_account_taken, unknown_reference, unknown_currency, invalid_value,
field_missing, and those of the formats.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import msgspec
import psycopg
from psycopg.types.json import Jsonb

from setoff.banks.formats import read_statements
from setoff.banks.matching import PAYMENT_KINDS
from setoff.banks.records import BankAccount, BankRule, CounterpartyAccount
from setoff.banks.statement import Finding, Line, Statement
from setoff.banks.telling import stored_reasons
from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import Money
from setoff.trade.fields import currency_of

LINE_COLUMNS: Final = (
    "unit_id", "account_id", "statement_id", "identity", "booking_date", "value_date", "amount", "currency", "name", "tax_id", "kpp",
    "account", "bic", "purpose", "reference", "end_to_end", "is_reversal", "state",
)  # fmt: skip
INSERT_LINE_SQL: Final = f"""
  insert into bank_line ({", ".join(LINE_COLUMNS)}) values ({", ".join(["%s"] * len(LINE_COLUMNS))})
  on conflict (unit_id, account_id, identity) do nothing"""
RULE_FIELDS: Final = ("purpose", "name", "account", "tax_id")
DIRECTIONS: Final = ("in", "out", "any")


class Imported(NamedTuple):
    """What a statement brought. `was_known`: the same file was imported before."""

    statement_id: int
    unit: str
    account: str
    statement: Statement
    new_lines: int
    known_lines: int
    was_known: bool = False


class AccountKey(NamedTuple):
    id: int
    unit_id: int
    unit: str
    name: str


def unit_id_of(conn: psycopg.Connection[Any], code: str) -> int:
    row = conn.execute("select id from unit where code = %s", [code]).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE if code else ErrorCode.FIELD_MISSING, kind="unit", value=code, field="unit")
    return int(row[0])


def save_account(conn: psycopg.Connection[Any], record: BankAccount, actor: Actor) -> int:
    """The account is known, or what is said of it is changed; found by number and currency. Its unit stays."""
    number = record.number.replace(" ", "").upper()
    if not number:
        raise DomainError(ErrorCode.FIELD_MISSING, field="number")
    currency_of(record.currency, "currency")
    with conn.transaction():
        unit_id = unit_id_of(conn, record.unit)
        values = {**msgspec.structs.asdict(record), "unit_id": unit_id, "number": number, "name": record.name or number}
        row = conn.execute(
            """insert into bank_account (unit_id, number, currency, name, bic, bank_name, correspondent)
               values (%(unit_id)s, %(number)s, %(currency)s, %(name)s, %(bic)s, %(bank_name)s, %(correspondent)s)
               on conflict (number, currency) do update set name = excluded.name, bic = excluded.bic, bank_name = excluded.bank_name,
                 correspondent = excluded.correspondent
               where bank_account.unit_id = excluded.unit_id
               returning id""",
            values,
        ).fetchone()
        if row is None:
            raise DomainError(ErrorCode.BANK_ACCOUNT_TAKEN, account=number, field="number")
        record_audit(conn, actor, "save_bank_account", unit_id=unit_id, number=number, currency=record.currency)
    return int(row[0])


def save_party_account(conn: psycopg.Connection[Any], record: CounterpartyAccount, actor: Actor) -> None:
    """The account is the party's: lines from it are its, and payments to the party go there."""
    number = record.number.replace(" ", "").upper()
    if not number:
        raise DomainError(ErrorCode.FIELD_MISSING, field="number")
    with conn.transaction():
        unit_id = unit_id_of(conn, record.unit)
        party = conn.execute("select id from counterparty where code = %s", [record.counterparty]).fetchone()
        if party is None:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="counterparty", value=record.counterparty, field="counterparty")
        conn.execute(
            """insert into party_account (unit_id, counterparty_id, number, bic, bank_name, correspondent, is_typed)
               values (%s, %s, %s, %s, %s, %s, true)
               on conflict (unit_id, number, counterparty_id) do update set bic = excluded.bic, bank_name = excluded.bank_name,
                 correspondent = excluded.correspondent, is_typed = true""",
            [unit_id, party[0], number, record.bic, record.bank_name, record.correspondent],
        )
        record_audit(conn, actor, "save_party_account", unit_id=unit_id, counterparty=record.counterparty, number=number)


def add_rule(conn: psycopg.Connection[Any], record: BankRule, actor: Actor) -> int:
    """The rule is tried after those there are. Errors: invalid_value, field_missing, unknown_reference."""
    choices = (("field", RULE_FIELDS), ("direction", DIRECTIONS), ("kind", ("ignore", *PAYMENT_KINDS)))
    for field, allowed in choices:
        value = str(getattr(record, field))
        if value not in allowed:
            raise DomainError(ErrorCode.INVALID_VALUE, field=field, value=value, expected=", ".join(allowed))
    is_plain = record.kind in ("other_in", "other_out")
    needed = "reason" if record.kind == "ignore" else "ledger_account" if is_plain else "counterparty"
    for field in ("pattern", needed):
        if not getattr(record, field).strip():
            raise DomainError(ErrorCode.FIELD_MISSING, field=field)
    with conn.transaction():
        unit_id = unit_id_of(conn, record.unit)
        for table, code in (("counterparty", record.counterparty), ("contract", record.contract)):
            if code and conn.execute(f"select from {table} where code = %s", [code]).fetchone() is None:
                raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind=table, value=code, field=table)
        row = conn.execute(
            """insert into bank_rule (unit_id, position, field, pattern, direction, kind, counterparty, contract, ledger_account, item,
                                      reason, author)
               select %(unit_id)s, coalesce(max(position), 0) + 1, %(field)s, %(pattern)s, %(direction)s, %(kind)s, %(counterparty)s,
                      %(contract)s, %(ledger_account)s, %(item)s, %(reason)s, %(author)s
               from bank_rule where unit_id = %(unit_id)s returning id""",
            {**msgspec.structs.asdict(record), "unit_id": unit_id, "author": actor.author},
        ).fetchone()
        assert row is not None
        record_audit(conn, actor, "add_bank_rule", unit_id=unit_id, rule=row[0], pattern=record.pattern, kind=record.kind)
    return int(row[0])


def drop_rule(conn: psycopg.Connection[Any], rule_id: int, actor: Actor) -> None:
    """The rule is gone; what it proposed and was confirmed stays."""
    with conn.transaction():
        row = conn.execute("delete from bank_rule where id = %s returning unit_id, pattern", [rule_id]).fetchone()
        if row is None:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="bank_rule", value=str(rule_id), field="rule")
        record_audit(conn, actor, "drop_bank_rule", unit_id=row[0], rule=rule_id, pattern=row[1])


# Import ------------------------------------------------------------------------------------------------------------------


def import_statements(conn: psycopg.Connection[Any], content: bytes, file: str, actor: Actor) -> list[Imported]:
    """Every line of the file is there once: in the file before, in this one, in one of another format. All of the file or nothing.
    Errors: bank_account_unknown, and those of the formats."""
    statements = read_statements(content, file)
    digest = hashlib.sha256(content).digest()
    with conn.transaction():
        return [_import(conn, statement, (file, digest, place), actor) for place, statement in enumerate(statements)]


def account_key(conn: psycopg.Connection[Any], number: str, currency: str, file: str = "") -> AccountKey:
    """The account of ours. A bank may write more around the number than people do (a bank code, a currency)."""
    rows = conn.execute(
        """select a.id, a.unit_id, u.code, a.name from bank_account a join unit u on u.id = a.unit_id
           where (a.number = %(number)s or a.name = %(number)s or split_part(%(number)s, '/', 2) = a.number) and a.currency = %(currency)s
           order by a.number = %(number)s desc""",
        {"number": number.upper(), "currency": currency},
    ).fetchall()
    if not rows:
        raise DomainError(ErrorCode.BANK_ACCOUNT_UNKNOWN, account=number, currency=currency, file=file, field="account")
    return AccountKey(*rows[0])


def _import(conn: psycopg.Connection[Any], statement: Statement, source: tuple[str, bytes, int], actor: Actor) -> Imported:
    file, digest, place = source
    account = account_key(conn, statement.account, statement.currency, file)
    conn.execute("select pg_advisory_xact_lock(hashtextextended('bank_account', %s))", [account.id])
    before = conn.execute(
        "select id, lines from bank_statement where unit_id = %s and account_id = %s and file_hash = %s and position = %s",
        [account.unit_id, account.id, digest, place],
    ).fetchone()
    if before is not None:
        return Imported(before[0], account.unit, account.name, statement, 0, before[1], was_known=True)
    gap = _gap(conn, account, statement)
    findings = (*statement.findings, *gap)
    row = conn.execute(
        """insert into bank_statement (unit_id, account_id, file, file_hash, position, format, number, first_day, last_day, opening,
                                       closing, lines, new_lines, findings, author)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 0, %s, %s) returning id""",
        [
            account.unit_id, account.id, file, digest, place, statement.format, statement.number, statement.first_day, statement.last_day,
            statement.opening_minor, statement.closing_minor, len(statement.lines), Jsonb(stored_reasons(findings)), actor.author,
        ],
    ).fetchone()  # fmt: skip
    assert row is not None
    fresh = _insert_lines(conn, account, row[0], statement)
    conn.execute("update bank_statement set new_lines = %s where unit_id = %s and id = %s", [fresh, account.unit_id, row[0]])
    record_audit(conn, actor, "import_statement", unit_id=account.unit_id, account=account.name, file=file, lines=fresh)
    return Imported(row[0], account.unit, account.name, statement, fresh, len(statement.lines) - fresh)


def _gap(conn: psycopg.Connection[Any], account: AccountKey, statement: Statement) -> list[Finding]:
    """A finding when the statement before ended on another balance than this one begins with: one between is missing."""
    row = conn.execute(
        """select last_day, closing, file from bank_statement
           where unit_id = %s and account_id = %s and first_day < %s and closing is not null order by last_day desc, id desc limit 1""",
        [account.unit_id, account.id, statement.first_day],
    ).fetchone()
    if row is None or row[0] >= statement.first_day or statement.opening_minor is None or row[1] == statement.opening_minor:
        return []
    facts = {
        "closing": Money(row[1], statement.currency), "last_day": row[0], "opening": Money(statement.opening_minor, statement.currency),
        "first_day": statement.first_day,
    }  # fmt: skip
    return [Finding("statement-missing", facts)]


def _insert_lines(conn: psycopg.Connection[Any], account: AccountKey, statement_id: int, statement: Statement) -> int:
    """How many lines were new. Pending lines of earlier files give way: what they announced is booked now, or announced again."""
    conn.execute(
        "delete from bank_line where unit_id = %s and account_id = %s and state = 'pending' and booking_date <= %s",
        [account.unit_id, account.id, statement.last_day],
    )
    identities = line_identities(statement.lines)
    foreign = _lines_of_other_formats(conn, account, statement)
    rows = []
    for line, identity in zip(statement.lines, identities, strict=True):
        slot = (line.booking_date, line.amount_minor)
        if foreign[slot] > 0:
            foreign[slot] -= 1
            continue
        rows.append(
            (
                account.unit_id, account.id, statement_id, identity, line.booking_date, line.value_date, line.amount_minor,
                statement.currency, line.name, line.tax_id, line.kpp, line.account.upper(), line.bic, line.purpose, line.reference,
                line.end_to_end, line.reversal, "pending" if line.pending else "unclaimed",
            )
        )  # fmt: skip
    if not rows:
        return 0
    with conn.cursor() as cursor:
        cursor.executemany(INSERT_LINE_SQL, rows)
        return cursor.rowcount


def _lines_of_other_formats(conn: psycopg.Connection[Any], account: AccountKey, statement: Statement) -> Counter[tuple[Any, int]]:
    """How many lines of a day and amount files of other formats brought: other words for the same movements."""
    rows = conn.execute(
        """select l.booking_date, l.amount, count(*)::int from bank_line l
           join bank_statement s on s.unit_id = l.unit_id and s.id = l.statement_id
           where l.unit_id = %s and l.account_id = %s and s.format <> %s and l.booking_date between %s and %s and l.state <> 'pending'
           group by 1, 2""",
        [account.unit_id, account.id, statement.format, statement.first_day, statement.last_day],
    )
    return Counter({(day, amount): count for day, amount, count in rows})


def line_identities(lines: Iterable[Line]) -> list[bytes]:
    """For each line what makes it the same in every file: the bank's reference where there is one, else what it says; and the how
    many-th of its kind it is on its day, because two payments may be equal in all."""
    seen: Counter[tuple[Any, ...]] = Counter()
    identities = []
    for line in lines:
        said = (line.reference,) if line.reference else (
            line.name.casefold(), line.tax_id, line.account, line.purpose.casefold(), line.end_to_end
        )  # fmt: skip
        content = (line.booking_date.isoformat(), line.amount_minor, line.pending, *said)
        seen[content] += 1
        identities.append(hashlib.sha256(repr((*content, seen[content])).encode()).digest())
    return identities
