"""What a contract forbids although its document is sound: shipping beyond the credit limit, or while something is overdue (spec 1.2).

    credit_limit_exceeded       sales and corrections up: what they owe on the contract with this document, at its moment, exceeds the limit
    overdue_forbids_shipment    sales: a debt of the contract was due before the document's day and is open at its moment

Both ask the management contour, which settles by the contract's own detail; advances of the contract count against the limit. They are
asked after the document was folded, and only where a contract has such terms: a document that a limit does not concern costs nothing.
Consent posts it all the same; that is told to the audit trail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

import psycopg

from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import day_of
from setoff.core.money import Money
from setoff.settlements.records import DocumentRow
from setoff.trade.directory import ContractTerms, Directory
from setoff.trade.documents import AnyDocument, Sale, SaleCorrection

OPEN_SQL: Final = """
  select shipped.id, shipped.moment, shipped.total, contract.id,
         coalesce(sum(lot.open), 0)::int8,
         coalesce(sum(lot.open) filter (where lot.open > 0 and lot.due < shipped.date and lot.document_id <> shipped.id), 0)::int8,
         (array_agg(array[lot.document_id::text, lot.number, lot.due::text] order by lot.due, lot.document_id)
            filter (where lot.open > 0 and lot.due < shipped.date and lot.document_id <> shipped.id))[1:1]
  from document shipped
  join contract on contract.id = shipped.contract_id
  left join lateral (
    select l.document_id, l.due, owner.number,
           l.amount - sign(l.amount)::int8 * coalesce((
             select sum(used.amount) from allocation used
             where used.unit_id = l.unit_id and used.key_id = l.key_id and used.lot_document_id = l.document_id
               and used.lot_line = l.line and used.moment <= shipped.moment), 0)::int8 as open
    from fold_key k join lot l on l.unit_id = k.unit_id and l.key_id = k.id
    join document owner on owner.unit_id = l.unit_id and owner.id = l.document_id
    where k.counterparty_id = shipped.counterparty_id and k.contract_id = contract.id
      and k.contour = 'mgmt' and l.moment <= shipped.moment and l.closed_moment > shipped.moment) lot on true
  where shipped.id = any(%s)
  group by shipped.id, shipped.moment, shipped.total, contract.id
  order by shipped.moment"""


NEW_SQL: Final = """
  select document.id from document
  join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  where document.id between %s and %s and document.contract_id = any(%s)
    and (document.kind = 'sale' or document.kind = 'sale_correction' and version.content::jsonb ->> 'direction' = 'up')"""


class Shipped(NamedTuple):
    """A posted shipment as its contract stands at its moment, in all units. `owed`: with it, less advances; `overdue`: without it, and
    the oldest of that: id of the document, its number, its due day."""

    document_id: int
    moment: int
    total: int
    contract_id: int
    owed: int
    overdue: int
    oldest: list[list[str]] | None


def is_limited(contract: ContractTerms | None) -> bool:
    return contract is not None and (contract.credit_limit is not None or contract.forbid_overdue)


def concerns(document: AnyDocument) -> bool:
    """Whether limits are asked for a document of this kind."""
    return isinstance(document, Sale) or (isinstance(document, SaleCorrection) and document.direction == "up")


def keep_limits(
    conn: psycopg.Connection[Any],
    document: AnyDocument,
    row: DocumentRow,
    edit: tuple[str, DocumentRow | None],
    directory: Directory,
    actor: Actor,
    *,
    consent: bool,
) -> None:
    """What is shipped under a contract keeps to its limits, or somebody consented: then the audit trail has what was exceeded. `edit`: the
    action, and the document as it was posted before: one that ships no more than that is not asked. Errors: credit_limit_exceeded,
    overdue_forbids_shipment."""
    action, was = edit
    if action != "post" or row.posted_version_id is None or not concerns(document):
        return
    contract = next((item for item in directory.contracts.values() if item.id == row.contract_id and is_limited(item)), None)
    ships_no_more = was and (was.contract_id, was.date) == (row.contract_id, row.date) and row.total <= was.total
    if contract is None or ships_no_more:
        return
    for error in limits_met(conn, [row.id], {contract.id: contract}).values():
        if not consent:
            raise error
        told = {name: str(value) for name, value in error.facts.items() if name not in ("field", "document")}
        record_audit(conn, actor, "over_limit", unit_id=row.unit_id, document_id=row.id, code=error.code.value, facts=told)


def limits_met(
    conn: psycopg.Connection[Any], document_ids: Iterable[int], contracts: Mapping[int, ContractTerms]
) -> dict[int, DomainError]:
    """What the limits refuse of these posted documents: id -> refusal. One that is refused counts no more for later ones; whether one is
    to be refused only because of such a one is left to another look."""
    refused: dict[int, DomainError] = {}
    less: dict[int, int] = {}  # contract -> totals of the refused
    for row in [Shipped(*found) for found in conn.execute(OPEN_SQL, [list(document_ids)])]:
        contract = contracts[row.contract_id]
        error = _refusal(row, row.owed - less.get(contract.id, 0), contract)
        is_of_refused = error is not None and row.oldest is not None and int(row.oldest[0][0]) in refused
        if error and not (is_of_refused and error.code is ErrorCode.OVERDUE_FORBIDS_SHIPMENT):
            refused[row.document_id] = error
            less[contract.id] = less.get(contract.id, 0) + row.total
    return refused


def limits_met_by_new(
    conn: psycopg.Connection[Any], ids: tuple[int, int], contracts: Iterable[ContractTerms]
) -> dict[int, DomainError]:
    """`limits_met` of the documents with ids from one to another, where their contracts have limits."""
    limited = {contract.id: contract for contract in contracts if is_limited(contract)}
    if not limited:
        return {}
    new = [row[0] for row in conn.execute(NEW_SQL, [*ids, list(limited)])]
    return limits_met(conn, new, limited) if new else {}


def _refusal(row: Shipped, owed: int, contract: ContractTerms) -> DomainError | None:
    day, currency = day_of(row.moment), contract.currency
    if contract.forbid_overdue and row.overdue > 0 and row.oldest:
        return DomainError(
            ErrorCode.OVERDUE_FORBIDS_SHIPMENT, contract=contract.number, overdue=Money(row.overdue, currency), date=day,
            document=row.oldest[0][1], due=date.fromisoformat(row.oldest[0][2]), field="contract",
        )  # fmt: skip
    if contract.credit_limit is not None and owed > contract.credit_limit:
        return DomainError(
            ErrorCode.CREDIT_LIMIT_EXCEEDED, contract=contract.number, debt=Money(owed, currency), date=day,
            limit=Money(contract.credit_limit, currency), excess=Money(owed - contract.credit_limit, currency), field="contract",
        )  # fmt: skip
    return None
