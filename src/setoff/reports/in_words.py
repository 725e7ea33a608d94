"""An amount in words, as contracts and acts have it, in the language of the paper.

    ru   Одна тысяча двести рублей 05 копеек         en   One thousand two hundred euros 05/100         zh   人民币壹仟贰佰元零伍分

Russian roubles decline with their kopecks; other currencies have their name from CLDR and hundredths as a fraction. Chinese uses the
numerals that cannot be changed by a stroke, by the rules for bills: 整 after whole amounts, one 零 for zeros between digits.
"""

from __future__ import annotations

import re
from typing import Final

from babel.numbers import get_currency_name
from num2words import num2words

from setoff.core.money import digits_of
from setoff.language import Language, text

_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_FEMININE: Final = {"один": "одна", "два": "две"}
_FEMININE_END: Final = re.compile(r"\b(один|два)$", re.IGNORECASE)
_PLACES: Final = ("", "拾", "佰", "仟")
_MYRIADS: Final = ("", "万", "亿", "万亿", "亿亿")


def currency_name(language: Language, currency: str) -> str:
    """Российский рубль, Russian Ruble, 俄罗斯卢布."""
    name = get_currency_name(currency, locale="zh_Hans" if language == "zh" else language)
    return name[:1].upper() + name[1:]


def amount_in_words(amount_minor: int, currency: str, language: Language) -> str:
    """`amount_minor` is not negative."""
    digits = digits_of(currency)
    whole, fraction = divmod(amount_minor, 10**digits)
    if language == "zh":
        return _chinese(whole, f"{fraction:0{digits}d}" if digits else "", currency)
    said = num2words(whole, lang=language).replace(",", "")
    said = said[:1].upper() + said[1:]
    if language == "ru" and currency == "RUB":
        return text("ru", "words-roubles", said=said, whole=_last(whole), kopecks=f"{fraction:02d}", fraction=fraction)
    if language == "ru" and get_currency_name(currency, locale="ru").endswith(("а", "я")):
        said = _FEMININE_END.sub(lambda found: _FEMININE[found[0].casefold()], said)
        said = said[:1].upper() + said[1:]
    name = get_currency_name(currency, whole, locale=language)
    return f"{said} {name}" + (f" {fraction:0{digits}d}/{10**digits}" if digits else "")


def _last(whole: int) -> int:
    """A number that declines like this one: what is beyond its last two digits does not matter."""
    return whole if whole < 100 else 100 + whole % 100


def _chinese(whole: int, fraction: str, currency: str) -> str:
    name = get_currency_name(currency, locale="zh_Hans")
    if len(fraction) > 2:
        return f"{name}{_numeral(whole)}元又{fraction}/{10 ** len(fraction)}"
    jiao, fen = ((*map(int, fraction), 0, 0) if fraction else (0, 0))[:2]
    said = f"{_numeral(whole)}元" if whole or not (jiao or fen) else ""
    if not jiao and not fen:
        return f"{name}{said}整"
    if jiao:
        said += f"{_DIGITS[jiao]}角"
    elif whole:
        said += "零"
    return f"{name}{said}{_DIGITS[fen]}分" if fen else f"{name}{said}整"


def _numeral(whole: int) -> str:
    """Groups of four digits; zeros between digits are one 零, also where a group begins with them."""
    if whole == 0:
        return _DIGITS[0]
    groups = []
    rest = whole
    while rest:
        rest, group = divmod(rest, 10_000)
        groups.append(group)
    said = ""
    for place in reversed(range(len(groups))):
        group = groups[place]
        if not group:
            continue
        gap = said and (group < 1000 or groups[place + 1] == 0 or groups[place + 1] % 10 == 0)
        said += (_DIGITS[0] if gap else "") + _group(group) + _MYRIADS[place]
    return said


def _group(group: int) -> str:
    said, is_gap = "", False
    for place, digit in zip(range(3, -1, -1), map(int, f"{group:04d}"), strict=True):
        if digit:
            said += (_DIGITS[0] if is_gap and said else "") + _DIGITS[digit] + _PLACES[place]
            is_gap = False
        else:
            is_gap = True
    return said
