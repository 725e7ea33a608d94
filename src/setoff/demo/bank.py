"""What the banks of the demo group sent in its last days: statements brought in and proposed, so that somebody can confirm them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import psycopg

from setoff.banks.claims import propose_lines
from setoff.banks.records import BankAccount
from setoff.banks.services import import_statements, save_account
from setoff.books.audit import Actor
from setoff.demo.bank_files import Sheet, statement_file
from setoff.demo.bank_story import Story, files
from setoff.demo.group import HOUSES

BANK_DAYS: Final = 24


def bring_statements(conn: psycopg.Connection[Any], story: Story, actor: Actor) -> None:
    """Our accounts, their statements and a proposal for each line."""
    for account in story.accounts:
        save_account(conn, BankAccount(account.unit, account.number, account.currency, account.name, account.bic), actor)
    for name, content in statement_files(story):
        import_statements(conn, content, name, actor)
    propose_lines(conn)


def statement_files(story: Story) -> Iterator[tuple[str, bytes]]:
    """One file an account, as its bank writes it."""
    houses = {unit.code: house.organization for house in HOUSES for unit in house.units}
    for account, first, last, movements in files(story, days=BANK_DAYS, overlap_days=0):
        house, lines = houses[account.unit], [movement.line for movement in movements]
        yield statement_file(
            account.format, Sheet(account.number, account.currency, account.bic, house.name, house.tax_id, first, last, 0, lines)
        )
