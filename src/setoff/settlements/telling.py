"""The diff of an edit in words: which document, what about it, before and after, for people of any language (spec 1.10)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import psycopg

from setoff.core.money import Money
from setoff.language import Language, text
from setoff.settlements.diff import Change

DOCUMENTS_SQL = """
  select document.id, document.kind, document.number, document.date, organization.book_currency
  from document join unit on unit.id = document.unit_id join organization on organization.id = unit.organization_id
  where document.id = any(%s)"""


class ToldChange(NamedTuple):
    """A line of the diff. `before` and `after` have the currency they were counted in; an amount of zero means absent."""

    kind: str
    number: str
    date: date
    contour: str
    subject: str
    before: Money
    after: Money


def tell_changes(conn: psycopg.Connection[Any], changes: Sequence[Change], language: Language) -> list[ToldChange]:
    """Changes in their order, with the names of documents and accounts."""
    named = {change.document_id for change in changes}
    named |= {change.subject[0] for change in changes if change.what == "allocation"}
    documents = {row[0]: row for row in conn.execute(DOCUMENTS_SQL, [sorted(named)])}
    account_ids = {account for change in changes if change.what == "posting" for account in change.subject[1:]}
    accounts = dict(conn.execute("select id, code from account where id = any(%s)", [sorted(account_ids)]).fetchall())
    told = []
    for change in changes:
        _id, kind, number, day, book_currency = documents[change.document_id]
        currency = change.currency or book_currency
        if change.what == "posting":
            posted, debit, credit = change.subject
            subject = text(language, f"change-posting-{posted}", debit=accounts[debit], credit=accounts[credit])
        elif change.what == "allocation":
            lot = documents[change.subject[0]]
            subject = text(language, "change-allocation", kind=lot[1], number=lot[2], date=lot[3])
        else:
            subject = text(language, "change-lot", side="they" if change.before + change.after > 0 else "we")
        told.append(ToldChange(kind, number, day, change.contour, subject, Money(change.before, currency), Money(change.after, currency)))
    return told
