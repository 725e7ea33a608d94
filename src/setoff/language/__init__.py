"""Texts for people: Fluent files `language/{en,ru,zh}/AREA.ftl`, keyed by error code, report, column and command.

    text("ru", "statement-title", as_of=day)           a text; facts print by the language: Money, dates, numbers
    error_text("ru", error), mend_text("ru", error)    what a refusal says, and how to mend it

Facts named as in WORDS (`kind`, `relation`, `status`, `right`...) hold a word of ours and print translated (words.ftl: `status-draft`).
An absent or empty fact prints as a dash. A message is parsed when it is first asked for, so that a command answers at once.
A key that does not exist is a bug: InvariantViolation.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from setoff.core.errors import DomainError, InvariantViolation
from setoff.core.money import Money, digits_of
from setoff.language.zones import local, offset_text

Language = Literal["en", "ru", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "ru", "zh")
FOLDER: Final = Path(__file__).parent
ABSENT: Final = "—"
WORDS: Final = frozenset(
    {"kind", "relation", "side", "status", "state", "contour", "what", "right", "role", "operation", "scope", "origin", "lot", "span"}
)
DAY: Final = {"en": "{0.day} {1} {0.year}", "ru": "{0:%d.%m.%Y}", "zh": "{0:%Y-%m-%d}"}
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SEPARATORS: Final = {"en": (",", "."), "ru": ("\N{NO-BREAK SPACE}", ","), "zh": (",", ".")}
FACT_LENGTH_MAX: Final = 500
"""Longer facts are cut in texts: nobody reads them, and Fluent refuses them."""
_ENTRY: Final = re.compile(r"^(-?[a-zA-Z][\w-]*) *=", re.MULTILINE)
_REFERENCE: Final = re.compile(r"\{ *(-?[a-zA-Z][\w-]*)(?:\.[\w-]+)? *(?:\(|\})")
_PLACE: Final = re.compile(r"\{ \$(\w+) \}")
_VARIABLE: Final = re.compile(r"\$([a-zA-Z]\w*)")


def language_of(name: str | None) -> Language:
    """The language of a locale name: "ru_RU.UTF-8", "zh-Hans", "English"; English when it is none of ours."""
    short = (name or "").lower()[:2]
    return next((language for language in LANGUAGES if language == short), "en")


def default_language() -> Language:
    """SETOFF_LANG, else the language of the person's locale."""
    names = (os.environ.get(name) for name in ("SETOFF_LANG", "LC_ALL", "LC_MESSAGES", "LANG"))
    return language_of(next((name for name in names if name), None))


def text(language: Language, key: str, /, **facts: Any) -> str:
    """The message of that key, filled with the facts."""
    return _catalogue(language).text(key, "", facts)


def has_text(language: Language, key: str) -> bool:
    return key in _catalogue(language).sources


def read_texts(language: Language) -> None:
    """Every message is parsed now, not when it is first asked for: for a server."""
    _catalogue(language).parse_all()


def error_text(language: Language, error: DomainError) -> str:
    """What the refusal says, with its facts."""
    return _catalogue(language).text(error.code.value, "", error.facts)


def mend_text(language: Language, error: DomainError) -> str:
    """How to mend what was refused."""
    return _catalogue(language).text(error.code.value, "mend", error.facts)


def money_text(language: Language, amount_minor: int, currency: str) -> str:
    """An amount with thousands grouped and all decimals, without its currency: "1,234.50"."""
    grouping, point = SEPARATORS[language]
    digits = digits_of(currency)
    whole, fraction = divmod(abs(amount_minor), 10**digits)
    grouped = f"{whole:,}".replace(",", grouping)
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{grouped}{point}{fraction:0{digits}d}" if digits else f"{sign}{grouped}"


def date_text(language: Language, day: date) -> str:
    """1 Mar 2026, 01.03.2026, 2026-03-01."""
    return DAY[language].format(day, MONTHS[day.month - 1])


def instant_text(language: Language, instant: datetime) -> str:
    """Day, time and zone, as the clock of whoever is told shows it: 1 Mar 2026 14:05:33 UTC+3."""
    here = local(instant)
    return f"{date_text(language, here)} {here:%H:%M:%S} {offset_text(here)}"


def fact_text(language: Language, name: str, value: Any) -> str:
    """A fact as people of that language read it."""
    match value:
        case None | "":
            return ABSENT
        case Money(amount_minor, currency):
            return f"{money_text(language, amount_minor, currency)}\N{NO-BREAK SPACE}{currency}"
        case datetime():
            return instant_text(language, value)
        case date():
            return date_text(language, value)
        case str() if name in WORDS:
            key = f"{name}-{value.replace('_', '-')}"
            return text(language, key) if has_text(language, key) else value
        case Mapping():
            return ", ".join(fact_text(language, str(key), part) for key, part in value.items())
        case list() | tuple():
            return "; ".join(fact_text(language, name, part) for part in value)
        case Decimal():
            return format(value, "f")
    return str(value)


def variables(language: Language, key: str) -> set[str]:
    """The facts that a message and its way to mend speak of."""
    return set(_VARIABLE.findall(_catalogue(language).sources[key]))


def message_parts(language: Language, key: str) -> tuple[str, str]:
    """The message and its way to mend as written, facts in braces: for pages that list them."""
    said, _, mend = _catalogue(language).sources[key].partition("\n    .mend = ")
    plain = (_PLACE.sub(r"{\1}", part.strip()) for part in (said.partition("=")[2], mend))
    return next(plain), next(plain)


def keys(language: Language) -> set[str]:
    return {key for key in _catalogue(language).sources if not key.startswith("-")}


class _Catalogue:
    """The texts of one language. `sources`: key -> the Fluent source of that message alone."""

    def __init__(self, language: Language) -> None:
        from fluent.runtime import FluentBundle

        self.language = language
        self.bundle = FluentBundle([{"zh": "zh-Hans"}.get(language, language)], use_isolating=False)
        self.sources: dict[str, str] = {}
        for path in sorted((FOLDER / language).glob("*.ftl")):
            content = path.read_text(encoding="utf-8")
            starts = list(_ENTRY.finditer(content))
            ends = [entry.start() for entry in starts[1:]] + [len(content)]
            for entry, end in zip(starts, ends, strict=True):
                if entry[1] in self.sources:
                    raise InvariantViolation(f"text {entry[1]} stands twice in {language}")
                self.sources[entry[1]] = content[entry.start() : end]
        self.begun: set[str] = set()
        self.parsed: set[str] = set()
        self.parsing = threading.RLock()

    def text(self, key: str, attribute: str, facts: Mapping[str, Any]) -> str:
        self._parse(key)
        message = self.bundle.get_message(key)
        pattern = message.attributes.get(attribute) if attribute else message.value
        if pattern is None:
            raise InvariantViolation(f"text {key} in {self.language} has no {attribute or 'value'}")
        wanted = _VARIABLE.findall(self.sources[key])
        given = {name: self._given(name, facts.get(name)) for name in wanted}
        found, problems = self.bundle.format_pattern(pattern, given)
        if problems:
            raise InvariantViolation(f"text {key} in {self.language}: {problems}")
        return str(found)

    def _given(self, name: str, value: Any) -> Any:
        """Whole numbers stay numbers, for plural forms; they print without grouping."""
        from fluent.runtime.types import fluent_number

        if type(value) is int:
            return fluent_number(value, useGrouping=False)
        said = fact_text(self.language, name, value)
        return said if len(said) <= FACT_LENGTH_MAX else said[: FACT_LENGTH_MAX - 1] + "\N{HORIZONTAL ELLIPSIS}"

    def parse_all(self) -> None:
        for key in self.sources:
            self._parse(key)

    def _parse(self, key: str) -> None:
        """The bundle knows the message and those it refers to."""
        from fluent.runtime import FluentResource

        if key in self.parsed:
            return
        source = self.sources.get(key)
        if source is None:
            raise InvariantViolation(f"no text {key} in {self.language}")
        with self.parsing:  # a server answers in many threads
            if key in self.begun:
                return
            self.begun.add(key)
            self.bundle.add_resource(FluentResource(source))
            for name in _REFERENCE.findall(source):
                if name in self.sources:
                    self._parse(name)
            self.parsed.add(key)


@cache
def _catalogue(language: Language) -> _Catalogue:
    return _Catalogue(language)
