"""The end of a year between units: what completed operations left on the account between them goes to the result of prior periods.

For every pair of units a notice of the last day of the year (spec 2.14): the claims of the one against its obligations to the result,
mirrored by the other, by kind of funds; what is still to be paid is left. It is proposed, drafted, sent, confirmed and undone like every
notice. Drafted again it says what is open then; once it is confirmed nothing is left to propose.
Errors: unknown_reference (organization), invalid_value (account, year), closing_account_needed (no law of the chart says where to),
closing_left_exceeds_open (more is left than is open), closing_notices_wait, those of save_notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import combinations
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.access.rights import Rights
from setoff.books.audit import Actor
from setoff.books.charts import load_chart
from setoff.core.chart import Chart, Role
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import Money, format_amount
from setoff.notices.queries import UnitPlace, units_of
from setoff.notices.records import Kept
from setoff.notices.services import save_notice
from setoff.trade.account_codes import code_of
from setoff.trade.documents import BranchNotice
from setoff.trade.fields import positive_amount
from setoff.trade.notice import Sides
from setoff.trade.notice_documents import NoticeRow
from setoff.trade.notice_mirror import Open, Side, change_of
from setoff.trade.notice_paper import Basis, Notice
from setoff.trade.queries import decode_document

OPERATION: Final = "year_end"
YEARS: Final = range(2000, 2100)
BOOKED_SQL: Final = """
  select version.content from document join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  where document.unit_id = %(unit)s and document.kind = 'branch_notice' and document.date <= %(day)s
    and version.content::jsonb ->> 'other' = %(other)s
  order by document.moment"""
BEFORE_SQL: Final = """
  select code, status, operation = %(operation)s and year = %(year)s from branch_notice
  where (sender_unit_id, receiver_unit_id) in ((%(unit)s, %(other)s), (%(other)s, %(unit)s)) and date <= %(day)s order by id"""
Kind = tuple[str, str]
"""Kind of funds and account between units."""


class Policy(NamedTuple):
    """`account`: where it goes ("" = the chart's). `left`: by branch, what is still to be paid and stays."""

    account: str = ""
    left: Mapping[str, str] = {}


class Closing(NamedTuple):
    """What is proposed between two units. `notice` None: nothing is open, or its closing was sent already (`sent`)."""

    sender: str
    receiver: str
    currency: str
    claims: int
    obligations: int
    left: int
    notice: Notice | None
    sent: str = ""


def propose_closing(conn: Connection[Any], organization: str, year: int, policy: Policy, rights: Rights) -> list[Closing]:
    """Every pair of units with something open at the end of the year, of senders in which one may draft."""
    if year not in YEARS:
        raise DomainError(ErrorCode.INVALID_VALUE, field="year", value=str(year), expected=f"{YEARS.start}..{YEARS.stop - 1}")
    row = conn.execute("select id from organization where code = %s", [organization]).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="organization", value=organization, field="organization")
    units = sorted((unit for unit in units_of(conn).values() if unit.organization_id == row[0]), key=_rank)
    for code in policy.left:
        if code not in {unit.code for unit in units}:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="unit", value=code, field="left")
    pairs = [pair for pair in combinations(units, 2) if rights.may("draft", pair[0].id)]
    found = [_closing(conn, pair, year, policy) for pair in pairs]
    return [closing for closing in found if closing is not None]


def draft_closing(
    conn: Connection[Any], organization: str, year: int, actor: Actor, rights: Rights, *, policy: Policy
) -> list[Kept]:
    """The notices that are proposed stand as drafts; what was drafted before says what is open now."""
    with conn.transaction():
        return [
            save_notice(conn, closing.notice, actor, rights)
            for closing in propose_closing(conn, organization, year, policy, rights)
            if closing.notice is not None
        ]


def _rank(unit: UnitPlace) -> tuple[bool, str]:
    """Head offices send, branches confirm."""
    return unit.kind != "head_office", unit.code


def _closing(conn: Connection[Any], pair: tuple[UnitPlace, UnitPlace], year: int, policy: Policy) -> Closing | None:
    unit, other = pair
    chart, day = load_chart(unit.chart), date(year, 12, 31)
    groups = _open(conn, chart, pair, day)
    if not groups:
        return None
    key, sent = _key(conn, pair, day)
    said = policy.left.get(other.code) or policy.left.get(unit.code)
    left = positive_amount(said, unit.currency, "left") if said else 0
    closed = _without(groups, left, unit)
    notice = None
    if not sent and any(map(any, closed.values())):
        result = _result(chart, policy)
        rows = [row for kind, amounts in closed.items() for row in _rows(kind, amounts, result, unit.currency)]
        mirrored = [NoticeRow(debit=row.credit, credit=row.debit, amount=row.amount) for row in rows]
        notice = Notice(
            sender=unit.code, receiver=other.code, date=day.isoformat(), nature="offset", key=key, operation=OPERATION, sender_rows=rows,
            receiver_rows=mirrored, basis=[Basis(name=f"{year}")],
        )  # fmt: skip
    claims, obligations = (sum(amounts[place] for amounts in closed.values()) for place in (0, 1))
    return Closing(unit.code, other.code, unit.currency, claims, obligations, left, notice, sent)


def _open(conn: Connection[Any], chart: Chart, pair: tuple[UnitPlace, UnitPlace], day: date) -> dict[Kind, Open]:
    """What is open of the first unit with the other at the end of the day, by its documents; kinds of funds with nothing left out."""
    unit, other = pair
    open_: dict[Kind, Open] = {}
    for (content,) in conn.execute(BOOKED_SQL, {"unit": unit.id, "other": other.code, "day": day}):
        document = decode_document(content)
        assert isinstance(document, BranchNotice)
        for number, row in enumerate(document.rows, 1):
            debit, credit = code_of(chart, row.debit, "debit"), code_of(chart, row.credit, "credit")
            between = next((code for code in (debit, credit) if code.account.is_inter_branch), None)
            if between is None:
                continue
            sides = Sides(row, number, debit, credit, positive_amount(row.amount, unit.currency, "amount"))
            change = change_of(Side(unit.code, [sides], unit.currency), document.nature)
            before = open_.get((between.kfo, between.account.code), Open())
            open_[between.kfo, between.account.code] = Open(before.claims + change.claims, before.obligations + change.obligations)
    return {kind: found for kind, found in sorted(open_.items()) if any(found)}


def _key(conn: Connection[Any], pair: tuple[UnitPlace, UnitPlace], day: date) -> tuple[str, str]:
    """The key of the closing to draft, and that of the one that waits for its confirmation. Errors: closing_notices_wait."""
    unit, other = pair
    asked = {"operation": OPERATION, "year": day.year, "unit": unit.id, "other": other.id, "day": day}
    own: dict[str, str] = {}
    waiting = []
    for code, status, is_closing in conn.execute(BEFORE_SQL, asked):
        if is_closing:
            own[code] = status
        elif status == "sent":
            waiting.append(code)
    if waiting:
        raise DomainError(ErrorCode.CLOSING_NOTICES_WAIT, unit=unit.code, other=other.code, day=day, notices=", ".join(waiting))
    drafted = next((code for code, status in own.items() if status in ("draft", "rejected")), "")
    sent = next((code for code, status in own.items() if status == "sent"), "")
    first = f"closing/{day.year}/{unit.code}/{other.code}"
    return drafted or (f"{first}/{len(own) + 1}" if own else first), sent


def _without(groups: Mapping[Kind, Open], left: int, unit: UnitPlace) -> dict[Kind, Open]:
    """What is closed when `left` stays on the side that is owed more. Errors: closing_left_exceeds_open."""
    claims, obligations = (sum(found[place] for found in groups.values()) for place in (0, 1))
    place = 0 if claims >= obligations else 1
    if left > max(claims, obligations):
        raise DomainError(
            ErrorCode.CLOSING_LEFT_EXCEEDS_OPEN, unit=unit.code, amount=Money(left, unit.currency), claims=Money(claims, unit.currency),
            obligations=Money(obligations, unit.currency), field="left",
        )  # fmt: skip
    closed = {}
    for kind, found in groups.items():
        kept = min(left, max(found[place], 0))
        left -= kept
        amounts = [*found]
        amounts[place] -= kept
        closed[kind] = Open(*amounts)
    return closed


def _result(chart: Chart, policy: Policy) -> str:
    """Errors: closing_account_needed, invalid_value, unknown_account."""
    account = policy.account or chart.roles.get(Role.BRANCH_RESULT, "")
    if not account:
        raise DomainError(
            ErrorCode.CLOSING_ACCOUNT_NEEDED, chart=chart.name, proposed=chart.role(Role.RETAINED_EARNINGS), field="account"
        )
    found = code_of(chart, account, "account").account
    if found.is_settlement or found.is_inter_branch:
        raise DomainError(ErrorCode.INVALID_VALUE, field="account", value=account)
    return found.code


def _rows(kind: Kind, amounts: Open, result: str, currency: str) -> list[NoticeRow]:
    """Claims leave by the credit of the account between units, obligations by its debit."""
    kfo, between = kind
    first, second = (f"{kfo} {code} 000" if kfo else code for code in (between, result))
    rows = []
    if amounts.claims > 0:
        rows.append(NoticeRow(debit=second, credit=first, amount=format_amount(amounts.claims, currency)))
    if amounts.obligations > 0:
        rows.append(NoticeRow(debit=first, credit=second, amount=format_amount(amounts.obligations, currency)))
    return rows
