"""Refusals that only the fold can find, told with their facts (spec 1.7, 1.10, 2.0)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

import psycopg

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import FoldKey, Nature
from setoff.core.moment import day_of
from setoff.core.money import Money
from setoff.settlements.diff import Change, document_names
from setoff.settlements.keys import KeyTerms
from setoff.settlements.refold import Refusal

if TYPE_CHECKING:
    from setoff.settlements.rebuild import BulkRefusal

WITHOUT_TARGET: Final[dict[int, ErrorCode]] = {
    Nature.TRANSFER: ErrorCode.RECEIVER_HAS_OPPOSITE_SIGN,
    Nature.ACCRUAL: ErrorCode.ACCRUAL_TOWARDS_ZERO,
}
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
    target = refusal.target
    return refusal_error(
        conn, refusal.key, refusal.fact.moment, target.document_id if target else 0,
        target.amount if target else abs(refusal.fact.change), refusal.found, refusal.fact.nature,
    )  # fmt: skip


def told_in_bulk(conn: psycopg.Connection[Any], refusal: BulkRefusal, terms: KeyTerms) -> DomainError:
    """The same for a fact of a bulk import."""
    moment = conn.execute("select moment from document where id = %s", [refusal.document_id]).fetchone()
    assert moment is not None
    return refusal_error(conn, terms.key, moment[0], refusal.target_document_id, refusal.wanted, refusal.found, refusal.nature)


def refusal_error(
    conn: psycopg.Connection[Any], key: FoldKey, moment: int, target_id: int, wanted_minor: int, found_minor: int, nature: int
) -> DomainError:
    """`target_id` 0: a fact that may not do all it would, by its nature; `found_minor` is its rest. Amounts in the key's currency."""
    contract, order = owner_of(conn, key)
    currency = key.currency
    if target_id == 0 and nature == Nature.ADJUST:
        return DomainError(
            ErrorCode.ALLOCATION_EXCEEDS_BALANCE, contract=contract, order=order, target="", target_date="",
            balance=Money(wanted_minor - found_minor, currency), amount=Money(wanted_minor, currency),
            excess=Money(found_minor, currency),
        )  # fmt: skip
    if target_id == 0:
        return DomainError(
            WITHOUT_TARGET.get(nature, ErrorCode.REFUND_EXCEEDS_ADVANCE),
            contract=contract,
            balance=Money(wanted_minor - found_minor, currency),
            amount=Money(wanted_minor, currency),
            excess=Money(found_minor, currency),
        )
    name = document_names(conn, [target_id]).get(target_id)
    row = conn.execute("select moment from document where id = %s and status = 'posted'", [target_id]).fetchone()
    # a document that is not posted has no lots yet: it is as good as in the future
    code = ErrorCode.TARGET_IN_FUTURE if row is None or row[0] >= moment else ErrorCode.ALLOCATION_EXCEEDS_BALANCE
    return DomainError(
        code,
        contract=contract,
        order=order,
        target=name.number if name else "",
        target_date=name.date if name else None,
        balance=Money(found_minor, currency),
        amount=Money(wanted_minor, currency),
        excess=Money(wanted_minor - found_minor, currency),
    )


def owner_of(conn: psycopg.Connection[Any], key: FoldKey) -> tuple[str, str]:
    """Contract number (or the counterparty's name without one) and order of a key."""
    row = conn.execute(KEY_SQL, [key.contract_id, key.counterparty_id]).fetchone()
    return row[0] if row else "", key.object.removeprefix("order:") if key.object.startswith("order:") else ""


def refuse_later_targets(conn: psycopg.Connection[Any], refusals: Sequence[Refusal]) -> NoReturn:
    """An earlier document took what later documents name: the list of them, with what they would still find. What is the same
    in both contours is told once."""
    names = document_names(conn, [refusal.fact.document_id for refusal in refusals])
    blocking: list[dict[str, Any]] = []
    for refusal in refusals:
        currency = refusal.key.currency
        name = names[refusal.fact.document_id]
        wanted = refusal.target.amount if refusal.target else abs(refusal.fact.change)
        found = refusal.found if refusal.target else wanted - refusal.found
        row = {
            "document": name.key,
            "number": name.number,
            "date": name.date,
            "amount": Money(wanted, currency),
            "balance": Money(found, currency),
            "excess": Money(wanted - found, currency),
        }
        if row not in blocking:
            blocking.append(row)
    raise DomainError(
        ErrorCode.CONFLICT_WITH_LATER_TARGET, documents=", ".join(sorted({row["number"] for row in blocking})), rows=blocking
    )


class EditedDocument(NamedTuple):
    """The document that is edited; a new one is not in the tables yet."""

    id: int
    kind: str
    number: str
    book_currency: str


def refuse_closed_period(conn: psycopg.Connection[Any], closed: int, changes: Sequence[Change], edited: EditedDocument) -> NoReturn:
    """What would change in periods that are not open: (document, period, before, after). Absent before or after is None."""
    hit = [change for change in changes if change.moment < closed]
    names = {name.id: (name.kind, name.number) for name in document_names(conn, [change.document_id for change in hit]).values()}
    names[edited.id] = edited.kind, edited.number
    rows = [
        {
            "kind": names[change.document_id][0],
            "document": names[change.document_id][1],
            "period": f"{day_of(change.moment):%Y-%m}",
            "what": change.what,
            "contour": change.contour,
            "before": Money(change.before, change.currency or edited.book_currency) if change.before else None,
            "after": Money(change.after, change.currency or edited.book_currency) if change.after else None,
        }
        for change in hit
    ]
    raise DomainError(
        ErrorCode.PERIOD_CLOSED,
        documents=", ".join(sorted({str(row["document"]) for row in rows} or {edited.number})),
        open_from=day_of(closed),
        rows=rows,
    )
