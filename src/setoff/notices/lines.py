"""A row of a notice as one line that a person types, and back:

    "2 30404 000 / 2 20631 660  30000.00 with K-7 for expenses on claims : pumps"
     debit         credit         amount, then what there is of: contract, income or expenses, claims or obligations, analytics

Errors: invalid_value (with the number of the line).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from psycopg import Connection

from setoff.core.errors import DomainError, ErrorCode
from setoff.trade.notice_documents import NoticeRow

LINE: Final = re.compile(
    r"(?P<debit>\S.*?) / (?P<credit>\S.*?)\s+(?P<amount>-?\d+(?:[.,]\d+)?)(?: with (?P<contract>\S+))?(?: for (?P<flow>income|expenses))?"
    r"(?: on (?P<claim>claims|obligations))?(?: : (?P<item>.*))?"
)
PARTIES_SQL: Final = "select c.code, p.code from contract c join counterparty p on p.id = c.counterparty_id where c.code = any(%s)"


def read_rows(text: str, field: str) -> list[NoticeRow]:
    """A row for every line that is not empty; the party of a contract is not known yet."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        match = LINE.fullmatch(" ".join(line.replace("\N{NO-BREAK SPACE}", " ").split()))
        if match is None:
            expected = "2 30404 000 / 2 40110 130  100.00"
            raise DomainError(ErrorCode.INVALID_VALUE, value=line.strip(), field=f"{field}: {number}", expected=expected)
        said = {name: value for name, value in match.groupdict().items() if value}
        found.append(msgspec.convert({**said, "amount": said["amount"].replace(",", ".")}, NoticeRow))
    return found


def row_line(row: NoticeRow) -> str:
    parts = [f"{row.debit} / {row.credit}  {row.amount}"]
    parts += [f"{word} {said}" for word, said in (("with", row.contract), ("for", row.flow), ("on", row.claim), (":", row.item)) if said]
    return " ".join(parts)


def with_parties(conn: Connection[Any], rows: Iterable[NoticeRow]) -> list[NoticeRow]:
    """The counterparty of each contract that is named. Errors: unknown_reference."""
    found: Sequence[NoticeRow] = list(rows)
    parties = dict(conn.execute(PARTIES_SQL, [[row.contract for row in found if row.contract]]).fetchall())
    for row in found:
        if row.contract and row.contract not in parties:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="contract", value=row.contract, field="contract")
    return [msgspec.structs.replace(row, counterparty=parties[row.contract]) if row.contract else row for row in found]
