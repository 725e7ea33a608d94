"""What kind of payment a line of a party is: from a customer, to a supplier, a refund, or another.

Follows from the direction, from the contracts and open lots that we have with the party, and from words of the purpose ("возврат",
"refund", "退款"). A reversal by the bank takes a payment back: the debt is open again, so it is a refund that may exceed advances.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from setoff.banks.owners import Reason
from setoff.banks.statement import Line
from setoff.trade.directory import ContractTerms
from setoff.trade.documents import PaymentKind
from setoff.trade.terms import PURCHASES, SALES

RETURN_WORDS: Final = re.compile(
    r"возврат|верн[уё]|refund|repayment of advance|reimburse|rückzahlung|erstattung|退款|退回|退还", re.IGNORECASE
)
Answer = tuple[PaymentKind, int, tuple[Reason, ...]]


def kind_of_money(line: Line, contracts: Sequence[ContractTerms], lots: Sequence[tuple[int, str]]) -> Answer:
    """Kind, confidence and reasons. `lots`: (sign, relation) of what is open with the party."""
    relations = {contract.relation for contract in contracts} | {relation for _, relation in lots}
    is_in = line.amount_minor > 0
    usual, other = (SALES, PURCHASES) if is_in else (PURCHASES, SALES)
    plain: PaymentKind = "payment_from_customer" if is_in else "payment_to_supplier"
    refund: PaymentKind = "refund_from_supplier" if is_in else "refund_to_customer"
    sign = 1 if is_in else -1
    has_usual, has_other = bool(relations & set(usual)), bool(relations & set(other))
    if line.reversal:
        return (refund if has_other or not has_usual else plain), 900, (Reason("doubt-reversal", {}),)
    if RETURN_WORDS.search(line.purpose) and has_other:
        open_advance = any(lot_sign == sign and relation in other for lot_sign, relation in lots)
        return refund, 970 if open_advance else 900, (Reason("reason-refund", {}),)
    if has_usual:
        return plain, 940 if RETURN_WORDS.search(line.purpose) else 995, ()
    if has_other:
        return refund, 800, (Reason("doubt-direction", {}),)
    if "other" in relations:
        return ("other_party_in" if is_in else "other_party_out"), 940, ()
    return plain, 800, (Reason("doubt-new-party", {}),)
