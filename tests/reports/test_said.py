"""Everything that a document may say has a word for it on its page, in every language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pytest

from setoff.language import LANGUAGES, has_text
from setoff.reports.said import WORDS
from setoff.trade.documents import AnyDocument, Part


def said(structure: Any) -> Iterator[tuple[str, Any]]:
    """The fields of a structure and of what is in it, with their types."""
    for field in msgspec.structs.fields(structure):
        yield field.name, field.type
        for part in (field.type, *get_args(field.type)):
            if isinstance(part, type) and issubclass(part, Part):
                yield from said(part)


IN_THE_HEADER = {"state", "deletion_mark"}
"""Told by the badges of the page."""
FIELDS = sorted({name for structure in get_args(AnyDocument) for name, _of in said(structure)} - IN_THE_HEADER)
CHOICES = sorted(
    {(name, choice) for structure in get_args(AnyDocument) for name, of in said(structure) if name in WORDS
     for choice in get_args(of) if isinstance(choice, str) and choice and not (name == "kind" and choice not in ("goods", "services"))}
)  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_has_a_label_and_every_choice_a_word(language: Any) -> None:
    labels = [f"said-{name.replace('_', '-')}" for name in FIELDS]
    words = [f"{WORDS[name]}-{choice.replace('_', '-')}" for name, choice in CHOICES]
    assert {"said-side", "said-reverses", "said-quantity"} <= set(labels) and "choice-reason-court" in words
    assert [key for key in (*labels, *words) if not has_text(language, key)] == []
