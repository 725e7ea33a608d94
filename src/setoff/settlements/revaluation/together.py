"""Revaluations of a unit stated one after another, in the order of their days: all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import psycopg

from setoff.books.audit import Actor
from setoff.books.services import lock_unit
from setoff.settlements.diff import Change, joined_changes
from setoff.settlements.portion import cycles_uncollected
from setoff.settlements.services import post_document
from setoff.trade.documents import Revaluation


class Made(NamedTuple):
    """A revaluation that is new, or says something else than before."""

    document_id: int
    key: str
    number: str


class Revalued(NamedTuple):
    """What was made or changed, and what that changed of every document."""

    made: list[Made]
    changes: list[Change]


def state_together(conn: psycopg.Connection[Any], unit: str, documents: Sequence[Revaluation], actor: Actor) -> Revalued:
    """New ones and those that are there; what says what it said is left alone. Errors: those of posting a document."""
    with conn.transaction(), cycles_uncollected():
        lock_unit(conn, unit)
        outcomes = [outcome for document in documents if (outcome := post_document(conn, document, actor)).changed]
    made = [Made(outcome.document_id, outcome.key, outcome.number) for outcome in outcomes]
    return Revalued(made, joined_changes([outcome.changes for outcome in outcomes]))
