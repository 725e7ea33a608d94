"""What holds for every document of every kind in every chart: I1, I2, I10."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from setoff.core.fact import statement_problems
from setoff.core.money import AMOUNT_MAX
from setoff.trade.documents import AnyDocument, BranchNotice, ManualEntry, Purchase, Sale
from setoff.trade.order_documents import Plan
from setoff.trade.registry import KINDS, RULES, facts, header, kind_of, references
from tests.trade.any_document import Drawn, documents

_decode = msgspec.json.Decoder(AnyDocument)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_a_statement_is_sound(kind: str, data: st.DataObject) -> None:
    drawn = data.draw(documents(kind))
    document, directory = drawn
    chart = directory.units[document.unit].chart
    statement = facts(document, 100, directory)
    assert statement_problems(statement) == []
    assert [fact.line for fact in statement.facts] == list(range(1, len(statement.facts) + 1))
    assert [entry.line for entry in statement.entries] == list(range(1, len(statement.entries) + 1))
    for fact in statement.facts:
        assert 0 < abs(fact.change) <= AMOUNT_MAX and fact.book != 0
        assert (fact.in_reg, fact.in_mgmt) == ("reg" in document.contours, "mgmt" in document.contours)
    for entry in statement.entries:
        for code in (entry.debit_account, entry.credit_account):
            assert code == "" or not chart.accounts[code].is_settlement
        assert entry.amount > 0 or (entry.amount < 0 and not entry.debit_fact and not entry.credit_fact)
        assert 0 <= entry.follows <= len(statement.facts)
    assert statement.entries == [] or statement.entries == () or "reg" in document.contours
    assert facts(_decode.decode(msgspec.json.encode(document)), 100, directory) == statement
    _check_totals(drawn)
    _check_references(drawn)


def _check_totals(drawn: Drawn) -> None:
    """The header says what the facts sum to, where the document is in the settlement currency."""
    document, directory = drawn
    head = header(document, directory)
    assert (head.kind, head.day_order) == (kind_of(document), KINDS[kind_of(document)].day_order)
    statement = facts(document, 100, directory)
    changes = [fact.change for fact in statement.facts]
    silent = ("other_in", "other_out", "advance_vat", "issued_invoice", "received_invoice", "revaluation", "doubtful_reserve")
    if head.kind in silent or isinstance(document, Plan):
        assert changes == []
    elif all(fact.node.currency == head.currency for fact in statement.facts) and not isinstance(document, ManualEntry | BranchNotice):
        twice = head.kind in ("set_off", "debt_transfer", "advance_offset")  # what goes on one side comes on the other
        assert sum(map(abs, changes)) == head.total_minor * (2 if twice else 1)
    if isinstance(document, Sale | Purchase):
        assert all(change > 0 for change in changes) or all(change < 0 for change in changes)


def _check_references(drawn: Drawn) -> None:
    """A document can be stated from no more than what it names, and the documents that these name."""
    document, directory = drawn
    named = references(document)
    assert named.units <= directory.units.keys() and named.counterparties <= directory.counterparties.keys()
    assert named.contracts <= directory.contracts.keys() and named.agreements <= directory.agreements.keys()
    assert named.documents <= directory.documents.keys()
    for field in ("units", "counterparties", "contracts", "agreements", "documents"):
        assert "" not in getattr(named, field)


def test_every_type_has_rules_and_every_kind_a_prefix_of_its_own() -> None:
    assert set(RULES) == set(AnyDocument.__args__)
    prefixes = [kind.prefix for kind in KINDS.values()]
    assert len(set(prefixes)) == len(prefixes)
