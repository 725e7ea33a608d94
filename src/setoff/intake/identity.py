"""By what a record is known again when a later file brings it: a document by its key, a master record by its type and code, a rate by its
currencies and day."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from setoff.intake.decode import MASTER_TAGS, AnyRecord
from setoff.parties.records import Rate
from setoff.settlements.portion import default_key
from setoff.trade.documents import Document

DOCUMENT: Final = "document"
RATE: Final = "rate"
OF_RATE: Final = ("currency", "quote", "date")


class Identity(NamedTuple):
    """`kind`: "document" or the type of a master record. `key` "": it told none."""

    kind: str
    key: str


def identity_of(record: AnyRecord) -> Identity:
    if isinstance(record, Document):
        return Identity(DOCUMENT, record.key or default_key(record))
    if isinstance(record, Rate):
        return Identity(RATE, " ".join(getattr(record, name) for name in OF_RATE))
    return Identity(str(record.__struct_config__.tag), getattr(record, "code", ""))


def identity_told(content: dict[str, Any]) -> Identity:
    """The same of what was to be a record, and is none."""
    tag = content.get("type")
    kind = tag if isinstance(tag, str) and tag in MASTER_TAGS else DOCUMENT
    if kind == RATE:
        named = [content.get(name) for name in OF_RATE]
        return Identity(kind, " ".join(map(str, named)) if all(isinstance(name, str) and name for name in named) else "")
    key = content.get("key" if kind == DOCUMENT else "code", "")
    return Identity(kind, key if isinstance(key, str) else "")
