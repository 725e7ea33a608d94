"""Papers that go to the partner by e-mail, as PDF and in his language.

    send_act(conn, act_id, letter, actor)              the act; a draft or a disputed act that went is sent after it
    send_report(conn, asked, letter, actor, rights)    what a report says of one partner: statement, card, ageing, act as it would be
    send_document(conn, key, letter, actor, rights)    the paper of a document: of a set-off the act or the notice, of any other its print

The letter goes as the last thing before the transaction ends: one that the mail server refuses leaves no trace in the books. Without a
mail server (SETOFF_SMTP_URL) letters are kept as files in the data folder. Errors: invalid_value, field_missing, mail_not_sent,
unknown_reference, not_permitted, those of the report.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from smtplib import SMTPException
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.access.rights import Rights
from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import Language, language_of, text
from setoff.language.zones import today
from setoff.reports.act_paper import render_act
from setoff.reports.ask import Options, ask
from setoff.reports.cells import document_text
from setoff.reports.heading import title_text
from setoff.reports.paper import render_for_partner
from setoff.reports.pdf import render_pdf
from setoff.reports.report import DocumentName
from setoff.settlements.act_queries import Act, act_of
from setoff.settlements.acts import NEXT, set_act_state
from setoff.settlements.document_queries import document_head, document_of_key

ADDRESS: Final = re.compile(r"[^\s@,;<>\"]{1,64}@[^\s@,;<>\"]+\.[^\s@,;<>\".]+")
ADDRESSES_MAX: Final = 10
KEEPS_FILES: Final = "django.core.mail.backends.filebased.EmailBackend"
NOTE_MAX: Final = 2_000
REPORTS_SENT: Final = ("statement", "card", "ageing", "reconciliation-act")
"""Reports that a partner reads."""
PARTY_SQL: Final = """
  select name, language from counterparty where code = %(counterparty)s
  union all
  select p.name, (select language from counterparty c where c.partner_id = p.id order by c.code limit 1) from partner p
  where p.code = %(partner)s"""


class Letter(NamedTuple):
    """`to`: addresses, by comma, semicolon or space. `note`: a word of one's own above the signature. `language`: None is the partner's."""

    to: str
    note: str = ""
    language: Language | None = None


class Asked(NamedTuple):
    """A report and what is asked of it; `options` name one counterparty, or one partner."""

    report: str
    as_of: str
    options: Options


class Sent(NamedTuple):
    """A letter that went, or is kept (`is_kept`) as there is no mail server."""

    to: list[str]
    language: Language
    file: str
    is_kept: bool


def sent_text(sent: Sent, language: Language) -> str:
    """What became of the letter, in words."""
    return text(language, "letter-kept" if sent.is_kept else "letter-sent", to=", ".join(sent.to), file=sent.file)


class Paper(NamedTuple):
    """What is attached, and what the letter says of it: the ends of the keys of its texts, and their facts."""

    name: str
    content: bytes
    told: str
    facts: Mapping[str, Any]


def send_act(conn: Connection[Any], act_id: int, letter: Letter, actor: Actor) -> tuple[Act, Sent]:
    """The act is sent, to whom and by whom the audit trail says. One whose letter is only kept stays in the state it was in."""
    to = checked(letter)
    with conn.transaction():
        conn.execute("select from reconciliation_act where id = %s for update", [act_id])
        act = act_of(conn, act_id)
        if "sent" in NEXT[act.state] and not keeps_letters():
            act = set_act_state(conn, act_id, "sent", actor)
        language = letter.language or language_of(act.language)
        paper = render_act(act, printed=today(), language=language)
        record_audit(conn, actor, "send_act", unit_id=act.unit_id, act=act_id, to=to, language=language)
        facts = {"number": act.id, "organization": act.organization, "counterparty": act.counterparty, "last": act.last_day}
        name = f"act-{act.id}.pdf"
        is_kept = _send(to, letter, language, Paper(name, paper, "act", facts))
    return act, Sent(to, language, name, is_kept)


def send_report(conn: Connection[Any], asked: Asked, letter: Letter, actor: Actor, rights: Rights) -> Sent:
    """The report on a partner is sent to him. It speaks of units where the person may post: others are named by nobody to a stranger."""
    to = checked(letter)
    if asked.report not in REPORTS_SENT:
        raise DomainError(ErrorCode.INVALID_VALUE, field="report", value=asked.report, expected=", ".join(REPORTS_SENT))
    parties = [(option, code) for option in ("counterparty", "partner") for code in asked.options.get(option, ())]
    if len(parties) != 1:
        raise DomainError(ErrorCode.FIELD_MISSING, field="counterparty")
    with conn.transaction():
        given = {"counterparty": None, "partner": None, **dict(parties)}
        row = conn.execute(PARTY_SQL, given).fetchone()
        language = letter.language or language_of(row[1] if row else None)
        found = ask(conn, asked.report, as_of=asked.as_of, options=asked.options, language=language)
        for unit_id in found.question.scope.units:
            rights.require("post", unit_id)
            record_audit(
                conn, actor, "send_report", unit_id=unit_id, report=asked.report, as_of=str(found.question.as_of),
                asked={name: list(values) for name, values in found.question.names}, to=to, language=language,
            )  # fmt: skip
        facts = {
            "what": title_text(found, language), "organization": ", ".join(found.question.organizations),
            "counterparty": row[0] if row else parties[0][1], "last": found.question.as_of,
        }  # fmt: skip
        content = render_pdf(found, language, printed=today())
        name = f"{asked.report}-{found.question.as_of}.pdf"
        is_kept = _send(to, letter, language, Paper(name, content, "report", facts))
    return Sent(to, language, name, is_kept)


def send_document(conn: Connection[Any], key: str, letter: Letter, actor: Actor, rights: Rights) -> Sent:
    """The paper of a document is sent to its counterparty."""
    to = checked(letter)
    with conn.transaction():
        known = document_of_key(conn, key)
        if known is None:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="document", value=key)
        head = document_head(conn, known.id)
        rights.require("post", head.unit_id)
        content, language = render_for_partner(conn, head, printed=today(), language=letter.language)
        record_audit(conn, actor, "send_document", unit_id=head.unit_id, document_id=head.id, to=to, language=language)
        name = document_text(DocumentName(head.key, head.kind, head.number, head.date), language)
        facts = {"what": name, "organization": head.organization}
        file = f"{head.kind.replace('_', '-')}-{re.sub(r'[^0-9A-Za-z-]', '', head.number) or head.id}.pdf"
        is_kept = _send(to, letter, language, Paper(file, content, "document", facts))
    return Sent(to, language, file, is_kept)


def checked(letter: Letter) -> list[str]:
    """To whom it goes. Errors: field_missing, invalid_value."""
    if len(letter.note) > NOTE_MAX:
        raise DomainError(ErrorCode.INVALID_VALUE, field="note", value=letter.note[:80], expected=f"<= {NOTE_MAX}")
    found = [part for part in re.split(r"[,;\s]+", letter.to) if part]
    if not found:
        raise DomainError(ErrorCode.FIELD_MISSING, field="to")
    wrong = [part for part in found if not ADDRESS.fullmatch(part)]
    if wrong or len(found) > ADDRESSES_MAX:
        raise DomainError(ErrorCode.INVALID_VALUE, field="to", value=", ".join(wrong or found), expected="name@example.com")
    return found


def keeps_letters() -> bool:
    """There is no mail server: letters are kept as files."""
    from django.conf import settings

    return bool(settings.EMAIL_BACKEND == KEEPS_FILES)


def _send(to: list[str], letter: Letter, language: Language, paper: Paper) -> bool:
    """Whether it was kept as a file, as there is no mail server. Errors: mail_not_sent."""
    from django.core.mail import EmailMessage

    facts = paper.facts
    answer = text(language, "letter-answer") if paper.told != "document" else ""
    body = [
        text(language, "letter-greeting"), text(language, f"letter-{paper.told}", **facts), letter.note.strip(), answer,
        text(language, "letter-from", organization=facts["organization"]),
    ]  # fmt: skip
    subject = text(language, f"letter-{paper.told}-subject", **facts)
    message = EmailMessage(" ".join(subject.split()), "\n\n".join(filter(None, body)), to=to)
    message.attach(paper.name, paper.content, "application/pdf")
    try:
        message.send()
    except (SMTPException, OSError) as problem:
        raise DomainError(ErrorCode.MAIL_NOT_SENT, to=", ".join(to), reason=str(problem)) from problem
    return keeps_letters()
