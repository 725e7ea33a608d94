"""A notice on paper, in two copies: of the sender and of the receiver. Russian: form 0504805 of an institution's notice (order 52n)."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.books.charts import load_chart
from setoff.core.chart import Chart
from setoff.core.money import parse_amount
from setoff.language import Language, date_text, language_of, money_text, text
from setoff.notices.queries import UnitPlace, find_notice, find_reversal, units_of
from setoff.notices.records import Kept
from setoff.notices.templates import number_of, templates_of
from setoff.reports.in_words import amount_in_words
from setoff.reports.pdf import foot
from setoff.reports.typesetting import typeset
from setoff.trade.notice_documents import NoticeRow
from setoff.trade.notice_paper import Notice

FORM: Final = "0504805"
ORGANIZATION_SQL: Final = "select name, tax_id, kpp, language from organization where id = %s"


class Issuer(NamedTuple):
    """The organization of both units."""

    name: str
    tax_id: str
    kpp: str
    language: str


def render_notice(conn: Connection[Any], found: Kept, *, printed: date, language: Language | None = None) -> bytes:
    """The PDF of both copies, in the language of the organization unless another is asked for."""
    units = units_of(conn)
    sender, receiver = units[found.sender], units[found.receiver]
    row = conn.execute(ORGANIZATION_SQL, [sender.organization_id]).fetchone()
    assert row is not None
    issuer = Issuer._make(row)
    chosen = language or language_of(issuer.language)
    title = text(chosen, "notices-paper-title", number=found.number, date=date_text(chosen, found.date))
    data = {
        "title": title,
        "author": issuer.name,
        "copies": [text(chosen, f"notices-paper-copy-{side}") for side in ("sender", "receiver")],
        "codes": _codes(found, issuer, chosen),
        "about": _about(conn, found, issuer, (sender, receiver), chosen),
        "sides": [text(chosen, "notices-paper-side", side=text(chosen, f"choice-side-{side}"), unit=unit.name or unit.code)
                  for side, unit in (("sender", sender), ("receiver", receiver))],
        "columns": [text(chosen, key) for key in ("field-notice-debit", "field-notice-credit", "field-amount", "notices-analytics")],
        "rows": _rows(found, load_chart(sender.chart), chosen),
        "total": [text(chosen, "notices-moved"), money_text(chosen, found.amount, found.currency)],
        "words": text(chosen, "notices-paper-words", words=amount_in_words(found.amount, found.currency, chosen)),
        "state": _state(found, chosen, find_reversal(conn, found.code)),
        "signatures": [
            {"name": unit.name or unit.code, "blanks": text(chosen, "notices-paper-blanks").split(" / ")} for unit in (sender, receiver)
        ],
        **foot(chosen, printed, running=f"{issuer.name}, {found.sender} – {found.receiver}"),
    }  # fmt: skip
    return typeset("notice", data, chosen, printed=printed)


def _codes(found: Kept, issuer: Issuer, language: Language) -> list[tuple[str, str]]:
    """The corner of codes, which Russian forms alone have."""
    if language != "ru":
        return []
    pairs = (("notices-paper-form", FORM), ("field-date", found.date.strftime("%d.%m.%Y")), ("notices-paper-tax", issuer.tax_id),
             ("notices-paper-kpp", issuer.kpp))  # fmt: skip
    return [(text(language, key), value) for key, value in pairs if value]


def _about(
    conn: Connection[Any], found: Kept, issuer: Issuer, units: tuple[UnitPlace, UnitPlace], language: Language
) -> list[tuple[str, str]]:  # fmt: skip
    template = templates_of(conn, units[0].organization_id, units[0].chart).get(found.operation)
    operation = f"{found.operation}. {template.title(language)}" if template else found.operation
    basis = "; ".join(" ".join(filter(None, (paper.name, paper.number, paper.date))) for paper in found.notice.basis)
    taken_back = find_notice(conn, found.notice.reverses) if found.notice.reverses else None
    reverses = text(language, "notices-paper-of", number=taken_back.number, date=taken_back.date) if taken_back else found.notice.reverses
    pairs = (
        ("notices-paper-organization", issuer.name), ("field-sender", f"{units[0].code} {units[0].name}"),
        ("field-receiver", f"{units[1].code} {units[1].name}"), ("field-nature", text(language, f"nature-{found.nature}")),
        ("field-operation", operation), ("notices-paper-reverses", reverses), ("notices-basis", basis),
        ("field-comment", found.notice.comment),
    )  # fmt: skip
    return [(text(language, key), value) for key, value in pairs if value]


def _rows(found: Kept, chart: Chart, language: Language) -> list[list[str]]:
    """Rows between the units beside one another; a row that a unit has alone stands alone."""
    made = []
    for number, (mine, theirs) in enumerate(_paired(found.notice, chart), 1):
        said = dict.fromkeys(part for row in (mine, theirs) if row for part in _analytics(row, language))
        made.append([str(number), *_cells(mine, found.currency, language), *_cells(theirs, found.currency, language), ", ".join(said)])
    return made


def _paired(notice: Notice, chart: Chart) -> list[tuple[NoticeRow | None, NoticeRow | None]]:
    """In the order of the sender; what the receiver has alone comes last."""
    def is_between(row: NoticeRow) -> bool:
        return any(number_of(code) in chart.inter_branch for code in (row.debit, row.credit))

    theirs = [row for row in notice.receiver_rows if is_between(row)]
    pairs: list[tuple[NoticeRow | None, NoticeRow | None]] = [
        (row, theirs.pop(0) if theirs and is_between(row) else None) for row in notice.sender_rows
    ]
    return [*pairs, *((None, row) for row in theirs), *((None, row) for row in notice.receiver_rows if not is_between(row))]


def _cells(row: NoticeRow | None, currency: str, language: Language) -> list[str]:
    return [row.debit, row.credit, money_text(language, parse_amount(row.amount, currency), currency)] if row else ["", "", ""]


def _analytics(row: NoticeRow, language: Language) -> list[str]:
    flow = text(language, f"choice-flow-{row.flow}") if row.flow else ""
    return [part for part in (flow, row.contract, row.item) if part]


def _state(found: Kept, language: Language, reversal: Kept | None) -> list[str]:
    """Who acted, for the record beside the signatures; and what takes it back, once that is confirmed."""
    said = [("notices-drafted-by", found.author), ("notices-sent-by", found.sent_by), ("notices-decided-by", found.decided_by)]
    people = "; ".join(text(language, key, person=person) for key, person in said if person)
    lines = [text(language, "notices-paper-state", state=text(language, f"notices-state-{found.status}"), people=people)]
    if reversal is not None and reversal.status == "confirmed":
        state = text(language, f"notices-state-{reversal.status}")
        lines.append(text(language, "notices-reversed-by", number=reversal.number, date=reversal.date, state=state))
    return lines
