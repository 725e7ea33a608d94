"""The choices of a round as a form says them: when it is opened, and when they are changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar, get_args

import msgspec
from django.http import QueryDict

from setoff.clearing.choices import Preference
from setoff.clearing.rounds.records import CONFIRMATIONS, Options, Round
from setoff.clearing.rounds.words import whose_cap
from setoff.clearing.rules import cap_of
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import Language
from setoff.pages.typed import plain_number
from setoff.trade.set_off_law import Law

Word = TypeVar("Word", bound=str)
LAWS: Final[tuple[Law, ...]] = get_args(Law)
PREFERENCES: Final[tuple[Preference, ...]] = get_args(Preference)
TYPED: Final = ("min-age", "min-amount", "exclude", "cap", "max-cycle")
FLAGS: Final = ("due-only", "one-sided", "without-consent")
CHOICES: Final = ("as-of", "confirmation", "prefer", *TYPED, *FLAGS)
"""Fields of the form."""


Said = QueryDict | Mapping[str, str]
"""What was sent, or stands in the form."""


def choices_form(said: Said, day: str) -> dict[str, Any]:
    """What the form shows."""
    return {
        "laws": LAWS, "confirmations": CONFIRMATIONS, "preferences": PREFERENCES, "day": day,
        "typed": {name.replace("-", "_"): said.get(name, "") for name in (*TYPED, "law", "confirmation", "prefer")},
        **{name.replace("-", "_"): said.get(name) == "yes" for name in FLAGS},
    }  # fmt: skip


def said_of(found: Round) -> dict[str, str]:
    """The form as it says the choices of a round."""
    options = found.options
    caps = [f"{whose_cap(cap).replace(' ', '')}={cap.amount} {cap.currency}".strip() for cap in options.caps]
    flags = {"due-only": options.due_only, "one-sided": options.one_sided, "without-consent": not options.needs_consent}
    return {
        "law": found.law, "confirmation": options.confirmation, "prefer": options.prefer, "min-age": _number(options.age_days_min),
        "min-amount": options.minimum, "exclude": "\n".join(options.excluded), "cap": "\n".join(caps),
        "max-cycle": _number(options.cycle_max), **{name: "yes" for name, is_set in flags.items() if is_set},
    }  # fmt: skip


def options_said(said: Said, language: Language) -> Options:
    """The choices that the form says. Errors: invalid_value."""
    content = {
        "confirmation": said.get("confirmation") or "none", "prefer": said.get("prefer") or "age",
        "age_days_min": whole_of(said.get("min-age", ""), "min-age"), "cycle_max": whole_of(said.get("max-cycle", ""), "max-cycle"),
        "minimum": plain_number(said.get("min-amount", "").strip(), language), "excluded": words_of(said.get("exclude", "")),
        "needs_consent": said.get("without-consent") != "yes", "due_only": said.get("due-only") == "yes",
        "one_sided": said.get("one-sided") == "yes",
    }  # fmt: skip
    try:
        return msgspec.structs.replace(msgspec.convert(content, Options), caps=tuple(map(cap_of, words_of(said.get("cap", "")))))
    except msgspec.ValidationError as problem:
        raise DomainError(ErrorCode.INVALID_VALUE, field="confirmation", value=str(problem)[:80]) from None


def one_of(value: str, known: tuple[Word, ...], field: str) -> Word | None:
    """The word, None when nothing is said. Errors: invalid_value."""
    if not value:
        return None
    found = next((word for word in known if word == value), None)
    if found is None:
        raise DomainError(ErrorCode.INVALID_VALUE, field=field, value=value[:80], expected=", ".join(known))
    return found


def whole_of(typed: str, field: str) -> int:
    """A whole number, 0 when nothing was typed. Errors: invalid_value."""
    if typed.strip() and not (typed.strip().isdecimal() and len(typed) < 8):
        raise DomainError(ErrorCode.INVALID_VALUE, field=field, value=typed[:80], expected="0..")
    return int(typed.strip() or 0)


def words_of(typed: str) -> list[str]:
    """What was typed line by line, or with semicolons."""
    return [word.strip() for word in typed.replace(";", "\n").splitlines() if word.strip()]


def _number(value: int) -> str:
    return str(value) if value else ""
