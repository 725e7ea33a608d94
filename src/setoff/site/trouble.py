"""What the database says that is no bug of ours, as a refusal: for the command line, the pages and the API.

    database_unreachable   the server went away, shuts down, or takes no connection
    database_busy          it did not finish in time: a limit of time for a statement or a lock, too many connections, two
                           transactions in one another's way. Nothing was changed; the same request may pass a moment later
    database_full          no room on its disk, or no memory
    not_permitted          row-level security or a guard refused what no check of ours had refused before it; a table that nobody but the
                           owner may touch is a bug, and told as one
    amount_too_large       a sum is more than 64 bits hold (a hundred documents of the largest amount there is)
"""

from __future__ import annotations

import os
import sys
from typing import Final

from setoff.core.errors import DomainError, ErrorCode

UNREACHABLE: Final = ("08", "57P")
BUSY: Final = ("57014", "55P03", "53300", "40", "25P03", "25P04")
FULL: Final = ("53",)


def refusal_of(problem: BaseException) -> DomainError | None:
    """The refusal that a psycopg error (or one of Django's around it) amounts to; None when it is none. psycopg is looked at only
    when something loaded it."""
    psycopg = sys.modules.get("psycopg")
    if psycopg is None:
        return None
    found: BaseException | None = problem
    while found is not None and not isinstance(found, psycopg.Error):
        found = found.__cause__
    if found is None:
        return None
    state, reason = found.sqlstate or "", str(found).strip()
    if type(found).__name__ in ("PoolTimeout", "TooManyRequests"):  # of psycopg_pool: every connection is in use
        return DomainError(ErrorCode.DATABASE_BUSY, reason=reason)
    if isinstance(found, psycopg.errors.NumericValueOutOfRange):
        return DomainError(ErrorCode.AMOUNT_TOO_LARGE, value=reason)
    if isinstance(found, psycopg.errors.InsufficientPrivilege) and not reason.startswith("permission denied"):
        return DomainError(ErrorCode.NOT_PERMITTED, right="draft", unit="*")
    if state.startswith(BUSY):
        return DomainError(ErrorCode.DATABASE_BUSY, reason=reason)
    if state.startswith(FULL):
        return DomainError(ErrorCode.DATABASE_FULL, reason=reason)
    if isinstance(found, psycopg.OperationalError | psycopg.InterfaceError) and (not state or state.startswith(UNREACHABLE)):
        return DomainError(ErrorCode.DATABASE_UNREACHABLE, address=os.environ.get("SETOFF_DATA_DIR", ""), reason=reason)
    return None
