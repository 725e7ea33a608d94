"""Cutting down the targets of a payment, where an earlier document took what they named and somebody consented (spec 1.10)."""

from __future__ import annotations

import msgspec

from setoff.core.money import format_amount, parse_amount
from setoff.trade.documents import Payment, PaymentTarget


def cut_target(payment: Payment, key: str, line: int, short_minor: int, currency: str) -> Payment:
    """The payment with `short_minor` (settlement currency) less on its targets that name a document (and line)."""

    def cut(targets: list[PaymentTarget]) -> list[PaymentTarget]:
        nonlocal short_minor
        kept = []
        for target in targets:
            amount = parse_amount(target.amount, currency)
            if target.document == key and target.line in (0, line) and short_minor > 0:
                less = min(amount, short_minor)
                short_minor -= less
                demoted = less + (parse_amount(target.demoted, currency) if target.demoted else 0)
                target = msgspec.structs.replace(
                    target, amount=format_amount(amount - less, currency), demoted=format_amount(demoted, currency)
                )
            kept.append(target)
        return kept

    rows = [msgspec.structs.replace(row, targets=cut(row.targets)) for row in payment.rows]
    return msgspec.structs.replace(payment, targets=cut(payment.targets), rows=rows)
