"""From a file of the bank to payments in the books: whose a line is, what it settles, what people decide."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from setoff.access.approvals import Pending
from setoff.access.policies import set_policy
from setoff.banks.claims import (
    assign_line,
    claim_line,
    confirm_lines,
    ignore_line,
    propose_lines,
    proposed_payment,
    restore_line,
    sure_lines,
    unconfirm_line,
)
from setoff.banks.queries import LineFilter, bank_accounts, bank_lines, bank_statements, line_states
from setoff.banks.records import BankAccount, BankRule, LineRow
from setoff.banks.services import add_rule, drop_rule, import_statements, save_account
from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.settlements.services import Outcome, known_document, post_document, post_saved, save_document, unpost_document
from setoff.trade.documents import Line, Payment, Sale
from tests.access.people import as_role
from tests.banks.statements import OURS, Told, onec

VEGA = {"name": "ООО Вега", "tax_id": "7702070139"}


@pytest.fixture(params=["owner", "role"])
def bank(company: Any, actor: Actor, request: pytest.FixtureRequest) -> Any:
    """As the machine's owner, and as an accountant of the unit under row-level security: all comes out the same."""
    if request.param == "role":
        as_role(company, actor.author, is_administrator=True, MSK="accountant", SPB="accountant")
    save_account(company, BankAccount("MSK", OURS, "RUB", "Сбер"), actor)
    return company


def sale(conn: Any, number: str, amount: str, day: str = "2025-02-01", contract: str = "BUYER", party: str = "VEGA") -> None:
    document = Sale(unit="MSK", date=day, number=number, counterparty=party, contract=contract, lines=[Line(amount=amount)])
    post_document(conn, document, Actor("tester", "test"))


def brought(conn: Any, *lines: Told) -> list[LineRow]:
    import_statements(conn, onec(*lines), "kl.txt", Actor("tester", "test"))
    propose_lines(conn)
    return bank_lines(conn, LineFilter())


def told(row: LineRow) -> str:
    """A proposal in one line: state, confidence, owner, contracts, targets, reasons."""
    if not row.proposal:
        return f"{row.state} {row.confidence}"
    payment = proposed_payment(row)
    rows = payment.rows or [payment]
    parts = [
        f"{part.contract or '-'} {part.amount}" + "".join(f" {t.document.split('/')[-1]}={t.amount}:{t.named_by}" for t in part.targets)
        for part in rows
    ]
    return f"{row.state} {row.confidence} {payment.kind} {payment.counterparty or payment.account} [{'; '.join(parts)}]"


def keys(row: LineRow) -> list[str]:
    return [reason["key"] for reason in row.reasons]


def test_the_day_of_debit_of_the_file_stands_in_the_payment(bank: Any, actor: Actor) -> None:
    """Debited on Friday 7 March, credited on Monday 10 March, proposed and said by hand alike; a day said by hand stays."""
    sale(bank, "000123", "100")
    friday = date(2025, 3, 7)
    (row,) = brought(bank, Told("+100", **VEGA, purpose="с/ф 123", debited=friday))
    assert (row.booking_date, row.value_date, proposed_payment(row).debited) == (date(2025, 3, 10), friday, "2025-03-07")
    by_hand = Payment(unit="MSK", kind="payment_from_customer", counterparty="VEGA", contract="BUYER", date="", amount="100")
    assert claim_line(bank, row.id, by_hand, actor).debited == "2025-03-07"
    (done,) = confirm_lines(bank, [row.id], actor)
    assert done.outcome is not None and done.refusal is None
    unconfirm_line(bank, row.id, actor)
    assert claim_line(bank, row.id, msgspec.structs.replace(by_hand, debited="2025-03-06"), actor).debited == "2025-03-06"
    other = msgspec.structs.replace(by_hand, kind="packaging_deposit_in", contract="", date="2025-03-06")
    assert claim_line(bank, row.id, other, actor).debited == ""


def test_the_owner_by_tax_number_and_the_documents_by_number(bank: Any, actor: Actor) -> None:
    sale(bank, "000123", "100")
    sale(bank, "000124", "250")
    (row,) = brought(bank, Told("+350", **VEGA, purpose="Оплата по с/ф № 123, 124 от 01.02.2025, в т.ч. НДС 20% 58-33"))
    assert told(row) == "proposed 990 payment_from_customer VEGA [BUYER 350.00 000123=100.00:payer 000124=250.00:payer]"
    (done,) = confirm_lines(bank, [row.id], actor)
    assert done.refusal is None
    (row,) = bank_lines(bank, LineFilter())
    assert (row.state, row.document_key, row.decided_by) == ("booked", done.document_key, "tester")
    assert bank.execute("select count(*) from lot where residual <> 0").fetchone() == (0,)
    postings = bank.execute("select item, amount from posting where kind = 'entry' and item <> ''").fetchall()
    assert postings == [("Сбер", 10000), ("Сбер", 25000)]


def test_the_same_line_is_never_there_twice(bank: Any, actor: Actor) -> None:
    twice = Told("+10", **VEGA, purpose="Оплата")
    first = import_statements(bank, onec(twice, twice), "a.txt", actor)[0]
    assert (first.new_lines, first.known_lines) == (2, 0)
    same = import_statements(bank, onec(twice, twice), "a.txt", actor)[0]
    assert (same.was_known, same.new_lines) == (True, 0)
    more = import_statements(bank, onec(twice, twice, twice, Told("+5", day=date(2025, 3, 11))), "b.txt", actor)[0]
    assert (more.new_lines, more.known_lines) == (2, 2)
    assert [row.amount for row in bank_lines(bank, LineFilter())] == [1000, 1000, 1000, 500]
    entries = ":61:2503100310C10,NTRFNONREF\n:61:2503100310C7,NTRFNONREF\n"
    mt940 = f":20:X\n:25:{OURS}\n:28C:1\n:60F:C250310RUB0,\n{entries}:62F:C250310RUB17,\n-\n"
    other = import_statements(bank, mt940.encode(), "c.sta", actor)[0]
    assert (other.new_lines, other.known_lines) == (1, 1)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (Told("+100", "ООО «ВЕГA»", purpose="за товар по счету 77"), "proposed 940 payment_from_customer VEGA [BUYER 100.00]"),
        (Told("+100", "OOO Vega", purpose="x"), "unclaimed 0"),
        (Told("+100", "Веега ООО", "7702070138", "за товар"), "proposed 965 payment_from_customer VEGA [BUYER 100.00]"),
        (Told("+100", "АО Вега", purpose="аванс"), "proposed 880 payment_from_customer VEGA [BUYER 100.00]"),
        (Told("+100", "ООО Вега", "7728168971", "аванс"), "proposed 700 payment_from_customer SIRIUS [BUYER-SHORT 100.00]"),
        (Told("+100", "Некто", purpose="за ООО «Вега» по с/ф 1"),
         "proposed 830 payment_from_customer VEGA [BUYER 100.00 000001=100.00:payer]"),
        (Told("+100", "Сириус ООО", "7728168971", "за ООО «Вега» по с/ф 1"),
         "proposed 960 payment_from_customer VEGA [BUYER 100.00 000001=100.00:payer]"),
        (Told("+40", **VEGA, purpose="по накл. 1"), "proposed 970 payment_from_customer VEGA [BUYER 40.00 000001=40.00:payer]"),
        (Told("+100", **VEGA), "proposed 965 payment_from_customer VEGA [BUYER 100.00]"),
        (Told("+30", **VEGA, purpose="оплата"), "proposed 800 payment_from_customer VEGA [BUYER 30.00]"),
        (Told("+30", **VEGA, purpose="по договору BUYER-2"), "proposed 960 payment_from_customer VEGA [BUYER-2 30.00]"),
        (Told("-30", **VEGA, purpose="оплата"), "proposed 600 refund_to_customer VEGA [BUYER-2 30.00]"),
        (Told("-50", purpose="Комиссия за ведение счета"), "proposed 900 other_out 91.02 [- 50.00]"),
    ],
)  # fmt: skip
def test_whose_a_line_is_and_what_it_settles(bank: Any, actor: Actor, line: Told, expected: str) -> None:
    sale(bank, "000001", "100")
    (row,) = brought(bank, line)
    assert told(row) == expected


def test_near_numbers_count_only_with_the_exact_amount(bank: Any, actor: Actor) -> None:
    sale(bank, "4471", "100")
    sale(bank, "4482", "130")
    exact, other, partly = brought(
        bank, Told("+130", **VEGA, purpose="с/ф 4481"), Told("+99", **VEGA, purpose="с/ф 4491"), Told("+100", **VEGA, purpose="с/ф 4482")
    )
    assert told(exact) == "proposed 965 payment_from_customer VEGA [BUYER 130.00 4482=130.00:payer]"
    assert told(other) == "proposed 800 payment_from_customer VEGA [BUYER 99.00]"
    assert "doubt-number-unknown" in keys(other)
    assert told(partly) == "proposed 940 payment_from_customer VEGA [BUYER 100.00]"


def test_a_number_of_one_document_and_the_amount_of_its_neighbour_is_left_to_people(bank: Any, actor: Actor) -> None:
    sale(bank, "4471", "500")
    sale(bank, "4472", "130")
    (row,) = brought(bank, Told("+130", **VEGA, purpose="с/ф 4471"))
    assert told(row) == "proposed 700 payment_from_customer VEGA [BUYER 130.00 4471=130.00:payer]"
    assert "doubt-number-amount" in keys(row)


def test_the_oldest_that_sum_to_it_leave_the_fold_alone(bank: Any, actor: Actor) -> None:
    for number, amount in (("1", "10"), ("2", "20"), ("3", "40")):
        sale(bank, number, amount, day=f"2025-02-0{number}")
    oldest, few = brought(bank, Told("+30", **VEGA), Told("+40", **VEGA))
    assert told(oldest) == "proposed 960 payment_from_customer VEGA [BUYER 30.00]"
    assert told(few) == "proposed 965 payment_from_customer VEGA [BUYER 40.00]"
    assert [done.refusal for done in confirm_lines(bank, [oldest.id, few.id], actor)] == [None, None]
    assert bank.execute("select count(*) from lot where residual <> 0").fetchone() == (0,)


def test_a_payment_entered_by_hand_is_the_line(bank: Any, actor: Actor) -> None:
    sale(bank, "1", "70")
    by_hand = Payment(
        unit="MSK", date="2025-03-08", kind="payment_from_customer", amount="70", counterparty="VEGA", contract="BUYER", number="55"
    )
    post_document(bank, by_hand, actor)
    ordered = Payment(
        unit="MSK", date="2025-03-09", kind="payment_to_supplier", amount="30", counterparty="METALL", contract="SUPPLIER", number="12"
    )
    draft = save_document(bank, ordered, actor)
    known, order, again = brought(
        bank, Told("+70", **VEGA), Told("-30", "АО Металлсервис", "7736050003", number="12"), Told("+70", **VEGA, day=date(2025, 3, 11))
    )
    assert (told(known), keys(known)) == ("proposed 990 payment_from_customer VEGA [BUYER 70]", ["reason-tax-id", "reason-existing"])
    assert told(order) == "proposed 990 payment_to_supplier METALL [SUPPLIER 30]"
    assert "reason-existing" not in keys(again)
    booked = confirm_lines(bank, [known.id, order.id], actor)
    assert [done.document_key for done in booked] == ["payment_from_customer/MSK/2025/55", draft.key]
    assert bank.execute("select status from document where key = %s", [draft.key]).fetchone() == ("posted",)
    unconfirm_line(bank, known.id, actor)
    assert bank.execute("select status from document where number = '55'").fetchone() == ("posted",)


def test_an_account_is_learned_and_forgotten(bank: Any, actor: Actor) -> None:
    first, second = brought(bank, Told("+1", **VEGA, purpose="по договору BUYER"), Told("+2", "ВГ", account="40702810500000000009"))
    assert told(second) == "unclaimed 0"
    confirm_lines(bank, [first.id], actor)
    propose_lines(bank)
    second = bank_lines(bank, LineFilter(ids=(second.id,)))[0]
    assert "reason-account" in keys(second)
    unconfirm_line(bank, first.id, actor)
    propose_lines(bank)
    assert bank_lines(bank, LineFilter(ids=(second.id,)))[0].state == "unclaimed"
    assert bank.execute("select status from document").fetchall() == [("unposted",)]
    confirm_lines(bank, [first.id], actor)
    assert bank.execute("select status from document").fetchall() == [("posted",)]


def test_people_decide(bank: Any, actor: Actor) -> None:
    sale(bank, "1", "70")
    (row,) = brought(bank, Told("+70", "Кто-то"))
    payment = assign_line(bank, row.id, "VEGA", actor)
    assert (payment.counterparty, payment.contract) == ("VEGA", "BUYER")
    propose_lines(bank)  # what a person said is not proposed otherwise
    (row,) = bank_lines(bank, LineFilter())
    assert (row.state, row.decided_by, keys(row)[0]) == ("proposed", "tester", "reason-by-hand")
    with pytest.raises(DomainError, match="bank_line_differs"):
        claim_line(bank, row.id, Payment(unit="MSK", date="", kind="other_in", amount="71", account="91.01"), actor)
    with pytest.raises(DomainError, match="bank_line_differs"):
        claim_line(bank, row.id, Payment(unit="MSK", date="", kind="other_out", amount="70", account="91.01"), actor)
    claimed = claim_line(bank, row.id, Payment(unit="MSK", date="", kind="other_in", amount="70", account="91.01"), actor)
    assert (claimed.date, claimed.bank_account, claimed.key[:9]) == ("2025-03-10", "Сбер", "bank/MSK/")
    assert confirm_lines(bank, [row.id], actor)[0].refusal is None
    for verb in (lambda: ignore_line(bank, row.id, "x", actor), lambda: assign_line(bank, row.id, "VEGA", actor)):
        with pytest.raises(DomainError, match="bank_line_state"):
            verb()
    unconfirm_line(bank, row.id, actor)
    ignore_line(bank, row.id, "учтено раньше", actor)
    assert [(count.state, count.lines, count.inflow) for count in line_states(bank, LineFilter())] == [("ignored", 1, 7000)]
    restore_line(bank, row.id, actor)
    assert bank_lines(bank, LineFilter())[0].state == "proposed", "as it was before it was ignored"
    restore_line(bank, row.id, actor)
    assert bank_lines(bank, LineFilter())[0].state == "unclaimed"


def test_rules(bank: Any, actor: Actor) -> None:
    for refused in (
        BankRule("MSK", "colour", "x", "ignore", reason="x"), BankRule("MSK", "purpose", " ", "ignore", reason="x"),
        BankRule("MSK", "purpose", "x", "ignore"), BankRule("MSK", "purpose", "x", "other_in"),
        BankRule("MSK", "purpose", "x", "payment_from_customer", counterparty="NOBODY"),
    ):  # fmt: skip
        with pytest.raises(DomainError):
            add_rule(bank, refused, actor)
    add_rule(bank, BankRule("MSK", "purpose", "комиссия*пп", "other_out", ledger_account="91.02"), actor)
    add_rule(bank, BankRule("MSK", "name", "эквайринг", "payment_from_customer", counterparty="VEGA", contract="BUYER-2"), actor)
    ignored = add_rule(bank, BankRule("MSK", "purpose", "внутр", "ignore", reason="учтено"), actor)
    fee, card, own = brought(
        bank, Told("-5", purpose="Комиссия за ПП 7"), Told("+9", "Эквайринг АО"), Told("-1", purpose="внутренняя")
    )
    assert told(fee) == "proposed 995 other_out 91.02 [- 5.00]"
    assert told(card) == "proposed 960 payment_from_customer VEGA [BUYER-2 9.00]"
    assert (own.state, own.ignored_because) == ("ignored", "учтено")
    drop_rule(bank, ignored, actor)
    with pytest.raises(DomainError, match="unknown_reference"):
        drop_rule(bank, ignored, actor)


def test_own_transfers_meet_in_transit(bank: Any, actor: Actor) -> None:
    other = "40702810000000000002"
    save_account(bank, BankAccount("MSK", other, "RUB", "Альфа"), actor)
    import_statements(bank, onec(Told("-50", account=other, purpose="перевод")), "a.txt", actor)
    import_statements(bank, onec(Told("+50", account=OURS, purpose="перевод"), account=other), "b.txt", actor)
    propose_lines(bank)
    rows = bank_lines(bank, LineFilter())
    assert [told(row) for row in rows] == ["proposed 990 other_out 57 [- 50.00]", "proposed 990 other_in 57 [- 50.00]"]
    assert sure_lines(bank) == [row.id for row in rows]


def test_a_second_person_is_asked_where_a_policy_says_so(bank: Any, actor: Actor) -> None:
    set_policy(bank, "payment", actor, limit="50", currency="RUB")
    small, large = brought(
        bank, Told("-10", "АО Металлсервис", "7736050003", "по договору SUPPLIER"),
        Told("-90", "АО Металлсервис", "7736050003", "по договору SUPPLIER"),
    )  # fmt: skip
    done = confirm_lines(bank, [small.id, large.id], actor)
    assert [found.refusal.code.value if found.refusal else "" for found in done] == ["", "bank_line_pending"]
    assert [row.state for row in bank_lines(bank, LineFilter())] == ["booked", "proposed"]
    (key,) = bank.execute("select key from document where status = 'draft' and key like 'bank/%'").fetchone()
    post_saved(bank, key, actor)  # what approving does
    assert confirm_lines(bank, [large.id], actor)[0].document_key == key
    assert bank.execute("select count(*) from document where kind = 'payment_to_supplier'").fetchone() == (2,)


def test_a_second_person_is_asked_before_a_booked_line_is_taken_back(bank: Any, actor: Actor) -> None:
    (line,) = brought(bank, Told("-90", "АО Металлсервис", "7736050003", "по договору SUPPLIER"))
    (done,) = confirm_lines(bank, [line.id], actor)
    set_policy(bank, "payment", actor, limit="50", currency="RUB")
    assert isinstance(unconfirm_line(bank, line.id, actor), Pending)
    assert [row.state for row in bank_lines(bank, LineFilter())] == ["booked"]
    assert known_document(bank, done.document_key).row.status == "posted"
    unpost_document(bank, done.document_key, actor)  # what approving does
    assert isinstance(unconfirm_line(bank, line.id, actor), Outcome)
    assert [row.state for row in bank_lines(bank, LineFilter())] == ["proposed"]


def test_what_posting_refuses_is_told_line_by_line(bank: Any, actor: Actor) -> None:
    good, bad = brought(bank, Told("+1", **VEGA, purpose="по договору BUYER"), Told("-1", **VEGA, purpose="возврат по договору BUYER"))
    done = confirm_lines(bank, [bad.id, 999_999, good.id], actor)
    assert [found.refusal.code.value if found.refusal else "" for found in done] == ["refund_exceeds_advance", "unknown_reference", ""]
    assert [row.state for row in bank_lines(bank, LineFilter())] == ["booked", "proposed"]


def test_statements_and_their_gaps(bank: Any, actor: Actor) -> None:
    def file(day: str, opening: str, closing: str) -> bytes:
        text = onec(opening=opening, closing=closing).decode().replace("01.01.2025", day).replace("31.12.2025", day)
        return text.encode()

    import_statements(bank, file("01.03.2025", "0", "0"), "a", actor)
    import_statements(bank, file("02.03.2025", "0", "0"), "b", actor)
    import_statements(bank, file("04.03.2025", "7", "7"), "c", actor)
    rows = bank_statements(bank)
    assert [row.file for row in rows] == ["c", "b", "a"]
    assert [[finding["key"] for finding in row.findings] for row in rows] == [["statement-missing"], [], []]
    (account,) = bank_accounts(bank)
    assert (account.last_day, account.balance) == (date(2025, 3, 4), 700)


def test_a_file_of_an_unknown_account_is_refused(bank: Any, actor: Actor) -> None:
    with pytest.raises(DomainError, match="bank_account_unknown"):
        import_statements(bank, onec(Told("+1"), account="40702810000000000077"), "a", actor)
    with pytest.raises(DomainError, match="bank_account_taken"):
        save_account(bank, BankAccount("SPB", OURS, "RUB"), actor)
    assert bank.execute("select count(*) from bank_statement").fetchone() == (0,)
