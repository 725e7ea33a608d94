"""Papers that go to partners by e-mail: bodies and answers, and reports. See reports/letters.py."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from ninja import Router
from pydantic import Field

from setoff.api.answers import Said
from setoff.api.call import Call
from setoff.api.endpoint import endpoint
from setoff.language.zones import today
from setoff.reports.letters import Asked, Letter, Sent, send_report

router: Final = Router()
Name = Annotated[Literal["statement", "card", "ageing", "reconciliation-act"], Field(description="The report.")]


class PaperLetter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """To whom a paper goes: addresses, by comma. `language` is that of paper and letter; empty: the counterparty's."""

    to: str
    note: str = ""
    language: Literal["", "en", "ru", "zh"] = ""

    def letter(self) -> Letter:
        return Letter(self.to, self.note, self.language or None)


class ReportLetter(PaperLetter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A report for one counterparty or partner. `filters` are those of the report, named as on the command line: counterparty, from,
    unit, group-by; `as_of` is today unless it is said."""

    filters: dict[str, list[str]]
    as_of: str = ""


class LetterAnswer(Said):
    """A letter that went, and the file that was attached. `is_kept`: there is no mail server, so it is kept as a file."""

    to: list[str]
    language: str
    file: str
    is_kept: bool


@endpoint(router, "POST", "/reports/{name}/send", tag="reports", body=ReportLetter, answer=LetterAnswer)
def mail_report(call: Call, body: ReportLetter, name: Name) -> Any:
    """Send what a report says of a partner to him by e-mail, as PDF in his language. All units that it is about must be ones where you may
    post."""
    asked = Asked(name, body.as_of or today().isoformat(), {option: values for option, values in body.filters.items() if values})
    return letter_answer(send_report(call.conn, asked, body.letter(), call.actor, call.rights))


def letter_answer(sent: Sent) -> LetterAnswer:
    return LetterAnswer(to=sent.to, language=sent.language, file=sent.file, is_kept=sent.is_kept)
