"""A debtor pays after all what was written off: money against other income; the debt leaves the memo account by it (spec 2.11).

Guards, in this order: counterparty (field_missing); written_off (unknown_reference; target_mismatch for what is no earlier posted
write-off of a receivable of that counterparty in the unit).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import msgspec

from setoff.core.errors import DomainError, ErrorCode
from setoff.trade.directory import Directory
from setoff.trade.documents import DebtAdjustment, Payment
from setoff.trade.fields import found
from setoff.trade.supply import Setting

_content: Final[msgspec.json.Decoder[DebtAdjustment]] = msgspec.json.Decoder(DebtAdjustment)


@lru_cache(maxsize=1 << 8)
def _decoded(content: bytes) -> DebtAdjustment:
    return _content.decode(content)


def check_recovered(document: Payment, setting: Setting, directory: Directory) -> None:
    """Errors: see above."""
    if not document.counterparty:
        raise DomainError(ErrorCode.FIELD_MISSING, field="counterparty")
    found(directory.counterparties, "counterparty", document.counterparty, "counterparty")
    ref = found(directory.documents, "document", document.written_off, "written_off")
    fits = ref.kind == "debt_write_off" and ref.status == "posted" and ref.unit_id == setting.unit.id and not ref.reversals
    if fits:
        rows = _decoded(ref.content).rows
        fits = any(row.counterparty == document.counterparty and row.side == "they_owe_us" for row in rows)
    if not fits or ref.date > setting.day:
        raise DomainError(ErrorCode.TARGET_MISMATCH, target=ref.number, target_kind=ref.kind, field="written_off")
