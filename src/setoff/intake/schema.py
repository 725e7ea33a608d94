"""The JSON Schema of every record, as `setoff schema` prints it: made from the structures that decode the files."""

from __future__ import annotations

import inspect
import re
from typing import Any, Final

import msgspec

from setoff.intake.decode import AnyRecord
from setoff.intake.mapping import AMOUNT_FIELDS, DATE_FIELDS, DECIMAL_FIELDS

_DATE: Final = {"pattern": r"^(\d{4}-\d{2}-\d{2})?$", "description": "A date, YYYY-MM-DD."}
_AMOUNT: Final = {"pattern": r"^(-?\d+(\.\d*)?)?$", "description": "An amount of money: digits and a point, no grouping."}
_DECIMAL: Final = {"pattern": r"^(\d+(\.\d*)?)?$", "description": "A number that is not money: digits and a point."}
_FORMS: Final = {
    **dict.fromkeys(DATE_FIELDS, _DATE), **dict.fromkeys(AMOUNT_FIELDS, _AMOUNT), **dict.fromkeys(DECIMAL_FIELDS, _DECIMAL),
}


def record_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of one line of a file."""
    (schema,), components = msgspec.json.schema_components([AnyRecord], ref_template="#/$defs/{name}")
    for name in sorted(components):
        _described(components[name])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Setoff record",
        "description": "One line of a JSON Lines file: a master record or a document, named by its type.",
        **schema,
        "$defs": dict(sorted(components.items())),
    }


def _described(component: dict[str, Any]) -> None:
    if "description" in component:
        component["description"] = inspect.cleandoc(component["description"]).replace("\n", " ")
    for name, value in component.get("properties", {}).items():
        if name in _FORMS and value.get("type") == "string" and re.match(_FORMS[name]["pattern"], value.get("default", "")):
            value.update(_FORMS[name])  # not where a word stands for the usual one
