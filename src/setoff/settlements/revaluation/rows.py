"""Revaluations in the ledger: what they made of the lots of the regulated contour, as postings of the lots' documents.

A posting of kind `revaluation` belongs to the document whose debt it is and is dated when the revaluation is, so that an edit of one
contract moves the postings of its own documents alone, however many debts a revaluation met. Lines are numbered after those of the
document's entries, and before those of VAT on advances. `revaluation_effect` derives them for an edit, `restate_revaluations` in the
database for many keys: the same rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import psycopg

from setoff.core.fact import Rule
from setoff.settlements.journal import compare_postings
from setoff.settlements.keys import KeyTerms, debt_sign
from setoff.settlements.records import AllocationRow, FactRow, PostingRow, numbers
from setoff.settlements.refold import Refolded
from setoff.settlements.tails import load_terms

REVALUATION: Final = "revaluation"
FIRST_LINE: Final = 1 << 23
"""Of the revaluations of a document: after its entries, however many these are."""
KEYS_SQL: Final = """
  select distinct fact.document_id, fact.reg_key_id from document
  join fact on fact.unit_id = document.unit_id and fact.version_id = document.posted_version_id
  where document.id = any(%s::int8[]) and fact.reg_key_id is not null"""
ROWS_SQL: Final = f"""
  select {", ".join("allocation." + name for name in AllocationRow._fields)}
  from unnest(%s::int8[], %s::int8[]) wanted(key_id, document_id)
  join allocation on allocation.key_id = wanted.key_id and allocation.lot_document_id = wanted.document_id
   and allocation.rule = {Rule.REVALUED:d}"""
STORED_SQL: Final = f"""
  select {", ".join(PostingRow._fields)} from posting
  where (unit_id, document_id) in (select unit_id, id from document where id = any(%s::int8[])) and kind = '{REVALUATION}'
  order by document_id, line"""


def revaluation_effect(
    conn: psycopg.Connection[Any], refolded: Refolded, terms: Mapping[int, KeyTerms], own: Sequence[FactRow],
    differences: tuple[int, int],
) -> tuple[list[PostingRow], list[PostingRow]]:  # fmt: skip
    """Postings that go and come with an edit. `own`: the facts of the edited document as they are to be; `differences`: account ids of
    exchange gain and loss."""
    moved = [row for rows in (refolded.allocations_out, refolded.allocations_in) for row in rows if row.rule == Rule.REVALUED]
    owners = {row.lot_document_id for row in moved if terms[row.key_id].key.contour == "reg"}
    lots = [*refolded.lots_out, *refolded.lots_in]  # one that moved to another node keeps its revaluations
    owners |= {lot.document_id for lot in lots if terms[lot.key_id].key.contour == "reg"}
    if not owners:
        return [], []
    pairs = {(key_id, document_id) for document_id, key_id in conn.execute(KEYS_SQL, [numbers(sorted(owners))])}
    pairs |= {(fact.reg_key_id, fact.document_id) for fact in own if fact.reg_key_id is not None and fact.document_id in owners}
    found = {}
    for values in conn.execute(ROWS_SQL, [numbers([pair[place] for pair in pairs]) for place in (0, 1)]):
        row = AllocationRow._make(values)
        found[row.name] = row
    for row in refolded.allocations_out:
        found.pop(row.name, None)
    for row in refolded.allocations_in:
        if row.rule == Rule.REVALUED and (row.key_id, row.lot_document_id) in pairs:
            found[row.name] = row
    nodes = lot_nodes(conn, {(row.key_id, row.lot_document_id, row.lot_line) for row in found.values()})
    nodes |= {(lot.key_id, lot.document_id, lot.line): lot.node_id for lot in refolded.lots_in}
    known = dict(terms) | load_terms(conn, sorted({row.key_id for row in found.values()} - terms.keys()))
    by_document: dict[int, list[AllocationRow]] = defaultdict(list)
    for row in found.values():
        by_document[row.lot_document_id].append(row)
    derived = [posting for owner in sorted(by_document) for posting in postings_of(by_document[owner], nodes, known, differences)]
    return compare_postings([PostingRow._make(row) for row in conn.execute(STORED_SQL, [numbers(sorted(owners))])], derived)


def lot_nodes(conn: psycopg.Connection[Any], names: set[tuple[int, int, int]]) -> dict[tuple[int, int, int], int]:
    """Nodes of stored lots."""
    if not names:
        return {}
    query = """select lot.key_id, lot.document_id, lot.line, lot.node_id
               from unnest(%s::int8[], %s::int8[], %s::int4[]) wanted(key_id, document_id, line)
               join lot on lot.key_id = wanted.key_id and lot.document_id = wanted.document_id and lot.line = wanted.line"""
    columns = [numbers(column) for column in zip(*sorted(names), strict=True)]
    return {(key_id, document_id, line): node_id for key_id, document_id, line, node_id in conn.execute(query, columns)}


def postings_of(
    rows: list[AllocationRow], nodes: Mapping[tuple[int, int, int], int], terms: Mapping[int, KeyTerms], differences: tuple[int, int]
) -> list[PostingRow]:
    """The revaluations of one document's lots. A claim that is worth more is a gain, a debt of ours a loss, and the other way round."""
    rows.sort(key=lambda row: (row.moment, row.lot_line))
    postings = []
    for number, row in enumerate(rows):
        key = terms[row.key_id]
        is_claim, has_grown = debt_sign(key.key.relation) > 0, row.lot_book < 0
        node = nodes[row.key_id, row.lot_document_id, row.lot_line]
        debt, other = (key.debt_account, node), (differences[0] if is_claim == has_grown else differences[1], None)
        (debit, debit_node), (credit, credit_node) = (debt, other) if is_claim == has_grown else (other, debt)
        postings.append(
            PostingRow(
                row.unit_id, row.lot_document_id, FIRST_LINE + number, row.moment, REVALUATION, debit, debit_node, credit, credit_node,
                abs(row.lot_book), 0, "", "",
            )
        )  # fmt: skip
    return postings


COLUMNS: Final = ", ".join(PostingRow._fields)
CHANGES_SQL: Final = f"""
  create temporary table revaluation_change on commit drop as
  with owner as materialized (
    select distinct lot.unit_id, lot.document_id from fold_key
    join unit on unit.id = fold_key.unit_id join organization on organization.id = unit.organization_id
    join lot on lot.unit_id = fold_key.unit_id and lot.key_id = fold_key.id
    where fold_key.contour = 'reg' and fold_key.currency <> organization.book_currency and {{where}}
  ), revalued as (
    select lot.unit_id, lot.document_id,
           ({FIRST_LINE} - 1 + row_number() over (partition by lot.unit_id, lot.document_id
             order by allocation.moment, allocation.lot_line))::int as line,
           allocation.moment, lot.node_id, fold_key.debt_account_id as account, abs(allocation.lot_book) as amount,
           (debt_sign(fold_key.relation) > 0) = (allocation.lot_book < 0) as is_gain, difference.gain, difference.loss
    from owner
    join document on document.unit_id = owner.unit_id and document.id = owner.document_id
    join fact on fact.unit_id = document.unit_id and fact.version_id = document.posted_version_id
    join allocation on allocation.key_id = fact.reg_key_id and allocation.lot_document_id = fact.document_id
     and allocation.lot_line = fact.line and allocation.rule = {Rule.REVALUED:d}
    join lot on lot.unit_id = allocation.unit_id and lot.key_id = allocation.key_id and lot.document_id = allocation.lot_document_id
     and lot.line = allocation.lot_line
    join fold_key on fold_key.unit_id = lot.unit_id and fold_key.id = lot.key_id
    join unnest(%s::int8[], %s::int4[], %s::int4[]) difference(unit_id, gain, loss) on difference.unit_id = lot.unit_id
  ), derived as (
    select unit_id, document_id, line, moment, '{REVALUATION}' as kind, case when is_gain then account else loss end as debit_account_id,
           case when is_gain then node_id end as debit_node_id, case when is_gain then gain else account end as credit_account_id,
           case when not is_gain then node_id end as credit_node_id, amount, 0::int8 as settlement_amount, '' as vat_rate, '' as item
    from revalued
  ), stored as (
    select {", ".join("posting." + name for name in PostingRow._fields)} from owner
    join posting on posting.unit_id = owner.unit_id and posting.document_id = owner.document_id and posting.kind = '{REVALUATION}'
  )
  select true as gone, {COLUMNS} from (select * from stored except select * from derived) going
  union all select false, {COLUMNS} from (select * from derived except select * from stored) coming"""
WRITES_SQL: Final = (
    """delete from posting using revaluation_change change where change.gone
       and (posting.unit_id, posting.document_id, posting.line) = (change.unit_id, change.document_id, change.line)""",
    f"insert into posting ({COLUMNS}) select {COLUMNS} from revaluation_change where not gone",
    """insert into turnover select unit_id, date_trunc('month', moment_date(moment))::date, debit_account_id, credit_account_id,
         sum(case when gone then -amount else amount end)
       from revaluation_change group by 1, 2, 3, 4 having sum(case when gone then -amount else amount end) <> 0""",
    "drop table revaluation_change",
)


def restate_revaluations(conn: psycopg.Connection[Any], differences: Mapping[int, tuple[int, int]], *, touched: bool) -> None:
    """Write the postings of revaluations of the documents on the keys of the table `touched`, or of all, wherever they differ. Never by a
    statement that was prepared: the tables may be temporary ones of the same names."""
    if conn.execute("select exists (select 1 from document where kind = 'revaluation')", prepare=False).fetchone() != (True,):
        return
    where = "fold_key.id in (select key_id from touched)" if touched else "true"
    columns = [list(differences), [gain for gain, _loss in differences.values()], [loss for _gain, loss in differences.values()]]
    conn.execute(CHANGES_SQL.format(where=where), columns, prepare=False)
    for statement in WRITES_SQL:
        conn.execute(statement, prepare=False)
