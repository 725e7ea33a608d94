"""Verbs on month ends: the day they take, and how each document of theirs is stated.

Such a verb says what a document of a month is to be. Who looks at policies first (access/month_ends.py) states it, asks a second person for
it, or leaves what waits for one already.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import psycopg

from setoff.books.audit import Actor
from setoff.books.months import month_after
from setoff.core.errors import DomainError, ErrorCode
from setoff.settlements.services import Outcome, post_document, unpost_document
from setoff.trade.documents import AnyDocument

StateIt = Callable[[psycopg.Connection[Any], str, AnyDocument | None, Actor], Outcome | None]
"""States the document of a key as it is to be, None: takes it out of the books. None where it waits for a second person."""


def check_month_end(until: date, field: str = "until") -> None:
    """Errors: invalid_value."""
    last = month_after(until) - timedelta(days=1)
    if last != until:
        raise DomainError(ErrorCode.INVALID_VALUE, field=field, value=until, expected=last)


def state_document(conn: psycopg.Connection[Any], key: str, document: AnyDocument | None, actor: Actor) -> Outcome:
    if document is None:
        return unpost_document(conn, key, actor)
    return post_document(conn, document, actor)
