"""The worked tables of docs/explanation/fold.md: documents of a page posted to a throw-away database, and what the fold made of them.

The documents of a table are the lines of the last block of JSON before it, one a line; the cast of the tests is who they speak of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

DOCUMENTS: Final = re.compile(r"```json\n(.*?)```", re.DOTALL)

FACTS: Final = """
  select node.currency, change, book from fact join node on node.unit_id = fact.unit_id and node.id = fact.node_id
  where document_id = %s and (case %s when 'reg' then fact.reg_key_id else fact.mgmt_key_id end) is not null order by line"""
ALLOCATIONS: Final = """
  select used.key, fold_key.currency, allocation.amount, lot_book, own_book, rule
  from allocation join fold_key on fold_key.id = key_id join document used on used.id = lot_document_id
  where document_id = %s and contour = %s order by allocation.line, lot_document_id, lot_line"""
LOTS: Final = """
  select opener.key, fold_key.currency, residual, residual_book
  from lot join fold_key on fold_key.id = key_id join document opener on opener.id = document_id
  where residual <> 0 and contour = %s order by lot.moment, line"""
POSTINGS: Final = """
  select debit.code, credit.code, amount from posting
  join account debit on debit.id = debit_account_id join account credit on credit.id = credit_account_id
  where document_id = %s order by line"""


@contextmanager
def cast() -> Iterator[Any]:
    """A connection to a throw-away database with the cast in it."""
    from setoff.books.audit import Actor
    from setoff.parties.services import save_masters
    from setoff.site import database
    from tests.cast import MASTERS

    with database.throwaway(), database.connect() as conn:
        save_masters(conn, MASTERS, Actor("docs", "docs"))
        yield conn


def documents_before(place: str) -> list[Any]:
    import msgspec

    from setoff.trade.documents import AnyDocument

    lines = DOCUMENTS.findall(place)[-1].splitlines()
    return [msgspec.json.decode(line, type=AnyDocument) for line in lines]


def folded(contour: str, before: str) -> str:
    """After each document: what it states, what it used, what stays open, and (regulated contour) what was posted."""
    from setoff.books.audit import Actor
    from setoff.settlements.services import post_document

    rows = []
    with cast() as conn:
        for document in documents_before(before):
            outcome = post_document(conn, document, Actor("docs", "docs"))
            rows.append((f"{document.date} {outcome.key}", *_derived(conn, outcome.document_id, contour)))
    heading: tuple[str, ...] = ("document", "fact", "uses", "open lots after it", "postings")
    if contour == "mgmt":
        heading, rows = heading[:4], [row[:4] for row in rows]
    lines = (heading, tuple("---" for _ in heading), *rows)
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def changes(_argument: str, before: str) -> str:
    """What posting the last document changed, when all the others stood."""
    from setoff.books.audit import Actor
    from setoff.settlements.services import post_document
    from setoff.settlements.telling import tell_changes

    rows = []
    with cast() as conn:
        for document in documents_before(before):
            outcome = post_document(conn, document, Actor("docs", "docs"))
        keys = dict(conn.execute("select kind || number, key from document").fetchall())
        for told in tell_changes(conn, outcome.changes, "en"):
            subject = re.sub(r"(sale) (\d+) of .*", lambda named: keys[named[1] + named[2]], told.subject)
            amounts = [_plain(money.amount_minor) if money.amount_minor else "" for money in (told.before, told.after)]
            rows.append((told.contour, keys[told.kind + told.number], subject, *amounts))
    heading = ("contour", "document", "what", "before", "after")
    return "\n".join("| " + " | ".join(line) + " |" for line in (heading, tuple("---" for _ in heading), *rows))


def _derived(conn: Any, document_id: int, contour: str) -> Iterator[str]:
    from setoff.core.fact import Rule

    def valued(currency: str, amount: int, book: int) -> str:
        return f"{_plain(amount)} {currency}" + (f" = {_plain(book)}" if currency != "RUB" else "")

    yield "<br>".join(valued(*row) for row in conn.execute(FACTS, [document_id, contour]))
    yield "<br>".join(
        f"{key}: {valued(currency, amount, lot_book)}"
        + (f", worth {_plain(own_book)} now" if own_book != lot_book else "")
        + f" ({Rule(rule).name.lower().replace('_', ' ')})"
        for key, currency, amount, lot_book, own_book, rule in conn.execute(ALLOCATIONS, [document_id, contour])
    )
    yield "<br>".join(f"{key}: {valued(*row)}" for key, *row in conn.execute(LOTS, [contour])) or "none"
    yield "<br>".join(f"Dr {debit} Cr {credit} {_plain(amount)}" for debit, credit, amount in conn.execute(POSTINGS, [document_id]))


def _plain(amount_minor: int) -> str:
    """Two digits, a thin separator of thousands."""
    return f"{amount_minor / 100:,.2f}".replace(",", " ")
