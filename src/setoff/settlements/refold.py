"""Refold the tails of keys and compare the outcome with what is stored: only the difference is written (spec 1.10).

`refold` is pure: tails in, `Refolded` out. Derived rows belong to the later document of a pair, so a back-dated payment shows up as
rows moving from one document to another.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import ONLY_OPENS as OPENING_NATURES
from setoff.core.fact import FoldKey, Rule
from setoff.core.moment import NEVER, day_of
from setoff.settlements.fold import NO_DUE, NO_TARGET, ONLY_OPENS, ONLY_SETTLES, ORDERS, Facts, Folded, fold_few, fold_many
from setoff.settlements.records import AllocationRow, FactRow, LotRow, TargetRow
from setoff.settlements.tails import Tail, Targets
from setoff.trade.terms import debt_sign

MANY = 20_000
"""From so many facts on the compiled fold is worth loading."""


LOT_FIXED: Final = LotRow._fields.index("residual")
"""The columns before are fixed when a lot is opened; the others follow its use."""


class Refusal(NamedTuple):
    """A target that found less than it names (`target`); without a target, a fact that only settles and had a rest, or one that only opens
    and settled something (`found`: the rest). Settlement currency, minor units."""

    key: FoldKey
    fact: FactRow
    target: TargetRow | None
    found: int


class Part(NamedTuple):
    """A part of a lot that a fact used. Parts stand in order of their lots' documents, lines and rules, not in that of their use:
    so postings depend on the allocations alone, also when a lot only changed its place among others."""

    lot_node: int
    amount: int
    lot_book: int
    own_book: int


class FactFold(NamedTuple):
    """What became of a fact in a key: absolute amounts."""

    opened: int
    opened_book: int
    parts: list[Part]


class Refolded(NamedTuple):
    """The difference between stored and folded rows, and how each fact of the tails was folded: (key, document, line) -> FactFold."""

    lots_out: list[LotRow]
    lots_in: list[LotRow]
    lots_changed: list[LotRow]
    allocations_out: list[AllocationRow]
    allocations_in: list[AllocationRow]
    folds: dict[tuple[int, int, int], FactFold]
    refusals: list[Refusal]


def due_day(due: date | None) -> int:
    return NO_DUE if due is None else due.toordinal()


class Members(NamedTuple):
    """What the fold runs over, key after key: stored lots open at the start of a tail, then its facts."""

    key_start: list[int]
    members: list[LotRow | FactRow]
    opening: list[tuple[int, int]]  # residual and residual book of a stored lot as it was then; (0, 0) for facts


def line_up(tails: list[Tail]) -> Members:
    lined = Members([0], [], [])
    for tail in tails:
        returned: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
        for row in tail.allocations:
            back = returned[row.lot_document_id, row.lot_line]
            back[0] += row.amount
            back[1] += row.lot_book
        for lot in tail.lots:
            if lot.moment < tail.since:
                amount, book = returned.get((lot.document_id, lot.line), (0, 0))
                lined.members.append(lot)
                lined.opening.append((abs(lot.residual) + amount, abs(lot.residual_book) + book))
        lined.members.extend(tail.facts)
        lined.opening.extend([(0, 0)] * len(tail.facts))
        lined.key_start.append(len(lined.members))
    return lined


def as_facts(tails: list[Tail], lined: Members, targets: Targets) -> tuple[Facts, list[TargetRow]]:
    """The integer sequences of the fold. Internal targets do not exist for the regulated contour (spec 1.7)."""
    members = lined.members
    starts, firsts, lasts, named = [0], [], [], []
    for number, tail in enumerate(tails):
        first, last = lined.key_start[number], lined.key_start[number + 1]
        places: dict[int, list[int]] = {}
        for place in range(first, last):
            places.setdefault(members[place].document_id, [place, place])[1] = place
        regulated = tail.terms.key.contour == "reg"
        for place in range(first, last):
            member = members[place]
            if isinstance(member, FactRow):
                for target in targets.get((member.version_id, member.line), ()):
                    if not (regulated and target.rule == Rule.INTERNAL):
                        span = places.get(target.document_id, (0, -1))
                        firsts.append(span[0])
                        lasts.append(span[1])
                        named.append(target)
            starts.append(len(named))
    amounts, books, owns, onlys = [], [], [], []
    for member, (residual, residual_book) in zip(members, lined.opening, strict=True):
        is_fact = isinstance(member, FactRow)
        amounts.append(abs(member.change) if isinstance(member, FactRow) else residual)
        books.append(abs(member.book) if is_fact else residual_book)
        owns.append(int(member.own_value) if isinstance(member, FactRow) else 0)
        onlys.append(ways_of(member) if isinstance(member, FactRow) else 0)
    facts = Facts(
        key_start=lined.key_start,
        key_order=[ORDERS[tail.terms.order] for tail in tails],
        sign=[1 if signed(member) > 0 else -1 for member in members],
        amount=amounts,
        book=books,
        own_value=owns,
        consume_only=onlys,
        due=[due_day(member.due) for member in members],
        rank=[member.rank for member in members],
        line=[member.line for member in members],
        target_start=starts,
        target_first=firsts,
        target_last=lasts,
        target_line=[target.document_line for target in named],
        target_amount=[target.amount for target in named],
        target_rule=[target.rule for target in named],
        **points_of(tails, lined),
    )
    return facts, named


def points_of(tails: list[Tail], lined: Members) -> dict[str, Any]:
    """The points of revaluation as the fold reads them; none where no tail has any."""
    if not any(tail.points for tail in tails):
        return {}
    starts, before = [0], []
    for number, tail in enumerate(tails):
        moments = [fact.moment for fact in tail.facts]
        first_fact = lined.key_start[number + 1] - len(moments)
        before += [first_fact + bisect_right(moments, point.moment) for point in tail.points]
        starts.append(len(before))
    points = [point for tail in tails for point in tail.points]
    return {
        "debt_sign": [debt_sign(tail.terms.key.relation) for tail in tails], "point_start": starts, "point_before": before,
        "point_rate": [point.rate for point in points], "point_per": [point.per for point in points],
    }  # fmt: skip


def ways_of(fact: FactRow) -> int:
    """What a fact may do: both, only settle, only open."""
    return ONLY_SETTLES if fact.consume_only else ONLY_OPENS if fact.nature in OPENING_NATURES else 0


def signed(member: LotRow | FactRow) -> int:
    return member.change if isinstance(member, FactRow) else member.amount


def refold(tails: Mapping[int, Tail], targets: Targets) -> Refolded:
    """Fold the tails and compare with their stored rows."""
    ordered = list(tails.values())
    lined = line_up(ordered)
    facts, named = as_facts(ordered, lined, targets)
    folded = (fold_many if len(lined.members) > MANY else fold_few)(facts)
    outcome = Refolded([], [], [], [], [], {}, [])
    first_uses: dict[int, int] = {}  # of a lot, by its place; a revaluation counts
    for settling, lot in zip(folded.settling, folded.lot, strict=True):
        first_uses.setdefault(int(lot), lined.members[int(settling)].moment)
    points = [point for tail in ordered for point in tail.points]
    for place, lot in zip(folded.revalued_point, folded.revalued_lot, strict=True):
        first_uses[int(lot)] = min(points[int(place)].moment, first_uses.get(int(lot), NEVER))
    key_of = [number for number in range(len(ordered)) for _ in range(lined.key_start[number + 1] - lined.key_start[number])]
    for number, tail in enumerate(ordered):
        first, last = lined.key_start[number], lined.key_start[number + 1]
        compare_lots(tail, lined.members[first:last], range(first, last), folded, first_uses, outcome)
        for place in range(first, last):
            member = lined.members[place]
            if isinstance(member, FactRow):
                fold = FactFold(int(folded.opened[place]), int(folded.opened_book[place]), [])
                outcome.folds[tail.terms.id, member.document_id, member.line] = fold
    compare_allocations(ordered, lined, (key_of, revaluations(ordered, lined, key_of, folded)), folded, outcome)
    for fact, target, found in zip(folded.refused_fact, folded.refused_target, folded.refused_found, strict=True):
        member = lined.members[fact]
        assert isinstance(member, FactRow)
        named_target = None if target == NO_TARGET else named[target]
        outcome.refusals.append(Refusal(ordered[key_of[fact]].terms.key, member, named_target, int(found)))
    return outcome


def revaluations(tails: list[Tail], lined: Members, key_of: list[int], folded: Folded) -> list[AllocationRow]:
    """What revaluations made of lots: nothing used, and what the value fell by released. Errors: rate_missing."""
    points = [point for tail in tails for point in tail.points]
    rows = []
    for place, lot, growth in zip(*(map(int, column) for column in folded[-3:]), strict=True):
        point, owner, key = points[place], lined.members[lot], tails[key_of[lot]].terms
        if point.rate == 0:
            day = day_of(point.moment)
            raise DomainError(ErrorCode.RATE_MISSING, currency=key.key.currency, quote=point.quote, date=day, field="rates")
        rows.append(
            AllocationRow(
                owner.unit_id, key.id, point.moment, point.document_id, 1, owner.document_id, owner.line, 0, -growth, 0, Rule.REVALUED
            )
        )
    return rows


def compare_lots(
    tail: Tail, members: list[LotRow | FactRow], places: range, folded: Folded, first_uses: Mapping[int, int], outcome: Refolded
) -> None:
    stored = {(lot.document_id, lot.line): lot for lot in tail.lots}
    for member, place in zip(members, places, strict=True):
        residual, residual_book = int(folded.residual[place]), int(folded.residual_book[place])
        if signed(member) < 0:
            residual, residual_book = -residual, -residual_book
        closer = int(folded.closed_by[place])
        closed = NEVER if closer < 0 else members[closer - places.start].moment
        used = first_uses.get(place, NEVER)
        if isinstance(member, FactRow):
            opened = int(folded.opened[place])
            if opened == 0:
                continue
            sign = 1 if member.change > 0 else -1
            lot = LotRow(
                member.unit_id, tail.terms.id, member.document_id, member.line, member.node_id, member.moment, member.rank, member.due,
                sign * opened, sign * int(folded.opened_book[place]), residual, residual_book, used, closed,
            )
        else:
            used = member.used_moment if member.used_moment < tail.since else used
            lot = member._replace(residual=residual, residual_book=residual_book, used_moment=used, closed_moment=closed)
        before = stored.pop((lot.document_id, lot.line), None)
        if before is None:
            outcome.lots_in.append(lot)
        elif before[:LOT_FIXED] != lot[:LOT_FIXED]:
            outcome.lots_out.append(before)
            outcome.lots_in.append(lot)
        elif before != lot:
            outcome.lots_changed.append(lot)
    outcome.lots_out.extend(stored.values())


def compare_allocations(
    tails: list[Tail], lined: Members, found: tuple[list[int], list[AllocationRow]], folded: Folded, outcome: Refolded
) -> None:
    """`found`: the tail of each member, and the revaluations."""
    key_of, revalued = found
    rows: dict[tuple[int, ...], AllocationRow] = {}
    nodes: dict[tuple[int, ...], int] = {}
    columns = (folded.settling, folded.lot, folded.amount, folded.lot_book, folded.own_book, folded.rule)
    for settling, lot, amount, lot_book, own_book, rule in zip(*(map(int, column) for column in columns), strict=True):
        fact, owner = lined.members[settling], lined.members[lot]
        key_id = tails[key_of[settling]].terms.id
        name = (key_id, fact.document_id, fact.line, owner.document_id, owner.line, rule)
        if name in rows:  # two targets of one fact on one lot
            same = rows[name]
            amount, lot_book, own_book = amount + same.amount, lot_book + same.lot_book, own_book + same.own_book
        rows[name] = AllocationRow(
            fact.unit_id, key_id, fact.moment, fact.document_id, fact.line, owner.document_id, owner.line, amount, lot_book, own_book, rule
        )
        nodes[name] = owner.node_id
    for place in sorted(rows):
        row = rows[place]
        outcome.folds[row.key_id, row.document_id, row.line].parts.append(Part(nodes[place], row.amount, row.lot_book, row.own_book))
    for row in revalued:
        rows[row.key_id, row.document_id, row.line, row.lot_document_id, row.lot_line, row.rule] = row
    for tail in tails:
        for row in tail.allocations:
            name = (row.key_id, row.document_id, row.line, row.lot_document_id, row.lot_line, row.rule)
            if rows.get(name) == row:
                del rows[name]
            else:
                outcome.allocations_out.append(row)
    outcome.allocations_in.extend(rows.values())
