"""Bank files, recognised by content: CAMT.052/053/054, MT940, 1CClientBankExchange. All give `Statement`s.

Errors: statement_unreadable, statement_field_missing, statement_value_invalid, statement_unknown_format.
"""

from __future__ import annotations

from typing import Final

from setoff.banks.formats import camt, mt940, onec
from setoff.banks.statement import FormatName, Statement, with_balance_checked
from setoff.core.errors import DomainError, ErrorCode

HEAD_BYTES: Final = 4096


def recognise_format(head: bytes) -> FormatName | None:
    """The format of a file by its first bytes, None when it is no bank file."""
    if onec.is_onec(head):
        return "1c"
    if camt.is_camt(head):
        return "camt"
    return "mt940" if mt940.is_mt940(head) else None


def read_statements(content: bytes, file: str) -> list[Statement]:
    """Every statement of a file, in its order, with what is wrong with the balances as findings. Errors: see above."""
    found = recognise_format(content[:HEAD_BYTES])
    if found is None:
        raise DomainError(ErrorCode.STATEMENT_UNKNOWN_FORMAT, file=file)
    read = {"camt": camt.read_camt, "mt940": mt940.read_mt940, "1c": onec.read_onec}[found]
    return [with_balance_checked(statement) for statement in read(content, file)]
