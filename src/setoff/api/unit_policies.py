"""What a unit decided of what law and practice leave open, over the API."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from ninja import Router

from setoff.api.answers import Said
from setoff.api.call import Call, Code
from setoff.api.endpoint import endpoint
from setoff.parties.policies import set_unit_policy, unit_policies

router: Final = Router()


class UnitPolicyWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`value` empty: the default again."""

    value: str


class UnitPolicyAnswer(Said):
    """A policy; `place`: where it is decided (unit: here)."""

    name: str
    value: str
    default: str
    choices: list[str]
    place: str


class UnitPolicySetAnswer(Said):
    """`changed` false: it was so already."""

    changed: bool


@endpoint(router, "GET", "/unit-policies/{unit}", tag="books", answer=list[UnitPolicyAnswer])
def read_unit_policies(call: Call, unit: Code) -> Any:
    """All policies of a unit."""
    call.rights.require("read", unit)
    found = unit_policies(call.conn, unit)
    return [
        UnitPolicyAnswer(name=item.name, value=item.value, default=item.default, choices=list(item.choices), place=item.place)
        for item in found
    ]


@endpoint(router, "PUT", "/unit-policies/{unit}/{name}", tag="books", body=UnitPolicyWanted, answer=UnitPolicySetAnswer)
def save_unit_policy(call: Call, body: UnitPolicyWanted, unit: Code, name: Code) -> Any:
    """Decide so from now on; what stands in the books stays."""
    call.rights.require_administrator()
    call.rights.require("post", unit)
    return UnitPolicySetAnswer(changed=set_unit_policy(call.conn, unit, name, body.value, call.actor))
