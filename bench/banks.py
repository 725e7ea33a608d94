"""How lines of banks are matched: a generated year judged against what is true, and the time of a proposal among many parties.

    python -m bench.banks [documents] [seed ...]     prints both, and writes the tables into docs/explanation/banks.md
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from setoff.banks.claims import propose_lines
from setoff.banks.records import BankAccount
from setoff.banks.services import import_statements, save_account
from setoff.banks.statement import Line as BankLine
from setoff.books.audit import Actor
from setoff.demo import names
from setoff.demo.bank_files import Sheet, statement_file
from setoff.demo.bank_story import party_account, russian_account
from setoff.parties.records import Contract, Counterparty, Organization, Unit
from setoff.parties.services import save_masters
from setoff.settlements.bulk import import_documents
from setoff.site import database
from setoff.trade.documents import Line, Sale
from tests.banks.bank_year import live, table

PAGE = Path(__file__).parent.parent / "docs" / "explanation" / "banks.md"
ACTOR = Actor("bench", "bench")
PARTIES = 100_000
LOTS = 100_000
LINES = 1000


def year(documents: int, seeds: list[int]) -> str:
    """Rows of the table: what the lines are, how many were matched right and wrong by themselves, how many were left."""
    sums: Counter[tuple[str, int]] = Counter()
    for seed in seeds:
        with database.throwaway(), database.connect() as conn:
            for what, *counts in table(live(conn, documents, seed)):
                for place, count in enumerate(counts):
                    sums[what, place] += count
    rows = ["| lines | count | right by itself | wrong by itself | left to people |", "| --- | ---: | ---: | ---: | ---: |"]
    for what in dict.fromkeys(what for what, _ in sums):
        count, right, wrong, left = (sums[what, place] for place in range(4))
        rows.append(f"| {what} | {count} | {right} ({right / count:.1%}) | {wrong} ({wrong / count:.2%}) | {left} |")
    return "\n".join(rows)


def scale() -> str:
    """Seconds for the proposal of `LINES` lines among `PARTIES` parties and `LOTS` open lots."""
    with database.throwaway(), database.connect() as conn:
        parties = fill(conn)
        account = russian_account("RUB", 1)
        save_account(conn, BankAccount("U", account, "RUB", "Main"), ACTOR)
        lines = [line_of(parties[number * 97 % PARTIES], number) for number in range(LINES)]
        _, content = statement_file(
            "1c", Sheet(account, "RUB", "044525225", "ООО «Дом»", "", date(2025, 2, 1), date(2025, 2, 28), 0, lines)
        )
        begun = time.perf_counter()
        import_statements(conn, content, "bench.txt", ACTOR)
        imported = time.perf_counter()
        proposed = propose_lines(conn)
        done = time.perf_counter()
    return (
        "| parties | open lots | lines | import | proposal | sure |\n| ---: | ---: | ---: | ---: | ---: | ---: |\n"
        f"| {PARTIES:,} | {LOTS:,} | {LINES:,} | {imported - begun:.1f} s | {done - imported:.1f} s | {proposed.sure} |"
    )


def fill(conn: Any) -> list[Counterparty]:
    """Parties with a contract and one open sale each."""
    organization = Organization(code="O", name="ООО «Дом»", chart="ru", book_currency="RUB", language="ru")
    parties, contracts = [], []
    for number in range(PARTIES):
        company = names.russian_company(number)
        parties.append(Counterparty(code=f"C{number:06d}", name=company.name, tax_id=company.tax_id, kpp=company.kpp, language="ru"))
        contracts.append(
            Contract(code=f"C{number:06d}-1", organization="O", counterparty=f"C{number:06d}", number="1", currency="RUB")
        )
    save_masters(conn, [organization, Unit(code="U", organization="O", name="U"), *parties, *contracts], ACTOR)
    sales = [
        (number, Sale(unit="U", date="2025-01-15", number=f"{number:06d}", counterparty=f"C{number:06d}", contract=f"C{number:06d}-1",
                      lines=[Line(amount=f"{100 + number % 9000}.00")]))
        for number in range(LOTS)
    ]  # fmt: skip
    import_documents(conn, lambda: sales, ACTOR)
    return parties


def line_of(party: Counterparty, number: int) -> BankLine:
    """Every second line without a tax number and every fourth with an error in the name: those are looked for by name."""
    index = int(party.code[1:])
    name = party.name.replace("е", "", 1) if number % 4 == 0 else party.name
    tax_id = party.tax_id if number % 2 else ""
    day, amount = date(2025, 2, 3), (100 + index % 9000) * 100
    return BankLine(
        day, day, amount, name, tax_id, account=party_account(party), purpose=f"Оплата по с/ф {index}", end_to_end=str(number)
    )


def main() -> None:
    documents = int(sys.argv[1]) if len(sys.argv) > 1 else 6000
    seeds = [int(seed) for seed in sys.argv[2:]] or [11, 12, 13]
    parts = {"scale": scale(), "year": year(documents, seeds)}
    page = PAGE.read_text(encoding="utf-8")
    for name, text in parts.items():
        print(text)
        place = re.compile(rf"(<!-- measured: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        page = place.sub(lambda found, told=text: f"{found[1]}{told}\n{found[2]}", page)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
