"""Expectations against the books: every difference is a row that says what, where, and which side has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal, NamedTuple

from setoff.core.errors import DomainError
from setoff.core.money import Money, format_amount
from setoff.scenarios import lines, observed
from setoff.scenarios.format import ContourExpected, Expected
from setoff.scenarios.lines import Row
from setoff.scenarios.notice_steps import notice_state
from setoff.scenarios.observed import Connection
from setoff.scenarios.plan_lines import plan_lines
from setoff.scenarios.round_steps import missing, round_lines

CONTOURS: Final = ("reg", "mgmt")


class Difference(NamedTuple):
    """`step` counts from 1, 0 is the end of the story. `what` is a text of scenarios.ftl, `subject` a contour or document."""

    step: int
    what: Literal["missing", "unexpected", "differs-in", "not_refused", "refused", "refused_otherwise", "unreadable", "check"]
    section: str
    subject: str
    expected: str
    found: str


def compare_books(conn: Connection, expected: Expected, step: int) -> list[Difference]:
    """Every section that the expectation names."""
    found: list[Difference] = []
    if expected.accounts is not None:
        by_unit = any(" in " in line for line in expected.accounts)
        actual = observed.accounts(conn, by_unit=by_unit)
        found += compare_rows(step, ("accounts", ""), expected.accounts, lines.read_account, actual)
    for contour in CONTOURS:
        for wanted in (expected.both, getattr(expected, contour)):
            found += _compare_contour(conn, wanted, step, contour)
    for document, wanted_lines in expected.postings.items():
        actual_postings = observed.postings(conn, document)
        found += compare_rows(step, ("postings", document), wanted_lines, lines.read_posting, actual_postings)
    states = observed.states(conn) if expected.states else {}
    for document, state in expected.states.items():
        if states.get(document, "absent") != state:
            found.append(Difference(step, "differs-in", "states", document, state, states.get(document, "absent")))
    for code, wanted_state in expected.notices.items():
        if (now := notice_state(conn, code)) != wanted_state:
            found.append(Difference(step, "differs-in", "notices", code, wanted_state, now))
    for key, wanted_parts in expected.plans.items():
        lacking, left = missing(plan_lines(conn, key, wanted_parts), wanted_parts)
        found += [Difference(step, "missing", "plans", key, line, "") for line in lacking]
        found += [Difference(step, "unexpected", "plans", key, "", line) for line in left]
    for code, stated in expected.rounds.items():
        lacking, left = missing(round_lines(conn, code), stated)
        found += [Difference(step, "missing", "rounds", code, line, "") for line in lacking]
        found += [Difference(step, "unexpected", "rounds", code, "", line) for line in left]
    return found


def _compare_contour(conn: Connection, wanted: ContourExpected, step: int, contour: str) -> list[Difference]:
    found: list[Difference] = []
    if wanted.balances is not None:
        actual = [row for row in observed.balances(conn, contour) if row.debt or row.advance]
        stated = [line for line in wanted.balances if not line.endswith(" 0")]
        found += compare_rows(step, ("balances", contour), stated, lines.read_balance, actual)
    if wanted.lots is not None:
        found += compare_rows(step, ("lots", contour), wanted.lots, lines.read_lot, observed.lots(conn, contour))
    if wanted.allocations is not None:
        actual_allocations = observed.allocations(conn, contour)
        found += compare_rows(step, ("allocations", contour), wanted.allocations, lines.read_allocation, actual_allocations)
    return found


def compare_rows(
    step: int, place: tuple[str, str], expected: Iterable[str], read: Callable[[str], Row], actual: Sequence[Row]
) -> list[Difference]:
    """The difference of a complete list; `place` is section and subject."""
    wanted: list[Row] = []
    unreadable: list[Difference] = []
    for line in expected:
        try:
            wanted.append(read(line))
        except ValueError:
            unreadable.append(Difference(step, "unreadable", *place, line, ""))
    missing: list[Row]
    left: list[Row]
    missing, left = lines.differences(wanted, actual)
    return [
        *unreadable,
        *(Difference(step, "missing", *place, str(row), "") for row in missing),
        *(Difference(step, "unexpected", *place, "", str(row)) for row in left),
    ]


def compare_refusal(step: int, expected: Mapping[str, Any] | None, refusal: DomainError | None) -> list[Difference]:
    """The code, and every field that the expectation names."""
    if expected is None:
        return [] if refusal is None else [Difference(step, "refused", "refused", "", "", str(refusal))]
    if refusal is None:
        return [Difference(step, "not_refused", "refused", "", str(expected["code"]), "")]
    if refusal.code.value != expected["code"]:
        return [Difference(step, "refused_otherwise", "refused", "", str(expected["code"]), str(refusal))]
    differences = []
    for field, wanted in expected.items():
        found = plain(refusal.facts.get(field))
        if field != "code" and not same(wanted, found):
            differences.append(Difference(step, "differs-in", "refused", field, str(wanted), str(found)))
    return differences


def same(wanted: Any, found: Any) -> bool:
    """Tables may say less than is there, lists may not; amounts are compared as numbers."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return all(same(value, found.get(field)) for field, value in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list):
        left = list(found)
        for item in wanted:
            match = next((index for index, other in enumerate(left) if same(item, other)), None)
            if match is None:
                return False
            del left[match]
        return not left
    return bool(wanted == found) or _is_same_amount(wanted, found)


def _is_same_amount(wanted: Any, found: Any) -> bool:
    try:
        return Decimal(wanted) == Decimal(found)
    except (InvalidOperation, TypeError, ValueError):
        return False


def plain(fact: Any) -> Any:
    """A fact of a refusal as a scenario writes it: texts, lists and tables of texts."""
    if isinstance(fact, Money):
        return format_amount(fact.amount_minor, fact.currency)
    if isinstance(fact, date):
        return fact.isoformat()
    if isinstance(fact, Mapping):
        return {name: plain(value) for name, value in fact.items()}
    if isinstance(fact, (list, tuple)):
        return [plain(item) for item in fact]
    return "" if fact is None else str(fact)
