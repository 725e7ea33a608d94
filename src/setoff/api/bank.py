"""The bank: accounts, statements, lines with their proposals, rules. See banks/services.py and banks/claims.py for what the verbs do."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec
from ninja import Query, Router
from pydantic import Field

from setoff.access.approvals import Pending
from setoff.access.rights import Right
from setoff.api.bank_answers import (
    BankAccountAnswer,
    BankLineAnswer,
    BankLinePage,
    ConfirmationAnswer,
    ImportedAnswer,
    ProposedAnswer,
    RuleAnswer,
    StatementAnswer,
    account_answer,
    confirmation_answer,
    imported_answer,
    line_answer,
    rule_answer,
    statement_answer,
)
from setoff.api.call import NONE, Answer, Call, Codes, Cursor, Day, Limit
from setoff.api.cursors import cursor_after, values_of
from setoff.api.endpoint import endpoint
from setoff.api.uploads import Upload
from setoff.banks import claims, services
from setoff.banks.queries import LineFilter, bank_accounts, bank_lines, bank_rules, bank_statements
from setoff.banks.records import BankAccount, BankRule, CounterpartyAccount, LineState
from setoff.core.errors import DomainError, ErrorCode
from setoff.reports.ask import parse_day
from setoff.trade.documents import Payment

router: Final = Router()
NUMBER_MAX: Final = (1 << 63) - 1
FILES: Final = ("application/xml", "text/xml", "text/plain", "application/octet-stream")
Line = Annotated[int, Field(ge=1, le=NUMBER_MAX, description="Number of the line.")]
Rule = Annotated[int, Field(ge=1, le=NUMBER_MAX, description="Number of the rule.")]
Account = Annotated[str, Field(max_length=100, description="Name or number of an account of ours; all by default.")]
States = Annotated[list[LineState], Query(description="States; may be repeated.")]
EVERY_STATE: Final[list[LineState]] = []


class Lines(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Numbers of lines."""

    lines: Annotated[list[Annotated[int, msgspec.Meta(ge=1, le=NUMBER_MAX)]], msgspec.Meta(max_length=10_000)]


class Owner(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose a line is."""

    counterparty: str
    contract: str = ""


class Ignored(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why nothing is booked of a line."""

    reason: Annotated[str, msgspec.Meta(min_length=1)]


@endpoint(router, "GET", "/bank/accounts", tag="bank", answer=list[BankAccountAnswer])
def list_bank_accounts(call: Call, unit: Codes = NONE) -> Any:
    """Accounts of ours with the balance of their newest statement and the lines that wait."""
    return [account_answer(row) for row in bank_accounts(call.conn, _units(call, unit, "read"))]


@endpoint(router, "PUT", "/bank/accounts", tag="bank", body=BankAccount, status=204)
def save_bank_account(call: Call, body: BankAccount) -> Any:
    """Make an account of ours known, or change what is said of it; found by number and currency."""
    call.rights.require("post", body.unit)
    services.save_account(call.conn, body, call.actor)
    return Answer()


@endpoint(router, "PUT", "/bank/party-accounts", tag="bank", body=CounterpartyAccount, status=204)
def save_party_account(call: Call, body: CounterpartyAccount) -> Any:
    """Make an account of a party known: lines from it are its, payments to it go there."""
    call.rights.require("post", body.unit)
    services.save_party_account(call.conn, body, call.actor)
    return Answer()


@endpoint(router, "GET", "/bank/statements", tag="bank", answer=list[StatementAnswer])
def list_bank_statements(call: Call, unit: Codes = NONE, account: Account = "", limit: Limit = 100) -> Any:
    """Statements with their balances and what was found wrong in them, the newest first."""
    rows = bank_statements(call.conn, _units(call, unit, "read"), account, limit)
    return [statement_answer(row, call.language) for row in rows]


@endpoint(router, "POST", "/bank/statements", tag="bank", upload=FILES, answer=list[ImportedAnswer], is_import=True)
def import_bank_statements(call: Call, body: Upload) -> Any:
    """Read a file of the bank: CAMT.052/053, MT940 or 1CClientBankExchange. Every line is kept once, however often files overlap."""
    with call.conn.transaction():
        found = services.import_statements(call.conn, body.path.read_bytes(), body.path.name, call.actor)
        for imported in found:
            call.rights.require("draft", imported.unit)
    return [imported_answer(imported) for imported in found]


@endpoint(router, "GET", "/bank/lines", tag="bank", answer=BankLinePage)
def list_bank_lines(
    call: Call,
    unit: Codes = NONE,
    account: Account = "",
    state: States = EVERY_STATE,
    since: Day = "",
    until: Day = "",
    q: Annotated[str, Field(max_length=200, description="A part of the name or the purpose, or a tax number or account.")] = "",
    limit: Limit = 100,
    cursor: Cursor = "",
) -> Any:
    """Lines with what is proposed for them, why, and how sure that is; in the order of their days."""
    first, last = (parse_day(day, name) if day else None for day, name in ((since, "since"), (until, "until")))
    after = values_of(cursor, "bank lines", str, int) if cursor else None
    chosen = LineFilter(
        units=_units(call, unit, "read"), account=account, states=state, since=first, until=last, words=q,
        after=(parse_day(after[0], "cursor"), after[1]) if after else None, limit=limit + 1,
    )  # fmt: skip
    rows = bank_lines(call.conn, chosen)
    end = rows[limit - 1] if len(rows) > limit else None
    more = cursor_after("bank lines", [end.booking_date.isoformat(), end.id]) if end else ""
    return BankLinePage(rows=[line_answer(row, call.language) for row in rows[:limit]], next=more)


@endpoint(router, "POST", "/bank/proposals", tag="bank", answer=ProposedAnswer)
def propose_bank_lines(call: Call, unit: Codes = NONE, account: Account = "") -> Any:
    """Propose payments for every open line that nobody decided, by the books as they are."""
    found = claims.propose_lines(call.conn, _units(call, unit, "draft"), account)
    return ProposedAnswer(**found._asdict())


@endpoint(router, "POST", "/bank/confirmations", tag="bank", body=Lines, answer=list[ConfirmationAnswer])
def confirm_bank_lines(call: Call, body: Lines) -> Any:
    """Post the payments that are proposed for these lines, each by itself; what posting refuses stays proposed."""
    _require_lines(call, body.lines, "post")
    found = claims.confirm_lines(call.conn, body.lines, call.actor)
    return [confirmation_answer(confirmed, call.language) for confirmed in found]


@endpoint(router, "POST", "/bank/lines/{line}/unconfirm", tag="bank", answer=BankLineAnswer, also={202: BankLineAnswer})
def unconfirm_bank_line(call: Call, line: Line) -> Any:
    """Take the payment of a line out of the books; the line is proposed again. Where a policy asks a second person first, the answer is 202
    and the line stays as it was: say it again when the request is approved."""
    _require_lines(call, [line], "post")
    undone = claims.unconfirm_line(call.conn, line, call.actor)
    return Answer(_now(call, line), status=HTTPStatus.ACCEPTED if isinstance(undone, Pending) else HTTPStatus.OK)


@endpoint(router, "PUT", "/bank/lines/{line}/payment", tag="bank", body=Payment, answer=BankLineAnswer)
def claim_bank_line(call: Call, body: Payment, line: Line) -> Any:
    """Say which payment a line is; its account, amount and direction are the line's. It stays to be confirmed."""
    _require_lines(call, [line], "draft")
    claims.claim_line(call.conn, line, body, call.actor)
    return _now(call, line)


@endpoint(router, "PUT", "/bank/lines/{line}/owner", tag="bank", body=Owner, answer=BankLineAnswer)
def assign_bank_line(call: Call, body: Owner, line: Line) -> Any:
    """Say whose a line is; what it settles is proposed."""
    _require_lines(call, [line], "draft")
    claims.assign_line(call.conn, line, body.counterparty, call.actor, contract=body.contract)
    return _now(call, line)


@endpoint(router, "POST", "/bank/lines/{line}/ignore", tag="bank", body=Ignored, answer=BankLineAnswer)
def ignore_bank_line(call: Call, body: Ignored, line: Line) -> Any:
    """Nothing is booked of a line, with the reason."""
    _require_lines(call, [line], "draft")
    claims.ignore_line(call.conn, line, body.reason, call.actor)
    return _now(call, line)


@endpoint(router, "POST", "/bank/lines/{line}/restore", tag="bank", answer=BankLineAnswer)
def restore_bank_line(call: Call, line: Line) -> Any:
    """An ignored line is open again; what a person said of an open one is forgotten."""
    _require_lines(call, [line], "draft")
    claims.restore_line(call.conn, line, call.actor)
    return _now(call, line)


@endpoint(router, "GET", "/bank/rules", tag="bank", answer=list[RuleAnswer])
def list_bank_rules(call: Call, unit: Codes = NONE) -> Any:
    """Rules in the order in which they are tried."""
    return [rule_answer(row) for row in bank_rules(call.conn, _units(call, unit, "read"))]


@endpoint(router, "POST", "/bank/rules", tag="bank", body=BankRule, answer=RuleAnswer, status=201)
def add_bank_rule(call: Call, body: BankRule) -> Any:
    """Say once and for all what lines of a kind are."""
    call.rights.require("post", body.unit)
    number = services.add_rule(call.conn, body, call.actor)
    return next(rule_answer(row) for row in bank_rules(call.conn, [body.unit]) if row.id == number)


@endpoint(router, "DELETE", "/bank/rules/{rule}", tag="bank", status=204)
def drop_bank_rule(call: Call, rule: Rule) -> Any:
    """A rule is tried no more; what it proposed and was confirmed stays."""
    found = next((row for row in bank_rules(call.conn, _units(call, [], "read")) if row.id == rule), None)
    if found is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="bank_rule", value=str(rule), field="rule")
    call.rights.require("post", found.record.unit)
    services.drop_rule(call.conn, rule, call.actor)
    return Answer()


def _units(call: Call, given: Iterable[str], right: Right) -> list[str]:
    """Codes of the units asked for, or of all where one has the right; never none, which would mean all."""
    asked = list(given)
    for code in asked:
        call.rights.require(right, code)
    own = [code for code, unit_id in call.rights.unit_codes.items() if call.rights.may(right, unit_id)]
    if not asked and not own:
        raise DomainError(ErrorCode.NOT_PERMITTED, right=right, unit="*")
    return asked or own


def _require_lines(call: Call, lines: list[int], right: Right) -> None:
    """Lines that one may not read do not exist."""
    readable = set(call.rights.units_with("read"))
    found = {row.id: row for row in bank_lines(call.conn, LineFilter(ids=lines))} if lines else {}
    for line in lines:
        if line not in found or found[line].unit_id not in readable:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="bank_line", value=str(line), field="line")
        call.rights.require(right, found[line].unit_id)


def _now(call: Call, line: int) -> BankLineAnswer:
    return line_answer(claims.line_by_id(call.conn, line), call.language)


