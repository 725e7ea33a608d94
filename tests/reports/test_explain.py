"""Why each amount went where it did, and what moved it later. The story of story.py with a payment of 15 January that came late."""

from __future__ import annotations

from typing import Any

import msgspec
import psycopg
import pytest

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Rule
from setoff.language import LANGUAGES
from setoff.reports.explain import Explanation, explain, explanation_text, explanations_json
from setoff.settlements.services import post_document, unpost_document
from setoff.trade.documents import PaymentTarget
from tests.reports.story import ACTOR, payment, tell

LATE = payment("2025-01-15", "P-0", "900.00")


def one(db: psycopg.Connection[Any], name: str) -> Explanation:
    (found,) = explain(db, name)
    return found


def used(found: Explanation, contour: str = "reg") -> list[tuple[str, int, str]]:
    return [
        (use.number, use.amount, Rule(use.rule).name) for fact in found.facts if fact.contour == contour for use in fact.uses
    ]


def test_uses_rest_and_users(db: psycopg.Connection[Any]) -> None:
    tell(db)
    paid = one(db, "P-4")
    assert used(paid) == [("S-2", 300_00, "MOMENT")]
    reg, mgmt = paid.facts
    assert (reg.opened, reg.residual, reg.users) == (-200_00, -200_00, ())
    assert (mgmt.opened, mgmt.residual) == (-200_00, -100_00)
    assert [(use.number, use.amount) for use in mgmt.users] == [("M-1", 100_00)]
    assert [(row.debit, row.credit, row.amount) for row in paid.postings] == [("51", "62.01", 300_00), ("51", "62.02", 200_00)]
    assert used(one(db, "sale/MSK/2025/M-1"), "mgmt") == [("P-4", 100_00, "MOMENT")]


def test_exchange_difference_is_told_on_both_ends(db: psycopg.Connection[Any]) -> None:
    tell(db)
    assert "exchange difference 700.00\xa0RUB" in explanation_text(one(db, "P-3"), "en")
    assert "exchange difference 700.00\xa0RUB" in explanation_text(one(db, "E-1"), "en")


def test_a_late_document_is_named_as_what_moved_the_amounts(db: psycopg.Connection[Any]) -> None:
    """P-2 used 700.00 of S-1 and 300.00 of S-2; P-0 pays S-1 before it, so P-2 finds 400.00 of S-2 and the rest is an advance.
    Then P-0 is corrected to 800.00, then taken back."""
    tell(db)
    assert one(db, "P-2").moves == []
    post_document(db, LATE, ACTOR)
    post_document(db, msgspec.structs.replace(LATE, amount="800.00", comment="corrected"), ACTOR)
    unpost_document(db, "payment_from_customer/MSK/2025/P-0", ACTOR)
    moved = [
        (story.lot.number, story.move.before, story.move.after, story.causes[0][0].number, story.causes[0][2])
        for story in one(db, "P-2").moves
        if story.move.contour == "reg"
    ]
    assert moved == [
        ("S-1", 700_00, 0, "P-0", "post"),
        ("S-2", 300_00, 400_00, "P-0", "post"),
        ("S-2", 400_00, 500_00, "P-0", "post"),
        ("S-1", 0, 700_00, "P-0", "unpost"),
        ("S-2", 500_00, 300_00, "P-0", "unpost"),
    ]


def test_versions_with_their_changes(db: psycopg.Connection[Any]) -> None:
    tell(db)
    post_document(db, LATE, ACTOR)
    post_document(db, msgspec.structs.replace(LATE, amount="800.00", comment="corrected"), ACTOR)
    first, second = one(db, "P-0").versions
    assert (first.version_no, first.action, first.changes) == (1, "post", ())
    assert [tuple(change) for change in second.changes] == [("amount", "900.00", "800.00"), ("comment", None, "corrected")]
    moved = [(story.lot.number, story.move.before, story.move.after) for story in one(db, "P-0").moves]
    assert moved == [("S-1", 900_00, 800_00)] * 2  # its own edit, in both contours


def test_a_target_named_by_the_payer_is_told(db: psycopg.Connection[Any]) -> None:
    tell(db)
    target = PaymentTarget(document="sale/MSK/2025/S-2", amount="100.00")
    post_document(db, payment("2025-02-10", "T-1", "150.00", targets=[target]), ACTOR)
    assert used(one(db, "T-1")) == [("S-2", 100_00, "PAYER"), ("S-1", 50_00, "MOMENT")]
    assert "named by the payer" in explanation_text(one(db, "T-1"), "en")


def test_a_document_not_posted_says_nothing(db: psycopg.Connection[Any]) -> None:
    tell(db)
    unpost_document(db, "sale/MSK/2025/M-1", ACTOR)
    found = one(db, "M-1")
    assert found.facts == []
    assert [version.action for version in found.versions] == ["post", "unpost"]
    assert "not posted" in explanation_text(found, "en")


def test_every_language_tells_the_same_amounts(db: psycopg.Connection[Any]) -> None:
    tell(db)
    post_document(db, LATE, ACTOR)
    for name in ("P-2", "S-1", "E-1", "R-1"):
        found = one(db, name)
        counts = {len(explanation_text(found, language).splitlines()) for language in LANGUAGES}
        assert len(counts) == 1


def test_json_has_plain_amounts(db: psycopg.Connection[Any]) -> None:
    tell(db)
    (found,) = msgspec.json.decode(explanations_json(explain(db, "P-2")))
    assert found["facts"][0]["uses"][0] == {
        "document": "sale/MSK/2025/S-1", "line": 1, "amount": "700.00", "difference": "0.00", "rule": "moment",
    }  # fmt: skip


def test_a_number_of_several_documents_explains_each_and_an_unknown_one_is_refused(db: psycopg.Connection[Any]) -> None:
    tell(db)
    post_document(db, payment("2025-03-20", "S-1", "1.00"), ACTOR)
    assert [found.document.kind for found in explain(db, "S-1")] == ["sale", "payment_from_customer"]
    with pytest.raises(DomainError) as refused:
        explain(db, "NO-SUCH")
    assert refused.value.code == ErrorCode.UNKNOWN_REFERENCE
