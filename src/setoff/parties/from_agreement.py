"""A contract made from an agreement: it takes the agreement's currency, stages, manager and validity (spec 1.2).

Errors: unknown_reference (the agreement, the counterparty), contract_not_active, contract_out_of_validity (the agreement itself, on the
contract's date), agreement_of_other_party, contract_not_used (the agreement settles without contracts).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import psycopg

from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.parties.queries import Searched, masters_after
from setoff.parties.records import Agreement, Contract, Counterparty, Master
from setoff.parties.services import save_masters


def contract_from(agreement: Agreement, said: Contract) -> Contract:
    """What `said` leaves open is the agreement's, but for its detail: that is of settlements without contracts."""
    taken = {
        "currency": said.currency or agreement.currency,
        "stages": said.stages or agreement.stages,
        "manager": said.manager or agreement.manager,
        "valid_from": said.valid_from or agreement.valid_from,
        "valid_to": said.valid_to or agreement.valid_to,
    }
    return msgspec.structs.replace(said, agreement=agreement.code, **taken)


def propose_contract(conn: psycopg.Connection[Any], code: str, said: Contract, day: date) -> Contract:
    """The contract as it would be made on a day. Nothing is kept."""
    agreement = _one(conn, Agreement, code)
    assert isinstance(agreement, Agreement)
    check_agreement(agreement, day)
    if said.counterparty:
        party = _one(conn, Counterparty, said.counterparty)
        assert isinstance(party, Counterparty)
        if agreement.partner and agreement.partner != party.partner:
            raise DomainError(
                ErrorCode.AGREEMENT_OF_OTHER_PARTY, agreement=code, counterparty=said.counterparty, field="agreement"
            )
    return contract_from(agreement, said)


def make_contract(conn: psycopg.Connection[Any], code: str, said: Contract, actor: Actor, *, dry_run: bool = False) -> Contract:
    """A new contract made from the agreement is kept, unless it is only tried. Errors: also reference_exists, and those of saving."""
    day = day_said(said.date, "date")
    made = propose_contract(conn, code, said, day)
    with conn.transaction():
        if masters_after(conn, Contract, Searched({"code": [said.code]}), (), 1):
            raise DomainError(ErrorCode.REFERENCE_EXISTS, kind="contract", value=said.code, field="code")
        save_masters(conn, [made], actor, dry_run=dry_run)
    return made


def day_said(said: str, field: str) -> date:
    """Errors: field_missing, invalid_date."""
    if not said:
        raise DomainError(ErrorCode.FIELD_MISSING, field=field)
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise DomainError(ErrorCode.INVALID_DATE, value=said, field=field) from None


def check_agreement(agreement: Agreement, day: date) -> None:
    """It uses contracts, and is in force on the day."""
    if not agreement.uses_contracts:
        raise DomainError(ErrorCode.CONTRACT_NOT_USED, agreement=agreement.code, field="agreement")
    if agreement.status != "active":
        raise DomainError(ErrorCode.CONTRACT_NOT_ACTIVE, contract=agreement.code, status=agreement.status, field="agreement")
    first, last = (date.fromisoformat(said) if said else None for said in (agreement.valid_from, agreement.valid_to))
    if (first and day < first) or (last and day > last):
        raise DomainError(
            ErrorCode.CONTRACT_OUT_OF_VALIDITY, contract=agreement.code, date=day, valid_from=first or "", valid_to=last or "",
            field="agreement",
        )  # fmt: skip


def _one(conn: psycopg.Connection[Any], kind: type[Master], code: str) -> Master:
    found = masters_after(conn, kind, Searched({"code": [code]}), (), 1)
    if not found:
        tag = str(kind.__struct_config__.tag)
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind=tag, value=code, field=tag)
    return found[0]
