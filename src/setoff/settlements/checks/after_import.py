"""C-4.2 after an import: the ledger beside the lots, in the contracts that the import touched (spec 3, C-4.2: after every import).

Touched is every contract on which a document of the import stands or stood, and every contract that shares a document with one of these: a
set-off carries worth from one to the other. Of a large import, and of one with revaluations, all contracts of the books are compared.
Expected is what the lots still carry, actual what the postings sum to, as in the check; that what a lot carries is what was not used of it
is C-4.2.6. Nothing is kept: a difference is told by the import, and found again by `setoff check`.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import psycopg

from setoff.settlements.checks import ROWS_SQL, Row

WHOLE: Final = 20_000
"""Of so many versions all contracts are compared: it is cheaper than to look for those that were touched."""
MARK_SQL: Final = "select nextval('version_id_seq')"
SAID_SQL: Final = """
  select count(*), coalesce(bool_or(kind = 'revaluation'), false) from (
    select document.kind from unit join version said on said.unit_id = unit.id and said.id > %s
    join document on document.unit_id = said.unit_id and document.id = said.document_id limit %s) found"""
ALL_SQL: Final = """
  create temporary table compared_node on commit drop as
  select unit_id, id as node_id, reg_key_id as key_id, counterparty_id, contract_id from node"""
TOUCHED_SQL: Final = """
  create temporary table compared_node on commit drop as
  with own as materialized (
    select distinct node.unit_id, node.counterparty_id, node.contract_id
    from unit join version said on said.unit_id = unit.id and said.id > %s
    join version stated on stated.unit_id = said.unit_id and stated.document_id = said.document_id
    join fact on fact.unit_id = stated.unit_id and fact.version_id = stated.id
    join node on node.unit_id = fact.unit_id and node.id = fact.node_id
  ), tied as (
    select other.unit_id, other.counterparty_id, other.contract_id
    from own
    join node on node.unit_id = own.unit_id and node.counterparty_id = own.counterparty_id
     and node.contract_id is not distinct from own.contract_id
    join fact on fact.reg_key_id = node.reg_key_id and fact.unit_id = node.unit_id and fact.node_id = node.id
    join fact beside on beside.unit_id = fact.unit_id and beside.version_id = fact.version_id and beside.node_id <> fact.node_id
    join node other on other.unit_id = beside.unit_id and other.id = beside.node_id
    union select unit_id, counterparty_id, contract_id from own)
  select node.unit_id, node.id as node_id, node.reg_key_id as key_id, node.counterparty_id, node.contract_id
  from tied join node on node.unit_id = tied.unit_id and node.counterparty_id = tied.counterparty_id
   and node.contract_id is not distinct from tied.contract_id"""
COUNT_SQL: Final = "select count(distinct (unit_id, counterparty_id, contract_id)) from compared_node"
COMPARED_SQL: Final = """
  with ledger as (
    select one.unit_id, one.counterparty_id, one.contract_id, posting.debit_account_id as account_id, posting.amount
    from compared_node one join posting on posting.debit_node_id = one.node_id and posting.unit_id = one.unit_id
    union all
    select one.unit_id, one.counterparty_id, one.contract_id, posting.credit_account_id, -posting.amount
    from compared_node one join posting on posting.credit_node_id = one.node_id and posting.unit_id = one.unit_id
  ), carried as (
    select key.unit_id, key.counterparty_id, key.contract_id,
           case when (lot.amount > 0) = (debt_sign(fold_key.relation) > 0) then debt_account_id else advance_account_id end as account_id,
           lot.residual_book as amount
    from (select distinct unit_id, key_id, counterparty_id, contract_id from compared_node) key
    join fold_key on fold_key.unit_id = key.unit_id and fold_key.id = key.key_id
    join lot on lot.key_id = key.key_id and lot.unit_id = key.unit_id and lot.residual_book <> 0
  ), both_sides as (
    select unit_id, account_id, counterparty_id, contract_id, sum(lots)::bigint as lots, sum(ledger)::bigint as ledger
    from (select unit_id, account_id, counterparty_id, contract_id, amount as lots, 0::bigint as ledger from carried
          union all select unit_id, account_id, counterparty_id, contract_id, 0, amount from ledger) readings
    group by 1, 2, 3, 4 having sum(lots) <> sum(ledger)
  )
  select both_sides.unit_id, account_code(account_id) || ' ' || party_name(counterparty_id, contract_id) as key, lots as expected,
         ledger as actual, ledger - lots as difference, organization.book_currency as currency, null::bigint as document_id,
         null::bigint as moment
  from both_sides join unit on unit.id = both_sides.unit_id join organization on organization.id = unit.organization_id"""


class Reconciled(NamedTuple):
    """How many contracts (of a unit and party) were compared, and where ledger and lots differ."""

    contracts: int = 0
    differing: tuple[Row, ...] = ()


NOT_COMPARED: Final = Reconciled()


def begin_reconciling(conn: psycopg.Connection[Any]) -> int:
    """A mark: versions that are written from now on have a greater number."""
    row = conn.execute(MARK_SQL).fetchone()
    assert row is not None
    return int(row[0])


def reconcile(conn: psycopg.Connection[Any], mark: int) -> Reconciled:
    """The ledger beside the lots after what was written since the mark, in the transaction that wrote it."""
    said = conn.execute(SAID_SQL, [mark, WHOLE]).fetchone()
    assert said is not None
    versions, has_revaluation = said
    if not versions:
        return NOT_COMPARED
    with conn.transaction():
        if has_revaluation or versions == WHOLE:
            conn.execute(ALL_SQL)
        else:
            conn.execute(TOUCHED_SQL, [mark])
        conn.execute("analyze compared_node")
        counted = conn.execute(COUNT_SQL).fetchone()
        assert counted is not None
        rows = tuple(Row._make(row) for row in conn.execute(ROWS_SQL.format(query=COMPARED_SQL), prepare=False))
        conn.execute("drop table compared_node")
    return Reconciled(int(counted[0]), rows)
