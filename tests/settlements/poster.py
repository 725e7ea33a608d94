"""Processes that post, for tests that kill them and for tests that run many at once.

`python -m tests.settlements.poster` imports everything once and then forks a child for every line on its standard input:

    {"work": "post", "seed": 7, "prefix": "a", "count": 40, "told": PATH}    random edits of documents a-0 .. a-39 in the cast's books
    {"work": "import", "seed": 7, "prefix": "i7", "count": 60, "told": PATH} one import of that many new documents

and answers with the child's process id. A child appends JSON lines to `told`: its process id when it begins, then after every commit
the document's key, state, date and amount. With "count" null it posts for ever; after its work it tells "done" and waits, so that
its process id stays its own until it is killed, as long as the parent lives.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg

from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.settlements import services
from setoff.settlements.bulk import import_documents
from setoff.settlements.fold import Facts, fold_many
from setoff.settlements.postings import Folds, post_many
from setoff.site import database
from setoff.trade.documents import AnyDocument, Line, Payment, Purchase, Sale

ACTOR: Final = Actor("poster", "test")
FIRST_DAY: Final = date(2025, 4, 1)
DAYS: Final = 90
ROOT: Final = Path(__file__).parent.parent.parent
DOCUMENTS: Final = 40
BUYERS: Final = [
    ("VEGA", "BUYER"), ("VEGA", "BUYER-2"), ("SIRIUS", "BUYER-ORDERS"), ("SIRIUS", "BUYER-INVOICES"), ("SIRIUS", "BUYER-MANUAL"),
    ("SIRIUS", "BUYER-DUE"), ("SIRIUS", "BUYER-LEGAL"), ("BERLIN", "BUYER-EUR"),
]  # fmt: skip


def document_of(prefix: str, number: int, chance: random.Random) -> AnyDocument:
    """A document of a key: kind, party and contract follow from the number, date and amount are random."""
    key, day = f"{prefix}-{number}", (FIRST_DAY + timedelta(days=chance.randrange(DAYS))).isoformat()
    amount = f"{chance.randrange(1, 2_000)}.{chance.randrange(100):02d}"
    counterparty, contract = BUYERS[number % len(BUYERS)]
    terms = {"key": key, "number": key, "unit": "MSK", "date": day}
    if number % 7 == 3:
        return Purchase(**terms, counterparty="METALL", contract="SUPPLIER", lines=[Line(amount=amount, vat_rate="20")])
    if number % 2:
        return Sale(**terms, counterparty=counterparty, contract=contract, lines=[Line(amount=amount, vat_rate="20")])
    return Payment(**terms, kind="payment_from_customer", counterparty=counterparty, contract=contract, amount=amount)


def amount_of(document: AnyDocument) -> str:
    return document.amount if isinstance(document, Payment) else document.lines[0].amount


def post(seed: int, prefix: str, count: int | None, told: int) -> None:
    """Random verbs, one after another; what the rules refuse is left."""
    chance, states, done = random.Random(seed), dict[str, tuple[str, str, str]](), 0
    with database.connect() as conn:
        tell(told, begins=os.getpid())
        while count is None or done < count:
            done += 1
            number = chance.randrange(DOCUMENTS)
            document, action = document_of(prefix, number, chance), chance.random()
            try:
                if action < 0.75:
                    services.post_document(conn, document, ACTOR)
                    states[document.key] = ("posted", document.date, amount_of(document))
                elif action < 0.87:
                    services.unpost_document(conn, document.key, ACTOR)
                    states[document.key] = ("unposted", *states.get(document.key, ("", "", ""))[1:])
                else:
                    services.reorder_document(conn, document.key, chance.randrange(512), ACTOR)
            except DomainError:
                continue
            tell(told, key=document.key, stands=states.get(document.key))


def import_new(seed: int, prefix: str, count: int, told: int) -> None:
    chance = random.Random(seed)
    documents = [(number, document_of(prefix, number, chance)) for number in range(count)]
    with database.connect() as conn:
        tell(told, begins=os.getpid())
        import_documents(conn, lambda: iter(documents), ACTOR)
    tell(told, imported=prefix)


def tell(told: int, **facts: Any) -> None:
    os.write(told, (json.dumps(facts) + "\n").encode())


def work(order: dict[str, Any]) -> None:
    """In the child: never returns."""
    parent = os.getppid()
    told = os.open(order["told"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    verb = {"post": post, "import": import_new}[order["work"]]
    verb(order["seed"], order["prefix"], order["count"], told)
    tell(told, done=os.getpid())
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(0)


def warm_up() -> None:
    """Load the compiled fold, and what posting reads once, before the first fork; without work that would start threads."""
    with database.connect() as conn:
        for number in range(4):
            services.post_document(conn, document_of("warm", number, random.Random(number)), ACTOR)
    fold_many(Facts(*([0],) * 1, *([],) * (len(Facts._fields) - 1))._replace(target_start=[0]))
    post_many(Folds(*([],) * len(Folds._fields))._replace(fact_start=[0], entry_start=[0], allocation_start=[0]))


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are not waited for
    warm_up()
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                work(order)
            finally:
                os._exit(1)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


class Posters:
    """The parent of posting processes; `start` gives the process id of a new one."""

    def __init__(self, folder: Path) -> None:
        self.told = folder / "told.jsonl"
        program = [sys.executable, "-W", "ignore", "-m", "tests.settlements.poster"]
        self.parent = subprocess.Popen(program, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def start(self, **order: Any) -> int:
        assert self.parent.stdin is not None and self.parent.stdout is not None
        self.parent.stdin.write(json.dumps({**order, "told": str(self.told)}) + "\n")
        self.parent.stdin.flush()
        return int(self.parent.stdout.readline())

    def wait_for(self, **line: Any) -> None:
        """Until a child has told that."""
        given_up = time.monotonic() + 60
        while line not in told_lines(self.told):
            assert time.monotonic() < given_up, line
            time.sleep(0.002)

    def wait_for_more(self, name: str) -> None:
        """Until a child has told one more line of that name."""
        before = sum(name in line for line in told_lines(self.told))
        given_up = time.monotonic() + 60
        while sum(name in line for line in told_lines(self.told)) <= before:
            assert time.monotonic() < given_up, name
            time.sleep(0.002)

    def pace(self, **order: Any) -> float:
        """How long that work takes here and now, undisturbed."""
        process = self.start(**order)
        self.wait_for(begins=process)
        begun = time.monotonic()
        self.wait_for(done=process)
        return time.monotonic() - begun

    def stop(self) -> None:
        self.parent.communicate()


def wait_until_alone(conn: psycopg.Connection[Any]) -> None:
    """Until the server has noticed that the other clients of the database are gone."""
    query = """select count(*) from pg_stat_activity
               where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"""
    given_up = time.monotonic() + 60
    while conn.execute(query).fetchone() != (0,):
        assert time.monotonic() < given_up, "a client still has its session"
        time.sleep(0.05)


def told_lines(path: Path) -> list[dict[str, Any]]:
    """What children told; a line that a killed child did not finish is no line."""
    whole = path.read_text(encoding="utf-8") if path.exists() else ""
    return [json.loads(line) for line in whole.splitlines(keepends=True) if line.endswith("\n")]


if __name__ == "__main__":
    main()
