"""Filling the directory: what a document names, read in few round trips; or all master data at once, for a bulk import."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import psycopg

from setoff.books.charts import load_chart
from setoff.core.chart import AccountPair
from setoff.parties.records import Stage
from setoff.trade.directory import AgreementTerms, ContractTerms, Corrected, Directory, DocumentRef, Party, UnitTerms
from setoff.trade.documents import AnyDocument
from setoff.trade.registry import References, further_documents, references

UNITS_SQL = """
  select unit.code, unit.id, unit.code, organization.id, organization.book_currency, organization.chart
  from unit join organization on organization.id = unit.organization_id"""
COUNTERPARTIES_SQL = "select code, id, code, name from counterparty"
CONTRACTS_SQL = """
  select code, id, code, number, organization_id, counterparty_id, relation, currency, coalesce(nullif(payment_currency, ''), currency),
         detail, allocation, allocation_order, reg_detail, status, valid_from, valid_to, stages::text, debt_account, advance_account
  from contract"""
AGREEMENTS_SQL = "select code, code, currency, uses_contracts, detail, stages::text, status, valid_from, valid_to from agreement"
DOCUMENTS_SQL = r"""
  select document.id, document.key, kind, number, date, document.moment, status, document.unit_id, version.content,
         (select array_agg(array[fact.line::text, fact.label] order by fact.line) from fact
          where fact.unit_id = document.unit_id and fact.version_id = document.posted_version_id),
         case when kind in ('sale', 'purchase') then (
           select array_agg(array[correction.id,
                                  case when correction.kind like '%%\_return' or said.content::jsonb ->> 'direction' = 'down'
                                       then -correction.total else correction.total end] order by correction.id)
           from corrections_naming(array[document.key]) said
           join document correction on correction.unit_id = said.unit_id and correction.id = said.document_id
            and correction.posted_version_id = said.version_id) end
  from document join version on version.unit_id = document.unit_id and version.id = document.version_id"""
RATES_SQL = "select currency, quote, date, rate from rate"

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
    for code, *terms, chart in units:
        directory.units[code] = UnitTerms._make((*terms, load_chart(chart)))
    for code, *party in counterparties:
        directory.counterparties[code] = Party(*party)
    for code, *terms, stages, debt, advance in contracts:
        accounts = AccountPair(debt, advance) if debt else None
        directory.contracts[code] = ContractTerms._make((*terms, _stages.decode(stages), accounts))
    for code, name, currency, uses_contracts, detail, stages, *validity in agreements:
        directory.agreements[code] = AgreementTerms(name, currency, uses_contracts, detail, _stages.decode(stages), *validity)
    for currency, quote, day, rate in rates:
        directory.rates.setdefault((currency, quote), []).append((day, rate))


def add_documents(conn: psycopg.Connection[Any], directory: Directory, keys: Iterable[str]) -> None:
    """Documents by key; those that do not exist stay unknown."""
    wanted = sorted(set(keys))
    if not wanted:
        return
    for document_id, key, kind, number, day, moment, status, unit_id, content, lines, fixes in conn.execute(
        DOCUMENTS_SQL + " where document.key = any(%s)", [wanted]
    ):
        labelled = tuple((int(line), label) for line, label in lines or ())
        directory.documents[key] = DocumentRef(
            document_id, key, kind, number, day, moment, status, unit_id, content.encode(), labelled,
            tuple(Corrected(*pair) for pair in fixes or ()),
        )
