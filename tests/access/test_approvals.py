"""Maker and checker: what a policy names waits for a second person, and is then done exactly as it was asked for."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import psycopg
import pytest

from setoff.access import approvals
from setoff.access.approvals import Pending
from setoff.access.entry import enter, leave
from setoff.access.order_status import set_status
from setoff.access.policies import Policies, active_policies, policies, set_policy
from setoff.access.queries import approvals as approval_rows
from setoff.access.queries import rights_of
from setoff.access.rights import Rights
from setoff.books.audit import Actor
from setoff.books.queries import periods
from setoff.books.services import close_period
from setoff.core.errors import DomainError, ErrorCode
from setoff.settlements.orders.kept import as_it_stands
from setoff.settlements.services import Outcome, known_document, post_document, save_document
from setoff.settlements.standing import standings
from setoff.trade.documents import CustomerOrder, Line, Payment
from setoff.trade.queries import decode_document
from tests.access.people import add_user

Db = psycopg.Connection[Any]
MAKER, CHECKER = Actor("anna", "page"), Actor("clara", "page")


def paid(amount: str = "500", **fields: Any) -> Payment:
    common = {"key": "pay", "unit": "MSK", "kind": "payment_to_supplier", "date": "2025-02-01"}
    return Payment(**{**common, "counterparty": "METALL", "contract": "SUPPLIER", "amount": amount, **fields})


def refused(code: ErrorCode) -> Any:
    return pytest.raises(DomainError, match=f"^{code.value}")


@pytest.fixture
def people(company: Db, actor: Actor) -> dict[str, Rights]:
    """Payments above 100 roubles need a second person."""
    set_policy(company, "payment", actor, limit="100", currency="RUB")
    roles = {"anna": "accountant", "clara": "controller", "dora": "controller", "olga": "operator"}
    return {login: rights_of(company, add_user(company, login, MSK=role)) for login, role in roles.items()}


def asked(company: Db, people: dict[str, Rights], **fields: Any) -> Pending:
    enter(company, people["anna"])
    found = approvals.post(company, paid(**fields), MAKER, people["anna"])
    assert isinstance(found, Pending)
    enter(company, people["clara"])
    return found


LIMITS = Policies({(None, "payment"): {"RUB": 10_000}, (7, "payment"): {"": None}, (8, "payment"): {"RUB": 500, "EUR": 100}})


@pytest.mark.parametrize(
    ("unit_id", "amount", "currency", "asks"),
    [
        (1, 10_000, "RUB", False), (1, 10_001, "RUB", True), (1, -10_001, "RUB", True), (1, 1, "EUR", True), (7, 1, "RUB", True),
        (8, 500, "RUB", False), (8, 501, "RUB", True), (8, 100, "EUR", False), (8, 1, "USD", True),
    ],
)  # fmt: skip
def test_what_needs_a_second_person(unit_id: int, amount: int, currency: str, asks: bool) -> None:
    assert LIMITS.requires("payment", unit_id, amount, currency) is asks
    assert not LIMITS.requires("set_off", unit_id, amount, currency)
    assert not LIMITS.requires(None, unit_id, amount, currency)


def test_what_no_policy_names_is_posted(company: Db, people: dict[str, Rights]) -> None:
    enter(company, people["anna"])
    assert isinstance(approvals.post(company, paid("100"), MAKER, people["anna"]), Outcome)
    received = paid("5000", key="in", kind="payment_from_customer", counterparty="VEGA", contract="BUYER")
    assert isinstance(approvals.post(company, received, MAKER, people["anna"]), Outcome)


def test_who_may_not_post_may_not_ask(company: Db, people: dict[str, Rights]) -> None:
    with refused(ErrorCode.NOT_PERMITTED):
        approvals.post(company, paid(), Actor("olga", "page"), people["olga"])


def test_a_payment_waits_and_is_posted_when_approved(company: Db, people: dict[str, Rights]) -> None:
    pending = asked(company, people)
    assert known_document(company, "pay").row.status == "draft"
    seen = approvals.foreseen(company, pending.approval_id, CHECKER, people["clara"])
    assert isinstance(seen, Outcome) and seen.changes
    assert known_document(company, "pay").row.status == "draft"
    done = approvals.approve(company, pending.approval_id, CHECKER, people["clara"], reason="seen")
    assert isinstance(done, Outcome) and done.changes == seen.changes
    assert known_document(company, "pay").row.status == "posted"
    with refused(ErrorCode.APPROVAL_DECIDED):
        approvals.approve(company, pending.approval_id, CHECKER, people["clara"])
    leave(company)
    verbs = [row[0] for row in company.execute("select verb from audit where document_id is not null order by id")]
    assert verbs == ["save", "request_approval", "post", "approve"]


@pytest.mark.parametrize(("verb", "before", "after"), [("unpost", "posted", "unposted"), ("reorder", "posted", "posted")])
def test_what_was_approved_needs_a_second_person_to_leave_or_move(
    company: Db, people: dict[str, Rights], verb: str, before: str, after: str
) -> None:
    first = asked(company, people)
    approvals.approve(company, first.approval_id, CHECKER, people["clara"])
    enter(company, people["anna"])
    if verb == "unpost":
        pending = approvals.unpost(company, "pay", MAKER, people["anna"])
    else:
        pending = approvals.reorder(company, "pay", 7, MAKER, people["anna"])
    assert isinstance(pending, Pending) and known_document(company, "pay").row.status == before
    order = decode_document(known_document(company, "pay").content).day_order
    assert order is None
    enter(company, people["clara"])
    done = approvals.approve(company, pending.approval_id, CHECKER, people["clara"])
    assert isinstance(done, Outcome) and known_document(company, "pay").row.status == after
    assert decode_document(known_document(company, "pay").content).day_order == (7 if verb == "reorder" else None)
    enter(company, people["anna"])
    small = approvals.post(company, paid("50", key="small"), MAKER, people["anna"])
    assert isinstance(small, Outcome) and isinstance(approvals.unpost(company, "small", MAKER, people["anna"]), Outcome)


def test_what_was_approved_is_not_stated_out_of_the_books_by_one_person(company: Db, people: dict[str, Rights], actor: Actor) -> None:
    first = asked(company, people)
    approvals.approve(company, first.approval_id, CHECKER, people["clara"])
    enter(company, people["anna"])
    standing = standings(company, ["pay"])["pay"]
    gone = msgspec.structs.replace(decode_document(standing.content), state="unposted")
    pending = approvals.restate_or_request(company, gone, standing, MAKER, active_policies(company))
    assert isinstance(pending, Pending) and known_document(company, "pay").row.status == "posted"
    smaller = approvals.post(company, paid("1"), MAKER, people["anna"])
    assert isinstance(smaller, Pending) and known_document(company, "pay").row.total == 500_00
    enter(company, people["clara"])
    approvals.approve(company, smaller.approval_id, CHECKER, people["clara"])
    assert known_document(company, "pay").row.total == 1_00
    enter(company, people["anna"])
    standing = standings(company, ["pay"])["pay"]
    small = msgspec.structs.replace(decode_document(standing.content), state="unposted")
    assert isinstance(approvals.restate_or_request(company, small, standing, MAKER, active_policies(company)), Outcome)


def test_nobody_decides_his_own(company: Db, people: dict[str, Rights]) -> None:
    enter(company, people["clara"])
    pending = approvals.post(company, paid(), CHECKER, people["clara"])
    assert isinstance(pending, Pending)
    with refused(ErrorCode.APPROVAL_OWN):
        approvals.approve(company, pending.approval_id, CHECKER, people["clara"])
    with refused(ErrorCode.APPROVAL_OWN):
        approvals.refuse(company, pending.approval_id, CHECKER, people["clara"], reason="no")
    decide = "update approval set state = 'approved', decided_by = %s, decided_at = now() where id = %s"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        company.execute(decide, ["dora", pending.approval_id])  # not in another's name
    with pytest.raises(psycopg.errors.CheckViolation):
        company.execute(decide, ["Clara", pending.approval_id])
    leave(company)
    with pytest.raises(psycopg.errors.CheckViolation):  # nor as the owner of the tables
        company.execute(decide, ["clara", pending.approval_id])
    enter(company, people["dora"])
    approvals.approve(company, pending.approval_id, Actor("dora", "page"), people["dora"])


def test_who_may_not_approve_does_not(company: Db, people: dict[str, Rights], actor: Actor) -> None:
    pending = asked(company, people)
    with refused(ErrorCode.NOT_PERMITTED):
        approvals.approve(company, pending.approval_id, Actor("olga", "page"), people["olga"])
    leave(company)
    elsewhere = rights_of(company, add_user(company, "zoe", SPB="controller"))
    enter(company, elsewhere)
    with refused(ErrorCode.UNKNOWN_REFERENCE):
        approvals.approve(company, pending.approval_id, Actor("zoe", "page"), elsewhere)
    leave(company)
    with refused(ErrorCode.UNKNOWN_REFERENCE):  # the code says so too, on a connection that sees it
        approvals.approve(company, pending.approval_id, Actor("zoe", "page"), elsewhere)


def test_a_changed_draft_needs_a_new_request(company: Db, people: dict[str, Rights]) -> None:
    pending = asked(company, people)
    save_document(company, paid("900"), MAKER)
    with refused(ErrorCode.APPROVAL_STALE):
        approvals.approve(company, pending.approval_id, CHECKER, people["clara"])
    anew = asked(company, people, amount="900")
    assert anew.approval_id != pending.approval_id
    with refused(ErrorCode.APPROVAL_DECIDED):
        approvals.approve(company, pending.approval_id, CHECKER, people["clara"])
    approvals.approve(company, anew.approval_id, CHECKER, people["clara"])
    assert known_document(company, "pay").row.total == 90_000


def test_what_was_asked_for_cannot_be_edited(company: Db, people: dict[str, Rights]) -> None:
    pending = asked(company, people)
    leave(company)
    for statement in ("update approval set content = '{}', content_hash = sha256('{}'), state = 'withdrawn', decided_by = 'x', "
                      "decided_at = now() where id = %s", "update approval set amount_minor = 1 where id = %s",
                      "delete from approval where id = %s"):  # fmt: skip
        with pytest.raises(psycopg.DatabaseError, match="append_only"):
            company.execute(statement, [pending.approval_id])


def test_refused_and_withdrawn(company: Db, people: dict[str, Rights]) -> None:
    pending = asked(company, people)
    with refused(ErrorCode.FIELD_MISSING):
        approvals.refuse(company, pending.approval_id, CHECKER, people["clara"], reason=" ")
    approvals.refuse(company, pending.approval_id, CHECKER, people["clara"], reason="no contract attached")
    assert known_document(company, "pay").row.status == "draft"
    pending = asked(company, people)
    with refused(ErrorCode.UNKNOWN_REFERENCE):
        approvals.withdraw(company, pending.approval_id, CHECKER)
    enter(company, people["anna"])
    approvals.withdraw(company, pending.approval_id, MAKER)
    with refused(ErrorCode.APPROVAL_DECIDED):
        approvals.withdraw(company, pending.approval_id, MAKER)


def test_an_edit_of_a_posted_payment_waits_too(company: Db, people: dict[str, Rights], actor: Actor) -> None:
    post_document(company, paid("90"), actor)
    pending = asked(company, people, amount="800")
    assert known_document(company, "pay").row.total == 9_000
    assert known_document(company, "pay").row.status == "posted"
    approvals.approve(company, pending.approval_id, CHECKER, people["clara"])
    assert known_document(company, "pay").row.total == 80_000
    enter(company, people["anna"])
    again = approvals.post(company, paid("800"), MAKER, people["anna"])
    assert isinstance(again, Outcome) and not again.changed


def test_reopening_a_period_waits(company: Db, people: dict[str, Rights], actor: Actor) -> None:
    set_policy(company, "reopen_period", actor, unit="MSK")
    close_period(company, "MSK", date(2025, 1, 31), actor)
    enter(company, people["clara"])
    with refused(ErrorCode.UNKNOWN_REFERENCE):
        approvals.reopen(company, "MSK", date(2025, 3, 31), CHECKER, people["clara"], reason="x")
    pending = approvals.reopen(company, "MSK", date(2025, 1, 31), CHECKER, people["clara"], reason="a late act")
    assert isinstance(pending, Pending)
    assert [row.state for row in periods(company)] == ["closed"]
    enter(company, people["dora"])
    approvals.approve(company, pending.approval_id, Actor("dora", "page"), people["dora"])
    assert [row.state for row in periods(company)] == ["open"]


@pytest.mark.parametrize("is_closed", [False, True])
def test_an_order_is_released_by_two(company: Db, people: dict[str, Rights], actor: Actor, is_closed: bool) -> None:
    """Above 100.00: entering it waits for nobody, releasing it does, whether its month is open or closed; closing it does not."""
    set_policy(company, "release_order", actor, limit="100", currency="RUB")
    party = {"unit": "MSK", "counterparty": "VEGA", "contract": "BUYER", "date": "2025-02-03"}
    small = CustomerOrder(key="small", lines=[Line(amount="100")], status="processing", **party)
    large = CustomerOrder(key="large", lines=[Line(amount="100.01")], **party)
    enter(company, people["anna"])
    assert isinstance(approvals.post(company, large, MAKER, people["anna"]), Outcome)
    if is_closed:
        leave(company)
        close_period(company, "MSK", date(2025, 2, 28), actor)
        enter(company, people["anna"])
    else:
        assert isinstance(approvals.post(company, small, MAKER, people["anna"]), Outcome)
    before = known_document(company, "large")
    pending = set_status(company, "large", "processing", date(2025, 3, 1), MAKER, people["anna"])
    assert isinstance(pending, Pending)
    assert (pending.operation, pending.key, known_document(company, "large")) == ("release_order", "large", before)
    with refused(ErrorCode.APPROVAL_OWN):
        approvals.approve(company, pending.approval_id, MAKER, people["clara"])
    enter(company, people["clara"])
    (row,) = approval_rows(company, "pending")
    assert (row.verb, row.status, row.amount_minor) == ("set_status" if is_closed else "post", "processing", 10_001)
    approvals.approve(company, pending.approval_id, CHECKER, people["clara"])
    stands = as_it_stands(company, decode_document(known_document(company, "large").content))
    assert isinstance(stands, CustomerOrder)
    assert (stands.status, stands.approved) == ("processing", "2025-03-01")
    assert (known_document(company, "large") == before) is is_closed
    enter(company, people["anna"])
    assert isinstance(set_status(company, "large", "closed", date(2025, 3, 2), MAKER, people["anna"]), Outcome)


def test_policies_are_kept_and_listed(company: Db, people: dict[str, Rights], actor: Actor) -> None:
    set_policy(company, "payment", actor, unit="MSK", is_active=False)
    set_policy(company, "payment", actor, limit="200", currency="RUB")
    assert [row[1:] for row in policies(company)] == [(None, "payment", "RUB", 20_000, True), ("MSK", "payment", "", None, False)]
    with refused(ErrorCode.INVALID_VALUE):
        set_policy(company, "dance", actor)
    with refused(ErrorCode.FIELD_MISSING):
        set_policy(company, "payment", actor, limit="5")
