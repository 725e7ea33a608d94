"""C-BR: head office and branches (spec 3, C-BR-1 to C-BR-5; 2.13, 2.14).

C-BR-1 finds what one unit entered on an account between units and no other unit entered the other way; over all units the account is zero
while there is none. C-BR-2 compares what each unit of a pair has with the other (c-br-2.sql), C-BR-2a the rows of each notice. C-BR-4 finds
accounts that are not those of the unit's chart, and money that went the other way than its document says; its list entries that debit money
against an advance to a supplier, which is how a printed scheme reads that has its sides swapped.
"""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any, Final, NamedTuple

import psycopg

from setoff.books.charts import account_id, chart_names, load_chart
from setoff.core.chart import CurrencyClass
from setoff.core.errors import DomainError
from setoff.core.moment import LAST_DAY
from setoff.settlements.checks import Check, Row
from setoff.settlements.inter_branch import one_sided
from setoff.trade.account_codes import MONEY_ROLES, code_of
from setoff.trade.documents import BranchNotice
from setoff.trade.fields import positive_amount
from setoff.trade.kinds import KINDS, PAYMENT
from setoff.trade.notice import Sides
from setoff.trade.notice_mirror import Side, check_mirror
from setoff.trade.payment import MONEY_IN
from setoff.trade.queries import decode_document

MONEY_OUT: Final = frozenset(kind.name for kind in KINDS.values() if kind.day_order == PAYMENT) - MONEY_IN
ORGANIZATIONS_SQL: Final = """
  select organization.chart, organization.book_currency, array_agg(unit.id), jsonb_object_agg(unit.id, unit.code)
  from organization join unit on unit.organization_id = organization.id
  where organization.id not in (   -- who sees one side alone cannot judge
    select organization_id from sibling_units() sibling where not exists (select from unit where unit.id = sibling.id))
  group by organization.id order by organization.code"""
NOTICES_SQL: Final = """
  select version.content::jsonb ->> 'notice', version.content::jsonb ->> 'side' = 'receiver', unit.id, unit.code, organization.chart,
         organization.book_currency, version.content, document.key, document.kind, document.number, document.date, document.moment
  from document join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  join unit on unit.id = document.unit_id join organization on organization.id = unit.organization_id
  where document.kind = 'branch_notice' order by 1, 2, document.moment"""
FOREIGN_SQL: Final = """
  with foreign_account as materialized (
    select used.unit_id, unit.code as unit, used.id, account.chart || ' ' || account.code as account, organization.chart,
           organization.book_currency
    from (select unit_id, debit_account_id as id from posting union select unit_id, credit_account_id from posting) used
    join unit on unit.id = used.unit_id join organization on organization.id = unit.organization_id
    join account on account.id = used.id
    where not (account.chart = organization.chart and account.id = any(%(known)s))
      and (%(unit_id)s::bigint is null or used.unit_id = %(unit_id)s))
  select wrong.unit, wrong.account || ' ' || posting.line, wrong.chart, wrong.account, posting.amount, wrong.book_currency,
         document.key, document.kind, document.number, document.date, document.moment
  from foreign_account wrong
  join posting on posting.unit_id = wrong.unit_id and wrong.id in (posting.debit_account_id, posting.credit_account_id)
  join document on document.unit_id = posting.unit_id and document.id = posting.document_id
  order by document.moment, document.id, posting.line"""
"""The accounts first: nearly always there is none, and postings are held against none."""
TURNED_SQL: Final = """
  select unit.code, account_code(posting.debit_account_id) || ' ' || account_code(posting.credit_account_id) || ' ' || posting.line,
         '0', posting.amount, posting.amount, organization.book_currency, document.key, document.kind, document.number, document.date,
         document.moment
  from posting join document on document.unit_id = posting.unit_id and document.id = posting.document_id
  join unit on unit.id = posting.unit_id join organization on organization.id = unit.organization_id
  where (posting.debit_account_id = any(%(money)s)) <> (posting.credit_account_id = any(%(money)s)) and ({turned})
    and (%(unit_id)s::bigint is null or posting.unit_id = %(unit_id)s)
  order by document.moment, document.id, posting.line"""
AGAINST_KIND: Final = """
  posting.amount > 0 and (document.kind = any(%(out)s) and posting.debit_account_id = any(%(money)s)
                          or document.kind = any(%(in)s) and posting.credit_account_id = any(%(money)s))"""
ADVANCE_BACK: Final = """
  posting.amount > 0 and posting.debit_account_id = any(%(money)s) and posting.credit_account_id = any(%(advances)s)
  and not document.kind = any(%(in)s) and not document.kind = any(%(out)s)
  and not exists (select from version where version.unit_id = document.unit_id and version.id = document.posted_version_id
                    and document.kind in ('branch_notice', 'local_entry') and version.content::jsonb ->> 'money' = 'in')"""


def one_sided_rows(conn: psycopg.Connection[Any], unit_id: int | None) -> list[Row]:
    """Documents whose side of an account between units has no other side: expected is nothing, actual what they put there."""
    rows = []
    for chart, currency, units, codes in conn.execute(ORGANIZATIONS_SQL).fetchall():
        for account in load_chart(chart).inter_branch:
            for found in one_sided(conn, units, account, as_of=LAST_DAY, most=None):
                net = sum(found.amounts.values())
                where = next(iter(found.amounts)) if unit_id not in found.amounts else unit_id
                if unit_id in (None, where):
                    rows.append(
                        Row(codes[str(where)], f"{account} {found.key}", "0", str(net), net, currency, found.key, found.kind, found.number,
                            found.date, found.moment)
                    )  # fmt: skip
    return rows


class Told(NamedTuple):
    """A side of a notice in the books."""

    notice: str
    is_receiver: bool
    unit_id: int
    unit: str
    chart: str
    currency: str
    content: str
    document: str
    kind: str
    number: str
    date: date
    moment: int

    def side(self) -> Side:
        """Its rows with their accounts. Errors: those of the accounts and amounts."""
        document = decode_document(self.content)
        assert isinstance(document, BranchNotice)
        chart, rows = load_chart(self.chart), []
        for number, row in enumerate(document.rows, 1):
            codes = code_of(chart, row.debit, "debit"), code_of(chart, row.credit, "credit")
            rows.append(Sides(row, number, *codes, positive_amount(row.amount, self.currency, "amount")))
        return Side(self.unit, rows, self.currency)


def mirror_rows(conn: psycopg.Connection[Any], unit_id: int | None) -> list[Row]:
    """Notices of which both sides are in the books and do not mirror one another: row by row, in kind of funds and KOSGU. Expected is the
    row of the sender, actual that of the receiver. One side alone is C-BR-1."""
    rows = []
    for _, group in groupby(map(Told._make, conn.execute(NOTICES_SQL).fetchall()), key=lambda found: found.notice):
        sides = list(group)
        if len(sides) == 1 or unit_id not in (None, *(side.unit_id for side in sides)):
            continue
        try:
            check_mirror(sides[0].side(), sides[1].side())
        except DomainError as refusal:
            first, key = sides[0], f"{refusal.code.value} {sides[0].notice}"
            unit = next(side.unit for side in sides if unit_id in (None, side.unit_id))
            sender, receiver = differing(refusal)
            rows.append(Row(unit, key, sender, receiver, None, None, first.document, first.kind, first.number, first.date, first.moment))
    return rows


def differing(refusal: DomainError) -> tuple[str, str]:
    """What the rows of sender and receiver say: their accounts, or what they move between the units (debit / credit)."""
    facts = refusal.facts
    if "sender_row" in facts:
        return str(facts["sender_row"]), str(facts["receiver_row"])
    sides = [f"{row['debit']} / {row['credit']}" for row in facts.get("rows", ())]
    return (sides[0], sides[1]) if len(sides) > 1 else ("", str(refusal))


def foreign_rows(conn: psycopg.Connection[Any], unit_id: int | None) -> list[Row]:
    """Postings on an account that the chart of their unit does not have, then payments whose money went the other way."""
    known = [account_id(name, code) for name in chart_names() for code in load_chart(name).accounts]
    found = conn.execute(FOREIGN_SQL, {"known": known, "unit_id": unit_id}).fetchall()
    turned = conn.execute(TURNED_SQL.format(turned=AGAINST_KIND), asked(unit_id)).fetchall()
    return [Row._make(row) for row in (*found, *turned)]


def advance_rows(conn: psycopg.Connection[Any], unit_id: int | None) -> list[Row]:
    """Entries, no payments, that debit money against an advance paid to a supplier."""
    return [Row._make(row) for row in conn.execute(TURNED_SQL.format(turned=ADVANCE_BACK), asked(unit_id))]


def asked(unit_id: int | None) -> dict[str, Any]:
    """Accounts of money and of advances paid in every chart; kinds of payments by direction."""
    money, advances = set(), set()
    for name in chart_names():
        chart = load_chart(name)
        money |= {account_id(name, chart.role(role)) for role in MONEY_ROLES if role in chart.roles}
        pairs = [chart.pair(relation, currency) for relation in ("supplier", "other_supplier") for currency in CurrencyClass]
        advances |= {account_id(name, pair.advance) for pair in pairs if pair.advance != pair.debt}
    return {
        "unit_id": unit_id, "money": sorted(money), "advances": sorted(advances), "in": sorted(MONEY_IN), "out": sorted(MONEY_OUT),
    }  # fmt: skip


BRANCH_CHECKS: Final = (
    Check(
        "C-BR-1", "error", "3, C-BR-1; 1.11, I8", "row",
        "What one unit enters on an account between units, another enters the other way on the same day: over all units it is zero.",
        "", one_sided_rows,
    ),
    Check(
        "C-BR-2a", "error", "3, C-BR-2; 2.13", "row",
        "The two sides of a notice mirror one another: row by row, in one kind of funds, by equal KOSGU where they stand on one account.",
        "", mirror_rows,
    ),
    Check(
        "C-BR-4", "error", "3, C-BR-4; 2.13", "row",
        "Accounts are those of the unit's chart, and the money of a payment goes the way its kind says.", "", foreign_rows,
    ),
    Check("C-BR-4.list", "list", "3, C-BR-4; 2.13", "row", "Entries that debit money against an advance paid.", "", advance_rows),
)  # fmt: skip
