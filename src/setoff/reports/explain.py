"""`setoff explain` as text and as JSON: a document, what its facts did in each contour, what moved it later, its history."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from psycopg import Connection

from setoff.core.fact import Rule
from setoff.core.money import Money, format_amount
from setoff.language import Language, has_text, text
from setoff.reports.cells import document_text, object_text, term_text
from setoff.reports.report import DocumentName
from setoff.settlements.diff import document_names
from setoff.settlements.explanation import FactStory, Posting, Subject, Use, document_postings, fact_stories, subjects
from setoff.settlements.history import Move, VersionStory, moves, versions
from setoff.trade.terms import debt_sign


class MoveStory(NamedTuple):
    """A move with the names of the documents it speaks of. `causes`: (document, author, action)."""

    move: Move
    lot: DocumentName
    causes: tuple[tuple[DocumentName, str, str], ...]


class Explanation(NamedTuple):
    document: Subject
    facts: list[FactStory]
    postings: list[Posting]
    moves: list[MoveStory]
    versions: list[VersionStory]


def explain(conn: Connection[Any], name: str) -> list[Explanation]:
    """The document with this key, or every document with this number. Errors: unknown_reference."""
    found = []
    for document in subjects(conn, name):
        stories = move_stories(conn, document)
        facts, postings = fact_stories(conn, document), document_postings(conn, document)
        found.append(Explanation(document, facts, postings, stories, versions(conn, document)))
    return found


def move_stories(conn: Connection[Any], document: Subject) -> list[MoveStory]:
    """How edits of other documents moved its amounts, with the names of all documents concerned."""
    moved = moves(conn, document)
    ids = [move.lot_document_id for move in moved] + [cause.document_id for move in moved for cause in move.causes]
    names = {row.id: DocumentName(row.key, row.kind, row.number, row.date) for row in document_names(conn, ids).values()}
    return [
        MoveStory(
            move,
            names[move.lot_document_id],
            tuple((names[cause.document_id], cause.author, cause.action) for cause in move.causes),
        )
        for move in moved
    ]


def explanation_text(found: Explanation, language: Language) -> str:
    return "\n".join(_lines(found, language)) + "\n"


def _lines(found: Explanation, language: Language) -> Iterator[str]:
    document = found.document
    name = _name(document.key, document.kind, document.number, document.date, language)
    total = Money(document.total, document.currency)
    yield text(language, "explain-document", document=name, unit=document.unit, status=document.status, total=total)
    yield text(language, "explain-key", key=document.key)
    if not found.facts:
        yield text(language, "explain-no-facts")
    for contours, facts in by_contour(found.facts):
        yield ""
        yield text(language, "explain-contour", contour=_contours(contours, language))
        for fact in facts:
            yield from ("  " + line for line in fact_lines(fact, document, language))
    if found.postings:
        yield ""
        yield text(language, "explain-postings")
    for posting in found.postings:
        amount = Money(posting.amount, document.book_currency)
        kind = term_text("posting-kind", posting.kind, language)
        yield "  " + text(language, "explain-posting", debit=posting.debit, credit=posting.credit, amount=amount, what=kind)
    if found.moves:
        yield ""
        yield text(language, "explain-moves")
    told: dict[MoveStory, list[str]] = {}
    for story in found.moves:
        told.setdefault(story._replace(move=story.move._replace(contour="")), []).append(story.move.contour)
    for story, contours in told.items():
        yield "  " + _move_line(story, contours, language)
    yield ""
    yield text(language, "explain-history")
    for version in found.versions:
        yield from ("  " + line for line in _version_lines(version, language))


def _contours(names: Sequence[str], language: Language) -> str:
    return ", ".join(term_text("contour", name, language) for name in names)


def by_contour(facts: Sequence[FactStory]) -> list[tuple[list[str], list[FactStory]]]:
    """Facts by contour; both contours together when they tell the same."""
    stories = [(contour, list(group)) for contour, group in groupby(facts, key=lambda fact: fact.contour)]
    if len(stories) > 1:
        told = [[fact._replace(contour="", key_id=0) for fact in group] for _, group in stories]
        if told[0] == told[1]:
            return [(["reg", "mgmt"], stories[0][1])]
    return [([contour], group) for contour, group in stories]


def fact_lines(fact: FactStory, document: Subject, language: Language) -> Iterator[str]:
    """What a fact did, and what was done with it later; lines of what belongs to a line are indented."""
    place = ", ".join(filter(None, [fact.label, fact.counterparty, fact.contract, object_text(fact.object, language)]))
    direction = "explain-increase" if fact.change > 0 else "explain-decrease"
    yield text(language, direction, place=place, relation=fact.relation, amount=Money(abs(fact.change), fact.currency))
    for use in fact.uses:
        yield "  " + _use_line("explain-used", use, fact, document, language)
    if fact.demoted:
        yield "  " + text(language, "explain-demoted", amount=Money(fact.demoted, fact.currency))
    if not fact.opened:
        return
    kind = "debt" if fact.opened * debt_sign(fact.relation) > 0 else "advance"
    facts = {"amount": Money(abs(fact.opened), fact.currency), "left": Money(abs(fact.residual), fact.currency)}
    yield "  " + text(language, f"explain-opened-{kind}", **facts)
    if fact.due and kind == "debt":
        yield "    " + text(language, "explain-due", day=fact.due)
    for use in fact.users:
        line = _revaluation_line if use.rule == Rule.REVALUED else _use_line
        yield "    " + line("explain-user", use, fact, document, language)


def _use_line(key: str, use: Use, fact: FactStory, document: Subject, language: Language) -> str:
    other = _name(use.key, use.kind, use.number, use.date, language)
    amount = Money(use.amount, fact.currency)
    line = text(language, key, document=other, amount=amount, rule=term_text("rule", Rule(use.rule).name.lower(), language))
    if use.difference:
        line += "; " + text(language, "explain-difference", amount=Money(gain_of(use, fact, key), document.book_currency))
    return line


def _revaluation_line(key: str, use: Use, fact: FactStory, document: Subject, language: Language) -> str:
    """What a revaluation made of the debt: what was left, its worth before, the rate, its worth after, the difference."""
    of_one = use.nominal in ("", "1")
    return text(
        language, "explain-revalued", document=_name(use.key, use.kind, use.number, use.date, language),
        left=Money(use.left, fact.currency), before=Money(use.worth, document.book_currency),
        rate=use.rate if of_one else f"{use.rate} / {use.nominal}", after=Money(use.worth + use.difference, document.book_currency),
        amount=Money(gain_of(use, fact, key), document.book_currency),
    )  # fmt: skip


def gain_of(use: Use, fact: FactStory, key: str) -> int:
    """The exchange difference as a gain (+): value above the carrying value of a claim, below that of a liability."""
    lot_is_claim = (fact.change < 0) == (key == "explain-used")
    return use.difference if lot_is_claim else -use.difference


def _move_line(story: MoveStory, contours: Sequence[str], language: Language) -> str:
    move = story.move
    shown = [
        text(language, "explain-cause", document=document_text(document, language), action=_action(action, language), author=author)
        for document, author, action in story.causes[:3]
    ]
    if len(story.causes) > len(shown):
        shown.append("...")
    return text(
        language, "explain-move", instant=move.causes[0].recorded_at, causes="; ".join(shown),
        contour=_contours(contours, language), lot=document_text(story.lot, language),
        before=Money(move.before, move.currency), after=Money(move.after, move.currency),
    )  # fmt: skip


def _version_lines(version: VersionStory, language: Language) -> Iterator[str]:
    action = _action(version.action, language)
    yield text(
        language, "explain-version", number=version.version_no, instant=version.recorded_at, action=action, author=version.author
    )
    for change in version.changes:
        yield "  " + text(language, "explain-field", path=change.path, before=change.before, after=change.after)


def _action(action: str, language: Language) -> str:
    key = f"action-{action.replace('_', '-')}"
    return text(language, key) if has_text(language, key) else action


def _name(key: str, kind: str, number: str, day: date, language: Language) -> str:
    return document_text(DocumentName(key, kind, number, day), language)


def explanations_json(found: Sequence[Explanation]) -> str:
    """A list of documents; amounts as decimal texts, codes as they are."""
    return json.dumps([_object(explanation) for explanation in found], ensure_ascii=False, indent=1) + "\n"


def _object(found: Explanation) -> dict[str, Any]:
    document = found.document
    book = document.book_currency
    return {
        "key": document.key, "kind": document.kind, "number": document.number, "date": document.date.isoformat(),
        "unit": document.unit, "status": document.status, "total": format_amount(document.total, document.currency),
        "currency": document.currency,
        "facts": [_fact_object(fact, book) for fact in found.facts],
        "postings": [{**row._asdict(), "amount": format_amount(row.amount, book)} for row in found.postings],
        "moves": [
            {
                "recorded_at": story.move.causes[0].recorded_at.isoformat(), "contour": story.move.contour, "lot": story.lot.key,
                "before": format_amount(story.move.before, story.move.currency),
                "after": format_amount(story.move.after, story.move.currency),
                "causes": [{"document": cause.key, "author": author, "action": action} for cause, author, action in story.causes],
            }
            for story in found.moves
        ],
        "versions": [
            {
                **version._asdict(), "recorded_at": version.recorded_at.isoformat(),
                "changes": [change._asdict() for change in version.changes],
            }
            for version in found.versions
        ],
    }  # fmt: skip


def _revaluation_object(use: Use, currency: str, book_currency: str) -> dict[str, str]:
    before, after = (format_amount(worth, book_currency) for worth in (use.worth, use.worth + use.difference))
    return {"left": format_amount(use.left, currency), "before": before, "rate": use.rate, "nominal": use.nominal, "after": after}


def _fact_object(fact: FactStory, book_currency: str) -> dict[str, Any]:
    currency = fact.currency
    amounts = {name: format_amount(getattr(fact, name), currency) for name in ("change", "opened", "residual", "demoted")}
    parts = {
        name: [
            {
                "document": use.key, "line": use.line, "amount": format_amount(use.amount, currency),
                "difference": format_amount(use.difference, book_currency), "rule": Rule(use.rule).name.lower(),
                **(_revaluation_object(use, currency, book_currency) if use.rule == Rule.REVALUED else {}),
            }
            for use in getattr(fact, name)
        ]
        for name in ("uses", "users")
    }  # fmt: skip
    plain = {name: getattr(fact, name) for name in ("contour", "line", "label", "counterparty", "contract", "object", "relation")}
    return {**plain, "currency": currency, "due": fact.due.isoformat() if fact.due else None, **amounts, **parts}
