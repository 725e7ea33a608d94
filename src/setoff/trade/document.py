"""What every document has, and the line that supplies, orders and bills share. The kinds: `trade/documents.py`."""

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


class DueStage(Part, kw_only=True):
    """An instalment, of a supply or of a loan: opens its own lot. Amounts sum to the total."""

    due: str
    amount: str


class Line(Part, kw_only=True):
    """One line of a supply. `amount` includes VAT; absent, it is quantity * price (plus VAT when the document says that prices
    exclude it), half up. `vat` is computed from `vat_rate` (a percentage, "" = no VAT) unless given. `cost` is the book
    value of the goods. `account` replaces the chart's counter account, `item` is its analytics."""

    amount: str = ""
    name: str = ""
    kind: Literal["goods", "services", "materials"] = "goods"
    quantity: str = ""
    price: str = ""
    vat_rate: str = ""
    vat: str = ""
    cost: str = ""
    account: str = ""
    item: str = ""
