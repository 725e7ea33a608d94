"""Policies: which operations need a second person, in which unit, above which amount.

An operation is what documents of some kinds do (OPERATION_OF), or a verb on a period. A policy without limit asks for every one. A policy
with a limit speaks of its currency: amounts up to it pass, larger ones need approval; and so does any amount in a currency of which no
limit speaks. A policy of a unit goes before one of all units. Errors: invalid_value, unknown_reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import psycopg

from setoff.access.services import unit_of
from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import parse_amount

PAYMENT: Final = "payment"
REOPEN_PERIOD: Final = "reopen_period"
RELEASE_ORDER: Final = "release_order"
OPERATIONS: Final = (PAYMENT, "write_off", "set_off", "loan_interest", "doubtful_reserve", RELEASE_ORDER, REOPEN_PERIOD)
OPERATION_OF: Final[Mapping[str, str]] = {
    **dict.fromkeys(("set_off", "debt_transfer", "netting"), "set_off"),
    "debt_write_off": "write_off",
    "loan_interest": "loan_interest",
    "doubtful_reserve": "doubtful_reserve",
    **dict.fromkeys((
        "refund_to_customer", "payment_to_supplier", "other_party_out", "loan_repaid", "loan_interest_paid", "loan_granted",
        "packaging_deposit_out", "other_out",
    ), PAYMENT),
    **dict.fromkeys(("customer_order", "supplier_order"), RELEASE_ORDER),
}  # fmt: skip
"""Kinds of documents by which money leaves, a debt disappears, or an expense is estimated; and orders, where they are released."""
POLICIES_SQL: Final = """
  select policy.id, unit.code, operation, currency, limit_minor, is_active
  from policy left join unit on unit.id = policy.unit_id order by operation, unit.code nulls first, currency"""
ACTIVE_SQL: Final = "select unit_id, operation, currency, limit_minor from policy where is_active"
SAVE_SQL: Final = """
  insert into policy (unit_id, operation, currency, limit_minor, is_active) values (%s, %s, %s, %s, %s)
  on conflict (unit_id, operation, currency) do update set limit_minor = excluded.limit_minor, is_active = excluded.is_active
  returning id"""


class PolicyRow(NamedTuple):
    """`unit` None: of all units. `limit_minor` None: any amount."""

    id: int
    unit: str | None
    operation: str
    currency: str
    limit_minor: int | None
    is_active: bool


class Policies(NamedTuple):
    """The active policies: (unit id or None, operation) -> currency -> limit; currency "" = any amount."""

    limits: Mapping[tuple[int | None, str], Mapping[str, int | None]]

    def requires(self, operation: str | None, unit_id: int, amount_minor: int = 0, currency: str = "") -> bool:
        """Whether the operation needs a second person."""
        if operation is None:
            return False
        limits = self.limits.get((unit_id, operation)) or self.limits.get((None, operation))
        if not limits:
            return False
        limit = limits.get(currency)
        return "" in limits or limit is None or abs(amount_minor) > limit


def active_policies(conn: psycopg.Connection[Any]) -> Policies:
    limits: dict[tuple[int | None, str], dict[str, int | None]] = {}
    for unit_id, operation, currency, limit_minor in conn.execute(ACTIVE_SQL):
        limits.setdefault((unit_id, operation), {})[currency] = limit_minor
    return Policies(limits)


def policies(conn: psycopg.Connection[Any]) -> Sequence[PolicyRow]:
    return [PolicyRow._make(row) for row in conn.execute(POLICIES_SQL)]


def set_policy(
    conn: psycopg.Connection[Any], operation: str, actor: Actor, *, unit: str = "", limit: str = "", currency: str = "",
    is_active: bool = True,
) -> int:  # fmt: skip
    """The policy of an operation in a unit (or in all) and a currency (or for any amount) stands so."""
    if operation not in OPERATIONS:
        raise DomainError(ErrorCode.INVALID_VALUE, field="operation", value=operation, expected=", ".join(OPERATIONS))
    if bool(limit) != bool(currency):
        raise DomainError(ErrorCode.FIELD_MISSING, field="currency" if limit else "limit")
    limit_minor = parse_amount(limit, currency) if limit else None
    with conn.transaction():
        unit_id = unit_of(conn, unit) if unit else None
        row = conn.execute(SAVE_SQL, [unit_id, operation, currency, limit_minor, is_active]).fetchone()
        assert row is not None
        record_audit(
            conn, actor, "set_policy", unit_id=unit_id, operation=operation, limit=limit, currency=currency, active=is_active
        )
    return int(row[0])
