"""SVG text: what every picture is written with. Positions are whole numbers of tenths; marks take the colour of the text around them.

    svg("ageing", name, (560, 240), (title, told), parts)      the whole picture, told to those who do not see it
    caption(x, y, said)   px(tenths)   xml(said)   tenths(part, whole, length)   money(amount_minor, currency, language)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Final

from setoff.core.money import Money
from setoff.language import Language, text

_IN_NO_XML: Final = re.compile("[\x00-\x1f\ufffe\uffff]")


def svg(kind: str, name: str, size: tuple[int, int], told: tuple[str, str], parts: Iterable[str]) -> str:
    """The whole picture: as wide as its place, no wider than it reads well (the style sheet says how wide). One whose marks lead
    somewhere is a group of links, not an image."""
    title, described = map(xml, told)
    named, drawn = xml(name), "".join(parts)
    role = "group" if "<a " in drawn else "img"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="picture picture-of-{kind}" viewBox="0 0 {size[0]} {size[1]}" role="{role}"'
        f' aria-labelledby="{named}-title {named}-told" font-size="13" font-family="inherit">'
        f'<title id="{named}-title">{title}</title><desc id="{named}-told">{described}</desc>{drawn}</svg>'
    )


def caption(x: int, y: int, said: str, *, anchor: str = "start", classes: str = "picture-label") -> str:
    return f'<text class="{classes}" x="{x}" y="{y}" text-anchor="{anchor}" fill="currentColor">{xml(said)}</text>'


def money(amount_minor: int, currency: str, language: Language) -> str:
    return xml(text(language, "picture-amount", amount=Money(amount_minor, currency)))


def tenths(part: int, whole: int, length: int) -> int:
    """`part` of `whole` on `length`, in tenths; what is below nothing is nothing."""
    return max(part, 0) * length * 10 // whole if whole > 0 else 0


def px(in_tenths: int) -> str:
    whole, tenth = divmod(abs(in_tenths), 10)
    sign = "-" if in_tenths < 0 else ""
    return f"{sign}{whole}.{tenth}" if tenth else f"{sign}{whole}"


def xml(said: str) -> str:
    """Text as XML: what no XML may hold is left out."""
    return escape(_IN_NO_XML.sub("", said))
