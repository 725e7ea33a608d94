"""Price lists to begin with: files of this folder's templates/, as records (spec 5)."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Final

import msgspec

from setoff.core.errors import DomainError, ErrorCode
from setoff.language import Language
from setoff.parties.records import PriceList

NAMES: Final = ("depository", "saas")


def sample(
    name: str, organization: str, *, language: Language = "en", code: str = "", valid_from: str = "", currency: str = ""
) -> PriceList:
    """A sample as the record of an organization, in a language; what is given replaces what it says. Errors: unknown_reference."""
    if name not in NAMES:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="template", value=name, field="template")
    said = tomllib.loads((files("setoff.billing") / "templates" / f"{name}.toml").read_text(encoding="utf-8"))
    own = {"code": code, "valid_from": valid_from, "currency": currency}
    said |= {field: value for field, value in own.items() if value} | {"organization": organization}
    for named in (said, *said["tariffs"]):
        named["name"] = named["name"][language]
    return msgspec.convert(said, PriceList)
