"""A row of a notice as stories write it:

    "2 30404 000 / 2 20631 660  30000.00 with K-7 for expenses on claims : pumps"
     debit         credit         amount, then what there is of: contract, income or expenses, claims or obligations, analytics

Errors: invalid_value.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from setoff.core.errors import DomainError, ErrorCode
from setoff.trade.notice_documents import NoticeRow

LINE: Final = re.compile(
    r"(?P<debit>\S.*?) / (?P<credit>\S.*?)\s+(?P<amount>-?\d+(?:\.\d+)?)(?: with (?P<contract>\S+))?(?: for (?P<flow>income|expenses))?"
    r"(?: on (?P<claim>claims|obligations))?(?: : (?P<item>.*))?"
)


def read_row(line: str) -> NoticeRow:
    """The party of a contract is not known yet."""
    match = LINE.fullmatch(" ".join(line.split()))
    if match is None:
        raise DomainError(ErrorCode.INVALID_VALUE, value=line.strip(), field="rows", expected="2 30404 000 / 2 40110 130  100.00")
    return msgspec.convert({name: value for name, value in match.groupdict().items() if value}, NoticeRow)
