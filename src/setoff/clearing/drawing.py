"""The picture of a network, before and after clearing, and the curve of liquidity: SVG text as of reports/pictures.py.

    before_picture(found, network, "ru", name="before")      who owes whom
    after_picture(found, network, "ru", name="after")        what is left, and faintly what was there before
    curve_picture(points, "RUB", "ru", name="curve")         what credit discharges

Net debtors stand in a column on the left, net creditors on the right, both bowed outwards so that debts within a column are seen too.
An arrow leads from the debtor to the creditor and is as wide as its amount is large; the same width is the same amount in both pictures.
Of many arrows the largest are drawn; the caption says how many, and how much of all debts they are. Positions are whole tenths.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import hypot, isqrt, pi, sin
from typing import Final, NamedTuple
from unicodedata import east_asian_width

from setoff.clearing.liquidity import CurvePoint
from setoff.clearing.picture import DEBTORS, Arrow, Folded, Network, Node, placed
from setoff.core.money import Money
from setoff.language import Language, text
from setoff.reports.axes import amount_axis
from setoff.reports.svg import caption, money, px, svg, tenths, xml

WIDTH: Final = 840
COLUMN: Final = 280
"""Where the ends of a column stand, from either edge; its middle is `BOW` further out."""
BOW: Final = 45
ROW: Final = 30
TOP: Final = 28
FOOT: Final = 8
RADIUS_MIN: Final = 4
RADIUS_MAX: Final = 12
ARROW_MAX: Final = 12
"""Widths of the largest arrow; the smallest is `ARROW_MIN` tenths."""
ARROW_MIN: Final = 8
ARROWS_DRAWN: Final = 60
NAME_WIDTH: Final = 24
"""Letters of a name that have room; a Chinese one takes two."""
CURVE: Final = (560, 280)
CURVE_LEFT: Final = 60
CURVE_FOOT: Final = 40
CURVE_TOP: Final = 24
CURVE_RIGHT: Final = 24


class Place(NamedTuple):
    """Where a node stands, in pixels. `side`: -1 left, 1 right."""

    x: float
    y: float
    radius: float
    side: int


def before_picture(found: Folded, network: Network, language: Language, *, name: str) -> str:
    """Every arrow as large as the debt."""
    drawn = found.arrows[:ARROWS_DRAWN]
    largest = max((arrow.amount for arrow in drawn), default=0)
    places = places_of(found)
    parts = [_arrow(arrow, arrow.amount, largest, places, (found, network, language), "before") for arrow in reversed(drawn)]
    return _picture(found, network, language, name, parts, "before")


def after_picture(found: Folded, network: Network, language: Language, *, name: str) -> str:
    """The debts that are left over those that were there."""
    drawn = found.arrows[:ARROWS_DRAWN]
    largest = max((arrow.amount for arrow in drawn), default=0)
    places = places_of(found)
    ghosts = [
        _arrow(arrow, arrow.amount, largest, places, (found, network, language), "gone") for arrow in reversed(drawn) if arrow.cleared
    ]
    parts = [_arrow(arrow, arrow.left, largest, places, (found, network, language), "after") for arrow in reversed(drawn) if arrow.left]
    return _picture(found, network, language, name, [*ghosts, *parts], "after")


def places_of(found: Folded) -> list[Place]:
    """By node. Both columns are as high as the picture."""
    columns = placed(found)
    high = height_of(found) - TOP - FOOT
    largest = max((node.owes + node.owed for node in found.nodes), default=1) or 1
    places: dict[int, Place] = {}
    for side, column in ((-1, columns.left), (1, columns.right)):
        for at, place in enumerate(column):
            share = (2 * at + 1) / (2 * len(column))
            out = COLUMN - BOW * sin(pi * share)
            node = found.nodes[place]
            grown = isqrt(10_000 * (node.owes + node.owed) // largest) * (RADIUS_MAX - RADIUS_MIN) / 100
            places[place] = Place(out if side < 0 else WIDTH - out, TOP + high * share, RADIUS_MIN + grown, side)
    return [places[place] for place in range(len(found.nodes))]


def height_of(found: Folded) -> int:
    columns = placed(found)
    return TOP + FOOT + ROW * max(len(columns.left), len(columns.right), 4)


def name_of(node: Node, network: Network, language: Language) -> str:
    """The party's name, or how many others there are."""
    if node.party >= 0:
        code, name = network.names[node.party]
        return name or code
    return text(language, "network-other-debtors" if node.party == DEBTORS else "network-other-creditors", count=node.members)


def _picture(found: Folded, network: Network, language: Language, name: str, parts: list[str], state: str) -> str:
    drawn = found.arrows[:ARROWS_DRAWN]
    whole = sum(arrow.amount for arrow in found.arrows) + sum(node.inside for node in found.nodes)
    shown = sum(arrow.amount for arrow in drawn)
    left = whole - sum(arrow.cleared for arrow in found.arrows) - sum(node.inside_cleared for node in found.nodes)
    share = 100 * shown // whole if whole else 100
    facts = {"debts": Money(whole if state == "before" else left, network.currency), "drawn": len(drawn), "arrows": len(found.arrows)}
    told = text(language, "network-picture-told", share=share, **facts)
    places = places_of(found)
    nodes = [_node(node, place, network, language) for node, place in zip(found.nodes, places, strict=True)]
    heads = [
        caption(0, 14, text(language, "network-net-debtors"), classes="picture-caption"),
        caption(WIDTH, 14, text(language, "network-net-creditors"), anchor="end", classes="picture-caption"),
    ]
    title = text(language, f"network-picture-{state}", currency=network.currency)
    return svg("network", name, (WIDTH, height_of(found)), (title, told), [*heads, *parts, *nodes])


def _node(node: Node, place: Place, network: Network, language: Language) -> str:
    """A disk as large as its debts and claims, hollow for the others, with its name outside."""
    said = name_of(node, network, language)
    owes, owed, net = (money(amount, network.currency, language) for amount in (node.owes, node.owed, node.net))
    told = text(language, "network-node-told", name=said, owes=owes, owed=owed, net=net)
    kind = "out" if place.side < 0 else "in"
    fill = 'fill-opacity="0.9"' if node.party >= 0 else 'fill-opacity="0.12" stroke="currentColor" stroke-dasharray="3 2"'
    x = place.x + place.side * (place.radius + 6)
    anchor = "end" if place.side < 0 else "start"
    return (
        f'<g class="picture-node picture-{kind}"><title>{xml(told)}</title>'
        f'<circle cx="{_at(place.x)}" cy="{_at(place.y)}" r="{_at(place.radius)}" fill="currentColor" {fill}/></g>'
        f'<text class="picture-label" x="{_at(x)}" y="{_at(place.y)}" dy="0.35em" text-anchor="{anchor}" fill="currentColor">'
        f"{xml(cut(said))}</text>"
    )


def _arrow(
    arrow: Arrow, amount: int, largest: int, places: list[Place], about: tuple[Folded, Network, Language], state: str
) -> str:
    """From the rim of the debtor to the rim of the creditor: a curve and its head, with the amount to point at."""
    found, network, language = about
    width = max(tenths(amount, largest, ARROW_MAX), ARROW_MIN) / 10
    start, end = places[arrow.debtor], places[arrow.creditor]
    bend = _bend(start, end)
    first = _towards((start.x, start.y), bend, start.radius + 1)
    tip = _towards((end.x, end.y), bend, end.radius + 2)
    neck = _towards(tip, bend, 5 + width * 0.8)
    across = _across(tip, neck, 2.5 + width * 0.75)
    head = [tip, (neck[0] + across[0], neck[1] + across[1]), (neck[0] - across[0], neck[1] - across[1])]
    corners = " ".join(f"{_at(x)},{_at(y)}" for x, y in head)
    ends = (("debtor", arrow.debtor), ("creditor", arrow.creditor))
    names = {end: name_of(found.nodes[place], network, language) for end, place in ends}
    amounts = {
        "amount": Money(arrow.amount, network.currency), "left": Money(arrow.left, network.currency),
        "cleared": Money(arrow.cleared, network.currency),
    }  # fmt: skip
    told = text(language, "network-arrow-told" if state == "before" else "network-arrow-after", **names, **amounts)
    faint = "0.12" if state == "gone" else "0.5"
    return (
        f'<g class="picture-arrow picture-{state}" opacity="{faint}"><title>{xml(told)}</title>'
        f'<path d="M{_at(first[0])} {_at(first[1])}Q{_at(bend[0])} {_at(bend[1])} {_at(neck[0])} {_at(neck[1])}" fill="none"'
        f' stroke="currentColor" stroke-width="{_at(width)}"/><polygon points="{corners}" fill="currentColor"/></g>'
    )


def _bend(start: Place, end: Place) -> tuple[float, float]:
    """The point that pulls the curve: between the columns a little to the right of the way, so that there and back are two; within a
    column inwards, the further the longer the way."""
    x, y = (start.x + end.x) / 2, (start.y + end.y) / 2
    if start.side != end.side:
        across = _across((start.x, start.y), (end.x, end.y), 16.0)
        return x + across[0], y + across[1]
    inwards = 46 + abs(start.y - end.y) * 0.34 + (10 if start.y < end.y else 0)
    return x - start.side * inwards, y


def _towards(point: tuple[float, float], other: tuple[float, float], far: float) -> tuple[float, float]:
    """So far from the point on the way to the other."""
    x, y = other[0] - point[0], other[1] - point[1]
    long = hypot(x, y) or 1.0
    return point[0] + x * far / long, point[1] + y * far / long


def _across(point: tuple[float, float], other: tuple[float, float], far: float) -> tuple[float, float]:
    """So far at a right angle to the way."""
    x, y = other[0] - point[0], other[1] - point[1]
    long = hypot(x, y) or 1.0
    return -y * far / long, x * far / long


def _at(pixels: float) -> str:
    return px(round(pixels * 10))


def cut(name: str) -> str:
    """As much of a name as has room beside its node."""
    room = NAME_WIDTH
    for place, letter in enumerate(name):
        room -= 2 if east_asian_width(letter) in "WF" else 1
        if room < 0:
            return name[:place].rstrip() + "\N{HORIZONTAL ELLIPSIS}"
    return name


def curve_picture(points: Sequence[CurvePoint], currency: str, language: Language, *, name: str) -> str:
    """Credit to the right, discharged debt upwards, from no credit to as much as clears everything."""
    across = amount_axis(0, max((point.credit for point in points), default=0), currency, language)
    upwards = amount_axis(0, max((point.discharged for point in points), default=0), currency, language)
    wide, high = CURVE

    def x(amount: int) -> int:
        return CURVE_LEFT * 10 + tenths(amount, across.high, wide - CURVE_LEFT - CURVE_RIGHT)

    def y(amount: int) -> int:
        return CURVE_TOP * 10 + tenths(upwards.high - amount, upwards.high, high - CURVE_TOP - CURVE_FOOT)

    def grid() -> Iterator[str]:
        for mark, said in zip(upwards.marks, upwards.labels, strict=True):
            yield f'<line class="picture-grid" x1="{CURVE_LEFT}" x2="{wide}" y1="{px(y(mark))}" y2="{px(y(mark))}" stroke="currentColor"'
            yield f' stroke-opacity="0.18"/><text x="{CURVE_LEFT - 8}" y="{px(y(mark))}" dy="0.35em" text-anchor="end" fill="currentColor">'
            yield f"{xml(said)}</text>"
        for mark, said in zip(across.marks, across.labels, strict=True):
            yield f'<text x="{px(x(mark))}" y="{high - CURVE_FOOT + 18}" text-anchor="middle" fill="currentColor">{xml(said)}</text>'

    line = " ".join(f"{px(x(point.credit))},{px(y(point.discharged))}" for point in points)
    drawn = [
        f'<polyline class="picture-line" points="{line}" fill="none" stroke="currentColor" stroke-width="2"/>',
        *(
            f'<circle class="picture-point" cx="{px(x(point.credit))}" cy="{px(y(point.discharged))}" r="3" fill="currentColor"><title>'
            f"{xml(_point_told(point, currency, language))}</title></circle>"
            for point in points
        ),
    ]
    captions = [
        caption(0, 12, text(language, "network-curve-discharged", scale=upwards.caption), classes="picture-caption"),
        caption(wide, high - 4, text(language, "network-curve-credit", scale=across.caption), anchor="end", classes="picture-caption"),
    ]
    told = _point_told(points[-1], currency, language) if points else text(language, "report-empty")
    return svg("curve", name, CURVE, (text(language, "network-curve", currency=currency), told), [*captions, *grid(), *drawn])


def _point_told(point: CurvePoint, currency: str, language: Language) -> str:
    facts = {"credit": Money(point.credit, currency), "discharged": Money(point.discharged, currency)}
    return text(language, "network-curve-point", **facts)
