"""What the reports of the ledger, of documents, of VAT and of expected money say, beside the rows that they come from (truth.py)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

from setoff.books.charts import load_chart
from setoff.books.ledger_queries import account_ids
from setoff.core.chart import Role
from setoff.reports.collection import accounts_of
from setoff.reports.ledger import SIDES
from setoff.settlements.orders.standing import standings
from setoff.trade.kinds import KINDS, PAYMENT, REVERSIBLE
from setoff.trade.payment import MONEY_IN
from tests.reports.history import ORGANIZATIONS
from tests.reports.truth import Asked, Paper, assert_in_pages, pages, rows_of, sums, totals_of

GROUPS: Final = ("", "counterparty", "unit,counterparty,contract,object", "document")


def moved(asked: Asked, first: date | None = None) -> Any:
    """Postings by currency and account, debit less credit, from a day (None: ever) to the day asked about."""
    found: Counter[Any] = Counter()
    for row in asked.truth.postings:
        if row.day <= asked.day and (first is None or row.day >= first):
            found[row.currency, row.debit] += row.amount
            found[row.currency, row.credit] -= row.amount
    return {key: value for key, value in found.items() if value}


def turnover_balance(asked: Asked) -> None:
    """Debit is credit in every pair of columns; an account has what was posted, whatever it is expanded by; a settlement account what its
    lots are worth, by party and by document."""
    posted = asked.truth.postings
    settling = {row.debit for row in posted if row.debit_settles} | {row.credit for row in posted if row.credit_settles}
    lots = [lot for lot in asked.truth.lots if lot.contour == "reg"]
    for group_by in GROUPS:
        report = asked.report("turnover-balance", since=asked.since, **({"group_by": group_by} if group_by else {}))
        rows = rows_of(report)
        accounts, groups = [row for row in rows if row.level == 0], [row for row in rows if row.level == 1 and row.account in settling]
        for total in totals_of(report):
            amounts = [getattr(total, side) for side in SIDES]
            assert amounts[0::2] == amounts[1::2]
            assert amounts == [sum(getattr(row, side) for row in accounts if row.currency == total.currency) for side in SIDES]
        assert sums(accounts, ("currency", "account"), lambda row: row.closing_debit - row.closing_credit) == moved(asked)
        assert sums(accounts, ("currency", "account"), lambda row: row.turnover_debit - row.turnover_credit) == moved(asked, asked.since)
        assert all(
            row.opening_debit - row.opening_credit + row.turnover_debit - row.turnover_credit == row.closing_debit - row.closing_credit
            for row in rows
        )
        if group_by == "counterparty":
            assert sums(groups, ("currency", "counterparty"), lambda row: row.closing_debit - row.closing_credit) == sums(
                lots, ("book_currency", "name"), lambda lot: lot.worth(asked.day)
            )
        if group_by == "document":
            assert sums(groups, lambda row: (row.currency, row.document.key), lambda row: row.closing_debit - row.closing_credit) == sums(
                lots, ("book_currency", "key"), lambda lot: lot.worth(asked.day)
            )


def consolidation(asked: Asked) -> None:
    """Of an organization: each unit has what was posted in it, and the sum is the balance sheet's."""
    for house in sorted(ORGANIZATIONS):
        units = ORGANIZATIONS[house][0]
        posted = [row for row in asked.truth.postings if row.unit in units and row.day <= asked.day]
        report = asked.report("consolidation", since=asked.since, organization=house)
        own = [row for row in rows_of(asked.report("turnover-balance", since=asked.since, organization=house)) if row.level == 0]
        closing = [row for section in report.sections if section.heading and section.heading.label == "consolidated-closing"
                   for row in section.rows if row.level == 0]  # fmt: skip
        for place, unit in enumerate(units):
            held: Counter[str] = Counter()
            for row in posted:
                held[row.debit] += row.amount if row.unit == unit else 0
                held[row.credit] -= row.amount if row.unit == unit else 0
            assert sums(closing, lambda row: row.account, lambda row, at=place: row.amounts[at]) == {
                account: amount for account, amount in held.items() if amount
            }
        assert sums(closing, ("account",), "total") == sums(own, ("account",), lambda row: row.closing_debit - row.closing_credit)
        turned = [row for section in report.sections if section.heading and section.heading.label == "consolidated-debit"
                  for row in section.rows if row.level == 0]  # fmt: skip
        assert sums(turned, ("account",), "total") == sums(own, ("account",), "turnover_debit")


def account_analysis(asked: Asked) -> None:
    """Of every account: it opens, turns over with its corresponding accounts and closes as it was posted."""
    units = tuple({lot.unit_id for lot in asked.truth.lots})
    for code in sorted({code for row in asked.truth.postings for code in (row.debit, row.credit)}):
        own = set(account_ids(asked.db, units, code))
        for group_by in ({}, {"group_by": "counterparty,contract"}):
            report = asked.report("account-analysis", since=asked.since, account=code, **group_by)
            found: Counter[Any] = Counter()
            for section in report.sections:
                first, turnover, last = section.opening[0].row, *(total.row for total in section.totals)
                assert first.debit - first.credit + turnover.debit - turnover.credit == last.debit - last.credit
                assert sum(row.debit for row in section.rows) == turnover.debit
                assert sum(row.credit for row in section.rows) == turnover.credit
                found[last.currency, "closing"] += last.debit - last.credit
                found[last.currency, "debit"] += turnover.debit
                found[last.currency, "credit"] += turnover.credit
            expected: Counter[Any] = Counter()
            for row in asked.truth.postings:
                for side, account, sign in (("debit", row.debit_id, 1), ("credit", row.credit_id, -1)):
                    if account in own and row.day <= asked.day:
                        expected[row.currency, "closing"] += sign * row.amount
                        expected[row.currency, side] += row.amount if asked.within(row.day) else 0
            assert {key: value for key, value in found.items() if value} == {key: value for key, value in expected.items() if value}


def postings(asked: Asked) -> None:
    """Every posting of the period once, in portions too; their sum is the turnover of the balance sheet."""
    report = asked.report("postings", since=asked.since)
    posted = [row for row in asked.truth.postings if asked.within(row.day)]
    named = Counter(
        (row.document.key, row.line, row.posting_kind, row.debit_account, row.credit_account, row.amount) for row in rows_of(report)
    )
    assert named == Counter((row.key, row.line, row.kind, row.debit, row.credit, row.amount) for row in posted)
    assert sums(totals_of(report), ("currency",), "amount") == sums(posted, ("currency",), "amount")
    turned = totals_of(asked.report("turnover-balance", since=asked.since))
    assert sums(turned, ("currency",), "turnover_debit") == sums(posted, ("currency",), "amount")
    assert [row for page in pages(asked, "postings", 9, since=asked.since) for row in rows_of(page)] == rows_of(report)


def of_period(asked: Asked, wanted: Callable[[Paper], bool]) -> dict[str, Paper]:
    return {key: paper for key, paper in asked.truth.papers.items() if asked.within(paper.date) and not paper.is_marked and wanted(paper)}


def journal(asked: Asked) -> None:
    """Every document of the period but those of money and by hand that touch no settlements, as it stands."""
    report = asked.report("journal", since=asked.since)
    apart = ("other_in", "other_out", "manual_entry")
    wanted = of_period(asked, lambda paper: paper.kind not in apart or paper.status != "posted" or paper.states)
    assert {row.document.key: (row.amount, row.currency, row.status) for row in rows_of(report)} == {
        key: (paper.total, paper.currency, paper.status) for key, paper in wanted.items()
    }
    assert [row for page in pages(asked, "journal", 7, since=asked.since) for row in rows_of(page)] == rows_of(report)


def adjustments(asked: Asked) -> None:
    """Adjustments of any state and payments that name what they settle: all of them stand in the journal of documents, with its sums."""
    report = asked.report("adjustments", since=asked.since)
    rows = {row.document.key: row for row in rows_of(report)}
    wanted = of_period(asked, lambda paper: paper.kind in REVERSIBLE)
    adjusting = {key: row for key, row in rows.items() if row.document.kind in REVERSIBLE}
    assert {key: (row.amount, row.currency, row.status) for key, row in adjusting.items()} == {
        key: (paper.total, paper.currency, paper.status) for key, paper in wanted.items()
    }
    assert rows.keys() <= {row.document.key for row in rows_of(asked.report("journal", since=asked.since))}
    posted = [row for row in rows.values() if row.status == "posted"]
    assert sums(totals_of(report), ("currency",), "amount") == sums(posted, ("currency",), "amount")
    assert [row for page in pages(asked, "adjustments", 5, since=asked.since) for row in rows_of(page)] == rows_of(report)


def advance_vat(asked: Asked) -> None:
    """Advance by advance what is left on the account of VAT on advances, and what of it waits for a decision."""
    report = asked.report("advance-vat")
    rows = rows_of(report)
    charts = [load_chart(name) for name in ("ru", "ru-budget")]
    posted = [row for row in asked.truth.postings if row.day <= asked.day and row.kind == "vat"]
    ledger = [row for row in rows_of(asked.report("turnover-balance")) if row.level == 0]
    for side, role in (("received", Role.VAT_ON_ADVANCES_RECEIVED), ("paid", Role.VAT_ON_ADVANCES_PAID)):
        codes = {chart.role(role) for chart in charts}
        balance = sum(row.amount * ((row.debit in codes) - (row.credit in codes)) for row in posted)
        assert sum(row.balance for row in rows if row.side == side) == balance
        assert sum(row.closing_debit - row.closing_credit for row in ledger if row.account in codes) == balance
    for field in ("accrued", "deducted", "expensed", "pending", "balance"):
        assert sums(totals_of(report), ("currency", "side"), field) == sums(rows, ("currency", "side"), field)
    assert_in_pages(asked, report, 3)


def pending_vat(asked: Asked) -> None:
    report = asked.report("pending-vat")
    assert sums(rows_of(report), ("currency",), "amount") == sums(rows_of(asked.report("advance-vat")), ("currency",), "pending")
    assert sums(totals_of(report), ("currency",), "amount") == sums(rows_of(report), ("currency",), "amount")
    assert_in_pages(asked, report, 2)


def register(direction: str) -> Callable[[Asked], None]:
    def tie(asked: Asked) -> None:
        """Every invoice entered in the period once: valid while it is posted, annulled when it is not."""
        report = asked.report(f"{direction}-invoices", since=asked.since)
        rows = rows_of(report)
        kept = of_period(asked, lambda paper: paper.kind == f"{direction}_invoice")
        assert {row.document.key: row.status == "annulled" for row in rows} == {
            key: paper.status != "posted" for key, paper in kept.items() if paper.status != "draft"
        }
        valid = [row for row in rows if row.status == "posted"]
        for field in ("gross", "net", "vat"):
            assert sums(totals_of(report), ("currency",), field) == sums(valid, ("currency",), field)
        assert [row.document for page in pages(asked, f"{direction}-invoices", 2, since=asked.since) for row in rows_of(page)] == [
            row.document for row in rows
        ]

    return tie


def book(name: str) -> Callable[[Asked], None]:
    def tie(asked: Asked) -> None:
        """Lines are of a register (a decrease of ours stands among the purchases) or give back the VAT of an advance; two periods make one;
        totals are the lines'."""
        report = asked.report(name, since=asked.since)
        rows = rows_of(report)
        registered = {key for key, paper in asked.truth.papers.items() if paper.kind in ("issued_invoice", "received_invoice")}
        assert {row.document.key for row in rows if row.code not in ("21", "22")} <= registered
        for field in ("gross", "vat"):
            lines = rows if field == "vat" else [row for row in rows if row.code not in ("21", "22")]
            assert sums(totals_of(report), ("currency",), field) == sums(lines, ("currency",), field)
        middle = asked.since + (asked.day - asked.since) // 2
        halves = [asked._replace(day=middle), *([asked._replace(since=middle + timedelta(days=1))] if middle < asked.day else [])]
        parts = [row for half in halves for row in rows_of(half.report(name, since=half.since))]
        assert sums(parts, ("currency",), "vat") == sums(rows, ("currency",), "vat")
        shown = [row.document for page in pages(asked, name, 2, since=asked.since) for row in rows_of(page)]
        assert shown == [row.document for row in rows]

    return tie


def missing_invoices(asked: Asked) -> None:
    """Posted documents of the period that have none; what has a valid one is not there."""
    rows = rows_of(asked.report("missing-invoices", since=asked.since))
    valid = {key for (key,) in asked.db.execute(
        "select document.key from invoice_base base join document on document.unit_id = base.unit_id and document.id = base.base_id "
        "where base.is_valid")}  # fmt: skip
    for row in rows:
        paper = asked.truth.papers[row.document.key]
        assert paper.status == "posted"
        assert asked.within(paper.date)
        assert (row.amount, row.currency) == (paper.total, paper.currency)
        assert paper.key not in valid


def orders(asked: Asked) -> None:
    """Of every order that is posted: its sum, and what of its debts is open; planned is no more than is not shipped."""
    report = asked.report("orders", all="yes")
    rows = {row.document.key: row for row in rows_of(report)}
    wanted = {
        key: paper for key, paper in asked.truth.papers.items()
        if paper.kind in ("customer_order", "supplier_order") and paper.status == "posted" and paper.date <= asked.day
    }  # fmt: skip
    assert {key: (row.total, row.currency) for key, row in rows.items()} == {
        key: (paper.total, paper.currency) for key, paper in wanted.items()
    }
    found = {item.key: item for item in standings(asked.db) if item.is_order}
    own: Counter[str] = Counter()
    for lot in asked.truth.lots:
        if lot.contour == "mgmt" and lot.object.startswith("order:") and lot.is_debt:
            own[lot.object.removeprefix("order:")] += abs(lot.left(date.max))
    for key, row in rows.items():
        assert 0 <= row.planned <= row.total
        assert row.overdue <= row.debt
        if found[key].detail == "order":
            assert row.debt == own[key]
    for field in ("total", "shipped", "paid", "planned", "debt", "overdue"):
        assert sums(totals_of(report), ("currency",), field) == sums(rows.values(), ("currency",), field)


def bills(asked: Asked) -> None:
    report = asked.report("bills", all="yes")
    rows = {row.document.key: row for row in rows_of(report)}
    wanted = {
        key: paper for key, paper in asked.truth.papers.items()
        if paper.kind in ("customer_bill", "supplier_bill") and paper.status == "posted" and paper.date <= asked.day
    }  # fmt: skip
    assert {key: (row.total, row.currency) for key, row in rows.items()} == {
        key: (paper.total, paper.currency) for key, paper in wanted.items()
    }
    assert all(row.left == (0 if row.status == "annulled" else max(row.total - row.paid, 0)) for row in rows.values())
    open_ones = {row.document.key for row in rows_of(asked.report("bills"))}
    assert open_ones == {key for key, row in rows.items() if row.status not in ("paid", "annulled")}
    for field in ("total", "paid", "left"):
        assert sums(totals_of(report), ("currency",), field) == sums(rows.values(), ("currency",), field)


def calendar(asked: Asked) -> None:
    """Debts as they are open now; stages of orders, with the bills that take them over, as the orders plan them; the balance begins with
    the money there is and ends with the sum."""
    report = asked.report("payment-calendar", within="3650")
    rows = rows_of(report)
    debts = [lot for lot in asked.truth.lots if lot.contour == "mgmt" and lot.is_debt]
    for field, sign in (("incoming", 1), ("outgoing", -1)):
        owed = sums([lot for lot in debts if lot.sign == sign], ("currency",), lambda lot: abs(lot.left(date.max)))
        assert sums([row for row in rows if row.source == "debt"], ("currency",), field) == owed
    planned = rows_of(asked._replace(day=date(2099, 1, 1)).report("orders"))
    plans = {item.key: item for item in standings(asked.db)}
    stages = [
        row for row in rows
        if row.source == "stage"
        or (row.source == "bill" and plans[row.document.key].order_key in {order.document.key for order in planned})
    ]  # fmt: skip
    assert sums(stages, ("currency",), lambda row: row.incoming + row.outgoing) == sums(planned, ("currency",), "planned")
    for section in report.sections:
        first = section.opening[0].row.balance if section.opening else 0
        running = first
        for row in section.rows:
            running += row.incoming - row.outgoing
            assert row.balance == running
        assert section.totals[0].row.balance == running
    assert sorted(rows, key=lambda row: row.day) == rows or len(report.sections) > 1


def expected_actual(asked: Asked) -> None:
    """What came and went is the payments of the journal."""
    report = asked.report("expected-actual", since=asked.since)
    paid = list(of_period(asked, lambda paper: paper.status == "posted" and KINDS[paper.kind].day_order == PAYMENT).values())
    for field, is_in in (("actual_in", True), ("actual_out", False)):
        came = sums([paper for paper in paid if (paper.kind in MONEY_IN) == is_in], ("currency",), "total")
        assert sums(rows_of(report), ("currency",), field) == came
        assert sums(totals_of(report), ("currency",), field) == came
    assert all(row.difference_in == row.actual_in - row.expected_in for row in rows_of(report))


def management_expenses(asked: Asked) -> None:
    """What write-offs, accruals and the reserve cost or bring, as they are posted; each item is the sum of its rows."""
    report = asked.report("management-expenses", since=asked.since, contour=asked.contour)
    for section in report.sections:
        assert sums([total.row for total in section.totals], ("currency",), "amount") == sums(section.rows, ("currency",), "amount")
    rows = rows_of(report)
    kinds = ("debt_write_off", "debt_accrual", "doubtful_reserve", "loan_interest")
    stated = of_period(asked, lambda paper: paper.kind in kinds and paper.status == "posted")
    assert {row.document.key for row in rows} <= stated.keys()
    if asked.contour == "reg":
        accounts = {(row.document.key, row.account) for row in rows}
        found: Counter[Any] = Counter()
        for row in asked.truth.postings:
            if row.kind == "entry":
                found[row.key, row.debit] += row.amount
                found[row.key, row.credit] -= row.amount
        posted = {key: amount for key, amount in found.items() if key in accounts and amount}
        assert sums(rows, lambda row: (row.document.key, row.account), "amount") == posted


def written_off_debts(asked: Asked) -> None:
    """Debts and advances paid that were written off, as the documents state them; what is left is what did not come back."""
    report = asked.report("written-off-debts")
    rows = rows_of(report)
    for field in ("amount", "returned", "left"):
        assert sums(totals_of(report), ("currency",), field) == sums(rows, ("currency",), field)
    papers = {key: paper for key, paper in asked.truth.papers.items() if paper.kind == "debt_write_off" and paper.status == "posted"}
    for row in rows:
        assert papers[row.document.key].date <= asked.day
        assert row.left == (row.amount - row.returned if row.state == "kept" else 0)
        lost = [fact for fact in asked.truth.facts if fact.contour == "reg" and fact.key == row.document.key and fact.change < 0]
        if all(fact.currency == row.currency for fact in lost):
            assert sum(one.amount for one in rows if one.document.key == row.document.key) == -sum(fact.change for fact in lost)


def collection_days(asked: Asked) -> None:
    """Receivables at the end are the balance of their accounts in the ledger; sales of the whole are those of its months."""
    report = asked.report("collection-days", since=asked.since)
    found: Counter[Any] = Counter()
    for section in report.sections:
        whole, *months = section.rows
        assert (whole.receivables, whole.notes) == (months[-1].receivables, months[-1].notes)
        assert whole.sales == sum(month.sales for month in months)
        found[whole.currency,] += whole.receivables
    units = tuple({lot.unit_id for lot in asked.truth.lots})
    own = accounts_of(asked.db, units).receivables
    posted: Counter[Any] = Counter()
    for row in asked.truth.postings:
        if row.day <= asked.day:
            posted[row.currency,] += row.amount * ((row.debit_id in own) - (row.credit_id in own))
    assert {currency: amount for currency, amount in found.items() if amount} == {
        currency: amount for currency, amount in posted.items() if amount
    }
    by_party = asked.report("collection-days", since=asked.since, group_by="counterparty")
    wholes = [section.rows[0] for section in by_party.sections]
    assert sums(wholes, ("currency",), "receivables") == {currency: amount for currency, amount in found.items() if amount}
    assert sums(wholes, ("currency",), "sales") == sums([section.rows[0] for section in report.sections], ("currency",), "sales")


def loan_interest(asked: Asked) -> None:
    """Every interest document of the period is there with its amount; each loan is the sum of its rows."""
    report = asked.report("loan-interest", since=asked.since)
    stated = of_period(asked, lambda paper: paper.kind == "loan_interest" and paper.status == "posted").values()
    assert sums(rows_of(report), lambda row: row.document.key, "interest") == sums(stated, lambda paper: paper.key, "total")
    for section in report.sections:
        assert sums([total.row for total in section.totals], ("currency",), "interest") == sums(section.rows, ("currency",), "interest")


def expiring(asked: Asked) -> None:
    """What the contracts that end have open is what their lots have."""
    rows = rows_of(asked.report("expiring-contracts", within="3650"))
    ending = {code for (code,) in asked.db.execute("select code from contract where valid_to is not null and status = 'active'")}
    assert {row.code for row in rows} == ending
    for row in rows:
        lots = [lot for lot in asked.truth.lots if lot.contour == "mgmt" and lot.contract == row.code]
        assert row.they_owe - row.we_owe == sum(lot.left(date.max) for lot in lots)


TIES: Final = {
    "turnover-balance": turnover_balance, "account-analysis": account_analysis, "consolidation": consolidation, "postings": postings,
    "journal": journal, "adjustments": adjustments, "advance-vat": advance_vat, "pending-vat": pending_vat,
    "issued-invoices": register("issued"), "received-invoices": register("received"), "sales-book": book("sales-book"),
    "purchase-book": book("purchase-book"), "missing-invoices": missing_invoices, "orders": orders, "bills": bills,
    "payment-calendar": calendar, "expected-actual": expected_actual, "expiring-contracts": expiring,
    "management-expenses": management_expenses, "written-off-debts": written_off_debts,
    "loan-interest": loan_interest, "collection-days": collection_days,
}  # fmt: skip
