"""Cursors: where a page of a list ended, as an opaque text. The next page begins after that row, whatever came in meanwhile.

A cursor holds the values of the list's order, of one list; given to another it is refused. Errors: invalid_value (field cursor).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import msgspec

from setoff.core.errors import DomainError, ErrorCode


def cursor_after(listed: str, values: Sequence[str | int]) -> str:
    """The cursor of the list `listed` after the row with these values."""
    return base64.urlsafe_b64encode(msgspec.json.encode([listed, *values])).decode().rstrip("=")


def values_of(cursor: str, listed: str, *types: type[Any]) -> list[Any]:
    """The values in a cursor of that list."""
    try:
        found = msgspec.json.decode(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        if found[0] == listed and len(found) == len(types) + 1 and all(map(_is, found[1:], types)):
            return list(found[1:])
    except (binascii.Error, ValueError, TypeError, IndexError, KeyError, RecursionError):
        pass
    raise DomainError(ErrorCode.INVALID_VALUE, field="cursor", value=cursor, expected=listed)


def _is(value: Any, kind: type[Any]) -> bool:
    if kind is int:
        return type(value) is int and -(1 << 63) <= value < 1 << 63
    return type(value) is kind and "\0" not in value
