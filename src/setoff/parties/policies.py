"""The verb on what a unit decided of what law and practice leave open, and all of it in one place, with its default (spec 9).

Some is decided elsewhere: VAT on advances by its own verb, for it moves postings; limits in their records. What a price list or a contract
says goes before what its unit decided of it.

Errors: unknown_reference (unit, switch), invalid_value.
"""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

import psycopg

from setoff.books.audit import Actor, record_audit
from setoff.books.services import lock_unit
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount
from setoff.parties.switches import SWITCHES, checked_policies

UNIT_SQL: Final = """
  select unit.policies, unit.vat_on_set_off, unit.vat_on_advances, unit.difference_limit_minor, organization.book_currency
  from unit join organization on organization.id = unit.organization_id where unit.code = %s"""


class Decided(NamedTuple):
    """A policy of a unit. `place`: where it is decided: here (unit), or in which other place. `value` "": by record, many values."""

    name: str
    value: str
    default: str
    choices: tuple[str, ...]
    place: str


def unit_policies(conn: psycopg.Connection[Any], unit: str) -> list[Decided]:
    """All of them, in the order of the specification. Errors: unknown_reference."""
    row = conn.execute(UNIT_SQL, [unit]).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="unit", value=unit, field="unit")
    said, set_off, advances, limit, currency = row
    own = {name: Decided(name, said.get(name, switch.default), switch.default, switch.choices, "unit") for name, switch in SWITCHES.items()}
    return [
        Decided("vat_on_set_off", set_off, "terminated", (), "vat"),
        own["advance_refund"],
        own["vat_on_disbursements"],
        own["banking_days"],
        own["due_on_day_off"],
        own["allocation_order"],
        Decided("rate_fall", "", "15", (), "price_list"),
        Decided("vat_on_advances", advances, "off", (), "vat"),
        Decided("difference_limit", format_amount(limit, currency), format_amount(0, currency), (), "record"),
        own["limitation_years"],
        own["reserve"],
    ]


def set_unit_policy(conn: psycopg.Connection[Any], unit: str, name: str, value: str, actor: Actor) -> bool:
    """The unit decides so from now on; "" is the default again. Returns whether that is a change. What stands in the books stays."""
    with conn.transaction():
        unit_id = lock_unit(conn, unit)
        (before,) = conn.execute("select policies from unit where id = %s", [unit_id]).fetchone() or ({},)
        said = {key: text for key, text in before.items() if key != name} | checked_policies({name: value})
        if said == before:
            return False
        conn.execute("update unit set policies = %s where id = %s", [json.dumps(said, sort_keys=True), unit_id])
        record_audit(conn, actor, "set_unit_policy", unit_id=unit_id, policy=name, value=value)
    return True
