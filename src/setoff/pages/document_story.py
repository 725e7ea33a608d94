"""Why each amount of a document went where it did, and how the document came to be as it is: the explanation, for a page.

The same content as `setoff explain` (reports/explain.py), told in parts that a template lays out: facts by contour with the lots they
used, opened and lost to later documents; versions with the fields that each changed; moves caused by edits of other documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from psycopg import Connection

from setoff.core.fact import Rule
from setoff.core.money import Money
from setoff.language import Language, has_text, text
from setoff.reports.cells import document_text, object_text, term_text
from setoff.reports.explain import by_contour, gain_of, move_stories
from setoff.reports.report import DocumentName
from setoff.settlements.explanation import FactStory, Subject, Use, fact_stories
from setoff.settlements.history import versions
from setoff.trade.terms import debt_sign

PART: Final = re.compile(r"([a-z_]+)(?:\[(\d+)\])?")


class Named(NamedTuple):
    """A document as a link."""

    text: str
    link: str


class Part(NamedTuple):
    """A part of a lot: with which document, how much, by which rule; `gain`: the exchange difference, + for us."""

    document: Named
    amount: Money
    rule: str
    gain: Money | None


class ToldFact(NamedTuple):
    """A fact: `direction` increase or decrease; `opened` debt, advance or "" with what it opened and what is left."""

    direction: str
    place: str
    relation: str
    amount: Money
    used: list[Part]
    demoted: Money | None
    opened: str
    opened_amount: Money | None
    left: Money | None
    due: Any
    users: list[Part]


class ToldContour(NamedTuple):
    contours: str
    facts: list[ToldFact]


class FieldDiff(NamedTuple):
    """What an edit changed of a field; None: it was or is not there."""

    label: str
    before: str | None
    after: str | None


class ToldVersion(NamedTuple):
    number: int
    recorded_at: datetime
    action: str
    author: str
    posted: bool
    fields: list[FieldDiff]


class ToldMove(NamedTuple):
    recorded_at: datetime
    contours: str
    lot: Named
    before: Money
    after: Money
    causes: list[tuple[Named, str, str]]


def story_of(conn: Connection[Any], document: Subject, language: Language) -> list[ToldContour]:
    """What its facts did, by contour; both contours together when they tell the same."""
    return [
        ToldContour(
            ", ".join(term_text("contour", name, language) for name in contours), [_fact(fact, document, language) for fact in facts]
        )
        for contours, facts in by_contour(fact_stories(conn, document))
    ]


def _fact(fact: FactStory, document: Subject, language: Language) -> ToldFact:
    opened = ""
    if fact.opened:
        opened = "debt" if fact.opened * debt_sign(fact.relation) > 0 else "advance"
    return ToldFact(
        direction="increase" if fact.change > 0 else "decrease",
        place=", ".join(filter(None, [fact.label, fact.counterparty, fact.contract, object_text(fact.object, language)])),
        relation=term_text("relation", fact.relation, language),
        amount=Money(abs(fact.change), fact.currency),
        used=[_part(use, fact, document, "explain-used", language) for use in fact.uses],
        demoted=Money(fact.demoted, fact.currency) if fact.demoted else None,
        opened=opened,
        opened_amount=Money(abs(fact.opened), fact.currency) if opened else None,
        left=Money(abs(fact.residual), fact.currency) if opened else None,
        due=fact.due if opened == "debt" else None,
        users=[_part(use, fact, document, "explain-user", language) for use in fact.users],
    )


def _part(use: Use, fact: FactStory, document: Subject, side: str, language: Language) -> Part:
    return Part(
        document=named(DocumentName(use.key, use.kind, use.number, use.date), language),
        amount=Money(use.amount, fact.currency),
        rule=term_text("rule", Rule(use.rule).name.lower(), language),
        gain=Money(gain_of(use, fact, side), document.book_currency) if use.difference else None,
    )


def named(document: DocumentName, language: Language) -> Named:
    return Named(document_text(document, language), f"{reverse('pages:document-by-key')}?{urlencode({'key': document.key})}")


def history_of(conn: Connection[Any], document: Subject, language: Language) -> list[ToldVersion]:
    """Every version, the newest first, with the diff of each edit. One that takes the place of a posted one is a change of it."""
    found = versions(conn, document)
    edited = {after.version_no for before, after in pairwise(found) if before.posted and after.action == "post"}
    return [
        ToldVersion(
            version.version_no, version.recorded_at,
            action_text("change" if version.version_no in edited else version.action, language), version.author, version.posted,
            [FieldDiff(path_text(change.path, language), change.before, change.after) for change in version.changes],
        )
        for version in reversed(found)
    ]  # fmt: skip


def moves_of(conn: Connection[Any], document: Subject, language: Language) -> list[ToldMove]:
    """How edits of other documents moved its amounts."""
    return [
        ToldMove(
            story.move.causes[0].recorded_at, ", ".join(term_text("contour", name, language) for name in contours),
            named(story.lot, language), Money(story.move.before, story.move.currency), Money(story.move.after, story.move.currency),
            [(named(cause, language), action_text(action, language), author) for cause, author, action in story.causes],
        )
        for story, contours in _joined(move_stories(conn, document))
    ]  # fmt: skip


def _joined(stories: Sequence[Any]) -> Iterator[tuple[Any, list[str]]]:
    """What is the same in both contours is told once."""
    told: dict[Any, list[str]] = {}
    for story in stories:
        told.setdefault(story._replace(move=story.move._replace(contour="")), []).append(story.move.contour)
    yield from told.items()


def action_text(action: str, language: Language) -> str:
    key = f"action-{action.replace('_', '-')}"
    return text(language, key) if has_text(language, key) else action


def path_text(path: str, language: Language) -> str:
    """ "lines[0].amount" in words: "Line 1, Amount"."""
    words = []
    for part in path.split("."):
        match = PART.fullmatch(part)
        if match is None:
            words.append(part)
        elif match[2] is not None:
            words.append(text(language, f"said-{match[1].replace('_', '-')}-one", number=int(match[2]) + 1))
        else:
            key = f"said-{match[1].replace('_', '-')}"
            words.append(text(language, key) if has_text(language, key) else part)
    return ", ".join(words)
