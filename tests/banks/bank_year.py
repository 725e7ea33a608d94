"""The bank's year lived through: documents and statements month by month; what the books propose is compared with what is true.

At the end of each month the sure lines are confirmed as they are proposed, and the rest by people, who know the truth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

import msgspec

from setoff.banks.claims import claim_line, confirm_lines, ignore_line, propose_lines, proposed_payment
from setoff.banks.owners import SURE
from setoff.banks.queries import LineFilter, bank_lines
from setoff.banks.records import BankAccount, LineRow
from setoff.banks.services import import_statements, save_account
from setoff.books.audit import Actor
from setoff.demo.bank_files import Sheet, statement_file
from setoff.demo.bank_story import Movement, OurAccount, Story, files, tell
from setoff.parties.services import save_masters
from setoff.settlements.bulk import import_documents
from setoff.trade.documents import Payment, PaymentRow

ACTOR = Actor("bank year", "test")


class Judged(NamedTuple):
    """`verdict`: right, wrong, or left (to people). `what` the movement is."""

    verdict: str
    what: str
    row: LineRow
    movement: Movement


def live(conn: Any, documents: int, seed: int) -> list[Judged]:
    """Every line of the year, judged as it was proposed."""
    story = tell(documents, seed)
    save_masters(conn, story.masters, ACTOR)
    for account in story.accounts:
        save_account(conn, BankAccount(account.unit, account.number, account.currency, account.name, account.bic), ACTOR)
    judged: list[Judged] = []
    written = sorted(_files(story), key=lambda file: file[0])
    begun = date.min
    for _month_began, sheets in groupby(written, key=lambda file: file[0].replace(day=1)):
        listed = list(sheets)
        last = listed[-1][0]
        numbered = [(row, made) for row, made in enumerate(story.documents) if begun < date.fromisoformat(made.date) <= last]
        import_documents(conn, lambda numbered=numbered: numbered, ACTOR, on_error="collect")
        begun = last
        for _, name, content in listed:
            import_statements(conn, content, name, ACTOR)
            import_statements(conn, content, name, ACTOR)
        judged += _month(conn, story)
    return judged


def _files(story: Story) -> Iterator[tuple[date, str, bytes]]:
    """(last day, name, content), weekly, each beginning two days before the last ended."""
    for account, first, last, movements in files(story):
        house = next(record for record in story.masters if getattr(record, "code", "") == _house(account))
        lines = [movement.line for movement in movements]
        before = [movement.line for movement in story.movements if movement.account == account and movement.line.booking_date < first]
        opening = 10**9 + sum(line.amount_minor for line in before)
        tax_id = getattr(house, "tax_id", "")
        sheet = Sheet(account.number, account.currency, account.bic, getattr(house, "name", ""), tax_id, first, last, opening, lines)
        yield last, *statement_file(account.format, sheet)


def _house(account: OurAccount) -> str:
    return {"MSK": "KEDR", "SPB": "KEDR", "SHA": "HUAXING", "LON": "KESTREL"}[account.unit]


def _month(conn: Any, story: Story) -> list[Judged]:
    truth = {(movement.account.name, movement.line.end_to_end): movement for movement in story.movements}
    propose_lines(conn)
    rows = bank_lines(conn, LineFilter(states=("unclaimed", "proposed")))
    judged = [judge(row, truth[row.account, row.end_to_end]) for row in rows]
    confirm_lines(conn, [found.row.id for found in judged if found.row.confidence >= SURE and found.row.proposal], ACTOR)
    for found in judged:
        if found.row.confidence < SURE or not found.row.proposal:
            payment = found.movement.payment
            if payment is None:
                ignore_line(conn, found.row.id, found.what, ACTOR)
            else:
                claim_line(conn, found.row.id, msgspec.structs.replace(payment, number="", targets=payment.targets), ACTOR)
                confirm_lines(conn, [found.row.id], ACTOR)
    return judged


def judge(row: LineRow, movement: Movement) -> Judged:
    if row.confidence < SURE or not row.proposal:
        return Judged("left", movement.what, row, movement)
    return Judged("right" if is_true(proposed_payment(row), movement) else "wrong", movement.what, row, movement)


def is_true(proposed: Payment, movement: Movement) -> bool:
    """Party, payer, kind and contract are the true ones; documents named are those that were paid; a transfer is no debt."""
    payment = movement.payment
    if payment is None:
        return movement.what in ("transfer", "charge") and proposed.kind in ("other_out", "other_in")
    rows: list[Payment | PaymentRow] = list(proposed.rows) or [proposed]
    targets = {target.document for part in rows for target in part.targets}
    same = (proposed.counterparty, proposed.payer, proposed.kind) == (payment.counterparty, payment.payer, payment.kind)
    return same and {part.contract for part in rows} == {payment.contract} and (not targets or targets == set(movement.documents))


def table(judged: list[Judged]) -> list[tuple[str, int, int, int, int]]:
    """(what, lines, right, wrong, left), and the sum of all."""
    counts = Counter((found.what, found.verdict) for found in judged)
    rows = [
        (what, *(sum(count for (of, verdict), count in counts.items() if of == what and verdict in chosen)
                 for chosen in (("right", "wrong", "left"), ("right",), ("wrong",), ("left",))))
        for what in sorted({what for what, _ in counts})
    ]  # fmt: skip
    return [*rows, ("all", *(sum(row[place] for row in rows) for place in range(1, 5)))]
