"""Refusals that only the fold can find, told with their facts (spec 1.7, 1.10, 2.0)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import psycopg

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import FoldKey
from setoff.core.moment import day_of
from setoff.core.money import Money
from setoff.settlements.diff import Change, document_names
from setoff.settlements.refold import Refusal

KEY_SQL = """
  select coalesce(contract.number, counterparty.name)
  from counterparty left join contract on contract.id = %s where counterparty.id = %s"""


def refuse_targets(conn: psycopg.Connection[Any], document_id: int, refusals: Sequence[Refusal]) -> None:
    """Refuse the document whose own targets found too little, whole. Nothing was written yet."""
    for refusal in refusals:
        if refusal.fact.document_id == document_id:
            raise told(conn, refusal)


def told(conn: psycopg.Connection[Any], refusal: Refusal) -> DomainError:
    """The error of one refused fact."""
    contract, order = owner_of(conn, refusal.key)
    currency = refusal.key.currency
    if refusal.target is None:
        advance = abs(refusal.fact.change) - refusal.found
        return DomainError(
            ErrorCode.REFUND_EXCEEDS_ADVANCE,
            contract=contract,
            balance=Money(advance, currency),
            amount=Money(abs(refusal.fact.change), currency),
            excess=Money(refusal.found, currency),
        )
    target = refusal.target
    name = document_names(conn, [target.document_id]).get(target.document_id)
    moment = conn.execute("select moment from document where id = %s and status = 'posted'", [target.document_id]).fetchone()
    # a document that is not posted has no lots yet: it is as good as in the future
    code = ErrorCode.TARGET_IN_FUTURE if moment is None or moment[0] >= refusal.fact.moment else ErrorCode.ALLOCATION_EXCEEDS_BALANCE
    return DomainError(
        code,
        contract=contract,
        order=order,
        target=f"{name.number} ({name.date})" if name else "",
        balance=Money(refusal.found, currency),
        amount=Money(target.amount, currency),
        excess=Money(target.amount - refusal.found, currency),
    )


def owner_of(conn: psycopg.Connection[Any], key: FoldKey) -> tuple[str, str]:
    """Contract number (or the counterparty's name without one) and order of a key."""
    row = conn.execute(KEY_SQL, [key.contract_id, key.counterparty_id]).fetchone()
    return row[0] if row else "", key.object.removeprefix("order:") if key.object.startswith("order:") else ""


def refuse_later_targets(conn: psycopg.Connection[Any], refusals: Sequence[Refusal]) -> NoReturn:
    """An earlier document took what later documents name: the list of them, with what they would still find."""
    names = document_names(conn, [refusal.fact.document_id for refusal in refusals])
    blocking = []
    for refusal in refusals:
        currency = refusal.key.currency
        name = names[refusal.fact.document_id]
        wanted = refusal.target.amount if refusal.target else abs(refusal.fact.change)
        found = refusal.found if refusal.target else wanted - refusal.found
        blocking.append(
            {
                "document": name.key,
                "number": name.number,
                "date": name.date,
                "amount": Money(wanted, currency),
                "balance": Money(found, currency),
                "excess": Money(wanted - found, currency),
            }
        )
    raise DomainError(
        ErrorCode.CONFLICT_WITH_LATER_TARGET, documents=", ".join(sorted({row["number"] for row in blocking})), rows=blocking
    )


def refuse_closed_period(conn: psycopg.Connection[Any], closed: int, document_id: int, changes: Sequence[Change]) -> NoReturn:
    """What would change in periods that are not open: (document, period, before, after)."""
    hit = [change for change in changes if change.moment < closed]
    names = document_names(conn, [document_id, *(change.document_id for change in hit)])
    rows = [
        {
            "document": names[change.document_id].number if change.document_id in names else "",
            "period": f"{day_of(change.moment):%Y-%m}",
            "what": change.what,
            "contour": change.contour,
            "before": change.before,
            "after": change.after,
        }
        for change in hit
    ]
    raise DomainError(
        ErrorCode.PERIOD_CLOSED,
        documents=", ".join(sorted({row["document"] for row in rows if row["document"]})),
        open_from=day_of(closed),
        rows=rows,
    )
