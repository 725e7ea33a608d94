"""Names that are the same or nearly, and numbers that a purpose names: one row per way of writing."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz
from stdnum import iban as iban_number

from setoff.banks.names import Letters, NameIndex
from setoff.banks.numbers import named_in, number_key, one_sign_apart
from setoff.banks.orders import russian_account_is_valid
from setoff.demo.bank_story import iban, russian_account
from setoff.demo.names import russian_company
from setoff.parties.names import forms_agree, name_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ООО «Вега»", "Вега ООО"), ("ООО «Вега»", "OOO BEГA"), ("ООО «Вега»", 'Общество с ограниченной ответственностью "Вега"'),
        ("ПАО «Зелёный дом»", "Публичнoe aкциoнepнoe oбщecтвo «Зeлeный дoм»"), ("ООО «Вега»", "О.О.О. Вега"),
        ("Alder & Tools Ltd", "ALDER TOOLS LIMITED"), ("Müller GmbH & Co. KG", "Müller GMBH + CO KG"),
        ("上海华星贸易有限公司", "上海华星贸易"),
        ("ИП Иванов И. И.", "Индивидуальный предприниматель Иванов И.И."), ("ООО ТД «Кедр»", "ТОРГОВЫЙ ДОМ КЕДР ООО"),
    ],
)  # fmt: skip
def test_the_same_name(one: str, other: str) -> None:
    first, second = name_of(one), name_of(other)
    assert (sorted(first.core.split()), forms_agree(first, second)) == (sorted(second.core.split()), True)


@pytest.mark.parametrize(
    ("one", "other"),
    [("ООО «Вега»", "АО «Вега»"), ("Alder Tools Ltd", "Alder Tools plc"), ("上海华星贸易有限公司", "上海华星贸易股份有限公司")],
)
def test_another_form_is_told(one: str, other: str) -> None:
    first, second = name_of(one), name_of(other)
    assert (first.core == second.core, forms_agree(first, second)) == (True, False)


def test_an_index_finds_exactly_or_nearly() -> None:
    names = ["ООО «Северный порт»", "АО «Северный порт»", "ООО «Южный порт»", "Kestrel Tools Ltd"]
    index = NameIndex(names)
    assert index.exact(name_of("северный порт, ооо")) == [0]
    assert index.exact(name_of("Северный порт")) == [0, 1]
    assert index.exact(name_of("ПАО Северный порт")) == [0, 1]
    near = index.near(name_of("ООО Севреный порт"))
    assert [likeness.place for likeness in near][:2] == [0, 1]
    assert near[0].percent > 90
    assert [index.near(name_of(text)) for text in ("abc", "Совсем другое")] == [[], []]
    assert NameIndex([]).near(name_of("Северный порт")) == []


WORDS = st.lists(st.text("АБВГДЕ wxyz海达贸易", min_size=1, max_size=9), min_size=1, max_size=30)


@given(WORDS, st.text("АБВГДЕ wxyz海达贸易", max_size=12), st.integers(1, 100))
def test_no_text_that_is_alike_is_passed_over(texts: list[str], asked: str, percent: int) -> None:
    alike = [place for place, text in enumerate(texts) if fuzz.ratio(asked, text) >= percent]
    assert set(alike) <= set(Letters(texts).may_be_like(asked, percent))


def test_most_that_is_not_alike_is_passed_over() -> None:
    names = [russian_company(number).name for number in range(2000)]
    assert len(Letters(names).may_be_like(names[7].replace("р", "", 1), 76)) < 200


@pytest.mark.parametrize(
    ("purpose", "numbers", "days"),
    [
        ("Оплата по с/ф № 123, 124 от 05.03.2025 по дог. 05/23-1, в т.ч. НДС 20% 1 000-00", "123:document 124:document 5231:contract",
         [date(2025, 3, 5)]),
        ("за товар, счет-фактура 8 по договору № 04/22-1 от 16.04.2022", "8:document 4221:contract", [date(2022, 4, 16)]),
        ("Оплата по УПД №12 от 01.02.2025г. Сумма 1200-00 В т.ч. НДС (20%) 200-00", "12:document", [date(2025, 2, 1)]),
        ("Щ150/2. Оплата по сч.34 от 31.03.2022, Без налога (НДС)", "Щ1502: 34:document", [date(2022, 3, 31)]),
        ("Payment invoice INV-000123 dated 2025-03-05, order C12/3", "INV123:document C123:order", [date(2025, 3, 5)]),
        ("Invoices 123 and 124, VAT 20% 100.00", "123:document 124:document", []),
        ("Rechnung 123, 124 vom 1.2.2025", "123:document 124:document", [date(2025, 2, 1)]),
        ("2025年3月5日货款 发票000123、000124 合同05/23-1", "123:document 124:document 5231:contract", [date(2025, 3, 5)]),
        ("Оплата 1 250 руб. за услуги", "", []),
        ("НДС не облагается", "", []),
    ],
)  # fmt: skip
def test_what_a_purpose_names(purpose: str, numbers: str, days: list[date]) -> None:
    named = named_in(purpose)
    assert " ".join(f"{number.key}:{number.subject}" for number in named.numbers) == numbers
    assert named.dates == frozenset(days)


def test_numbers_are_compared_without_zeros_and_signs() -> None:
    assert {number_key(text) for text in ("АБ-00012", "AБ 12", "аб12")} == {"AБ12"}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("1234", "1235", True), ("1234", "124", True), ("1234", "12344", True), ("1234", "1324", True), ("1234", "1234", False),
     ("1234", "1256", False), ("1234", "4321", False), ("12", "1234", False), ("", "1", True)],
)  # fmt: skip
def test_one_sign_apart(one: str, other: str, expected: bool) -> None:
    assert one_sign_apart(one, other) is one_sign_apart(other, one) is expected


def test_the_demos_accounts_have_valid_check_digits() -> None:
    assert iban_number.is_valid(iban("DE", "370400440532013000"))
    assert russian_account_is_valid(russian_account("RUB", 17), "044525225")
    assert not russian_account_is_valid(russian_account("RUB", 17), "044525226")
    assert not russian_account_is_valid("DE89370400440532013000", "044525225")
