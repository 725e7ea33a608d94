"""Adjustments, their reversals and back-dated papers in random order: the books stay sound, and a reversal undoes exactly what was done.

Seeded, so that a failure can be repeated. Most adjustments are accepted, because there is much open on both sides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any, Final

import psycopg
import pytest

from setoff.core.errors import DomainError
from setoff.core.money import format_amount
from setoff.parties.services import save_masters
from setoff.scenarios.runner import empty
from setoff.settlements.known import compare_with_refold
from setoff.settlements.services import post_document, unpost_document
from setoff.site import database
from setoff.trade.documents import AdjustmentReceiver, AdjustmentRow, DebtAdjustment, Line, Payment, Purchase, Sale
from tests import cast
from tests.settlements.papers import TYPIST
from tests.settlements.test_books_properties import assert_sound

Connection = psycopg.Connection[Any]
OURS: Final = (cast.BUYER, cast.BUYER_2, cast.BUYER_EUR, cast.BUYER_LEGAL)
THEIRS: Final = (cast.SUPPLIER, cast.SUPPLIER_EUR)
REVERSED_SQL: Final = """
  select original.id, reversal.id from document reversal
  join version on version.id = reversal.posted_version_id join document original on original.key = version.content::jsonb ->> 'reverses'"""
LEFT_SQL: Final = """
  select contour, key_id, sum(change) from (
    select 'reg' as contour, fact.reg_key_id as key_id, fact.change, fact.document_id, fact.version_id from fact
    union all select 'mgmt', fact.mgmt_key_id, fact.change, fact.document_id, fact.version_id from fact) said
  join document on document.posted_version_id = said.version_id
  where said.document_id = any(%s) and key_id is not null group by 1, 2 having sum(change) <> 0"""
RESULT_SQL: Final = """
  select account.code, sum(side.sign * posting.amount) from posting
  cross join lateral (values (debit_account_id, 1), (credit_account_id, -1)) side (account_id, sign)
  join account on account.id = side.account_id and not account.is_settlement
  where posting.document_id = any(%s) group by 1 having sum(side.sign * posting.amount) <> 0"""


@pytest.fixture(scope="module")
def books(server: str) -> Iterator[Connection]:
    with database.throwaway(), database.connect() as conn:
        yield conn


def start(conn: Connection, chance: Random) -> None:
    empty(conn)
    save_masters(conn, cast.MASTERS, TYPIST)
    for number in range(12):
        contract = chance.choice(OURS if number % 2 else THEIRS)
        kind = Sale if number % 2 else Purchase
        due = chance.choice(["", "2025-03-01", "2025-03-15"])
        line = Line(amount=f"{chance.randrange(20, 90)}.{chance.randrange(10, 99)}", kind="services")
        day = f"2025-02-{chance.randrange(1, 6):02}"
        paper = kind(
            unit="MSK", key=f"s{number}", date=day, counterparty=contract.counterparty, contract=contract.code, lines=[line], due=due
        )
        post_document(conn, paper, TYPIST)


PROVED: dict[str, Any] = {"department": "x", "analytics": "x", "reason": "court", "reason_document": "x"}


def adjustment(chance: Random, key: str) -> DebtAdjustment:
    kind = chance.choice(["set_off", "set_off", "netting", "transfer", "write_off"])
    header: dict[str, Any] = {"unit": "MSK", "key": key, "kind": kind, "date": f"2025-02-{chance.randrange(10, 20):02}", "currency": "EUR"}
    header["rate"] = chance.choice(["100", "104.5", "97.3333"])
    ours, theirs = chance.choice(OURS), chance.choice(THEIRS)
    if kind in ("set_off", "netting") and ours.currency != theirs.currency:
        theirs = next(contract for contract in THEIRS if contract.currency == ours.currency)
    if "EUR" not in (ours.currency, theirs.currency) or (kind in ("write_off", "transfer") and ours.currency != "EUR"):
        header |= {"rate": "", "currency": ""}
    amount = format_amount(chance.randrange(1, 3_000), ours.currency)
    owed = AdjustmentRow(side="they_owe_us", counterparty=ours.counterparty, contract=ours.code, amount=amount)
    owing = AdjustmentRow(side="we_owe_them", counterparty=theirs.counterparty, contract=theirs.code, amount=amount)
    if kind in ("set_off", "netting"):
        return DebtAdjustment(**header, rows=[owed, owing], round="R" if kind == "netting" else "")
    if kind == "write_off":
        return DebtAdjustment(**header, rows=[owed], account="91.02", item="x", **PROVED)
    to = cast.BUYER_LEGAL if ours.currency == "RUB" else cast.BUYER_EUR
    return DebtAdjustment(**header, rows=[owed], receiver=AdjustmentReceiver(counterparty=to.counterparty, contract=to.code))


def step(conn: Connection, chance: Random, key: str, adjusted: dict[str, str]) -> None:
    """An adjustment, a reversal, a payment in the past, or a document taken back."""
    what = chance.choice(["adjust", "adjust", "adjust", "reverse", "pay", "take back"])
    if what == "reverse" and adjusted:
        original = chance.choice(list(adjusted))
        document = DebtAdjustment(unit="MSK", key=key, date="2025-02-25", kind=adjusted[original], reverses=original)
        post_document(conn, document, TYPIST)
        del adjusted[original]
    elif what == "pay":
        contract = chance.choice(OURS)
        party = {"counterparty": contract.counterparty, "contract": contract.code, "currency": contract.currency}
        day, amount = f"2025-02-{chance.randrange(6, 12):02}", f"{chance.randrange(1, 15)}.00"
        paid = Payment(unit="MSK", key=key, date=day, kind="payment_from_customer", amount=amount, **party)
        post_document(conn, paid, TYPIST)
    elif what == "take back":
        known = [row[0] for row in conn.execute("select key from document where status = 'posted' and key like 'k%%' order by id")]
        if known:
            taken = chance.choice(known)
            unpost_document(conn, taken, TYPIST)
            adjusted.pop(taken, None)
    else:
        document = adjustment(chance, key)
        post_document(conn, document, TYPIST)
        adjusted[key] = document.kind


@pytest.mark.parametrize("seed", range(5))
def test_what_is_reversed_is_as_if_it_had_not_been(books: Connection, seed: int) -> None:
    chance = Random(seed)
    start(books, chance)
    adjusted: dict[str, str] = {}
    refusals: Counter[str] = Counter()
    for number in range(30):
        try:
            step(books, chance, f"k{number}", adjusted)
        except DomainError as refusal:
            refusals[refusal.code.value] += 1
    assert sum(refusals.values()) < 20 and refusals.keys() <= {"allocation_exceeds_balance", "conflict_with_later_target", "base_in_use"}
    assert compare_with_refold(books) == []
    assert_sound(books)
    reversals = books.execute(REVERSED_SQL).fetchall()
    assert reversals
    for pair in reversals:
        assert books.execute(LEFT_SQL, [list(pair)]).fetchall() == []
        if books.execute("select count(*) from allocation where document_id = %s", [pair[1]]).fetchone() == (0,):
            assert books.execute(RESULT_SQL, [list(pair)]).fetchall() == []
