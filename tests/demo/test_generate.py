"""The generated group: the same bytes for a seed, sound records, the promised shares, and valid tax identifiers."""

from __future__ import annotations

import itertools
from collections import Counter

import msgspec
import pytest
from stdnum.cn import uscc
from stdnum.de import vat as de_vat
from stdnum.gb import vat as gb_vat
from stdnum.ru import inn

from setoff.core.money import parse_amount
from setoff.demo import names
from setoff.demo.generate import write_lines
from setoff.parties.records import Contract, Counterparty, Master, Organization, Rate
from setoff.trade.documents import AnyDocument, Document, OpeningBalance, Payment, Purchase, Sale

DOCUMENTS = 3000


def lines(documents: int, seed: int) -> bytes:
    chunks: list[bytes] = []
    write_lines(documents, seed, lambda chunk: chunks.append(bytes(chunk)))
    return b"".join(chunks)


@pytest.fixture(scope="module")
def records() -> list[Master | AnyDocument]:
    decode = msgspec.json.Decoder(Master | AnyDocument).decode
    return [decode(line) for line in lines(DOCUMENTS, 7).splitlines()]


def test_same_seed_same_bytes() -> None:
    assert lines(500, 3) == lines(500, 3)
    assert lines(500, 3) != lines(500, 4)


@pytest.mark.parametrize("documents", [20, 21, 333, 2000])
def test_exactly_as_many_documents_as_asked(documents: int) -> None:
    decode = msgspec.json.Decoder(Master | AnyDocument).decode
    made = [decode(line) for line in lines(documents, 1).splitlines()]
    assert sum(isinstance(record, Document) for record in made) == documents


def test_masters_come_before_what_names_them(records: list[Master | AnyDocument]) -> None:
    kinds = [isinstance(record, Document) for record in records]
    assert kinds == sorted(kinds)
    known = {record.code for record in records if isinstance(record, (Contract, Counterparty))}
    for record in records:
        if isinstance(record, (Sale, Purchase, Payment)):
            assert record.contract in known
            assert record.counterparty in known


def test_shares_follow_a_trading_firm(records: list[Master | AnyDocument]) -> None:
    documents = [record for record in records if isinstance(record, Document)]
    shares = Counter(
        "invoice"
        if isinstance(record, (Sale, Purchase))
        else "payment"
        if isinstance(record, Payment)
        else type(record).__name__
        for record in documents
    )
    assert shares["invoice"] / DOCUMENTS == pytest.approx(0.48, abs=0.04)
    assert shares["payment"] / DOCUMENTS == pytest.approx(0.46, abs=0.04)
    notes = sum(number for name, number in shares.items() if "Correction" in name or "Return" in name)
    assert notes / DOCUMENTS == pytest.approx(0.05, abs=0.02)
    assert shares["ManualEntry"] > 0
    kinds = Counter(record.kind for record in documents if isinstance(record, Payment))
    assert kinds["refund_to_customer"] > 0
    assert kinds["payment_to_supplier"] > 100


def test_some_documents_arrive_after_their_date(records: list[Master | AnyDocument]) -> None:
    newest, late, days = "", 0, []
    for record in records:
        if isinstance(record, Document):
            late += record.date < newest
            newest = max(newest, record.date)
            days.append(record.date)
    assert late / DOCUMENTS == pytest.approx(0.10, abs=0.03)
    assert min(days) == "2023-12-31"
    assert "2025-12-20" < max(days) <= "2025-12-31"


def test_numbers_are_unique_per_unit_kind_and_year(records: list[Master | AnyDocument]) -> None:
    seen: set[tuple[str, str, str, str]] = set()
    for record in records:
        if isinstance(record, Document):
            kind = type(record).__name__ + (record.kind if isinstance(record, (Payment, OpeningBalance)) else "")
            slot = (kind, record.unit, record.date[:4], record.number)
            assert slot not in seen
            seen.add(slot)


def test_each_organization_settles_in_two_currencies(records: list[Master | AnyDocument]) -> None:
    currencies: dict[str, set[str]] = {}
    pairs = {(record.currency, record.quote) for record in records if isinstance(record, Rate)}
    books = {record.code: record.book_currency for record in records if isinstance(record, Organization)}
    for record in records:
        if isinstance(record, Contract):
            currencies.setdefault(record.organization, set()).add(record.currency)
            assert record.currency == books[record.organization] or (record.currency, books[record.organization]) in pairs
    assert len(currencies) == 3
    assert all(len(found) >= 2 for found in currencies.values())


def test_a_named_payment_never_exceeds_its_invoice(records: list[Master | AnyDocument]) -> None:
    open_minor: Counter[str] = Counter()
    dates: dict[str, str] = {}
    named = 0
    for record in records:
        if isinstance(record, (Sale, Purchase)):
            key = f"{type(record).__name__.lower()}/{record.unit}/{record.date[:4]}/{record.number}"
            dates[key] = record.date
            open_minor[key] = sum(
                parse_amount(line.amount, record.currency)
                if line.amount
                else int(line.quantity) * parse_amount(line.price, record.currency)
                for line in record.lines
            )
        if isinstance(record, Payment):
            for target in record.targets:
                named += 1
                if "correction" in target.document:
                    continue
                assert dates[target.document] <= record.date
                open_minor[target.document] -= parse_amount(target.amount, record.currency)
                assert open_minor[target.document] >= 0
    assert named > 20


def test_tax_identifiers_are_valid_and_differ() -> None:
    indices = [*range(200), 20_000, 500_123, 900_000]
    made = {
        names.russian_company: inn,
        names.chinese_company: uscc,
        names.british_company: gb_vat,
        names.german_company: de_vat,
    }
    for make, standard in made.items():
        companies = [make(index) for index in indices]
        assert all(standard.is_valid(company.tax_id) for company in companies)
        assert len({company.tax_id for company in companies}) == len(companies)


def test_names_of_a_country_differ() -> None:
    for make in (names.russian_company, names.chinese_company, names.british_company, names.german_company):
        made = [make(index).name for index in range(20_000)]
        assert len(set(made)) == len(made), next(
            name for name, group in itertools.groupby(sorted(made)) if len(list(group)) > 1
        )
