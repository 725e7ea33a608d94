"""Pictures where people would rather look than read: SVG text drawn from figures that a table beside it shows too.

    ageing_picture(bars, "RUB", "ru", name="ageing")         debts by days overdue, a bar each, with amount and share
    balance_picture(points, "RUB", "ru", name="balance")     a balance over time, in steps: it changes on the days given
    cash_picture(days, 100_00, "RUB", "ru", name="cash")     money expected in and out, and what there is afterwards

A picture needs no style sheet: marks take the colour of the text around them, so that dark mode and print are right as they are.
A style sheet may colour the classes `picture-*`. `name` is unique on the page: the title and description are found by it.
All positions are whole numbers of tenths; amounts in titles are exact to the minor unit.
Errors: unknown_currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import accumulate
from typing import Final, NamedTuple

from setoff.core.money import Money
from setoff.language import Language, date_text, text
from setoff.reports.axes import AmountAxis, amount_axis, day_marks
from setoff.reports.svg import caption, money, px, svg, tenths, xml

WIDTH: Final = 560
LEFT: Final = 56
"""Room of the amounts beside the axis; `RIGHT` that of the last point, `TOP` of the caption, `FOOT` of the days below."""
RIGHT: Final = 4
TOP: Final = 24
FOOT: Final = 24
HEIGHT: Final = 240
ROW: Final = 40
BAR: Final = 12
GAP: Final = 8
SLOTS: Final = (1, 7, 28, 91, 364)
"""Days that share a bar: the fewest with which a picture has no more than `SLOTS_MAX` bars."""
SLOTS_MAX: Final = 62


class AgeingBar(NamedTuple):
    """A bucket of debts. `label` is shown as given; `overdue`: past its due day; `href`: the list behind the figure."""

    label: str
    amount_minor: int
    overdue: bool = True
    href: str = ""


class BalancePoint(NamedTuple):
    """What a partner owes (+) or is owed (-) from that day on."""

    day: date
    balance_minor: int


class CashDay(NamedTuple):
    """Money expected on a day, all positive. `planned_in` and `planned_out`: the parts of it that nobody owes yet, by orders and bills."""

    day: date
    in_minor: int
    out_minor: int
    planned_in: int = 0
    planned_out: int = 0

    @property
    def owed_in(self) -> int:
        return self.in_minor - self.planned_in

    @property
    def owed_out(self) -> int:
        return self.out_minor - self.planned_out


def ageing_picture(bars: Sequence[AgeingBar], currency: str, language: Language, *, name: str) -> str:
    """Bars from nothing to the largest, in their order; the share is of all of them together, in whole percent."""
    largest = max((bar.amount_minor for bar in bars), default=0)
    whole = sum(bar.amount_minor for bar in bars)
    late = sum(bar.amount_minor for bar in bars if bar.overdue)
    parts = []
    for place, bar in enumerate(bars):
        length = tenths(bar.amount_minor, largest, WIDTH)
        amount = money(bar.amount_minor, currency, language)
        share = f"{(200 * bar.amount_minor + whole) // (2 * whole) if whole else 0}\N{NO-BREAK SPACE}%"
        top = place * ROW
        state = "overdue" if bar.overdue else "not-due"
        drawn = (
            f"<title>{xml(bar.label)}: {amount}, {share}</title>"
            f'{caption(0, top + 16, bar.label)}{caption(WIDTH, top + 16, f"{amount} · {share}", anchor="end")}'
            f'<rect class="picture-track" x="0" y="{top + 22}" width="{WIDTH}" height="{BAR}" fill="currentColor" fill-opacity="0.12"/>'
            f'<rect class="picture-bar picture-{state}" x="0" y="{top + 22}" width="{px(length)}" height="{BAR}"'
            f' fill="currentColor" fill-opacity="{"0.85" if bar.overdue else "0.45"}"/>'
        )
        parts.append(f'<a href="{xml(bar.href)}">{drawn}</a>' if bar.href else f"<g>{drawn}</g>")
    described = text(language, "picture-ageing-told", total=Money(whole, currency), overdue=Money(late, currency))
    return svg("ageing", name, (WIDTH, max(len(bars), 1) * ROW), (text(language, "picture-ageing", currency=currency), described), parts)


def balance_picture(points: Sequence[BalancePoint], currency: str, language: Language, *, name: str) -> str:
    """A line in steps from the first day to the last; a day given twice has its last balance. Nothing given, nothing drawn."""
    by_day = {point.day: point.balance_minor for point in sorted(points, key=lambda point: point.day)}
    title = text(language, "picture-balance", currency=currency)
    if not by_day:
        return svg("balance", name, (WIDTH, HEIGHT), (title, text(language, "report-empty")), [])
    days, amounts = list(by_day), list(by_day.values())
    axis = amount_axis(min(amounts), max(amounts), currency, language)
    frame = _Frame(days[0], days[-1], axis, days_apart=max((days[-1] - days[0]).days, 1))
    corners = [(frame.x(days[0]), frame.y(amounts[0]))]
    for day, amount in zip(days[1:], amounts[1:], strict=True):
        corners += [(frame.x(day), corners[-1][1]), (frame.x(day), frame.y(amount))]
    if len(days) == 1:
        corners.append(((WIDTH - RIGHT) * 10, corners[0][1]))
    line = " ".join(f"{px(x)},{px(y)}" for x, y in corners)
    zero = frame.y(0)
    area = f"{px(corners[0][0])},{px(zero)} {line} {px(corners[-1][0])},{px(zero)}"
    parts = [
        *_grid(frame, language),
        f'<polygon class="picture-area" points="{area}" fill="currentColor" fill-opacity="0.12"/>',
        f'<polyline class="picture-line" points="{line}" fill="none" stroke="currentColor" stroke-width="2"/>',
        *(_point(frame, day, amount, currency, language) for day, amount in by_day.items()),
    ]
    facts = {"day": days[-1], "low": Money(min(amounts), currency), "high": Money(max(amounts), currency)}
    described = text(language, "picture-balance-told", amount=Money(amounts[-1], currency), **facts)
    return svg("balance", name, (WIDTH, HEIGHT), (title, described), parts)


def cash_picture(days: Sequence[CashDay], opening_minor: int, currency: str, language: Language, *, name: str) -> str:
    """Bars up for money in, down for money out, what is only planned dashed at their ends; a line for what there is after each, which
    starts from the opening. Long spans have bars of weeks and more."""
    expected, slot_days = _by_slot(days)
    title = text(language, "picture-cash", currency=currency)
    if not expected:
        return svg("cash", name, (WIDTH, HEIGHT), (title, text(language, "report-empty")), [])
    balances = list(accumulate((day.in_minor - day.out_minor for day in expected), initial=opening_minor))[1:]
    outs = [-day.out_minor for day in expected]
    axis = amount_axis(
        min(*outs, *balances, opening_minor), max(*balances, opening_minor, *(day.in_minor for day in expected)), currency, language
    )
    frame = _Frame(expected[0].day, expected[-1].day, axis, days_apart=(expected[-1].day - expected[0].day).days + slot_days)
    slot = (WIDTH - LEFT - RIGHT) * 10 * slot_days // frame.days_apart
    width = max(min(slot * 7 // 10, 240), 10)
    parts = _grid(frame, language, middle=slot // 2)
    corners = [(frame.x(expected[0].day), frame.y(opening_minor))]
    for day, balance in zip(expected, balances, strict=True):
        left = frame.x(day.day) + (slot - width) // 2
        parts.append(_cash_bars(frame, day, balance, (left, width), currency, language))
        corners.append((frame.x(day.day) + slot // 2, frame.y(balance)))
    line = " ".join(f"{px(x)},{px(y)}" for x, y in corners)
    parts.append(f'<polyline class="picture-line" points="{line}" fill="none" stroke="currentColor" stroke-width="2"/>')
    least = min(range(len(balances)), key=lambda place: balances[place])
    facts = {"day": expected[-1].day, "low": Money(balances[least], currency), "low_day": expected[least].day}
    described = text(language, "picture-cash-told", amount=Money(balances[-1], currency), **facts)
    return svg("cash", name, (WIDTH, HEIGHT), (title, described), parts)


class _Frame(NamedTuple):
    """Where days and amounts stand, in tenths."""

    first: date
    last: date
    axis: AmountAxis
    days_apart: int

    def x(self, day: date) -> int:
        return LEFT * 10 + (day - self.first).days * (WIDTH - LEFT - RIGHT) * 10 // self.days_apart

    def y(self, amount_minor: int) -> int:
        return TOP * 10 + tenths(self.axis.high - amount_minor, self.axis.high - self.axis.low, HEIGHT - TOP - FOOT)


def _grid(frame: _Frame, language: Language, *, middle: int = 0) -> list[str]:
    """Lines of the amounts, their labels, the days below (`middle` tenths right of a day's start), the caption."""
    parts = [caption(0, 12, frame.axis.caption, classes="picture-caption")]
    for mark, label in zip(frame.axis.marks, frame.axis.labels, strict=True):
        y = px(frame.y(mark))
        kind, opacity = ("picture-zero", "0.7") if mark == 0 else ("picture-grid", "0.18")
        parts.append(
            f'<line class="{kind}" x1="{LEFT}" x2="{WIDTH}" y1="{y}" y2="{y}" stroke="currentColor" stroke-opacity="{opacity}"/>'
            f'<text x="{LEFT - GAP}" y="{y}" dy="0.35em" text-anchor="end" fill="currentColor">{xml(label)}</text>'
        )
    for day, label in day_marks(frame.first, frame.last, language):
        x = frame.x(day) + middle
        anchor = "start" if x < (LEFT + 24) * 10 else "end" if x > (WIDTH - 24) * 10 else "middle"
        parts.append(f'<text x="{px(x)}" y="{HEIGHT - 6}" text-anchor="{anchor}" fill="currentColor">{xml(label)}</text>')
    return parts


def _point(frame: _Frame, day: date, amount: int, currency: str, language: Language) -> str:
    """A balance of a day to point at."""
    said = f"{date_text(language, day)}: {money(amount, currency, language)}"
    x, y = px(frame.x(day)), px(frame.y(amount))
    return f'<circle class="picture-point" cx="{x}" cy="{y}" r="2.5" fill="currentColor"><title>{said}</title></circle>'


def _cash_bars(frame: _Frame, day: CashDay, balance: int, place: tuple[int, int], currency: str, language: Language) -> str:
    facts = {"day": day.day, "incoming": Money(day.in_minor, currency), "outgoing": Money(day.out_minor, currency)}
    said = text(language, "picture-cash-day", amount=Money(balance, currency), **facts)
    if day.planned_in or day.planned_out:
        facts = {"incoming": Money(day.planned_in, currency), "outgoing": Money(day.planned_out, currency)}
        said += text(language, "picture-cash-planned", **facts)
    zero, above, below = frame.y(0), frame.y(day.in_minor), frame.y(-day.out_minor)
    owed_above, owed_below = frame.y(day.owed_in), frame.y(-day.owed_out)
    left, width = map(px, place)
    bars = [f"<title>{xml(said)}</title>"]
    for name, top, foot, look in (
        ("bar picture-in", owed_above, zero, 'fill-opacity="0.55"'),
        ("bar picture-out", zero, owed_below, 'fill-opacity="0.25"'),
        ("planned picture-in", above, owed_above, 'fill-opacity="0.1" stroke-dasharray="2 2"'),
        ("planned picture-out", owed_below, below, 'fill-opacity="0.1" stroke-dasharray="2 2"'),
    ):
        if foot > top:
            bars.append(
                f'<rect class="picture-{name}" x="{left}" y="{px(top)}" width="{width}" height="{px(foot - top)}"'
                f' fill="currentColor" {look} stroke="currentColor" stroke-opacity="0.6"/>'
            )
    return f"<g>{''.join(bars)}</g>"


def _by_slot(days: Sequence[CashDay]) -> tuple[list[CashDay], int]:
    """Sums of as many days each as share a bar, from the first day on, and how many days that is."""
    if not days:
        return [], 1
    first = min(day.day for day in days).toordinal()
    span = max(day.day for day in days).toordinal() - first + 1
    slot_days = next((days_each for days_each in SLOTS if span <= days_each * SLOTS_MAX), SLOTS[-1])
    slots: dict[int, list[int]] = {}
    for day, *amounts in sorted(days):
        start = first + (day.toordinal() - first) // slot_days * slot_days
        slots[start] = [before + amount for before, amount in zip(slots.get(start, [0] * 4), amounts, strict=True)]
    return [CashDay(date.fromordinal(start), *sums) for start, sums in slots.items()], slot_days
