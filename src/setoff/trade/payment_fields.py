"""Fields of payments that only some kinds have: what a document of a kind, or of a form, has no use for is refused rather than ignored.

Errors: unknown_field.
"""

from __future__ import annotations

from typing import Final

from setoff.core.errors import DomainError, ErrorCode
from setoff.trade.debited import PAY_DEBTS
from setoff.trade.documents import Payment

GIVE_BACK_ADVANCES: Final = frozenset({"refund_to_customer", "other_party_out"})
"""Kinds that may give an advance received back: only they say whether its contract was terminated."""
LOAN_PAYMENTS: Final = frozenset({"loan_repaid", "loan_returned"})
LOANS_MADE: Final = frozenset({"loan_received", "loan_granted"})
SPLIT_OF: Final[dict[str, str]] = dict.fromkeys(LOAN_PAYMENTS, "by_law") | dict.fromkeys(LOANS_MADE, "by_terms")
"""How a payment of a loan, or its money, is divided by itself."""
WITHOUT_NODE: Final = frozenset({"other_in", "other_out"})


def check_fields(document: Payment) -> None:
    """Errors: see above."""
    idle: list[tuple[str, object]] = []
    if document.kind in WITHOUT_NODE:
        names = ("counterparty", "payer", "contract", "agreement", "order", "bill", "targets")[1 if document.written_off else 0 :]
        idle = [(name, getattr(document, name)) for name in names]
        for index, row in enumerate(document.rows):
            idle += [
                (f"rows[{index}].{name}", getattr(row, name))
                for name in ("contract", "order", "bill", "targets", "currency", "settlement_amount")
            ]
    elif document.account:
        idle = [("account", document.account)]
    elif document.rows and document.targets:
        idle = [("targets", document.targets)]
    if document.kind not in LOAN_PAYMENTS:
        idle += [(f"rows[{index}].part", row.part) for index, row in enumerate(document.rows)]
    if document.kind not in LOANS_MADE or document.rows or document.targets:
        idle.append(("stages", document.stages))
    if document.split != SPLIT_OF.get(document.kind):
        idle.append(("split", document.split))
    if document.kind not in GIVE_BACK_ADVANCES:
        idle.append(("terminated", document.terminated))
    if document.kind not in PAY_DEBTS:
        idle.append(("debited", document.debited))
    if document.kind != "other_in":
        idle.append(("written_off", document.written_off))
    for field, value in idle:
        if value:
            raise DomainError(ErrorCode.UNKNOWN_FIELD, field=field)
