"""From a statement to rows: ids of nodes and keys, moments, ranks. Shared by one document and by bulk import."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from setoff.books.charts import account_id
from setoff.core.errors import InvariantViolation
from setoff.core.fact import Fact, Node, Statement, statement_problems
from setoff.core.moment import Moment
from setoff.settlements.keys import KeyTerms, key_terms
from setoff.settlements.records import EntryRow, FactRow, KeyRow, NodeRow, TargetRow, facts_hash
from setoff.trade.directory import ContractTerms, UnitTerms


class Place(NamedTuple):
    """Where and when a version stands: `moment` packed, `day_order` of the document's kind or as reordered."""

    unit: UnitTerms
    document_id: int
    version_id: int
    moment: int


class StatementRows(NamedTuple):
    facts: list[FactRow]
    targets: list[TargetRow]
    entries: list[EntryRow]
    nodes: dict[int, Node]
    hash: bytes


def node_keys(node: Node) -> tuple[int, int]:
    """Ids of the regulated and the management key of a node."""
    return node.fold_key("reg").id(), node.fold_key("mgmt").id()


def statement_rows(statement: Statement, place: Place, keys_of: dict[Node, tuple[int, int, int]]) -> StatementRows:
    """Rows of a version. `keys_of` remembers node -> (node id, reg key id, mgmt key id) over many documents.
    A statement that breaks a law of the model raises InvariantViolation."""
    problems = statement_problems(statement)
    if problems:
        raise InvariantViolation("; ".join(problems))
    unit, document_id, version_id, moment = place
    unit_id, chart = unit.id, unit.chart.name
    rows = StatementRows([], [], [], {}, b"")
    for fact in statement.facts:
        found = keys_of.get(fact.node)
        if found is None:
            found = keys_of[fact.node] = (fact.node.id(), *node_keys(fact.node))
        node_id, reg_key, mgmt_key = found
        rows.nodes[node_id] = fact.node
        rows.facts.append(
            FactRow(
                unit_id, version_id, fact.line, document_id, moment, moment if fact.origin is None else rank_of(fact, moment), node_id,
                reg_key if fact.in_reg else None, mgmt_key if fact.in_mgmt else None, int(fact.nature), fact.change, fact.book,
                fact.own_value, fact.consume_only, fact.due, fact.label,
            )
        )
        for number, target in enumerate(fact.targets, 1):
            rows.targets.append(
                TargetRow(
                    unit_id, version_id, fact.line, number, target.document_id, target.line, target.amount,
                    int(target.rule), target.demoted,
                )
            )
    for line, debit_fact, debit, credit_fact, credit, amount, follows, vat_rate, item in statement.entries:
        debit_id, credit_id = account_id(chart, debit) if debit else None, account_id(chart, credit) if credit else None
        rows.entries.append(
            EntryRow(
                unit_id, version_id, line, debit_fact or None, debit_id, credit_fact or None, credit_id, amount, follows, vat_rate, item
            )
        )
    return rows._replace(hash=facts_hash(rows.facts, rows.targets, rows.entries))


def rank_of(fact: Fact, moment: int) -> int:
    """Lots are used by rank: their moment, or for an opening balance the same place in the day of the original document."""
    if fact.origin is None:
        return moment
    return Moment(fact.origin, (moment >> 34) & 511, moment & ((1 << 34) - 1)).pack()


def node_rows(
    nodes: Mapping[int, Node], units: Mapping[int, UnitTerms], contracts: Mapping[int, ContractTerms]
) -> tuple[list[NodeRow], list[KeyRow], dict[int, KeyTerms]]:
    """Rows of nodes and of both their keys, and the terms of these keys by id."""
    stored, keys, terms = [], {}, {}
    for node_id, node in nodes.items():
        ids = []
        for contour in ("reg", "mgmt"):
            found = key_terms(node, contour, units[node.unit_id], contracts.get(node.contract_id))
            terms[found.id] = found
            ids.append(found.id)
            keys[found.id] = KeyRow(
                node.unit_id, found.id, contour, node.relation, node.counterparty_id, node.contract_id or None, found.key.object,
                node.currency, found.order, found.debt_account or None, found.advance_account or None,
            )
        stored.append(
            NodeRow(
                node.unit_id, node_id, node.relation, node.counterparty_id, node.contract_id or None, node.object, node.reg_object,
                node.currency, *ids,
            )
        )
    return stored, list(keys.values()), terms
