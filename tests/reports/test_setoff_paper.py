"""The act of set-off on paper: parties, debts, VAT worked by hand, sums in words, what remains, since when; no name is source."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO

import pypdf
import pytest

from setoff.language import LANGUAGES, Language, text
from setoff.reports.report import DocumentName
from setoff.reports.setoff_act import ActClaim, ActParty, SetOffAct, VatPart, closing_claims, vat_by_rate, vat_of_share, with_vat
from setoff.reports.setoff_paper import render_set_off
from setoff.trade.set_off_law import Effect

DAY = date(2025, 3, 31)
ROMASHKA = ActParty("ООО «Ромашка»", "7707083893", "770701001", "Иванов И. И.", "генеральный директор")
VEGA = ActParty("ООО «Вега»", "7702070139")
METALL = ActParty("АО «Металлсервис»", "7736050003", "773601001")
SALE_1 = ActClaim(1, 0, "RUB", 1_200_00, 1_200_00, 0, "К-1", date(2025, 1, 1), DocumentName("s1", "sale", "S-1", date(2025, 1, 10)))
SALE_2 = ActClaim(
    1, 0, "RUB", 600_00, 300_00, 300_00, "К-1", date(2025, 1, 1), DocumentName("s2", "sale", "S-2", date(2025, 2, 5)), due=date(2025, 3, 7)
)
PURCHASE = ActClaim(
    0, 1, "RUB", 1_500_50, 1_500_00, 50, "П-9", None, DocumentName("p1", "purchase", "U-1", date(2025, 2, 20)), incoming="55 от 19.02.2025"
)
SUPPLIED = {
    "s1": [VatPart("20", 1_000_00, 166_67), VatPart("10", 200_00, 18_18)],
    "s2": [VatPart("20", 600_00, 100_00)],
    "p1": [VatPart("", 1_500_50, 0)],
}
ACT = SetOffAct(
    number="DS-7", day=DAY, place="г. Москва", parties=(ROMASHKA, VEGA), claims=tuple(with_vat([SALE_1, SALE_2, PURCHASE], SUPPLIED)),
    currency="RUB", amount=1_500_00, effect=Effect("ru-capable", date(2025, 3, 7)), law="ru", language="ru",
)  # fmt: skip
THREE = replace(
    ACT, parties=(ROMASHKA, VEGA, METALL),
    claims=(*ACT.claims[:2], ACT.claims[2]._replace(creditor=2), *closing_claims([0, 1_500_00, -1_500_00], "RUB")),
)  # fmt: skip
NOTICE = replace(ACT, one_sided=True)


def absent(act: SetOffAct, language: Language, *said: str) -> list[str]:
    """Those of the texts that the paper does not have; spaces do not count, since lines break."""
    pages = pypdf.PdfReader(BytesIO(render_set_off(act, printed=DAY, language=language))).pages
    read = "".join("".join(page.extract_text() for page in pages).split())
    return [part for part in said if "".join(part.split()) not in read]


def test_an_act_of_two() -> None:
    assert not absent(
        ACT, "ru",
        "Акт зачёта взаимных требований", "№ DS-7", "г. Москва", "31.03.2025",
        "ООО «Ромашка» (ИНН 7707083893, КПП 770701001), далее «Сторона 1», представитель – генеральный директор Иванов И. И.,",
        "и ООО «Вега» (ИНН 7702070139), далее «Сторона 2», в лице",
        "1. Задолженность ООО «Вега» перед ООО «Ромашка» по договору К-1 от 01.01.2025, RUB:",
        "Реализация S-2 05.02.2025 07.03.2025 600,00 300,00 50,00 300,00",
        "Итого 1 800,00 1 500,00 234,85 300,00",
        "2. Задолженность ООО «Ромашка» перед ООО «Вега» по договору П-9, RUB:",
        "Поступление U-1 (вх. 55 от 19.02.2025) 20.02.2025 1 500,50 1 500,00 без НДС 0,50",
        "на сумму 1 500,00 RUB (Одна тысяча пятьсот рублей 00 копеек).",
        "НДС по долгу ООО «Вега» перед ООО «Ромашка»: по ставке 20 % – 216,67 RUB (Двести шестнадцать рублей 67 копеек); "
        "по ставке 10 % – 18,18 RUB (Восемнадцать рублей 18 копеек).",
        "Задолженность ООО «Вега» перед ООО «Ромашка» составляет 300,00 RUB (Триста рублей 00 копеек).",
        "Задолженность ООО «Ромашка» перед ООО «Вега» составляет 0,50 RUB (Ноль рублей 50 копеек).",
        "Обязательства прекращаются с 07.03.2025",
        "в двух экземплярах",
    )  # fmt: skip


def test_an_act_of_three_states_the_debt_between_the_others() -> None:
    assert not absent(
        THREE, "ru",
        "Акт трёхстороннего зачёта взаимных требований", "и АО «Металлсервис» (ИНН 7736050003, КПП 773601001), далее «Сторона 3»",
        "3. Задолженность АО «Металлсервис» перед ООО «Вега» в сумме 1 500,00 RUB", "каждая на сумму 1 500,00 RUB", "в трёх экземплярах",
        "Сторона 3: АО «Металлсервис»",
    )  # fmt: skip


def test_an_act_of_four_tells_whose_sum_it_is() -> None:
    """VEGA owes us 1,000, ALFA 500, we owe METALL 1,500: only METALL and we are relieved of 1,500 each."""
    ours = [SALE_1._replace(before=1_000_00, amount=1_000_00), SALE_2._replace(debtor=3, before=500_00, amount=500_00, after=0)]
    claims = (*ours, PURCHASE._replace(creditor=2), *closing_claims([0, 1_000_00, -1_500_00, 500_00], "RUB"))
    four = replace(ACT, parties=(ROMASHKA, VEGA, METALL, ActParty("ООО «Альфа»")), claims=claims)
    assert not absent(
        four, "ru", "Долги ООО «Ромашка» и требования ООО «Ромашка» зачитываются каждые на сумму 1 500,00 RUB (Одна тысяча пятьсот рублей",
        "Задолженность АО «Металлсервис» перед ООО «Вега» в сумме 1 000,00 RUB",
    )  # fmt: skip
    assert absent(THREE, "ru", "каждая на сумму 1 500,00 RUB") == []


def test_a_notice_of_one() -> None:
    assert not absent(
        NOTICE, "ru",
        "Кому: ООО «Вега» (ИНН 7702070139)", "От кого: ООО «Ромашка»", "Заявление о зачёте встречных однородных требований",
        "на основании статьи 410 Гражданского кодекса", "Заявление получено: ООО «Вега»", "один остаётся у заявителя",
    )  # fmt: skip
    assert absent(NOTICE, "ru", "Сторона 2: ООО «Вега»") == ["Сторона 2: ООО «Вега»"]


@pytest.mark.parametrize(
    ("act", "language", "texts"),
    [
        (ACT, "en", ["Act of set-off", "Owed by ООО «Вега» to ООО «Ромашка»", "One thousand five hundred Russian rubles 00/100"]),
        (THREE, "en", ["Act of set-off between three parties", "Party 3: АО «Металлсервис»", "three copies"]),
        (NOTICE, "en", ["Notice of set-off", "To: ООО «Вега»", "Received by ООО «Вега»"]),
        (ACT, "zh", ["债权债务抵销协议", "甲方：ООО «Ромашка»", "大写：俄罗斯卢布壹仟伍佰元整", "本协议一式两份"]),
        (THREE, "zh", ["三方债权债务抵销协议", "丙方：АО «Металлсервис»（盖章）", "本协议一式三份"]),
        (NOTICE, "zh", ["债务抵销通知书", "致：ООО «Вега»", "ООО «Вега»已收到本通知"]),
    ],
)  # fmt: skip
def test_in_the_language_of_the_partner(act: SetOffAct, language: Language, texts: list[str]) -> None:
    assert not absent(act, language, *texts)


@pytest.mark.parametrize(
    ("effect", "said"),
    [
        (Effect("agreed", DAY), "as of the day of this act, 31 Mar 2025"),
        (Effect("cn-receipt", None), "as of the day on which this notice is received"),
        (Effect("cn-receipt", DAY), "as of the receipt of this notice, 31 Mar 2025"),
        (Effect("intl-notice", DAY), "as of this notice, 31 Mar 2025 (UNIDROIT"),
        (Effect("ru-capable", DAY), "as of 31 Mar 2025, when the claims became capable of set-off"),
    ],
)
def test_since_when(effect: Effect, said: str) -> None:
    assert not absent(replace(ACT, effect=effect), "en", said)


def test_what_is_not_told_and_what_is_written_off() -> None:
    advance = SALE_2._replace(document=DocumentName("pay", "payment_to_supplier", "B-1", DAY), is_advance=True)
    act = replace(ACT, claims=(ACT.claims[0], advance, ACT.claims[2]), written_off=50, is_draft=True, linked=("Act 5",), reason="Court 7")
    assert not absent(
        act, "en", "Payment to supplier B-1, advance", "VAT not stated in the document 300.00 RUB", "The difference of 0.50 RUB",
        "Draft: not posted", "Act 5", "Ground: Court 7.",
    )  # fmt: skip


def test_another_currency_has_its_value_in_that_of_the_act() -> None:
    foreign = SALE_2._replace(currency="EUR", before=15_00, amount=15_00, after=0, value=1_500_00)
    act = replace(ACT, claims=(foreign, ACT.claims[2]))
    value = "Of what ООО «Вега» owes ООО «Ромашка», 15.00 EUR count for 1,500.00 RUB at the rate of 31 Mar 2025."
    assert not absent(act, "en", "Set off, RUB", "15.00", "1,500.00", "ООО «Вега» owes ООО «Ромашка» nothing more in EUR.", value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_many_documents_repeat_the_head_and_names_are_never_source(language: Language) -> None:
    name = '#panic("x") *bold* $x$'
    many = [SALE_1._replace(document=SALE_1.document._replace(key=f"s{n}", number=f"S-{n}"), contract=f"К-{n % 3}") for n in range(120)]
    act = replace(ACT, claims=(*many, PURCHASE), parties=(ROMASHKA, VEGA._replace(name=name)), amount=10**15)
    made = render_set_off(act, printed=DAY, language=language)
    pages = pypdf.PdfReader(BytesIO(made)).pages
    head = "".join(text(language, "setoff-paper-column-set-off").split())
    assert len(pages) == 3 and all(head in "".join(page.extract_text().split()) for page in pages)
    assert made == render_set_off(act, printed=DAY, language=language)
    assert not absent(act, language, name, "S-119")


def test_long_names_leave_the_running_head_in_one_line() -> None:
    """Names are cut off there, not the title squeezed; they stand whole in the text."""
    name = "Общество с ограниченной ответственностью «Объединение „Северо-Западная металлургическая компания имени Кирова“»"
    act = replace(NOTICE, parties=(ROMASHKA, VEGA._replace(name=name)), claims=ACT.claims[:2] * 30 + ACT.claims[2:])
    first, second, *_ = (page.extract_text() for page in pypdf.PdfReader(BytesIO(render_set_off(act, printed=DAY))).pages)
    assert second.splitlines()[0].startswith("Заявление о зачёте встречных однородных требований")
    assert "Кирова" in first and "\N{LEFT DOUBLE QUOTATION MARK}»" in first.replace("\N{WORD JOINER}", "")


def test_wide_amounts_turn_the_page() -> None:
    wide = replace(ACT, claims=tuple(claim._replace(before=10**17, amount=10**17, after=10**17, contract=str(n))
                                     for n, claim in enumerate(ACT.claims)))  # fmt: skip
    for act, turned in ((ACT, False), (wide, True)):
        box = pypdf.PdfReader(BytesIO(render_set_off(act, printed=DAY))).pages[0].mediabox
        assert (box.width > box.height) == turned


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (1_200_00, [("20", 1_000_00, 166_67), ("10", 200_00, 18_18)]),
        (600_00, [("20", 500_00, 83_33), ("10", 100_00, 9_09)]),  # 41666.5 8333.5 9091 909: the first of two halves gets the kopeck
        (1, [("20", 1, 0), ("10", 0, 0)]),
    ],
)
def test_vat_of_a_share_is_by_largest_remainder(amount: int, expected: list[tuple[str, int, int]]) -> None:
    shares = vat_of_share(amount, SUPPLIED["s1"])
    assert [tuple(share) for share in shares] == expected
    assert sum(share.gross for share in shares) == amount


def test_instalments_of_one_document_have_its_vat() -> None:
    """100.00 with 16.67 of VAT, due in three: 5.56, 5.56 and 5.55 and not three times 5.56."""
    lots = [SALE_1._replace(amount=amount) for amount in (33_34, 33_33, 33_33)]
    made = with_vat(lots, {"s1": [VatPart("20", 100_00, 16_67)]})
    assert [claim.vat and claim.vat[0].vat for claim in made] == [5_56, 5_56, 5_55]
    assert vat_by_rate(made) == [VatPart("20", 100_00, 16_67)]


@pytest.mark.parametrize(
    ("net", "expected"),
    [
        ([0, 100, -100], [(2, 1, 100)]),
        ([0, 100, -30, -70], [(2, 1, 30), (3, 1, 70)]),
        ([0, 60, 40, -100], [(3, 1, 60), (3, 2, 40)]),
        ([0, 60, 40, -30, -70], []),
        ([0, 0], []),
    ],
)
def test_claims_between_the_others_make_all_even(net: list[int], expected: list[tuple[int, int, int]]) -> None:
    assert [(claim.debtor, claim.creditor, claim.amount) for claim in closing_claims(net, "RUB")] == expected
