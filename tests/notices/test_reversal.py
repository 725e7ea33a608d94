"""A confirmed notice is taken back in a later period: drafted by either side, confirmed by the other, once; never more than is open."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import psycopg
import pypdf
import pytest

from setoff.access.queries import rights_of, rights_of_owner
from setoff.books.audit import Actor
from setoff.books.services import close_period
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import LANGUAGES, text
from setoff.notices import services
from setoff.notices.paper import render_notice
from setoff.notices.queries import find_reversal, known_notice, open_between, units_of
from setoff.notices.reversal import Reversal, reverse_notice
from setoff.trade.notice_documents import NoticeRow
from setoff.trade.notice_mirror import Open
from setoff.trade.notice_paper import Notice
from tests.access.people import add_user
from tests.notices.owing import owe, share

Db = psycopg.Connection[Any]
ANNA, BORIS = Actor("anna", "test"), Actor("boris", "test")
MARCH = Reversal(date(2025, 3, 5), "borne by the head office")


def refused(code: ErrorCode) -> Any:
    return pytest.raises(DomainError, match=f"^{code.value}")


def reverse(conn: Db, said: Reversal = MARCH, code: str = "share") -> str:
    return reverse_notice(conn, code, said, ANNA, rights_of_owner(conn, "owner")).code


def book(conn: Db, code: str) -> None:
    rights = rights_of_owner(conn, "owner")
    services.send_notice(conn, code, ANNA, rights)
    services.confirm_notice(conn, code, BORIS, rights)


def paid() -> Notice:
    rows = [NoticeRow(debit="79.02", credit="51", amount="350.00")], [NoticeRow(debit="51", credit="79.02", amount="350.00")]
    return share(key="paid", sender="SPB", receiver="MSK", date="2025-02-20", nature="payment", sender_rows=rows[0], receiver_rows=rows[1])


def opened(conn: Db) -> Open:
    units = units_of(conn)
    return open_between(conn, units["MSK"], units["SPB"], date(2025, 3, 31))


def test_a_notice_of_a_closed_month_is_taken_back_in_the_next(company: Db) -> None:
    owe(company)
    for unit in ("MSK", "SPB"):
        close_period(company, unit, date(2025, 2, 28), ANNA)
    found = known_notice(company, reverse(company))
    assert (found.code, found.status, found.date, found.notice.reverses) == ("share/reversal", "draft", date(2025, 3, 5), "share")
    assert found.notice.sender_rows == [NoticeRow(debit="26", credit="79.02", amount="350.00", claim="claims")]
    assert found.notice.receiver_rows == [NoticeRow(debit="79.02", credit="26", amount="350.00", claim="obligations")]
    assert opened(company) == Open(350_00, 0)
    book(company, found.code)
    assert opened(company) == Open()
    assert company.execute("select sum(amount) filter (where date < '2025-03-01') from posting join document on document.id = document_id"
                           ).fetchone() == (700_00,)  # fmt: skip
    rights = rights_of_owner(company, "owner")
    with refused(ErrorCode.NOTICE_REVERSED):
        services.undo_notice(company, "share", ANNA, rights, because="twice")
    with refused(ErrorCode.NOTICE_REVERSED):
        reverse(company)
    verbs = [verb for (verb,) in company.execute("select verb from audit where details ->> 'reverses' = 'share'")]
    assert verbs == ["reverse_notice"]


def test_what_was_paid_meanwhile_is_owed_back(company: Db) -> None:
    owe(company)
    owe(company, paid())
    found = known_notice(company, reverse(company))
    assert [row.claim for row in found.notice.sender_rows] == ["obligations"]
    book(company, found.code)
    assert opened(company) == Open(0, 350_00)


def test_a_draft_says_what_is_open_when_it_is_made_again(company: Db) -> None:
    owe(company)
    code, rights = reverse(company), rights_of_owner(company, "owner")
    owe(company, paid())
    with refused(ErrorCode.REVERSAL_EXCEEDS_OPEN):
        services.send_notice(company, code, ANNA, rights)
    assert reverse(company) == code
    book(company, code)
    services.undo_notice(company, code, BORIS, rights, because="it was right")
    services.undo_notice(company, code, ANNA, rights)
    assert find_reversal(company, "share") is None
    assert reverse(company) == "share/reversal/2"


def test_either_side_drafts_it_and_the_other_s_draft_is_its_own_business(company: Db) -> None:
    owe(company)
    boris = rights_of(company, add_user(company, "boris", SPB="accountant"))
    found = reverse_notice(company, "share", MARCH, BORIS, boris)
    assert (found.sender, found.receiver, found.claims, found.obligations) == ("SPB", "MSK", 0, -350_00)
    with refused(ErrorCode.NOTICE_REVERSED):
        reverse(company)
    with refused(ErrorCode.NOTICE_UNITS):
        reverse(company, MARCH._replace(unit="SHA"))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (MARCH._replace(because=" "), ErrorCode.FIELD_MISSING),
        (MARCH._replace(day=date(2025, 2, 9)), ErrorCode.INVALID_DATE),
    ],
)
def test_refusals(company: Db, said: Reversal, code: ErrorCode) -> None:
    owe(company)
    with refused(code):
        reverse(company, said)


def test_a_reversal_by_hand_takes_back_the_whole_of_a_confirmed_notice(company: Db) -> None:
    rights = rights_of_owner(company, "owner")
    services.save_notice(company, share(), ANNA, rights)
    with refused(ErrorCode.NOTICE_STATE):
        reverse(company)
    turned = {"sender_rows": share().receiver_rows, "receiver_rows": share().sender_rows, "date": "2025-03-05", "reverses": "share"}
    with refused(ErrorCode.NOTICE_REVERSAL_DIFFERS):  # it is a draft
        services.save_notice(company, share(key="back", **turned), ANNA, rights)
    book(company, "share")
    half = [NoticeRow(debit="26", credit="79.02", amount="100.00")], [NoticeRow(debit="79.02", credit="26", amount="100.00")]
    for wrong in ({"sender_rows": half[0], "receiver_rows": half[1]}, {"date": "2025-02-09"}, {"reverses": "none"}):
        with refused(ErrorCode.NOTICE_REVERSAL_DIFFERS):
            services.save_notice(company, share(key="back", **{**turned, **wrong}), ANNA, rights)
    assert services.save_notice(company, share(key="back", **turned), ANNA, rights).status == "draft"


def test_both_papers_name_one_another_in_every_language(company: Db) -> None:
    first, code = owe(company), reverse(company)
    book(company, code)
    second = known_notice(company, code)
    for language in LANGUAGES:
        named = text(language, "notices-paper-of", number=first.number, date=first.date)
        state = text(language, "notices-state-confirmed")
        taken_back = text(language, "notices-reversed-by", number=second.number, date=second.date, state=state)
        for found, said in ((second, named), (first, taken_back)):
            made = pages(render_notice(company, known_notice(company, found.code), printed=date(2025, 3, 31), language=language))
            assert len(made) == 2 and all("".join(said.split()) in page for page in made)


def pages(made: bytes) -> list[str]:
    """The text of each copy, without spaces: where a line breaks is not what is tested."""
    return ["".join(page.extract_text().split()) for page in pypdf.PdfReader(BytesIO(made)).pages]
