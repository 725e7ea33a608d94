"""The cast as a directory: what the rules of documents look things up in, without a database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from setoff.books.charts import chart_names, load_chart
from setoff.core.chart import AccountPair
from setoff.core.errors import DomainError
from setoff.core.fact import Statement, statement_problems
from setoff.core.moment import Moment
from setoff.core.money import parse_amount
from setoff.parties.records import Agreement, Contract, Counterparty, Organization, Rate, Unit
from setoff.trade.directory import AgreementTerms, ContractTerms, Directory, DocumentRef, Party, UnitTerms
from setoff.trade.documents import AnyDocument
from setoff.trade.registry import day_order_of, facts, kind_of
from tests.cast import MASTERS


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def cast_directory() -> Directory:
    """The whole cast with ids in order of appearance from 1; no documents yet."""
    directory = Directory()
    organizations: dict[str, tuple[int, Organization]] = {}
    for master in MASTERS:
        if isinstance(master, Organization):
            organizations[master.code] = (len(organizations) + 1, master)
        elif isinstance(master, Unit):
            number, organization = organizations[master.organization]
            if organization.chart in chart_names():
                directory.units[master.code] = UnitTerms(
                    len(directory.units) + 1, master.code, number, organization.book_currency, load_chart(organization.chart)
                )
        elif isinstance(master, Counterparty):
            directory.counterparties[master.code] = Party(len(directory.counterparties) + 1, master.code, master.name)
        elif isinstance(master, Agreement):
            directory.agreements[master.code] = AgreementTerms(
                master.code, master.currency, master.uses_contracts, master.detail, tuple(master.stages), master.status,
                _day(master.valid_from), _day(master.valid_to),
            )  # fmt: skip
        elif isinstance(master, Contract):
            directory.contracts[master.code] = ContractTerms(
                len(directory.contracts) + 1, master.code, master.number, organizations[master.organization][0],
                directory.counterparties[master.counterparty].id, master.relation, master.currency,
                master.payment_currency or master.currency, master.detail, master.allocation, master.order, master.reg_detail,
                master.status, _day(master.valid_from), _day(master.valid_to), tuple(master.stages),
                AccountPair(*master.accounts) if master.accounts else None,
            )  # fmt: skip
        elif isinstance(master, Rate):
            table = directory.rates.setdefault((master.currency, master.quote), [])
            table.append((date.fromisoformat(master.date), Decimal(master.rate)))
    return directory


def enter(directory: Directory, key: str, document_id: int, document: AnyDocument, status: str = "posted") -> DocumentRef:
    """Make a document known to the directory, so that others can name it."""
    unit, day, kind = directory.units[document.unit], date.fromisoformat(document.date), kind_of(document)
    day_order = day_order_of(kind) if document.day_order is None else document.day_order
    ref = DocumentRef(
        document_id, key, kind, document.number or key, day, Moment(day, day_order, document_id).pack(), status, unit.id,
        msgspec.json.encode(document), (),
    )  # fmt: skip
    directory.documents[key] = ref
    return ref


def told(statement: Statement, currency: str = "RUB") -> tuple[list[str], list[str]]:
    """A statement in words: facts as "line object|reg object change", entries as "debit credit amount"; "#1" is
    the fact of line 1."""
    assert statement_problems(statement) == []
    stated = [
        f"{fact.line} {fact.node.object or '-'}|{fact.node.reg_object or '-'} {_plain(fact.change, fact.node.currency)}"
        + (f" due {fact.due}" if fact.due else "")
        for fact in statement.facts
    ]
    entries = [
        f"{entry.debit_account or f'#{entry.debit_fact}'} {entry.credit_account or f'#{entry.credit_fact}'} "
        + _plain(entry.amount, currency)
        + (f" {entry.vat_rate}%" if entry.vat_rate else "")
        + (f" [{entry.item}]" if entry.item else "")
        for entry in statement.entries
    ]
    return stated, entries


def _plain(amount: int, currency: str) -> str:
    digits = len(str(parse_amount("1", currency))) - 1
    return f"{Decimal(amount).scaleb(-digits):f}"


def tell(document: AnyDocument, directory: Directory | None = None, **more: Any) -> tuple[list[str], list[str]]:
    """The statement of a document of the cast (id 100), in words."""
    directory = directory or cast_directory()
    return told(facts(document, 100, directory, **more), directory.units[document.unit].book_currency)


def refused(document: AnyDocument, directory: Directory | None = None, **more: Any) -> str:
    """The refusal of a document in words: "code field: facts". Fails when it is not refused."""
    with pytest.raises(DomainError) as caught:
        facts(document, 100, directory or cast_directory(), **more)
    told_facts = {name: value for name, value in caught.value.facts.items() if name != "field"}
    listed = ", ".join(f"{name}={value}" for name, value in told_facts.items())
    return f"{caught.value.code} {caught.value.facts.get('field', '-')}: {listed}".rstrip()
