"""What every document has, and what its parts are made of (spec 2.0)."""

from __future__ import annotations

from typing import Literal

import msgspec

from setoff.parties.records import Record


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A part of a document."""


class Document(Record, kw_only=True):
    """What every document has. `key` is the name other files know it by (default: kind, unit, year and number);
    `number` is given when empty. `rate` is book currency for one unit of the settlement currency (default: the
    rate table). `day_order` moves it within its day."""

    unit: str
    date: str
    key: str = ""
    number: str = ""
    day_order: int | None = None
    rate: str = ""
    contours: tuple[Literal["reg", "mgmt"], ...] = ("reg", "mgmt")
    comment: str = ""
    state: Literal["posted", "draft", "unposted"] = "posted"
    deletion_mark: bool = False
