"""The words around a report: its title, what was asked, labels of totals, notes."""

from __future__ import annotations

from setoff.language import Language, fact_text, text
from setoff.reports.cells import term_text
from setoff.reports.report import Note, Report, Total


def title_text(report: Report, language: Language) -> str:
    return text(language, f"report-{report.name}")


def question_lines(report: Report, language: Language) -> list[str]:
    """What was asked, a line for each of: days, contour, filters and grouping, knowledge."""
    question = report.question
    if question.since:
        lines = [text(language, "question-period", first=question.since, last=question.as_of)]
    else:
        lines = [text(language, "question-as-of", day=question.as_of)]
    if report.of_contour:
        lines.append(text(language, "question-contour", contour=term_text("contour", question.contour, language)))
    if question.names:
        lines.append("; ".join(_filter(name, values, language) for name, values in question.names))
    if question.known_at:
        lines.append(text(language, "question-known-at", instant=question.known_at))
    return lines


def _filter(option: str, values: tuple[str, ...], language: Language) -> str:
    """An option and what was typed; groups by the names of their columns, words of ours translated."""
    if option == "group-by":
        shown = [text(language, f"column-{value}") for value in values]
    else:
        shown = [fact_text(language, option, value) for value in values]
    return text(language, "print-pair", name=text(language, f"option-{option}"), value=", ".join(shown))


def total_text(total: Total, language: Language) -> str:
    return text(language, f"total-{total.label}", **total.facts)


def note_text(note: Note, language: Language) -> str:
    return text(language, f"note-{note.label}", **note.facts)
