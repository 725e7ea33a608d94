"""The words around a report: its title, what was asked, labels of totals, notes."""

from __future__ import annotations

from setoff.language import Language, text
from setoff.reports.cells import term_text
from setoff.reports.report import Note, Question, Report, Total


def title_text(report: Report, language: Language) -> str:
    return text(language, f"report-{report.name}")


def question_lines(question: Question, language: Language) -> list[str]:
    """What was asked, a line for each of: days, contour, filters, grouping, knowledge."""
    if question.since:
        lines = [text(language, "question-period", first=question.since, last=question.as_of)]
    else:
        lines = [text(language, "question-as-of", day=question.as_of)]
    lines.append(text(language, "question-contour", contour=term_text("contour", question.contour, language)))
    if question.names:
        filters = (f"{text(language, f'option-{name}')}: {value}" for name, value in question.names.items())
        lines.append("; ".join(filters))
    if question.known_at:
        lines.append(text(language, "question-known-at", instant=question.known_at))
    return lines


def total_text(total: Total, language: Language) -> str:
    return text(language, f"total-{total.label}", **total.facts)


def note_text(note: Note, language: Language) -> str:
    return text(language, f"note-{note.label}", **note.facts)
