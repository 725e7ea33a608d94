"""What verbs on month ends have in common: the day, and the answer that tells which documents were stated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from setoff.api.answers import ChangeAnswer, Said
from setoff.api.call import Call
from setoff.api.changes import told_changes
from setoff.settlements.diff import Change

MonthEnd = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="Last day of a month.")]


class MonthsAnswer(Said):
    """The documents that were made, changed or taken out, by key, and what that changed (`kept` false: would). `approvals`: numbers of the
    requests by which the others wait for a second person."""

    kept: bool
    documents: list[str]
    changes: list[ChangeAnswer]
    approvals: list[int] = []


def told_months(
    call: Call, documents: Iterable[str], changes: list[Change], *, kept: bool, approvals: Iterable[int] = ()
) -> MonthsAnswer:
    return MonthsAnswer(kept=kept, documents=list(documents), changes=told_changes(call, changes), approvals=list(approvals))
