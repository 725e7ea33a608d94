"""The diff of a verb, as the API tells it."""

from __future__ import annotations

from setoff.api.answers import ChangeAnswer
from setoff.api.call import Call
from setoff.core.money import format_amount
from setoff.settlements.diff import Change, document_names
from setoff.settlements.telling import tell_changes


def told_changes(call: Call, changes: list[Change]) -> list[ChangeAnswer]:
    names = document_names(call.conn, [change.document_id for change in changes])
    return [
        ChangeAnswer(
            document=names[change.document_id].key, kind=told.kind, number=told.number, date=told.date.isoformat(), what=change.what,
            contour=told.contour, currency=told.before.currency, before=format_amount(*told.before), after=format_amount(*told.after),
            text=told.subject,
        )
        for change, told in zip(changes, tell_changes(call.conn, changes, call.language), strict=True)
    ]  # fmt: skip
