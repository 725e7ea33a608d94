"""The published schema describes every record and says what the decoder says."""

from __future__ import annotations

import re

import msgspec
import pytest

from setoff.intake.decode import MASTER_TAGS, AnyRecord
from setoff.intake.schema import record_schema

SCHEMA = record_schema()


def test_every_record_type_is_described() -> None:
    mapping = SCHEMA["discriminator"]["mapping"]
    assert set(mapping) >= MASTER_TAGS | {"sale", "payment", "manual_entry", "opening_balance", "sale_return"}
    for name, component in SCHEMA["$defs"].items():
        assert component.get("title") == name
        assert component.get("description") and "\n" not in component["description"], name


def test_every_reference_leads_somewhere() -> None:
    text = msgspec.json.encode(SCHEMA).decode()
    assert set(re.findall(r'"\$ref":"#/\$defs/(\w+)"', text)) <= set(SCHEMA["$defs"])


@pytest.mark.parametrize(("field", "good", "bad"), [("date", "2026-01-05", "5.1."), ("rate", "92.5", "-1"), ("key", "x", None)])
def test_dates_and_numbers_have_patterns(field: str, good: str, bad: str | None) -> None:
    pattern = SCHEMA["$defs"]["Sale"]["properties"][field].get("pattern", "")
    assert re.search(pattern, good)
    assert bad is None or not re.search(pattern, bad)


def test_required_fields_are_those_the_decoder_requires() -> None:
    required = set(SCHEMA["$defs"]["Sale"]["required"]) - {"type"}
    content: dict[str, object] = {"type": "sale", "unit": "U", "date": "2026-01-05", "counterparty": "C", "lines": []}
    assert required == content.keys() - {"type"}
    msgspec.convert(content, AnyRecord)
    for name in required:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({key: value for key, value in content.items() if key != name}, AnyRecord)
