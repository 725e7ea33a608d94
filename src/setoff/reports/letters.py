"""Papers that go to the partner by e-mail.

    send_act(conn, act_id, letter, actor)     the act as PDF, in the partner's language; a draft or a disputed act is sent after it

The letter goes as the last thing before the transaction ends: one that the mail server refuses leaves no trace in the books. Without a
mail server (SETOFF_SMTP_URL) letters are kept as files in the data folder. Errors: invalid_value, field_missing, mail_not_sent,
unknown_reference.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from smtplib import SMTPException
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import Language, language_of, text
from setoff.reports.act_paper import render_act
from setoff.settlements.act_queries import Act, act_of
from setoff.settlements.acts import NEXT, set_act_state

ADDRESS: Final = re.compile(r"[^\s@,;<>\"]{1,64}@[^\s@,;<>\"]+\.[^\s@,;<>\".]+")
ADDRESSES_MAX: Final = 10
NOTE_MAX: Final = 2_000


class Letter(NamedTuple):
    """`to`: addresses, by comma, semicolon or space. `note`: a word of one's own above the signature. `language`: None is the partner's."""

    to: str
    note: str = ""
    language: Language | None = None


def send_act(conn: Connection[Any], act_id: int, letter: Letter, actor: Actor) -> Act:
    """The act is sent, to whom and by whom the audit trail says."""
    to = addresses(letter.to)
    if len(letter.note) > NOTE_MAX:
        raise DomainError(ErrorCode.INVALID_VALUE, field="note", value=letter.note[:80], expected=f"<= {NOTE_MAX}")
    with conn.transaction():
        conn.execute("select from reconciliation_act where id = %s for update", [act_id])
        act = act_of(conn, act_id)
        if "sent" in NEXT[act.state]:
            act = set_act_state(conn, act_id, "sent", actor)
        language = letter.language or language_of(act.language)
        paper = render_act(act, printed=datetime.now(UTC).date(), language=language)
        record_audit(conn, actor, "send_act", unit_id=act.unit_id, act=act_id, to=to, language=language)
        facts = {"number": act.id, "organization": act.organization, "counterparty": act.counterparty, "last": act.last_day}
        body = [text(language, "letter-greeting"), text(language, "letter-act", **facts), letter.note.strip(),
                text(language, "letter-answer"), text(language, "letter-from", organization=act.organization)]  # fmt: skip
        _send(to, text(language, "letter-act-subject", **facts), "\n\n".join(filter(None, body)), f"act-{act.id}.pdf", paper)
    return act


def addresses(typed: str) -> list[str]:
    """Errors: field_missing, invalid_value."""
    found = [part for part in re.split(r"[,;\s]+", typed) if part]
    if not found:
        raise DomainError(ErrorCode.FIELD_MISSING, field="to")
    wrong = [part for part in found if not ADDRESS.fullmatch(part)]
    if wrong or len(found) > ADDRESSES_MAX:
        raise DomainError(ErrorCode.INVALID_VALUE, field="to", value=", ".join(wrong or found), expected="name@example.com")
    return found


def _send(to: list[str], subject: str, body: str, name: str, paper: bytes) -> None:
    """Errors: mail_not_sent."""
    from django.core.mail import EmailMessage

    message = EmailMessage(" ".join(subject.split()), body, to=to)
    message.attach(name, paper, "application/pdf")
    try:
        message.send()
    except (SMTPException, OSError) as problem:
        raise DomainError(ErrorCode.MAIL_NOT_SENT, to=", ".join(to), reason=str(problem)) from problem
