"""Notices of head office and branch, each against the same work without the other unit, in the same minute (for bench/around.py).

    notice         drafted, sent and confirmed                     floor: two entries by hand, one in each unit, posted one by one
    month          closed with COUNT confirmed notices in it       floor: closed with as many entries by hand
    mirror         check C-BR-2a over all of them                  floor: their documents read and decoded, not compared
    consolidation  the consolidated balance                        floor: the same turnovers by unit, not put together
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final

from bench.clock import percentile
from bench.table import Figure
from setoff.access.queries import rights_of_owner
from setoff.books.audit import Actor
from setoff.books.ledger_queries import account_turnovers
from setoff.books.scope import Scope
from setoff.books.services import close_period
from setoff.notices import services
from setoff.parties.records import Organization, Unit
from setoff.parties.services import save_masters
from setoff.reports.ask import ask
from setoff.settlements.branch_notices import restore_notice
from setoff.settlements.bulk import import_documents
from setoff.settlements.checks.branches import NOTICES_SQL, mirror_rows
from setoff.settlements.services import post_document
from setoff.trade.documents import AnyDocument, ManualEntry, ManualRow, Side
from setoff.trade.notice_documents import NoticeRow
from setoff.trade.notice_paper import SIDES, KeptNotice, Notice
from setoff.trade.queries import decode_document

SENDER, RECEIVER = Actor("ivanova", "bench"), Actor("petrov", "bench")
READINGS: Final = 9
"""So often a question is asked; the middle one counts."""
AT: Final = "2026-03-01T10:00:00+00:00"


def share(number: str, day: str) -> Notice:
    return Notice(
        sender="HO", receiver="BR", date=day, nature="obligation", key=f"notice {number}", number=number,
        sender_rows=[NoticeRow(debit="79.02", credit="26", amount="350.00")],
        receiver_rows=[NoticeRow(debit="26", credit="79.02", amount="350.00")],
    )  # fmt: skip


def entry(unit: str, number: str, day: str) -> ManualEntry:
    row = ManualRow(debit=Side(account="26"), credit=Side(account="91.01"), amount="350.00")
    return ManualEntry(unit=unit, date=day, key=f"entry {unit} {number}", number=number, rows=[row])


def prepare(conn: Any, count: int) -> None:
    """A head office and a branch with as many confirmed notices in February as a unit of its own has entries."""
    organization = Organization(code="PAIR", name="PAIR", chart="ru", book_currency="RUB")
    units = [Unit(code=code, organization="PAIR", name=code, kind=kind) for code, kind in (("HO", "head_office"), ("BR", "branch"))]
    apart = Organization(code="APART", name="APART", chart="ru", book_currency="RUB")
    save_masters(conn, [organization, *units, apart, Unit(code="ALONE", organization="APART", name="ALONE")], SENDER)
    notices = [share(f"F{number}", "2026-02-10") for number in range(count)]
    documents: list[AnyDocument] = [notice.document(side) for notice in notices for side in SIDES]
    documents += [entry("ALONE", f"F{number}", "2026-02-10") for number in range(count)]
    import_documents(conn, lambda: list(enumerate(documents, 1)), SENDER)
    for notice in notices:
        said = {name: getattr(notice, name) for name in Notice.__struct_fields__}
        kept = KeptNotice(**said, status="confirmed", author="ivanova", sent_by="ivanova", sent_at=AT, decided_by="petrov", decided_at=AT)
        restore_notice(conn, kept, SENDER)


def sent_and_confirmed(conn: Any, rounds: int) -> Iterator[tuple[float, float]]:
    """Milliseconds of a notice from its draft to both books, then of two entries by hand."""
    rights = rights_of_owner(conn, SENDER.author)
    for number in range(rounds):
        began = time.perf_counter()
        code = services.save_notice(conn, share(f"M{number}", "2026-03-10"), SENDER, rights).code
        services.send_notice(conn, code, SENDER, rights)
        services.confirm_notice(conn, code, RECEIVER, rights)
        between = time.perf_counter()
        for unit in ("HO", "BR"):
            post_document(conn, entry(unit, f"M{number}", "2026-03-10"), SENDER)
        yield (between - began) * 1000, (time.perf_counter() - between) * 1000


def spent_ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def compared(work: Callable[[], object], floor: Callable[[], object]) -> tuple[float, float]:
    """The middle of several readings of each, by turns."""
    pairs = [(spent_ms(work), spent_ms(floor)) for _ in range(READINGS)]
    return percentile([pair[0] for pair in pairs], 50), percentile([pair[1] for pair in pairs], 50)


def decoded(conn: Any) -> list[AnyDocument]:
    return [decode_document(row[6]) for row in conn.execute(NOTICES_SQL)]


def measure(conn: Any, rounds: int, warm_up: int, count: int) -> list[Figure]:
    prepare(conn, count)
    readings = list(sent_and_confirmed(conn, rounds))[warm_up:]
    notice = [percentile([reading[place] for reading in readings], 50) for place in (0, 1)]
    month = [spent_ms(lambda unit=unit: close_period(conn, unit, date(2026, 2, 28), SENDER)) for unit in ("HO", "ALONE")]
    mirror = compared(lambda: mirror_rows(conn, None), lambda: decoded(conn))
    day = date(2026, 3, 31)
    pair = Scope(tuple(row[0] for row in conn.execute("select id from unit where code in ('HO', 'BR')")))
    consolidated = compared(
        lambda: ask(conn, "consolidation", as_of=day.isoformat(), options={"organization": ["PAIR"]}),
        lambda: account_turnovers(conn, pair, None, day, group_by=["unit"]),
    )
    assert not mirror_rows(conn, None)
    return [
        Figure("around", rounds, "notice sent and confirmed", notice[0], "ms", notice[1]),
        Figure("around", count, "month closed with notices", month[0], "ms", month[1]),
        Figure("around", count, "mirror of notices checked", *_value(mirror)),
        Figure("around", count, "consolidated balance", *_value(consolidated)),
    ]


def _value(spent: tuple[float, float]) -> tuple[float, str, float]:
    return spent[0], "ms", spent[1]
