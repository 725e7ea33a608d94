"""What people type into fields: amounts by the conventions of their language, or plain."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import DECIMAL_LENGTH_MAX
from setoff.language import SEPARATORS, Language

SPACES: Final = re.compile(r"[\s'\u2019]")
GROUPED: Final = re.compile(r"-?\d{1,3}(,\d{3})+")
PLAIN: Final = re.compile(r"\d+(\.\d*)?|\.\d+")
SIGNED: Final = re.compile(r"-?(\d+(\.\d*)?|\.\d+)")


def plain_number(typed: str, language: Language) -> str:
    """ "1 234,50", "1,234.50" or "1234.5" in plain digits with a point. Of two signs the last is the decimal one; a comma alone groups
    where there are several, or where the language groups by it and three digits follow. What is no number comes back as it was typed."""
    found = SPACES.sub("", typed).replace("\N{MINUS SIGN}", "-")
    comma, point = found.rfind(","), found.rfind(".")
    if comma >= 0 and point >= 0:
        grouping = "." if comma > point else ","
        found = found.replace(grouping, "").replace(",", ".")
    elif comma >= 0:
        groups = found.count(",") > 1 or (SEPARATORS[language][1] != "," and GROUPED.fullmatch(found))
        found = found.replace(",", "" if groups else ".")
    return found if found.isascii() and SIGNED.fullmatch(found) else typed


def typed_decimal(typed: str, language: Language, field: str) -> Decimal | None:
    """None when nothing was typed. Errors: invalid_value."""
    if not typed.strip():
        return None
    plain = plain_number(typed, language)
    if len(plain) > DECIMAL_LENGTH_MAX or not PLAIN.fullmatch(plain):
        raise DomainError(ErrorCode.INVALID_VALUE, field=field, value=typed[: 2 * DECIMAL_LENGTH_MAX])
    return Decimal(plain)
