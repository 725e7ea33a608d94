"""Fields of forms that only loans have."""

from __future__ import annotations

from typing import Final

from setoff.pages.forms.layout import Field, Grid

SPLIT: Final = Field("split", "select", choices=("", "by_law"))
STAGED: Final = SPLIT._replace(choices=("", "by_terms"), label="staged")
LOAN_PART: Final = Field("part", "select", choices=("", "costs", "interest", "principal"), label="loan-part")
INTEREST_ROWS: Final = Grid(
    "rows",
    (
        Field("first", "day", label="interest-from"),
        Field("last", "day", label="interest-to"),
        Field("principal", "amount"),
        Field("percent", "number", label="percent-a-year"),
        Field("year_days", "whole"),
    ),
)
