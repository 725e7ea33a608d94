"""VAT on advances over the API: how a unit keeps it, the rate of a contract. Decisions are documents; the lists are reports."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any, Final, Literal

import msgspec
from ninja import Router

from setoff.api.answers import ChangeAnswer, Said
from setoff.api.call import Call, Code, DryRun
from setoff.api.changes import told_changes
from setoff.api.endpoint import endpoint
from setoff.reports.ask import parse_day
from setoff.settlements.advance_vat.services import Moved, Policy, policy_of, set_contract_vat, set_vat_policy

router: Final = Router()
Window = Literal["off", "same_day", "five_days", "tax_period"]
SetOff = Literal["terminated", "always"]


class VatPolicyWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When an open advance has VAT, from which day on (empty: all), and when VAT is deducted on a set-off between contracts."""

    vat_on_advances: Window
    vat_on_advances_from: str = ""
    vat_on_set_off: SetOff = "terminated"


class ContractVatWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A percentage, none, or empty: the general rate of the day."""

    advance_vat: str


class VatPolicyAnswer(Said):
    """How a unit keeps VAT on advances."""

    unit: str
    vat_on_advances: str
    vat_on_advances_from: str
    vat_on_set_off: str


class VatMovedAnswer(Said):
    """What a change moved, or would move (`kept` false). `changed` false: it was so already."""

    changed: bool
    kept: bool
    changes: list[ChangeAnswer]


@endpoint(router, "GET", "/vat/units/{unit}", tag="books", answer=VatPolicyAnswer)
def read_vat_policy(call: Call, unit: Code) -> Any:
    """How a unit keeps VAT on advances."""
    call.rights.require("read", unit)
    window, since, set_off = policy_of(call.conn, unit)
    return VatPolicyAnswer(
        unit=unit, vat_on_advances=window, vat_on_advances_from=since.isoformat() if since else "", vat_on_set_off=set_off
    )


@endpoint(router, "PUT", "/vat/units/{unit}", tag="books", body=VatPolicyWanted, answer=VatMovedAnswer)
def save_vat_policy(call: Call, body: VatPolicyWanted, unit: Code, dry_run: DryRun = False) -> Any:
    """Keep VAT on advances so. Its postings of the past move with it; what is closed is refused."""
    call.rights.require_administrator()
    call.rights.require("post", unit)
    since = parse_day(body.vat_on_advances_from, "vat_on_advances_from") if body.vat_on_advances_from else None
    policy = Policy(body.vat_on_advances, since, body.vat_on_set_off)
    with call.conn.transaction(force_rollback=True) if dry_run else nullcontext():
        return _moved(call, set_vat_policy(call.conn, unit, policy, call.actor), kept=not dry_run)


@endpoint(router, "PUT", "/vat/contracts/{contract}", tag="books", body=ContractVatWanted, answer=VatMovedAnswer)
def save_contract_vat(call: Call, body: ContractVatWanted, contract: Code, dry_run: DryRun = False) -> Any:
    """The VAT rate of the advances of a contract, those of the past too."""
    call.rights.require_administrator()
    with call.conn.transaction(force_rollback=True) if dry_run else nullcontext():
        return _moved(call, set_contract_vat(call.conn, contract, body.advance_vat, call.actor), kept=not dry_run)


def _moved(call: Call, found: Moved, *, kept: bool) -> VatMovedAnswer:
    return VatMovedAnswer(changed=found.changed, kept=kept, changes=told_changes(call, found.changes))
