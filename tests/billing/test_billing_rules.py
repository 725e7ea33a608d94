"""The rules of billing, with the worked numbers of spec 5 (a weekend-only calendar, VAT 18 %)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

import pytest

from setoff.billing.calendar import banking_days
from setoff.billing.charges import (
    Service,
    equal_shares,
    exceeds,
    net_of,
    paying_rate,
    quoted,
    rate_fall,
    vat_of,
    vat_rate_of,
)
from setoff.billing.days import after_days, issue_window, last_day_of, month_count, months_later, suspended_from
from setoff.billing.drafts import Account, Books, Cost, Operation, Payer, Version, month_drafts, operation_drafts
from setoff.billing.prepayments import above_threshold, prepayment_drafts, waiting
from setoff.billing.samples import sample
from setoff.books.charts import load_chart
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.workdays import LAW, WorkCalendar, end_of_term
from setoff.parties.records import Tariff
from setoff.trade.documents import Sale

WEEKENDS = banking_days(WorkCalendar())
FAX = Tariff(code="fax", name="Fax", price="60", minimum="180.00", urgent_percent="50")
LIST = sample("depository", "OURS")
ANNA = Payer(1, "C-1", "1", "ANNA", "Anna", True, "RUB", None, False)
BOND = Payer(2, "C-2", "2", "BOND", "Bond", False, "RUB", date(2012, 8, 31), False)
BOOKS = Books("MSK", load_chart("ru"), "RUB", "depository", [Version(7, LIST)], WEEKENDS)


def account(id_: int, code: str, payer: Payer, opened: date, closed: date | None = None, quantity: str = "1") -> Account:
    return Account(id_, code, "", payer, opened, closed, quantity, ())


STORED = account(1, "D-1", ANNA, date(2012, 4, 30), date(2012, 6, 1))


@pytest.mark.parametrize(
    ("first", "last", "months"), [("2012-04-30", "2012-06-01", 3), ("2012-04-01", "2012-04-30", 1), ("2011-12-31", "2012-01-01", 2)]
)
def test_every_started_month_counts(first: str, last: str, months: int) -> None:
    assert month_count(date.fromisoformat(first), date.fromisoformat(last)) == months


@pytest.mark.parametrize(("pages", "net"), [("1", 18000), ("2", 18000), ("3", 18000), ("5", 30000)])
def test_a_charge_is_at_least_the_minimum(pages: str, net: int) -> None:
    assert net_of(Service(FAX, Decimal(pages), date(2012, 9, 3)), "RUB") == net


def test_the_surcharge_of_an_urgent_operation_is_in_the_base_of_vat() -> None:
    net = net_of(Service(FAX, Decimal(5), date(2012, 9, 3), True), "RUB")
    assert (net, vat_of(net, vat_rate_of("general", date(2012, 9, 3), load_chart("ru")))) == (45000, 8100)
    with pytest.raises(DomainError) as refused:
        net_of(Service(Tariff(code="x", name="X", price="1"), Decimal(1), date(2012, 9, 3), True), "RUB")
    assert refused.value.code is ErrorCode.INVALID_VALUE


@pytest.mark.parametrize(("day", "rate"), [("2012-09-03", "18"), ("2018-12-31", "18"), ("2019-01-01", "20"), ("2026-01-01", "22")])
def test_the_general_rate_is_that_of_the_day_of_the_service(day: str, rate: str) -> None:
    assert vat_rate_of("general", date.fromisoformat(day), load_chart("ru")) == rate
    with pytest.raises(DomainError):
        vat_rate_of("general", date.fromisoformat(day), load_chart("cn"))


def test_shares_are_equal_and_the_first_ones_carry_what_is_left() -> None:
    assert equal_shares(500000, 3) == [166667, 166667, 166666]
    assert equal_shares(2, 3) == [1, 1, 0]


def test_days_of_an_invoice() -> None:
    window = issue_window(date(2012, 9, 1), 5, WEEKENDS, in_advance=False)
    assert window == (date(2012, 10, 1), date(2012, 10, 5))
    assert after_days(date(2012, 10, 3), 10, WEEKENDS) == date(2012, 10, 17)
    assert after_days(date(2012, 10, 3), 90, WEEKENDS) == date(2013, 2, 6)
    assert suspended_from(date(2012, 10, 3), 30) == date(2012, 11, 3)
    assert suspended_from(date(2012, 10, 3), 95) == date(2013, 1, 7)
    assert issue_window(date(2012, 9, 1), 3, WEEKENDS, in_advance=True) == (date(2012, 8, 1), date(2012, 9, 5))
    holidays = banking_days(WorkCalendar(), frozenset({date(2012, 10, 4)}))
    assert after_days(date(2012, 10, 3), 10, holidays) == date(2012, 10, 18)
    assert (months_later(date(2012, 1, 31), 1), last_day_of(date(2012, 2, 1))) == (date(2012, 2, 29), date(2012, 2, 29))


def test_an_invoice_in_euros_is_closed_by_its_cents() -> None:
    assert quoted(3540000, Decimal("40.1500"), "RUB", "EUR") == 88169
    assert quoted(100, Decimal("0.55"), "RUB", "JPY") == 2  # 1.00 / 0.55 = 1.8 yen
    rate = Decimal(paying_rate(88169, 3540000, "EUR", "RUB"))
    assert abs(Decimal("35400.00") * rate - Decimal("881.69")) < Decimal("0.00000000000000001")


def test_tariffs_may_be_changed_only_when_the_rate_fell_by_more() -> None:
    assert rate_fall(Decimal("40.00"), Decimal("33.99"), Decimal(15)) == (Decimal("34.0000"), True)
    assert not rate_fall(Decimal("40.00"), Decimal("34.00"), Decimal(15)).fell


def test_an_estimate_at_the_threshold_asks_for_no_prepayment() -> None:
    assert (exceeds(2000000, 2000000), exceeds(2000050, 2000000)) == (False, True)


def test_storage_is_charged_for_three_started_months() -> None:
    gross = []
    for month in (3, 4, 5, 6, 7):
        drafts = month_drafts(BOOKS, [STORED], date(2012, month, 1), date(2012, month + 1, 3))
        gross += [draft.gross for draft in drafts]
    assert gross == [82600, 82600, 82600]
    (draft,) = month_drafts(BOOKS, [STORED], date(2012, 4, 1), date(2012, 5, 3))
    assert (draft.issued_on, draft.due, draft.notes) == (date(2012, 5, 3), date(2012, 5, 17), ())
    assert draft.document is not None
    (line,) = draft.document.lines
    assert (line.amount, line.vat, line.vat_rate, line.quantity, line.price) == ("826.00", "126.00", "18", "1", "700")
    assert draft.document.key == "billing/MSK/C-1/2012-04"


def test_what_was_charged_is_not_charged_again_and_what_was_forgotten_is_told() -> None:
    books = Books(
        "MSK", load_chart("ru"), "RUB", "depository", [Version(7, LIST)], WEEKENDS, charged=frozenset({(1, "storage")}),
        unbilled_months={2: 4}, suspended={2: date(2012, 9, 1)},
    )  # fmt: skip
    other = account(2, "D-2", BOND, date(2012, 1, 1))
    (draft,) = month_drafts(books, [account(1, "D-1", ANNA, date(2012, 4, 1)), other], date(2012, 9, 1), date(2012, 10, 8))
    assert draft.payer == BOND
    assert [note.code for note in draft.notes] == ["outside_window", "earlier_months", "after_end", "suspended"]
    assert isinstance(draft.document, Sale) and draft.document.after_end


def test_an_order_of_three_accounts_is_shared_and_costs_are_passed_on() -> None:
    accounts = {1: STORED, 2: account(2, "D-2", ANNA, date(2012, 1, 1)), 3: account(3, "D-3", BOND, date(2012, 1, 1))}
    costs = (Cost("REG", "", "Registrar", 500000),)
    operation = Operation(
        5, "OP", "", date(2012, 9, 20), (1, 2, 3), frozenset({1, 2, 3}), "transfer", "1", True, 2000050, False, costs
    )
    first, second = operation_drafts(BOOKS, [operation], accounts, date(2012, 10, 3))
    # transfer 450 urgent = 900.00 net: 300.00 each, VAT 54.00
    assert [charge.gross for charge in first.charges] == [35400, 166667, 35400, 166667]
    assert [charge.gross for charge in second.charges] == [35400, 166666]
    assert (first.due, second.due) == (date(2012, 10, 17), date(2013, 2, 6))
    assert [note.code for note in first.notes] == ["prepayment_allowed", "prepayment_allowed"]
    assert isinstance(first.document, Sale)
    assert [(part.counterparty, part.amount, part.name) for part in first.document.disbursements] == [
        ("REG", "1666.67", "Registrar, 2012-09-20")
    ] * 2


@pytest.mark.parametrize(
    ("last", "following", "refused"),
    [
        (date(2012, 9, 27), None, True), (date(2012, 9, 26), None, False),
        (None, date(2012, 10, 9), True), (None, date(2012, 10, 10), False),
    ],
)  # fmt: skip
def test_operations_are_invoiced_once_a_week(last: date | None, following: date | None, refused: bool) -> None:
    books = Books(
        "MSK", load_chart("ru"), "RUB", "depository", [Version(7, LIST)], WEEKENDS, last_issue={1: last} if last else {},
        next_issue={1: following} if following else {},
    )  # fmt: skip
    operation = Operation(5, "OP", "", date(2012, 9, 20), (1,), frozenset({1}), "fax", "2", False, 0, False, ())
    (draft,) = operation_drafts(books, [operation], {1: STORED}, date(2012, 10, 3))
    assert [found.error.code for found in draft.refused] == ([ErrorCode.WEEKLY_LIMIT] if refused else [])
    assert (draft.document is None) == refused


def test_vat_on_costs_passed_on_where_the_unit_decided_so() -> None:
    """5 000.00 and 18 %: 900.00; otherwise they are passed on at cost, without VAT."""
    costs = (Cost("REG", "", "Registrar", 500000),)
    operation = Operation(5, "OP", "", date(2012, 9, 20), (1,), frozenset({1}), "fax", "2", False, 0, False, costs)
    found = {}
    for has_vat in (False, True):
        books = replace(BOOKS, vat_on_disbursements=has_vat)
        (draft,) = operation_drafts(books, [operation], {1: STORED}, date(2012, 10, 3))
        assert isinstance(draft.document, Sale)
        found[has_vat] = (len(draft.document.disbursements), [(line.amount, line.vat) for line in draft.document.lines][1:])
    assert found == {False: (1, []), True: (0, [("5900.00", "900.00")])}


@pytest.mark.parametrize(("advance", "refused"), [(1999999, True), (2000050, False)])
def test_a_prepaid_operation_waits_for_the_money_in_full(advance: int, refused: bool) -> None:
    books = Books("MSK", load_chart("ru"), "RUB", "depository", [Version(7, LIST)], WEEKENDS, advances={1: advance})
    operation = Operation(5, "OP", "", date(2012, 9, 20), (1,), frozenset({1}), "fax", "2", False, 2000050, True, ())
    (draft,) = operation_drafts(books, [operation], {1: STORED}, date(2012, 10, 3))
    assert [found.error.code for found in draft.refused] == ([ErrorCode.AWAITING_PREPAYMENT] if refused else [])
    if refused:
        assert str(draft.refused[0].error.facts["missing"]) == "0.51 RUB"


@pytest.mark.parametrize(
    ("advance", "asked", "amounts"),
    [
        (0, {}, ["500.01", "300.00"]),
        (20000, {}, ["500.01", "100.00"]),  # 800.01 less 200.00 there
        (20000, {(5, 1): 50001}, ["300.00"]),
        (60001, {(5, 1): 50001}, ["200.00"]),  # the bill is paid, and 100.00 more
        (0, {(5, 1): 40000, (6, 1): 30000}, ["100.01"]),  # the estimate grew
        (80001, {}, []),
    ],
)
def test_a_bill_asks_for_what_prepaid_operations_lack(advance: int, asked: dict[tuple[int, int], int], amounts: list[str]) -> None:
    """1,000.01 for two accounts is 500.01 and 500.00; 300.00 for the first alone; one operation needs no prepayment."""
    books = Books("MSK", load_chart("ru"), "RUB", "depository", [Version(7, LIST)], WEEKENDS, advances={1: advance})
    accounts = {1: STORED, 3: account(3, "D-3", BOND, date(2012, 1, 1))}
    shared = Operation(5, "OP-5", "", date(2012, 9, 20), (1, 3), frozenset({1, 3}), "fax", "2", False, 100001, True, ())
    own = Operation(6, "OP-6", "Register", date(2012, 9, 21), (1,), frozenset({1}), "fax", "2", False, 30000, True, ())
    later = own._replace(id=7, code="OP-7", prepaid=False)
    *anna, bond = prepayment_drafts(books, [shared, own, later], accounts, asked, date(2012, 10, 3))
    said = [draft.document for draft in anna if draft.document]
    assert [line.amount for bill in said for line in bill.lines] == amounts
    assert {(bill.key, bill.date) for bill in said} <= {("billing/MSK/C-1/prepayment/2012-10-03", "2012-10-03")}
    assert [draft.due for draft in anna] == [date(2012, 10, 17)] * len(said)
    assert (bond.payer, bond.gross, bond.due) == (BOND, 50000, date(2013, 2, 6))


@pytest.mark.parametrize(("estimate", "billed"), [(2000000, []), (2000050, ["20000.50"])])
def test_an_estimate_above_the_threshold_is_asked_for_and_then_waits(estimate: int, billed: list[str]) -> None:
    """20,000.00: no prepayment; 20,000.50: a bill may be issued, and while it stands the operation waits."""
    operation = Operation(5, "OP", "", date(2012, 9, 20), (1,), frozenset({1}), "fax", "2", False, estimate, False, ())
    issued_on = date(2012, 10, 3)
    drafts = prepayment_drafts(BOOKS, above_threshold(BOOKS, [operation], issued_on), {1: STORED}, {}, issued_on)
    assert [line.amount for draft in drafts if draft.document for line in draft.document.lines] == billed
    asked = {(5, 1): estimate} if billed else {}
    (waits,) = operation_drafts(BOOKS, waiting([operation], asked), {1: STORED}, issued_on)
    assert [found.error.code for found in waits.refused] == ([ErrorCode.AWAITING_PREPAYMENT] if billed else [])
    (free,) = operation_drafts(BOOKS, waiting([operation], {}), {1: STORED}, issued_on)
    assert (free.refused, [note.code for note in free.notes]) == ((), ["prepayment_allowed"] if billed else [])


def test_an_invoice_due_in_calendar_days_moves_to_the_next_working_day() -> None:
    """14 days after Saturday 18 April 2026 is Saturday 2 May: Germany moves it by law, a calendar without a country does not."""
    terms = sample("saas", "OURS")
    payer = Payer(9, "C-9", "9", "ACME", "Acme", True, "EUR", None, False)
    subscription = account(4, "S-1", payer, date(2026, 3, 15))._replace(tariffs=("support",))
    for country, due in (("", date(2026, 5, 2)), ("DE", date(2026, 5, 4))):
        ends = partial(end_of_term, said=LAW, calendar=WorkCalendar(country))
        books = Books("BER", load_chart("intl"), "EUR", "saas", [Version(1, terms)], WEEKENDS, ends)
        (draft,) = month_drafts(books, [subscription], date(2026, 5, 1), date(2026, 4, 18))
        assert draft.due == due


def test_an_estimate_in_book_currency_is_not_asked_for_in_another() -> None:
    euros = account(4, "D-4", Payer(4, "C-4", "4", "EURO", "Euro", True, "EUR", None, False), date(2012, 1, 1))
    operation = Operation(5, "OP", "", date(2012, 9, 20), (4,), frozenset({4}), "fax", "2", False, 100, True, ())
    (draft,) = prepayment_drafts(BOOKS, [operation], {4: euros}, {}, date(2012, 10, 3))
    assert (draft.document, [found.error.code for found in draft.refused]) == (None, [ErrorCode.DISBURSEMENT_CURRENCY])


def test_a_service_before_the_first_version_has_no_tariff() -> None:
    operation = Operation(5, "OP", "", date(2011, 12, 31), (1,), frozenset({1}), "fax", "2", False, 0, False, ())
    unknown = operation._replace(code="OP-2", day=date(2012, 2, 1), tariff="telex")
    (draft,) = operation_drafts(BOOKS, [operation, unknown], {1: STORED}, date(2012, 10, 3))
    assert [(found.what, found.error.code) for found in draft.refused] == [
        ("OP", ErrorCode.TARIFF_MISSING), ("OP-2", ErrorCode.TARIFF_MISSING)
    ]  # fmt: skip


def test_a_subscription_is_billed_in_advance_from_other_data() -> None:
    terms = sample("saas", "OURS")
    books = Books("BER", load_chart("intl"), "EUR", "saas", [Version(1, terms)], WEEKENDS)
    payer = Payer(9, "C-9", "9", "ACME", "Acme", True, "EUR", None, False)
    subscription = account(4, "S-1", payer, date(2026, 3, 15), quantity="7")._replace(tariffs=("seat",))
    support = account(5, "S-1/support", payer, date(2026, 4, 30))._replace(tariffs=("support",))
    (draft,) = month_drafts(books, [subscription, support], date(2026, 4, 1), date(2026, 3, 30))
    # seven seats at 12.50 = 87.50, support 99.00; 20 % on top: 105.00 and 118.80
    assert [charge.gross for charge in draft.charges] == [10500, 11880]
    assert (draft.due, draft.notes) == (date(2026, 4, 13), ())
    calls = Operation(1, "U-1", "", date(2026, 4, 30), (4,), frozenset({4}), "calls", "123456", False, 0, False, ())
    (used,) = operation_drafts(books, [calls], {4: subscription}, date(2026, 5, 1))
    assert used.gross == 4938 + 988  # 123,456 * 0.0004 = 49.3824; VAT 9.876
