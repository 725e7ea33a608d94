"""By what a record is known again when a later file brings it: a document or a notice by its key, a master record by its type and code, a
rate by its currencies and day."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from setoff.intake.decode import MASTER_TAGS, AnyRecord
from setoff.parties.records import Rate
from setoff.settlements.portion import default_key
from setoff.trade.documents import Document
from setoff.trade.notice_paper import KeptNotice

DOCUMENT: Final = "document"
NOTICE: Final = "notice"
RATE: Final = "rate"
OF_RATE: Final = ("currency", "quote", "date")


class Identity(NamedTuple):
    """`kind`: "document", "notice" or the type of a master record. `key` "": it told none."""

    kind: str
    key: str


def identity_of(record: AnyRecord) -> Identity:
    if isinstance(record, Document):
        return Identity(DOCUMENT, record.key or default_key(record))
    if isinstance(record, KeptNotice):
        return Identity(NOTICE, record.key)
    if isinstance(record, Rate):
        return Identity(RATE, " ".join(getattr(record, name) for name in OF_RATE))
    return Identity(str(record.__struct_config__.tag), getattr(record, "code", ""))


def identity_told(content: dict[str, Any]) -> Identity:
    """The same of what was to be a record, and is none."""
    tag = content.get("type")
    kind = tag if isinstance(tag, str) and (tag in MASTER_TAGS or tag == NOTICE) else DOCUMENT
    if kind == RATE:
        named = [content.get(name) for name in OF_RATE]
        return Identity(kind, " ".join(map(str, named)) if all(isinstance(name, str) and name for name in named) else "")
    key = content.get("key" if kind in (DOCUMENT, NOTICE) else "code", "")
    return Identity(kind, key if isinstance(key, str) else "")
