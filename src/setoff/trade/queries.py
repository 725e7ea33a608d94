"""Filling the directory: what a document names, read in few round trips; or all master data at once, for a bulk import."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec
import psycopg

from setoff.books.charts import load_chart
from setoff.books.workdays import OF_CHART
from setoff.core.chart import AccountPair
from setoff.core.fact import Node
from setoff.core.moment import day_of
from setoff.core.money import rate_of_one
from setoff.core.workdays import WorkCalendar
from setoff.parties.records import Stage
from setoff.trade.directory import (
    Acknowledged,
    Age,
    AgreementTerms,
    ContractTerms,
    Corrected,
    Directory,
    DocumentRef,
    Done,
    Invoiced,
    Party,
    RateSum,
    Stated,
    UnitTerms,
)
from setoff.trade.documents import AnyDocument
from setoff.trade.kinds import REVERSIBLE
from setoff.trade.registry import References, further_documents, references

UNITS_SQL = """
  select unit.code, unit.id, unit.code, organization.id, organization.book_currency, organization.chart,
         unit.difference_limit_minor, unit.vat_on_advances <> 'off', unit.policies, work_calendar.country, work_calendar.rule,
         (select array_agg(array[calendar_day.country, day::text, is_working::text]) from calendar_day)
  from unit join organization on organization.id = unit.organization_id
  left join work_calendar on work_calendar.organization_id = organization.id"""
COUNTERPARTIES_SQL = "select code, id, code, name, partner_id from counterparty"
CONTRACTS_SQL = """
  select code, id, code, number, organization_id, counterparty_id, relation, currency, coalesce(nullif(payment_currency, ''), currency),
         detail, allocation, allocation_order, reg_detail, status, valid_from, valid_to, stages::text, debt_account, advance_account,
         credit_limit_minor, forbid_overdue, coalesce((select agreement.code from agreement where agreement.id = agreement_id), ''),
         bank_account, vat_rate, vat_rule, date
  from contract"""
AGREEMENTS_SQL = """
  select code, code, currency, uses_contracts, detail, stages::text, status, valid_from, valid_to, partner_id from agreement"""
DOCUMENTS_SQL = r"""
  select document.id, document.key, kind, number, date, document.moment, status, document.unit_id, version.content,
         (select array_agg(array[fact.line::text, fact.label] order by fact.line) from fact
          where fact.unit_id = document.unit_id and fact.version_id = document.posted_version_id),
         (select array_agg(array[fact.line::text, coalesce(fact.due, moment_date(fact.rank))::text] order by fact.line) from fact
          where fact.unit_id = document.unit_id and fact.version_id = document.posted_version_id),
         (select array_agg(array[fact.line, fact.reg_key_id, fact.mgmt_key_id, fact.change, fact.book] order by fact.line) from fact
          where fact.unit_id = document.unit_id and fact.version_id = document.posted_version_id),
         case when kind in ('sale', 'purchase') then (
           select array_agg(array[correction.id,
                                  case when correction.kind like '%%\_return' or said.content::jsonb ->> 'direction' = 'down'
                                       then -correction.total else correction.total end] order by correction.id)
           from corrections_naming(array[document.key]) said
           join document correction on correction.unit_id = said.unit_id and correction.id = said.document_id
            and correction.posted_version_id = said.version_id) end
  from document join version on version.unit_id = document.unit_id and version.id = document.version_id"""
DONE_SQL = """
  select part.document_id, fold_key.contour, part.line,
         json_build_array(node.unit_id, node.relation, node.counterparty_id, coalesce(node.contract_id, 0), node.object, node.reg_object,
                          node.currency),
         part.change, part.lot_book, part.own_book, part.lot_document_id, part.lot_line, part.due, part.rank, part.label
  from (
    select doing.id, doing.unit_id, stated.key_id, stated.line
    from document doing cross join lateral (
      select key.key_id, said.line from fact said cross join lateral (values (said.reg_key_id), (said.mgmt_key_id)) key (key_id)
      where said.unit_id = doing.unit_id and said.version_id = doing.posted_version_id and key.key_id is not null offset 0) stated
    where doing.id = any(%s)) doing
  cross join lateral (
    select used.unit_id, used.key_id, used.document_id, used.line, lot.node_id, -sign(lot.amount)::int8 * used.amount as change,
           used.lot_book, used.own_book, used.lot_document_id, used.lot_line, lot.due, lot.rank, fact.label
    from allocation used
    cross join lateral (
      select * from lot where lot.unit_id = used.unit_id and lot.key_id = used.key_id and lot.document_id = used.lot_document_id
        and lot.line = used.lot_line offset 0) lot
    cross join lateral (
      select posted_version_id from document owner where owner.unit_id = lot.unit_id and owner.id = lot.document_id offset 0) owner
    cross join lateral (
      select label from fact where fact.unit_id = lot.unit_id and fact.version_id = owner.posted_version_id and fact.line = lot.line
      offset 0) fact
    where used.unit_id = doing.unit_id and used.key_id = doing.key_id and used.document_id = doing.id and used.line = doing.line
    union all
    select lot.unit_id, lot.key_id, lot.document_id, lot.line, lot.node_id, lot.amount, abs(lot.book), abs(lot.book), 0, 0, lot.due,
           lot.rank, ''
    from lot where lot.unit_id = doing.unit_id and lot.key_id = doing.key_id and lot.document_id = doing.id and lot.line = doing.line
  ) part
  join fold_key on fold_key.unit_id = part.unit_id and fold_key.id = part.key_id
  join node on node.unit_id = part.unit_id and node.id = part.node_id
  order by part.document_id, fold_key.contour, part.line, part.rank, part.lot_document_id, part.lot_line"""
"""Everything is looked up by its own key (`offset 0`): lots and allocations have no index by document alone."""
REVERSALS_SQL = """
  select said.reverses, said.document_id from reversals_naming(%s) said
  join document on document.unit_id = said.unit_id and document.id = said.document_id and document.posted_version_id = said.version_id
  order by said.document_id"""
INVOICES_SQL = """
  select base.base_id, invoice.document_id, invoice.family, invoice.number, invoice.is_deducted,
         (select array_agg(array[stated.vat_rate, stated.gross::text, stated.vat::text] order by stated.line) from invoice_sum stated
          where stated.unit_id = invoice.unit_id and stated.document_id = invoice.document_id)
  from invoice_base base join invoice on invoice.unit_id = base.unit_id and invoice.document_id = base.document_id
  where base.base_id = any(%s) and base.is_valid order by invoice.document_id"""
ADVANCE_INVOICES_SQL = """
  select named.id, said.document_id, document.number
  from document named cross join lateral vat_decisions_naming(array[named.key]) said
  join document on document.unit_id = said.unit_id and document.id = said.document_id and document.posted_version_id = said.version_id
  where named.id = any(%s) and document.kind = 'advance_vat' and said.content::jsonb ->> 'decision' = 'invoice'
  order by said.document_id"""
ACKNOWLEDGED_SQL = """
  select distinct document.id, fact.line, counterparty.code, act.signed_on, act.id
  from document join fact on fact.unit_id = document.unit_id and fact.version_id = document.posted_version_id
  join node on node.unit_id = fact.unit_id and node.id = fact.node_id join counterparty on counterparty.id = node.counterparty_id
  join reconciliation_act act on act.unit_id = document.unit_id and act.counterparty_id = node.counterparty_id and act.state = 'agreed'
   and act.currency = node.currency and act.last_day >= moment_date(fact.rank)
   and (act.contract_id is null or act.contract_id = node.contract_id)
  where document.id = any(%s) order by act.signed_on, act.id"""
RATES_SQL = "select currency, quote, date, rate, nominal from rate"

_documents: msgspec.json.Decoder[AnyDocument] = msgspec.json.Decoder(AnyDocument)
_stages = msgspec.json.Decoder(tuple[Stage, ...])


def decode_document(content: str | bytes) -> AnyDocument:
    """The document that a stored version holds."""
    return _documents.decode(content)


def load_directory(conn: psycopg.Connection[Any], named: References) -> Directory:
    """Everything a document names, and what the documents named by it name (a correction takes its party from its base)."""
    directory = Directory()
    add_documents(conn, directory, named.documents)
    add_documents(conn, directory, further_documents(directory.documents.values()) - directory.documents.keys())
    merged = [named, *(references(decode_document(document.content)) for document in directory.documents.values())]
    if named.invoiced:
        add_invoices(conn, directory, named.invoiced, of_advances=bool(named.advances))
    if named.limited:
        add_acknowledged(conn, directory, named.limited)
    units, counterparties, contracts, agreements, currencies = (
        sorted({code for names in merged for code in getattr(names, field)})
        for field in ("units", "counterparties", "contracts", "agreements", "currencies")
    )
    unit_rows = conn.execute(UNITS_SQL + " where unit.code = any(%s)", [units])
    party_rows = conn.execute(COUNTERPARTIES_SQL + " where code = any(%s)", [counterparties])
    contract_rows = conn.execute(CONTRACTS_SQL + " where code = any(%s)", [contracts])
    agreement_rows = conn.execute(AGREEMENTS_SQL + " where code = any(%s)", [agreements])
    rate_rows = conn.execute(
        RATES_SQL + " where currency in (select unnest(%s::text[]) union select currency from contract where code = any(%s)"
        " union select payment_currency from contract where code = any(%s)"
        " union select currency from agreement where code = any(%s))"
        " order by currency, quote, date",
        [currencies, contracts, contracts, agreements],
    )
    fill(directory, unit_rows, party_rows, contract_rows, agreement_rows, rate_rows)
    return directory


def load_whole_directory(conn: psycopg.Connection[Any]) -> Directory:
    """All master data; documents are added as they are needed."""
    directory = Directory()
    fill(
        directory,
        conn.execute(UNITS_SQL),
        conn.execute(COUNTERPARTIES_SQL),
        conn.execute(CONTRACTS_SQL),
        conn.execute(AGREEMENTS_SQL),
        conn.execute(RATES_SQL + " order by currency, quote, date"),
    )
    return directory


def fill(
    directory: Directory,
    units: Iterable[Any],
    counterparties: Iterable[Any],
    contracts: Iterable[Any],
    agreements: Iterable[Any],
    rates: Iterable[Any],
) -> None:
    for code, *terms, chart, limit, owes_advance_vat, policies, country, rule, days in units:
        keeps = OF_CHART.get(chart, "") if country is None else country
        exceptions = frozenset((date.fromisoformat(day), said == "true") for where, day, said in days or () if where == keeps)
        calendar = WorkCalendar(keeps, rule or "next", exceptions)
        directory.units[code] = UnitTerms._make((*terms, load_chart(chart), limit, owes_advance_vat, calendar, policies))
    for code, *party in counterparties:
        directory.counterparties[code] = Party(*party)
    for code, *terms, stages, debt, advance, limit, forbid_overdue, agreement, bank_account, vat_rate, vat_rule, day in contracts:
        accounts = AccountPair(debt, advance) if debt else None
        further = (limit, forbid_overdue, agreement, bank_account, vat_rate, vat_rule, day)
        directory.contracts[code] = ContractTerms._make((*terms, _stages.decode(stages), accounts, *further))
    for code, name, currency, uses_contracts, detail, stages, *validity in agreements:
        directory.agreements[code] = AgreementTerms(name, currency, uses_contracts, detail, _stages.decode(stages), *validity)
    for currency, quote, day, rate, nominal in rates:
        directory.rates.setdefault((currency, quote), []).append((day, rate if nominal == 1 else rate_of_one(rate, nominal)))


def add_documents(conn: psycopg.Connection[Any], directory: Directory, keys: Iterable[str]) -> None:
    """Documents by key; those that do not exist stay unknown."""
    wanted = sorted(set(keys))
    if not wanted:
        return
    for document_id, key, kind, number, day, moment, status, unit_id, content, lines, ages, stated, fixes in conn.execute(
        DOCUMENTS_SQL + " where document.key = any(%s)", [wanted]
    ):
        labelled = tuple((int(line), label) for line, label in lines or ())
        directory.documents[key] = DocumentRef(
            document_id, key, kind, number, day, moment, status, unit_id, content.encode(), labelled,
            tuple(Corrected(*pair) for pair in fixes or ()),
            ages=tuple(Age(int(line), date.fromisoformat(day)) for line, day in ages or ()),
            stated=tuple(Stated(*fact) for fact in stated or ()),
        )
    add_done(conn, directory, [key for key in wanted if key in directory.documents])


def add_invoices(conn: psycopg.Connection[Any], directory: Directory, keys: Iterable[str], *, of_advances: bool) -> None:
    """Which invoices stand for these documents; `of_advances`: those too that a decision on the VAT of an advance entered."""
    named = {directory.documents[key].id: key for key in keys if key in directory.documents}
    found: dict[int, list[Invoiced]] = {base_id: [] for base_id in named}
    for base_id, document_id, family, number, is_deducted, sums in conn.execute(INVOICES_SQL, [list(named)]):
        stated = tuple(RateSum(rate, int(gross), int(vat)) for rate, gross, vat in sums)
        found[base_id].append(Invoiced(document_id, family, number, stated, is_deducted))
    if of_advances:
        for base_id, document_id, number in conn.execute(ADVANCE_INVOICES_SQL, [list(named)]):
            found[base_id].append(Invoiced(document_id, "advance", number))
    for base_id, key in named.items():
        directory.documents[key] = directory.documents[key]._replace(invoices=tuple(found[base_id]))


def add_acknowledged(conn: psycopg.Connection[Any], directory: Directory, keys: Iterable[str]) -> None:
    """When the debts of these documents were acknowledged by acts of reconciliation."""
    named = {directory.documents[key].id: key for key in keys if key in directory.documents}
    found: dict[int, list[Acknowledged]] = {document_id: [] for document_id in named}
    for document_id, *acknowledged in conn.execute(ACKNOWLEDGED_SQL, [list(named)]):
        found[document_id].append(Acknowledged(*acknowledged))
    for document_id, key in named.items():
        directory.documents[key] = directory.documents[key]._replace(acknowledged=tuple(found[document_id]))


def add_done(conn: psycopg.Connection[Any], directory: Directory, keys: Iterable[str]) -> None:
    """What the adjustments among these documents did, and which documents reverse them."""
    named = {directory.documents[key].id: key for key in keys if directory.documents[key].kind in REVERSIBLE}
    if not named:
        return
    done: dict[int, list[Done]] = {document_id: [] for document_id in named}
    for document_id, contour, line, node, change, lot_book, own_book, lot_document_id, lot_line, due, rank, label in conn.execute(
        DONE_SQL, [list(named)]
    ):
        done[document_id].append(
            Done(contour, line, Node(*node), change, lot_book, own_book, lot_document_id, lot_line, due, day_of(rank), label)
        )
    reversals: dict[str, list[int]] = {}
    for key, reversal_id in conn.execute(REVERSALS_SQL, [list(named.values())]):
        reversals.setdefault(key, []).append(reversal_id)
    for document_id, key in named.items():
        directory.documents[key] = directory.documents[key]._replace(
            done=tuple(done[document_id]), reversals=tuple(reversals.get(key, ()))
        )
