"""How long the server takes for each page at so many documents: one person, one request after another, over HTTP on this machine.

    python bench/pages.py [SIZE] [--times 20] [--folder F] [--no-history]

Every page of the menu and every list, with and without filters, for parties and documents drawn at random. Aim: under 100 ms for 95 of 100
answers of each page. What does not meet it is marked. A report over everybody is two requests: the frame of its
page at once, then its answer. Documents of the demo group get comments, with a word that all of them have; some contracts a credit limit,
others an end in the next months; contracts and payments name bank accounts; papers of other kinds come from bench/kinds.py. In the end
a unit turns VAT on advances on, and its page is measured again. `--only WORD`: pages with that word in their names alone.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from bench.application import Answer, Tally, Visitor, choices, own_database, prepared, served  # noqa: E402
from bench.clock import Clock, percentile, server_seconds  # noqa: E402
from bench.kinds import add_kinds  # noqa: E402
from bench.load import World, world_of  # noqa: E402
from bench.run import remember  # noqa: E402
from bench.table import Figure  # noqa: E402

AIM_MS = 100.0
PATIENCE_SECONDS = 15
"""For all answers of one page."""
LAST_DAY = "2025-12-31"
WORD = "поставка"
"""Of the comment of every document."""
LIMITED, ENDING, MONTHS_AHEAD = 50, 3, 12
"""One contract of so many has a credit limit, or an end within so many months."""
BANKED, BANK_ACCOUNTS = 3, 4
"""One contract and one payment of so many name no bank account; the others one of these."""


class Form(NamedTuple):
    """What a page sends."""

    path: str
    fields: Mapping[str, str]


Address = Callable[[random.Random, World], str | Form]


def adorned(line: bytes, number: int) -> bytes:
    """A record of the demo group with what its generator does not draw."""
    record = json.loads(line)
    if record["type"] == "contract":
        if number % LIMITED == 0:
            record["credit_limit"] = "900000000000"
        if number % ENDING == 0:
            record["valid_to"] = (datetime.now(UTC).date() + timedelta(days=number * 7 % (MONTHS_AHEAD * 30))).isoformat()
        if number % BANKED:
            record["bank_account"] = f"40702-{number % BANK_ACCOUNTS}"
    elif "date" in record and "counterparty" in record:
        record["comment"] = f"{WORD} по заявке {number % 5000}, партия {number}"
        if record["type"] == "payment" and number % BANKED:
            record["bank_account"] = f"40702-{number % BANK_ACCOUNTS}"
    return json.dumps(record, ensure_ascii=False).encode() + b"\n"


def always(path: str, _chance: random.Random, _world: World) -> str:
    return path


def deal_of(chance: random.Random, world: World) -> Any:
    return chance.choice(world.deals)


def party(chance: random.Random, world: World) -> str:
    return f"counterparty={quote(deal_of(chance, world).counterparty)}&as-of={LAST_DAY}"


def unit_and_party(chance: random.Random, world: World) -> str:
    deal = deal_of(chance, world)
    return f"unit={deal.unit}&counterparty={quote(deal.counterparty)}"


ENTRIES = (
    "purchase", "payment_from_customer", "opening_customer_debts", "manual_entry", "set_off", "debt_write_off", "sale_correction",
    "sale_return", "customer_order", "customer_bill", "issued_invoice", "received_invoice", "advance_offset", "doubtful_reserve",
)  # fmt: skip
MASTERS = ("organization", "unit", "partner", "agreement", "rate", "price_list", "service_account", "loan")
OF_ALL = ("open-lots", "bills", "advance-vat", "pending-vat", "contour-difference", "written-off-debts")
OF_A_MONTH = (
    "issued-invoices", "received-invoices", "sales-book", "purchase-book", "missing-invoices", "exchange-differences",
    "management-expenses", "collection-days",
)  # fmt: skip
"""Reports without a place above of their own."""
NEXT_MONTH = (datetime.now(UTC).date().replace(day=28) + timedelta(days=4)).replace(day=1)
"""What was expected of it is known: the books are imported before it begins."""
ALWAYS = {
    "today": "/",
    "what can be set off": "/set-offs/",
    "what can be set off, by age": "/set-offs/?sort=age",
    "open items": "/open/",
    "documents": "/documents/",
    "entry of a sale": "/entry/sale/",
    "partners": "/partners/",
    "allocation desk": "/allocation/",
    "allocation desk, where money waits": "/allocation/waiting/",
    "network": "/network/",
    "bank": "/bank/",
    "acts of reconciliation": "/acts/",
    "master data": "/masters/counterparty/",
    "contracts": "/masters/contract/",
    "contracts by word": "/masters/contract/?q=2",
    "contracts that end soon": "/masters/contract/?ends-within=30",
    "contracts about to end": "/reports/expiring-contracts/?within=30",
    "contracts about to end, its answer": "/reports/expiring-contracts/?within=30&now=1",
    "documents by a word of every comment": f"/documents/?q={quote(WORD)}",
    "documents by two words of comments": f"/documents/?q={quote(WORD + ' 17')}",
    "VAT on advances": "/vat/",
    "rates and revaluation": "/rates/",
    "rounds": "/rounds/",
    "billing": "/billing/",
    "tax invoices": "/invoices/",
    "notices between units": "/notices/",
    "year end between units": "/year-end/",
    "doubtful debts": "/doubtful/",
    "loans": "/loans/",
    "rejected rows": "/rejected/",
    "orders": "/reports/orders/?as-of=2025-12-31&now=1",
    "payment calendar, its answer": "/reports/payment-calendar/?as-of=2025-12-31&now=1",
    "approvals": "/approvals/",
    "audit trail": "/audit/",
    "reports": "/reports/",
    "statement of all": "/reports/statement/?as-of=2025-12-31",
    "ageing of all": "/reports/ageing/?as-of=2025-12-31",
    "statement of all, its answer": "/reports/statement/?as-of=2025-12-31&now=1",
    "ageing of all, its answer": "/reports/ageing/?as-of=2025-12-31&now=1",
    "turnover balance": "/reports/turnover-balance/?as-of=2025-12-31&from=2025-12-01",
    "consolidated balance, its answer": "/reports/consolidation/?organization=KEDR&as-of=2025-12-31&from=2025-12-01&now=1",
    "account analysis": "/reports/account-analysis/?account=62.01&as-of=2025-12-31&from=2025-12-01&now=1",
    "journal": "/reports/journal/?as-of=2025-12-31&from=2025-12-01",
    "postings": "/reports/postings/?as-of=2025-12-31&from=2025-12-01",
    "adjustments": "/reports/adjustments/?as-of=2025-12-31&from=2025-01-01&now=1",
    "applied payments": "/reports/applied-payments/?as-of=2025-12-31&from=2025-12-01",
    "ageing of an earlier day, its answer": "/reports/ageing/?as-of=2025-06-30&now=1",
    "checks": "/checks/",
    "a check": "/checks/C-OPEN/",
    "periods": "/periods/",
    "kinds of documents": "/entry/",
    **{f"entry, {kind}": f"/entry/{kind}/" for kind in ENTRIES},
    **{f"master data, {tag}": f"/masters/{tag}/" for tag in MASTERS},
    "master data, what there is": "/masters/",
    **{f"{name} of all, its answer": f"/reports/{name}/?as-of=2025-12-31&now=1" for name in OF_ALL},
    **{f"{name} of a month, its answer": f"/reports/{name}/?as-of=2025-12-31&from=2025-12-01&now=1" for name in OF_A_MONTH},
    **{f"{name}, frame": f"/reports/{name}/?as-of=2025-12-31" for name in (*OF_ALL, *OF_A_MONTH, "payment-calendar")},
    "payment calendar, a page far on": "/reports/payment-calendar/?as-of=2025-12-31&after=20000,0,0&now=1",
    "payment calendar of a bank account": "/reports/payment-calendar/?as-of=2025-12-31&bank-account=40702-1&now=1",
    "open lots behind a figure": "/lots/?as-of=2025-12-31&relation=buyer&what=debt&days=31-60",
    "doubtful debts of a unit, a page on": "/doubtful/?unit=MSK&after=50",
    "doubtful debts of an earlier month": "/doubtful/?last-day=2025-11-30",
    "a loan": "/loans/loan/?unit=MSK&contract=LOAN-1",
    "a new notice": "/notices/new/",
    "a new act": "/acts/new/",
    "a new round": "/rounds/new/",
    "parties of the network": "/network/parties/",
    "bank lines": "/bank/lines/",
    "bank rules": "/bank/rules/",
    "payment orders": "/bank/orders/",
    "switches of units": "/policies/units/",
    "own account": "/me/",
    "own tokens": "/me/tokens/",
    "expected and actual, its answer": f"/reports/expected-actual/?from={NEXT_MONTH}&as-of={NEXT_MONTH + timedelta(days=29)}&now=1",
}
OFFICE = {
    "people": "/people/",
    "a person": "/people/visitor-0/",
    "policies": "/policies/",
    "webhooks": "/webhooks/",
}
"""What an administrator sees."""


def sale_under_a_limit(chance: random.Random, world: World) -> Form:
    """What a sale on a contract with a credit limit would do."""
    deal = chance.choice(world.limited or world.deals)
    fields = {"unit": deal.unit, "date": LAST_DAY, "counterparty": deal.counterparty, "contract": deal.contract, "contours": "reg mgmt"}
    line = {"lines[0].name": "Болты", "lines[0].kind": "goods", "lines[0].amount": "1200", "lines[0].vat_rate": "20"}
    return Form("/entry/preview/sale/", {**fields, "prices_include_vat": "yes", **line})


DRAWN: dict[str, Address] = {
    "documents of a party": lambda chance, world: f"/documents/?counterparty={quote(deal_of(chance, world).counterparty)}",
    "documents of a quarter": lambda chance, _world: f"/documents/?from=2025-0{chance.randrange(1, 7)}-01&to=2025-09-30",
    "document": lambda chance, world: f"/documents/{chance.choice(world.document_ids)}/",
    "edit of a document": lambda chance, world: f"/entry/document/{chance.choice(world.document_ids)}/",
    "allocation desk of a party": lambda chance, world: f"/allocation/?{unit_and_party(chance, world)}",
    "set-off desk of a party": lambda chance, world: f"/set-offs/desk/?{unit_and_party(chance, world)}",
    "pick of a party": lambda chance, world: f"/pick/counterparty/?q={quote(chance.choice(world.words))}",
    "pick of a contract": lambda chance, world: f"/pick/contract/?q=2&counterparty={quote(deal_of(chance, world).counterparty)}",
    "partners by word": lambda chance, world: f"/partners/?q={quote(chance.choice(world.words))}",
    "party's payment habits": lambda chance, world: f"/reports/payment-habits/?{party(chance, world)}",
    "party's act of reconciliation": lambda chance, world: f"/reports/reconciliation-act/?from=2025-10-01&{party(chance, world)}",
    "moves of a document": lambda chance, world: f"/documents/{chance.choice(world.document_ids)}/moves/",
    "unposting of a document, asked": lambda chance, world: f"/documents/{chance.choice(world.document_ids)}/unpost/",
    "account analysis of a party": lambda chance, world: f"/reports/account-analysis/?account=62.01&from=2025-12-01&{party(chance, world)}",
    "partner": lambda chance, world: f"/partners/{deal_of(chance, world).counterparty_id}/",
    "card": lambda chance, world: f"/reports/card/?contract={quote(deal_of(chance, world).contract)}&as-of=2025-12-31",
    "statement of a party": lambda chance, world: f"/reports/statement/?{party(chance, world)}",
    "preview of a sale under a limit": sale_under_a_limit,
    "form of a contract": lambda chance, world: f"/masters/contract/form/?code={quote(deal_of(chance, world).contract)}",
    "ageing of a party": lambda chance, world: f"/reports/ageing/?{party(chance, world)}",
}
PAGES: dict[str, Address] = {**{name: partial(always, path) for name, path in ALWAYS.items()}, **DRAWN}


def measured(
    visitor: Visitor, world: World, times: int, processes: list[int], pages: Mapping[str, Address]
) -> tuple[Tally, dict[str, float]]:
    """Each page so many times, after one that does not count; and the processor seconds of one answer, of the children of these
    processes: what the page costs whatever else the machine does. A page that takes long is asked for fewer times."""
    chance, tally, cpu = random.Random(1), Tally(), {}
    for name, address in pages.items():
        opened(visitor, address(chance, world))
        before, began = sum(map(server_seconds, processes)), time.monotonic()
        for _ in range(times):
            tally.add(name, opened(visitor, address(chance, world)))
            if time.monotonic() - began > PATIENCE_SECONDS:
                break
        cpu[name] = (sum(map(server_seconds, processes)) - before) / len(tally.seconds[name])
    return tally, cpu


def opened(visitor: Visitor, address: str | Form) -> Answer:
    return visitor.send(*address) if isinstance(address, Form) else visitor.get(address)


AFTER_ALL: dict[str, Address] = {
    "VAT on advances of a unit that keeps it": partial(always, "/vat/"),
    "VAT on advances by advance, its answer": partial(always, "/reports/advance-vat/?as-of=2025-12-31&now=1"),
    "VAT on advances that waits, its answer": partial(always, "/reports/pending-vat/?as-of=2025-12-31&now=1"),
    **{name: partial(always, path) for name, path in OFFICE.items()},
}
"""With VAT on advances kept, and by an administrator."""


def keep_vat(conn: Any) -> None:
    """The first unit that can keeps VAT on advances from now on."""
    from setoff.books.audit import Actor
    from setoff.settlements.advance_vat.services import Policy, policies_of, set_vat_policy

    units = [code for (code,) in conn.execute("select code from unit order by code")]
    set_vat_policy(conn, policies_of(conn, units)[0][0], Policy("same_day"), Actor("bench", "bench"))
    conn.execute("analyze posting")


def figures_of(tally: Tally, cpu: dict[str, float], size: int) -> list[Figure]:
    found = []
    for name, values in tally.seconds.items():
        p50, p95 = (round(percentile(values, percent) * 1000, 1) for percent in (50, 95))
        parts = {"p50": p50, "cpu": round(cpu[name] * 1000, 1), "requests": len(values)}
        found.append(Figure("pages", size, f"page: {name}, p95", p95, "ms", None, AIM_MS, parts))
    return found


def printed(figures: list[Figure]) -> str:
    rows = [f"{'page':37} {'p50 ms':>8} {'p95 ms':>8} {'cpu ms':>8}"]
    for figure in figures:
        name = figure.name.removeprefix("page: ").removesuffix(", p95")
        parts, mark = figure.parts or {}, "" if figure.met else "  over the aim"
        rows.append(f"{name:37} {parts['p50']:>8} {figure.value:>8} {parts['cpu']:>8}{mark}")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="Server time of every page.")
    parser.add_argument("size", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--only", default="", help="measure only pages whose name has this word")
    options = choices(parser)
    with own_database(options.folder) as folder:
        from setoff.site import database

        (person,) = prepared(options.size, folder, 1, adorned)
        with database.connect() as conn:
            add_kinds(conn, folder)
            conn.execute("vacuum analyze")
            world = world_of(conn)
        with served(1, 2, folder / "server.log") as server, database.connect() as conn:
            processes = [server.process, Clock(conn).postmaster or 0]
            visitor = Visitor(server.address, person)
            pages, after_all = ({name: page for name, page in found.items() if options.only in name} for found in (PAGES, AFTER_ALL))
            tally, cpu = measured(visitor, world, options.times, processes, pages)
            keep_vat(conn)
            conn.execute("update access_user set is_administrator = true where id = %s", [person.user_id])
            after, cpu_after = measured(visitor, world, options.times, processes, after_all)
        tally.seconds |= after.seconds
        tally.errors += after.errors
        cpu |= cpu_after
        figures = figures_of(tally, cpu, options.size)
        print(printed(figures))
        print("\n".join(tally.errors[:20]))
        if not options.no_history:
            remember(figures)
    sys.exit(bool(tally.errors))


if __name__ == "__main__":
    main()
