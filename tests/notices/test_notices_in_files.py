"""Notices go out and come back as they stand, with who did what and when; who may bring which; what does not fit is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from setoff.access.entry import enter, leave
from setoff.access.queries import rights_of, rights_of_owner
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.intake.export import exported_lines
from setoff.intake.files import Files
from setoff.intake.load import Reports, load_files
from setoff.intake.permitted import PermittedFiles
from setoff.intake.rows import RowFault
from setoff.intake.source import source_of
from setoff.notices import services
from setoff.notices.queries import known_notice, open_between, units_of, waiting_count
from setoff.notices.reversal import Reversal, reverse_notice
from setoff.settlements.branch_notices import kept_notices, restore_notice
from setoff.site import database
from setoff.trade.notice_mirror import Open
from setoff.trade.notice_paper import KeptNotice
from tests.access.people import add_user
from tests.notices.owing import owe, share

Db = psycopg.Connection[Any]
ANNA, BORIS, OWNER = Actor("anna", "test"), Actor("boris", "test"), Actor("owner", "test")


def told(conn: Db) -> dict[str, str]:
    """A notice in every state; one that another takes back, one that somebody wants undone."""
    rights = rights_of_owner(conn, "owner")
    for name in ("draft", "sent", "rejected", "undone", "wanted undone", "taken back"):
        services.save_notice(conn, share(key=name, comment="« пробел »"), ANNA, rights)
        if name != "draft":
            services.send_notice(conn, name, ANNA, rights)
        if name == "rejected":
            services.reject_notice(conn, name, BORIS, rights, because="не наше")
        elif name not in ("draft", "sent"):
            services.confirm_notice(conn, name, BORIS, rights)
    for name in ("undone", "wanted undone"):
        services.undo_notice(conn, name, BORIS, rights, because="twice")
    services.undo_notice(conn, "undone", ANNA, rights)
    reverse_notice(conn, "taken back", Reversal(date(2025, 3, 5), "borne by the head office"), ANNA, rights)
    return {notice.key: notice.status for notice in kept_notices(conn)}


def load(conn: Db, file: Path) -> list[RowFault]:
    heard: list[RowFault] = []
    reports = Reports(lambda found: heard.append(found) if isinstance(found, RowFault) else None)
    load_files(conn, Files([source_of(file)], None, reports), reports, OWNER)
    return heard


def test_notices_come_back_as_they_were(company: Db, tmp_path: Path) -> None:
    states = told(company)
    assert states == {
        "draft": "draft", "sent": "sent", "rejected": "rejected", "undone": "undone", "wanted undone": "confirmed",
        "taken back": "confirmed", "taken back/reversal": "draft",
    }  # fmt: skip
    lines = list(exported_lines(company))
    assert [msgspec.json.decode(line)["type"] for line in lines[-7:]] == ["notice"] * 7
    file = tmp_path / "out.jsonl"
    file.write_bytes(b"".join(lines))
    with database.throwaway(), database.connect() as other:
        assert load(other, file) == []
        assert b"".join(exported_lines(other)) == file.read_bytes()
        units, rights = units_of(other), rights_of_owner(other, "owner")
        assert open_between(other, units["MSK"], units["SPB"], date(2025, 2, 28)) == Open(700_00, 0)
        asked = [("SPB", "boris"), ("SPB", "vera"), ("MSK", "anna")]  # what was sent; that and what boris wants undone; what was rejected
        assert [waiting_count(other, [units[unit].id], login) for unit, login in asked] == [1, 2, 1]
        assert services.undo_notice(other, "wanted undone", ANNA, rights).status == "undone"
        assert services.confirm_notice(other, "sent", BORIS, rights).status == "confirmed"
        number = services.save_notice(other, share(key="next"), ANNA, rights).number
        assert number not in {notice.number for notice in kept_notices(other) if notice.key != "next"}
    assert load(company, file) == [] and b"".join(exported_lines(company)) == file.read_bytes()


def kept(**fields: Any) -> KeptNotice:
    said = {name: getattr(share(), name) for name in share().__struct_fields__}
    return KeptNotice(**{**said, "number": "7", "author": "anna", **fields})


SENT = {"status": "sent", "sent_by": "anna", "sent_at": "2025-02-11T08:00:00+00:00"}
DECIDED = {**SENT, "status": "confirmed", "decided_by": "boris", "decided_at": "2025-02-12T08:00:00+00:00"}


def refusals() -> Iterator[tuple[KeptNotice, ErrorCode, str]]:
    yield kept(receiver="NONE"), ErrorCode.UNKNOWN_REFERENCE, "receiver"
    yield kept(receiver="SHA"), ErrorCode.NOTICE_UNITS, "receiver"
    yield kept(date="10.02.2025"), ErrorCode.INVALID_DATE, "date"
    yield kept(author=""), ErrorCode.FIELD_MISSING, "author"
    yield kept(**{**SENT, "sent_at": ""}), ErrorCode.FIELD_MISSING, "sent_at"
    yield kept(**{**SENT, "sent_at": "soon"}), ErrorCode.INVALID_DATE, "sent_at"
    yield kept(sent_by="anna"), ErrorCode.INVALID_VALUE, "sent_by"
    yield kept(**{**DECIDED, "status": "rejected"}), ErrorCode.FIELD_MISSING, "reason"
    yield kept(**DECIDED, undo_unit="SHA", undo_by="x", undo_reason="y"), ErrorCode.INVALID_VALUE, "undo_unit"
    yield kept(**{**DECIDED, "decided_by": "ANNA"}), ErrorCode.NOTICE_OWN, ""
    yield kept(receiver_rows=share().sender_rows), ErrorCode.ONE_SIDED_30404, "sender_rows[0]"
    yield kept(**DECIDED), ErrorCode.NOTICE_DOCUMENTS_DIFFER, ""
    yield kept(reverses="none"), ErrorCode.UNKNOWN_REFERENCE, "reverses"


def test_what_does_not_fit_is_refused(company: Db) -> None:
    for notice, code, field in refusals():
        with pytest.raises(DomainError) as caught:
            restore_notice(company, notice, OWNER)
        assert (caught.value.code, caught.value.facts.get("field", "")) == (code, field)
    owe(company)
    for notice, code in (
        (kept(key="other", number="000001"), ErrorCode.NUMBER_TAKEN), (kept(), ErrorCode.NOTICE_STATE),
        (kept(**DECIDED, comment="otherwise"), ErrorCode.NOTICE_STATE),
        (kept(**{**DECIDED, "date": "2025-02-11"}), ErrorCode.NOTICE_DOCUMENTS_DIFFER),
    ):  # fmt: skip
        with pytest.raises(DomainError, match=f"^{code.value}"):
            restore_notice(company, notice, OWNER)


def test_a_draft_is_replaced_and_the_same_changes_nothing(company: Db) -> None:
    assert restore_notice(company, kept(), OWNER) and not restore_notice(company, kept(), OWNER)
    assert restore_notice(company, kept(**SENT), OWNER)
    assert known_notice(company, "share").status == "sent"


def test_what_others_did_is_an_administrator_s_word(company: Db) -> None:
    """Who posts in both units brings drafts; only an administrator with the same rights says who sent and confirmed."""
    both = {"MSK": "accountant", "SPB": "accountant"}
    anna = rights_of(company, add_user(company, "anna", **both))
    chief = rights_of(company, add_user(company, "chief", is_administrator=True, **both))
    outside = rights_of(company, add_user(company, "outside", is_administrator=True))

    def answered(rights: Any, notice: KeptNotice) -> str:
        try:
            PermittedFiles([], None, lambda _told: None, rights=rights).require_notice(notice)
        except DomainError as refusal:
            return str(refusal.code.value)
        return "allowed"

    cases = [(rights, notice) for rights in (anna, chief, outside) for notice in (kept(), kept(**SENT))]
    assert [answered(*case) == "allowed" for case in cases] == [True, False, True, True, False, False]
    assert {answered(*case) for case in cases} == {"allowed", "not_permitted"}
    for rights, is_brought in ((anna, False), (chief, True)):
        enter(company, rights)
        if is_brought:
            restore_notice(company, kept(**SENT, sender="SPB", receiver="MSK"), OWNER)
        else:
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="not in the name of"):
                restore_notice(company, kept(**{**SENT, "sent_by": "boris"}), OWNER)
        leave(company)
    assert known_notice(company, "share").sent_by == "anna"
