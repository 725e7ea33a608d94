"""What stands around a posting, each against the same document without it, in the same minute, by turns: how many times as long it takes.

    python -m bench.around [ACCOUNTS]      (a part of `make bench`)

    order        a sale by an order that its gate releases         floor: a sale of the same contract without an order
    revaluation  a payment into the past under 12 revaluations     floor: the same in book currency, the same tail
    VAT          a sale that uses an advance with VAT              floor: the same in a unit without VAT on advances
    billing      a run over ACCOUNTS accounts                      floor: as many plain sales posted one by one
    invoices     issuing what is missing for a third as many       floor: as many plain sales posted one by one
    branches     notices between head office and branch            bench/branches.py
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, Final

from bench import branches
from bench.clock import Clock, percentile
from bench.table import Figure, printed
from setoff.access.queries import rights_of_owner
from setoff.billing.services import bill_each, start_run, wanted_of
from setoff.parties.records import Contract, Counterparty, Organization, PriceList, Rate, ServiceAccount, Tariff, Unit
from setoff.parties.services import save_masters
from setoff.settlements.bulk import import_documents
from setoff.settlements.invoices.services import Period, issue_invoices
from setoff.settlements.revaluation.services import revalue
from setoff.settlements.services import Actor, post_document
from setoff.trade.documents import AnyDocument, CustomerOrder, Line, Payment, Sale

ACTOR: Final = Actor("bench", "bench")
ROUNDS: Final = 60
"""Documents of each kind; the first ten warm up."""
WARM_UP: Final = 10
ACCOUNTS: Final = 1000
Pair = tuple[AnyDocument, AnyDocument]


def prepare(conn: Any, accounts: int) -> None:
    """Two units, contracts of every sort for each round, a year of sales on those whose past is paid, and twelve revaluations."""
    organization = Organization(code="ORG", name="ORG", chart="ru", book_currency="RUB")
    units = [Unit(code="PLAIN", organization="ORG", name="PLAIN")]
    units.append(Unit(code="VAT", organization="ORG", name="VAT", vat_on_advances="same_day", vat_on_advances_from="2025-01-01"))
    rates = [Rate(currency="EUR", quote="RUB", date=f"2025-{month:02}-01", rate=str(90 + month)) for month in range(1, 13)]
    parties = [Counterparty(code=f"P{number}", name=f"P{number}") for number in range(max(ROUNDS, accounts))]
    contracts = []
    for number in range(ROUNDS):
        for name, more in (("K", {}), ("O", {"detail": "order"}), ("E", {"currency": "EUR", "payment_currency": "EUR"})):
            said = {"currency": "RUB", **more, "number": f"{name}{number}", "counterparty": f"P{number}", "organization": "ORG"}
            contracts.append(Contract(code=f"{name}{number}", **said))
    served = [Contract(code=f"S{n}", organization="ORG", counterparty=f"P{n}", number=f"S{n}", currency="RUB") for n in range(accounts)]
    terms = PriceList(
        code="list", organization="ORG", name="list", currency="RUB", valid_from="2025-01-01",
        tariffs=[Tariff(code="month", name="month", per="month", price="700", vat_rate="20")],
    )  # fmt: skip
    opened = [
        ServiceAccount(code=f"A{n}", unit="PLAIN", contract=f"S{n}", price_list="list", opened="2025-01-01") for n in range(accounts)
    ]
    save_masters(conn, [organization, *units, *rates, *parties, *contracts, *served, terms, *opened], ACTOR)
    past = [
        sale("PLAIN", f"{name}{number}", f"P{number}", f"2025-{month:02}-10")
        for month in range(1, 13)
        for number in range(ROUNDS)
        for name in ("K", "E")
    ]
    orders = [
        CustomerOrder(
            key=f"order {n}", unit="PLAIN", date="2025-12-01", counterparty=f"P{n}", contract=f"O{n}", status="shipment",
            lines=[Line(amount="5000", vat_rate="20")],
        )
        for n in range(ROUNDS)
    ]  # fmt: skip
    documents = [*past, *orders]
    import_documents(conn, lambda: list(enumerate(documents, 1)), ACTOR)
    revalue(conn, "PLAIN", date(2025, 12, 31), ACTOR)


def sale(unit: str, contract: str, party: str, day: str, **more: Any) -> Sale:
    rate = "0" if contract.startswith("E") else "20"
    return Sale(unit=unit, date=day, counterparty=party, contract=contract, lines=[Line(amount="1200.00", vat_rate=rate)], **more)


def paid(unit: str, contract: str, party: str, day: str, currency: str) -> Payment:
    said = {"unit": unit, "date": day, "counterparty": party, "contract": contract, "currency": currency}
    return Payment(**said, kind="payment_from_customer", amount="1500.00")


def by_order() -> Iterator[Pair]:
    for n in range(ROUNDS):
        plain = sale("PLAIN", f"O{n}", f"P{n}", "2026-01-12")
        yield sale("PLAIN", f"O{n}", f"P{n}", "2026-01-12", order=f"order {n}"), plain


def under_revaluations() -> Iterator[Pair]:
    for n in range(ROUNDS):
        yield paid("PLAIN", f"E{n}", f"P{n}", "2025-01-20", "EUR"), paid("PLAIN", f"K{n}", f"P{n}", "2025-01-20", "RUB")


def with_vat(conn: Any) -> Iterator[Pair]:
    """Each after its advance, which is not measured."""
    for n in range(ROUNDS):
        for unit in ("VAT", "PLAIN"):
            post_document(conn, paid(unit, f"O{n}", f"P{n}", "2026-01-20", "RUB"), ACTOR)
        yield sale("VAT", f"O{n}", f"P{n}", "2026-01-25"), sale("PLAIN", f"O{n}", f"P{n}", "2026-01-25")


def by_turns(conn: Any, pairs: Iterator[Pair]) -> tuple[float, float]:
    """Milliseconds, p50: of the first of each pair, of the second."""
    spent: list[list[float]] = [[], []]
    for pair in pairs:
        for place, document in enumerate(pair):
            began = time.perf_counter()
            post_document(conn, document, ACTOR)
            spent[place].append((time.perf_counter() - began) * 1000)
    return percentile(spent[0][WARM_UP:], 50), percentile(spent[1][WARM_UP:], 50)


def in_one_go(conn: Any, work: Callable[[], int], day: str) -> tuple[float, float, int]:
    """CPU seconds of the work, of as many plain sales, and how many documents it made."""
    with Clock(conn) as clock:
        made = work()
    with Clock(conn) as floor:
        for number in range(made):
            post_document(conn, sale("PLAIN", f"K{number % ROUNDS}", f"P{number % ROUNDS}", day), ACTOR)
    return clock.spent.cpu, floor.spent.cpu, made


def billed(conn: Any) -> int:
    rights = rights_of_owner(conn, ACTOR.author)
    run = start_run(conn, wanted_of("PLAIN", "list", "month", (date(2026, 1, 1), date(2026, 1, 1)), date(2026, 2, 2)), ACTOR, rights)
    results = list(bill_each(conn, run, ACTOR, rights)[1])
    assert all(result.state == "posted" for result in results), results[0]
    return len(results)


def issued(conn: Any, at_most: int) -> int:
    found = list(issue_invoices(conn, Period("PLAIN", date(2025, 1, 1), date(2026, 3, 31), at_most=at_most), ACTOR, every=True))
    assert not any(item.refusal for item in found), found[0]
    return len(found)


def measure(conn: Any, accounts: int) -> list[Figure]:
    prepare(conn, accounts)
    figures = []
    for name, pairs in (
        ("sale by an order", by_order()),
        ("payment under revaluations", under_revaluations()),
        ("sale with VAT of an advance", with_vat(conn)),
    ):
        value, floor = by_turns(conn, pairs)
        figures.append(Figure("around", ROUNDS, name, value, "ms", floor))
    for name, work, day in (
        ("billing run", lambda: billed(conn), "2026-02-03"), ("missing invoices issued", lambda: issued(conn, accounts // 3), "2026-02-04"),
    ):  # fmt: skip
        value, floor, made = in_one_go(conn, work, day)
        figures.append(Figure("around", made, name, value, "s", floor))
    return figures + branches.measure(conn, ROUNDS, WARM_UP, accounts)


def main(arguments: Sequence[str]) -> None:
    from setoff.site import database

    with database.throwaway(), database.connect() as conn:
        print(printed(measure(conn, int(arguments[0]) if arguments else ACCOUNTS)))


if __name__ == "__main__":
    main(sys.argv[1:])
