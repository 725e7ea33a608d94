"""The allocation desk over the API: what is open, what is proposed, and putting free money to debts. See settlements/desk.py."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from ninja import Router
from pydantic import Field

from setoff.access import approvals
from setoff.api.answers import ChangeAnswer, Said
from setoff.api.call import Answer, Call, Code, Consent, DryRun
from setoff.api.changes import told_changes
from setoff.api.endpoint import endpoint
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import digits_of, format_amount
from setoff.settlements.allocate import Wanted, wanted_puts
from setoff.settlements.desk import OpenItem, propose
from setoff.settlements.desk_queries import Pair, Side, desk

router: Final = Router()
UnitCode = Annotated[str, Field(min_length=1, max_length=200, description="Code of the unit.")]
PartyCode = Annotated[str, Field(min_length=1, max_length=200, description="Code of the counterparty.")]


class PutWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Money of a payment put to a debt. `line` of the debt: 0 = the first one that is open. `seen`: that of the payment as it was shown;
    a payment that was changed since is refused. 0 = whatever it says now."""

    payment: str
    document: str
    amount: str
    line: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    seen: Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)] = 0


class AllocationWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to put to what, of one unit, counterparty, relation and currency. `named_by`: payer binds both contours, internal only the
    management one."""

    unit: str
    counterparty: str
    currency: str
    puts: Annotated[list[PutWanted], msgspec.Meta(min_length=1, max_length=20_000)]
    relation: str = "buyer"
    named_by: Literal["payer", "internal"] = "internal"


class OpenItemAnswer(Said):
    """What is left of a debt or of free money. `is_payment`: it can be told what it settles. `seen`: sent back with a put."""

    document: str
    line: int
    kind: str
    number: str
    date: str
    due: str | None
    contract: str
    amount: str
    is_payment: bool
    seen: int


class ProposedAnswer(Said):
    """A put that fits, and the rule that made it."""

    payment: str
    document: str
    line: int
    amount: str
    rule: str
    seen: int


class DeskAnswer(Said):
    """Open debts and free money of one relation and currency, in the order of the books, and what is proposed."""

    relation: str
    currency: str
    debts: list[OpenItemAnswer]
    money: list[OpenItemAnswer]
    proposed: list[ProposedAnswer]


class AllocatedPayment(Said):
    """A payment that says now what it settles. `approval`: the number of the request, when a policy asks a second person first."""

    key: str
    number: str
    approval: int | None


class AllocationAnswer(Said):
    """What was put, or would be (`kept` false), and what it changes."""

    payments: list[AllocatedPayment]
    changes: list[ChangeAnswer]
    kept: bool


@endpoint(router, "GET", "/allocations", tag="allocations", answer=list[DeskAnswer])
def read_desk(call: Call, unit: UnitCode, counterparty: PartyCode, contract: Code = "") -> Any:
    """Open debts and free money of a counterparty side by side, with what is proposed."""
    unit_id = call.rights.require("read", unit)
    return [_side(pair, side) for pair, side in desk(call.conn, unit_id, counterparty, contract).items()]


@endpoint(router, "POST", "/allocations", tag="allocations", body=AllocationWanted, answer=AllocationAnswer)
def allocate(call: Call, body: AllocationWanted, dry_run: DryRun = False, consent: Consent = False) -> Any:
    """Put free money to open debts: the payments are posted again with what they settle, all or none."""
    unit_id = call.rights.require("post", body.unit)
    digits_of(body.currency)
    pair = Pair(body.relation, body.currency)
    wanted = [Wanted(put.payment, put.document, put.line, put.amount) for put in body.puts]
    with call.conn.transaction(force_rollback=dry_run):
        puts = wanted_puts(call.conn, unit_id, body.counterparty, pair, wanted)
        done, waiting = approvals.allocate(
            call.conn, puts, body.currency, call.actor, call.rights, named_by=body.named_by, consent=consent, versions=_seen(body)
        )
        requests = {pending.document_id: pending.approval_id for pending in waiting}
        payments = [AllocatedPayment(key=key, number=number, approval=requests.get(number_id)) for number_id, key, number in done.payments]
        return Answer(AllocationAnswer(payments=payments, changes=told_changes(call, done.changes), kept=not dry_run))


def _seen(body: AllocationWanted) -> dict[str, int]:
    """Payment -> what was seen of it. One that was seen twice differently was changed in between."""
    found: dict[str, int] = {}
    for put in body.puts:
        if put.seen and found.setdefault(put.payment, put.seen) != put.seen:
            raise DomainError(ErrorCode.ALLOCATION_CHANGED, document=put.payment)
    return found


def _side(pair: Pair, side: Side) -> DeskAnswer:
    proposed = [
        ProposedAnswer(
            payment=side.money[match.money].document, document=side.debts[match.debt].document, line=_line(side.debts[match.debt]),
            amount=format_amount(match.amount, pair.currency), rule=match.rule.name.lower(), seen=side.money[match.money].version_id,
        )
        for match in propose(side.debts, side.money)
    ]  # fmt: skip
    debts, money = ([_item(item, pair.currency) for item in items] for items in side)
    return DeskAnswer(relation=pair.relation, currency=pair.currency, debts=debts, money=money, proposed=proposed)


def _line(item: OpenItem) -> int:
    return item.line if item.by_line else 0


def _item(item: OpenItem, currency: str) -> OpenItemAnswer:
    return OpenItemAnswer(
        document=item.document, line=_line(item), kind=item.kind, number=item.number, date=item.date.isoformat(),
        due=item.due.isoformat() if item.due else None, contract=item.contract, amount=format_amount(item.amount, currency),
        is_payment=item.is_payment, seen=item.version_id,
    )  # fmt: skip
