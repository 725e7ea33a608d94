"""Rows of notices as stories write them."""

from __future__ import annotations

import pytest

from setoff.core.errors import DomainError
from setoff.scenarios.notice_lines import read_row
from setoff.trade.notice_documents import NoticeRow


def test_a_row_is_read_with_all_it_may_say() -> None:
    line = "2 30404 000 / 2 20631 660  30000.00 with K-7 for expenses on claims : pumps"
    assert read_row(line) == NoticeRow(
        debit="2 30404 000", credit="2 20631 660", amount="30000.00", contract="K-7", flow="expenses", claim="claims", item="pumps"
    )
    assert read_row("51 / 79.02  1.5") == NoticeRow(debit="51", credit="79.02", amount="1.5")
    with pytest.raises(DomainError, match=r"^invalid_value"):
        read_row("51 - 79.02  1.5")
