"""What is wrong with the shape of a record, from what the decoder says: the path of the field, its value and a code.

Errors: field_missing, unknown_field, invalid_value, each with `field` and `value`.
"""

from __future__ import annotations

import re
from typing import Any, Final

from setoff.core.errors import DomainError, ErrorCode

_PATH: Final = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
_QUOTED: Final = re.compile(r"`([^`]*)`")
_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


def shape_refusal(content: Any, message: str) -> DomainError:
    """`content` is the record as plain JSON values, `message` what msgspec.ValidationError says of it: "WHAT - at `$.path`". The
    texts are covered by tests/intake/test_decode.py. Of several faults msgspec tells the first."""
    match = _PATH.match(message)
    what, path = (match["what"], match["path"] or "") if match else (message, "")
    field = path.lstrip(".")
    named = _QUOTED.search(what)
    if "missing required field" in what and named:
        return DomainError(ErrorCode.FIELD_MISSING, field=_joined(field, named[1]), value="")
    if "unknown field" in what and named:
        value = _value_at(content, path)
        inner = value.get(named[1]) if isinstance(value, dict) else None
        return DomainError(ErrorCode.UNKNOWN_FIELD, field=_joined(field, named[1]), value=_shown(inner))
    expected = named[1] if what.startswith("Expected") and named else ""
    return DomainError(ErrorCode.INVALID_VALUE, field=field, value=_shown(_value_at(content, path)), expected=expected)


def _joined(path: str, field: str) -> str:
    return f"{path}.{field}" if path else field


def _shown(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else repr(value)


def _value_at(content: Any, path: str) -> Any:
    """The value that a msgspec path (".lines[0].amount") leads to."""
    for name, index in _STEP.findall(path):
        try:
            content = content[name] if name else content[int(index)]
        except (KeyError, IndexError, TypeError):
            return None
    return content
