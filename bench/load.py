"""`make load`: so many people at once post, read and change what lies in the past, over HTTP, against `setoff serve`.

    python bench/load.py [--people 50] [--seconds 120] [--documents 20000] [--workers 3] [--no-history]

Ends with 1 when any answer was no good one, a control check finds an error afterwards, a seal does not hold, or what was answered as
posted is not in the books. The latencies of each kind of request go to bench/history.jsonl.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from bench.application import Person, Tally, Visitor, choices, own_database, prepared, served  # noqa: E402
from bench.clock import percentile  # noqa: E402
from bench.run import remember  # noqa: E402
from bench.table import Figure  # noqa: E402

DAYS = [f"{year}-{month:02d}-{day:02d}" for year in (2024, 2025) for month in range(1, 13) for day in (3, 11, 19, 27)]
RUN = f"load{time.time_ns() // 10**9}"
"""Begins the keys of what this run posts."""
PAUSE_SECONDS = (0.2, 1.0)
"""Between two requests of one person: fifty of them make some eighty requests a second, when the machine can."""


class Deal(NamedTuple):
    """A contract that takes any sale and any payment."""

    unit: str
    counterparty_id: int
    counterparty: str
    contract: str


class World(NamedTuple):
    deals: list[Deal]
    document_ids: list[int]
    words: list[str]
    limited: list[Deal]


class Visit:
    """One person at work until the time is over. `posted`: amount by key, as last answered."""

    def __init__(self, number: int, visitor: Visitor, world: World, tally: Tally) -> None:
        self.number, self.visitor, self.world, self.tally = number, visitor, world, tally
        self.chance = random.Random(number)
        self.posted: dict[str, dict[str, Any]] = {}
        self.stated = 0

    def work(self, until: float) -> None:
        acts: list[tuple[int, Callable[[], None]]] = [
            (22, self.post), (18, self.edit), (8, self.preview), (10, self.document), (8, self.documents), (8, self.today),
            (10, self.pick), (8, self.partner), (8, self.report),
        ]  # fmt: skip
        weights = [weight for weight, _act in acts]
        while time.monotonic() < until:
            self.chance.choices([act for _weight, act in acts], weights)[0]()
            time.sleep(self.chance.uniform(*PAUSE_SECONDS))

    def stating(self, key: str) -> dict[str, Any]:
        """A sale or a payment of a random day of two years."""
        deal, amount = self.chance.choice(self.world.deals), f"{self.chance.randrange(1, 90_000)}.{self.chance.randrange(100):02d}"
        head = {
            "unit": deal.unit, "date": self.chance.choice(DAYS), "key": key, "number": key, "counterparty": deal.counterparty,
            "contract": deal.contract,
        }  # fmt: skip
        if self.chance.random() < 0.5:
            return {"type": "sale", **head, "lines": [{"amount": amount, "kind": "services", "vat_rate": "20"}]}
        return {"type": "payment", **head, "kind": "payment_from_customer", "amount": amount}

    def post(self) -> None:
        self.stated += 1
        self.state("post", self.stating(f"{RUN}-{self.number}-{self.stated}"))

    def edit(self) -> None:
        """Another amount and another day for something posted before: the past changes."""
        if not self.posted:
            return self.post()
        before = self.chance.choice(list(self.posted.values()))
        changed = {**before, "date": self.chance.choice([day for day in DAYS if day[:4] == before["date"][:4]])}
        amount = f"{self.chance.randrange(1, 90_000)}.00"
        if before["type"] == "sale":
            changed["lines"] = [{**before["lines"][0], "amount": amount}]
        else:
            changed["amount"] = amount
        return self.state("edit in the past", changed)

    def state(self, what: str, document: dict[str, Any]) -> None:
        answer = self.visitor.post("/api/v1/documents", document)
        self.tally.add(what, answer)
        if answer.status in (200, 201):
            self.posted[document["key"]] = document

    def preview(self) -> None:
        document = self.stating(f"{RUN}-{self.number}-preview")
        self.tally.add("preview", self.visitor.post("/api/v1/documents?dry_run=true", document))

    def read(self, what: str, path: str) -> None:
        self.tally.add(what, self.visitor.get(path))

    def document(self) -> None:
        self.read("document", f"/documents/{self.chance.choice(self.world.document_ids)}/")

    def documents(self) -> None:
        self.read("documents", f"/documents/?counterparty={quote(self.chance.choice(self.world.deals).counterparty)}")

    def today(self) -> None:
        self.read("today", "/")

    def pick(self) -> None:
        self.read("pick", f"/pick/counterparty/?q={quote(self.chance.choice(self.world.words))}")

    def partner(self) -> None:
        self.read("partner", f"/partners/{self.chance.choice(self.world.deals).counterparty_id}/")

    def report(self) -> None:
        deal = self.chance.choice(self.world.deals)
        self.read("card", f"/reports/card/?contract={quote(deal.contract)}&as_of=2025-12-31")


def world_of(conn: Any) -> World:
    """What people look at: documents; contracts of buyers in the book currency on which nothing stands that an earlier document could
    take away (a refund of an advance, a payment that names an invoice), so that nothing posted there is ever refused."""
    query = """
        select unit.code, counterparty.id, counterparty.code, contract.code from contract
        join counterparty on counterparty.id = contract.counterparty_id
        join organization on organization.id = contract.organization_id
        join lateral (select code from unit where unit.organization_id = organization.id order by id limit 1) unit on true
        where contract.relation = 'buyer' and contract.detail = 'contract' and contract.currency = organization.book_currency
          and contract.status = 'active' and not exists (
            select from document where document.contract_id = contract.id and document.kind in ('refund_to_customer', 'manual_entry'))
          and not exists (
            select from fact_target join document on document.id = fact_target.document_id where document.contract_id = contract.id)
        order by contract.id limit 400"""
    deals = [Deal(*row) for row in conn.execute(query)]
    limited = query.replace("where contract.relation", "where contract.credit_limit_minor is not null and contract.relation")
    ids = [row[0] for row in conn.execute("select id from document where id % 7 = 0 order by id limit 2000").fetchall()]
    names = [row[0] for row in conn.execute("select name from counterparty order by id limit 500").fetchall()]
    words = [name.split()[-1].strip('«»"')[:4] for name in names]
    return World(deals, ids, words, [Deal(*row) for row in conn.execute(limited)])


def run(people: list[Person], address: str, world: World, seconds: float) -> tuple[Tally, list[Visit]]:
    """Everybody at work at once."""
    tally = Tally()
    visits = [Visit(number, Visitor(address, person), world, tally) for number, person in enumerate(people)]
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=visit.work, args=(until,)) for visit in visits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tally, visits


def faults_of(conn: Any, visits: list[Visit]) -> list[str]:
    """What is not as it must be afterwards."""
    from setoff.books.verify import verify
    from setoff.settlements.checks import run_checks

    broken = [found for found in run_checks(conn) if found.rows and found.check.state == "error"]
    faults = [f"check {found.check.code}: {len(found.rows)} rows" for found in broken]
    faults += [f"seal: {finding}" for finding in verify(conn)]
    stored = dict(conn.execute("select d.key, v.content from document d join version v on v.unit_id = d.unit_id and v.id = d.version_id"
                               " where starts_with(d.key, %s)", [f"{RUN}-"]).fetchall())  # fmt: skip
    said = {key: document for visit in visits for key, document in visit.posted.items()}
    for key, document in said.items():
        found = json.loads(stored.get(key, "{}"))
        lines = found.get("lines") or [{}]
        expected = document["amount"] if "amount" in document else document["lines"][0]["amount"]
        if (found.get("date"), found.get("amount") or lines[0].get("amount")) != (document["date"], expected):
            faults.append(f"{key} is not as it was answered")
    faults += [f"{key} is there and was not answered" for key in stored.keys() - said.keys()]
    return faults


def figures_of(tally: Tally, size: int, people: int, seconds: float) -> list[Figure]:
    found = []
    for what, values in sorted(tally.seconds.items()):
        p50, p95, p99 = (percentile(values, percent) * 1000 for percent in (50, 95, 99))
        rate = round(len(values) / seconds, 1)
        parts = {"p50": round(p50, 1), "p99": round(p99, 1), "requests": len(values), "people": people, "per_second": rate}
        found.append(Figure("load", size, f"load: {what}, p95", round(p95, 1), "ms", parts=parts))
    return found


def printed(figures: list[Figure]) -> str:
    rows = [f"{'request':28} {'number':>7} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8}"]
    for figure in figures:
        parts = figure.parts or {}
        name = figure.name.removeprefix("load: ").removesuffix(", p95")
        rows.append(f"{name:28} {parts['requests']:>7} {parts['p50']:>8} {figure.value:>8} {parts['p99']:>8}")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="So many people at once.")
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=3)
    options = choices(parser)
    with own_database(options.folder) as folder:
        from setoff.site import database

        people = prepared(options.documents, folder, options.people)
        with database.connect() as conn:
            world = world_of(conn)
        with served(options.workers, 8, folder / "server.log") as server:
            tally, visits = run(people, server.address, world, options.seconds)
        with database.connect() as conn:
            faults = faults_of(conn, visits)
        figures = figures_of(tally, options.documents, options.people, options.seconds)
        print(printed(figures))
        print(f"{sum(map(len, tally.seconds.values()))} requests, {len(tally.errors)} errors; afterwards {len(faults)} faults")
        print("\n".join([*tally.errors[:20], *faults[:20]]))
        if not options.no_history:
            remember(figures)
    sys.exit(bool(tally.errors or faults))


if __name__ == "__main__":
    main()
