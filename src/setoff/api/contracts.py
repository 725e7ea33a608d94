"""Contracts: the status of many at once, one made from an agreement, and the choice of a document's contract."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
from ninja import Router

from setoff.api.answers import Said
from setoff.api.call import Call, Consent, DryRun
from setoff.api.endpoint import endpoint
from setoff.api.problem import Problem, problem_of
from setoff.core.errors import DomainError, ErrorCode
from setoff.parties.contract_status import CODES_MAX, Status, set_contract_status
from setoff.parties.from_agreement import make_contract
from setoff.parties.records import Contract
from setoff.settlements.choosing import choose_contract
from setoff.trade.documents import AnyDocument

router: Final = Router()


class StatusBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Contracts and the status that they are to have. `skip_refused`: change the others when some are refused; else none."""

    codes: Annotated[list[str], msgspec.Meta(min_length=1, max_length=CODES_MAX)]
    status: Status
    skip_refused: bool = False


class StatusRow(Said):
    """What became of one contract; `problem` is why it was refused."""

    code: str
    number: str
    counterparty: str
    before: str
    outcome: Literal["changed", "unchanged", "refused"]
    problem: Problem | None = None


class StatusAnswer(Said):
    """What became of each, in the order in which they were named. `kept`: whether anything was changed."""

    rows: list[StatusRow]
    kept: bool


class FromAgreement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A contract to be made from an agreement; what is left out is the agreement's."""

    agreement: str
    code: str
    number: str
    organization: str
    counterparty: str
    date: str
    currency: str = ""
    manager: str = ""
    valid_from: str = ""
    valid_to: str = ""


class ChoiceAnswer(Said):
    """The document with its contract filled in where exactly one fits; `contracts`: the codes of all that fit."""

    document: AnyDocument
    contracts: list[str]


@endpoint(router, "POST", "/contract-statuses", tag="masters", body=StatusBody, answer=StatusAnswer)
def set_contract_statuses(call: Call, body: StatusBody, dry_run: DryRun = False, consent: Consent = False) -> Any:
    """Give contracts a status. With dry_run: what would be refused, and why. With consent contracts are closed although something is open
    on them; the audit trail keeps what."""
    _require(call)
    done = set_contract_status(
        call.conn, body.codes, body.status, call.actor, consent=consent, skip_refused=body.skip_refused, dry_run=dry_run
    )
    address = call.request.build_absolute_uri("/api/errors/")
    rows = []
    for row in done.rows:
        said = {name: value for name, value in row._asdict().items() if name != "error"}
        problem = problem_of(row.error, call.language, address, has_body=False) if row.error else None
        rows.append(StatusRow(**said, problem=problem))
    return StatusAnswer(rows=rows, kept=done.kept)


@endpoint(router, "POST", "/contracts-from-agreement", tag="masters", body=FromAgreement, answer=Contract)
def make_contract_from_agreement(call: Call, body: FromAgreement, dry_run: DryRun = False) -> Any:
    """Make a contract from an agreement: it takes the agreement's currency, stages, manager and validity."""
    _require(call)
    said = Contract(**{name: value for name, value in msgspec.structs.asdict(body).items() if name != "agreement"})
    return make_contract(call.conn, body.agreement, said, call.actor, dry_run=dry_run)


@endpoint(router, "POST", "/fill", tag="documents", body=AnyDocument, answer=ChoiceAnswer)
def fill_document(call: Call, body: AnyDocument) -> Any:
    """Fill in the contract that a document leaves out, where exactly one fits, with its bank account or VAT. Nothing is kept."""
    call.rights.require("read", body.unit)
    found = choose_contract(call.conn, body)
    return ChoiceAnswer(document=found.document, contracts=[contract.code for contract in found.fitting])


def _require(call: Call) -> None:
    """Who may draft documents somewhere may change the contracts they are on."""
    if not call.rights.units_with("draft"):
        raise DomainError(ErrorCode.NOT_PERMITTED, right="draft", unit="*")
