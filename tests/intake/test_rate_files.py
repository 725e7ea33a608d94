"""Files of rates of central banks: what each says, exactly, and what is refused."""

from __future__ import annotations

import pytest

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import digits_of
from setoff.intake.rate_files import BANK_OF_RUSSIA, rates_of

DAILY = """<?xml version="1.0" encoding="windows-1251"?>
<ValCurs Date="29.03.2025" name="Foreign Currency Market">
<Valute ID="R01235"><NumCode>840</NumCode><CharCode>USD</CharCode><Nominal>1</Nominal><Name>Доллар США</Name><Value>83,6813</Value>
<VunitRate>83,6813</VunitRate></Valute>
<Valute ID="R01820"><NumCode>392</NumCode><CharCode>JPY</CharCode><Nominal>100</Nominal><Name>Иен</Name><Value>55,6038</Value></Valute>
<Valute ID="R01589"><NumCode>960</NumCode><CharCode>XDR</CharCode><Nominal>1</Nominal><Name>СДР</Name><Value>111,1111</Value></Valute>
</ValCurs>""".encode("windows-1251")
DYNAMIC = b"""<?xml version="1.0" encoding="windows-1251"?>
<ValCurs ID="R01375" DateRange1="28.03.2025" DateRange2="29.03.2025" name="Foreign Currency Market Dynamic">
<Record Date="28.03.2025" Id="R01375"><Nominal>10</Nominal><Value>115,4170</Value></Record>
<Record Date="29.03.2025" Id="R01375"><Nominal>1</Nominal><Value>11,5000</Value></Record></ValCurs>"""
ECB = b"""<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<gesmes:subject>Reference rates</gesmes:subject><Cube><Cube time='2025-03-28'><Cube currency='USD' rate='1.0797'/>
<Cube currency='JPY' rate='162.43'/></Cube></Cube></gesmes:Envelope>"""


def told(content: bytes, name: str = "rates") -> list[tuple[str, ...]]:
    return [(rate.currency, rate.quote, rate.date, rate.rate, rate.nominal) for rate in rates_of(content, name)]


def test_the_bank_of_russia_by_day_and_by_currency() -> None:
    assert told(DAILY) == [("USD", "RUB", "2025-03-29", "83.6813", "1"), ("JPY", "RUB", "2025-03-29", "55.6038", "100")]
    assert told(DYNAMIC) == [("CNY", "RUB", "2025-03-28", "115.4170", "10"), ("CNY", "RUB", "2025-03-29", "11.5000", "1")]


def test_the_european_central_bank_says_units_for_one_euro() -> None:
    expected = [("USD", "EUR", "2025-03-28", "1", "1.0797"), ("JPY", "EUR", "2025-03-28", "1", "162.43")]
    assert told(ECB) == expected
    assert told(b"Date, USD, JPY, BGN, \n28 March 2025, 1.0797, 162.43, N/A, \n") == expected
    assert told(b"Date,USD,JPY,\n2025-03-28,1.0797,162.43,\n") == expected


def test_central_parity_of_the_yuan_both_ways_round() -> None:
    table = "日期,USD/CNY,100JPY/CNY,CNY/MYR\n2025-03-28,7.1752,4.7667,0.61567\n数据来源：中国货币网,,,\n"
    expected = [
        ("USD", "CNY", "2025-03-28", "7.1752", "1"), ("JPY", "CNY", "2025-03-28", "4.7667", "100"),
        ("MYR", "CNY", "2025-03-28", "1", "0.61567"),
    ]  # fmt: skip
    assert told(table.encode()) == told(table.encode("gb18030")) == expected


def test_the_state_administration_says_a_hundred_of_either() -> None:
    """Yuan for 100 dollars and 100 yen; ringgits and roubles for 100 yuan."""
    table = "日期,美元,日元,林吉特,卢布\n2025-03-28,717.52,4.7667,61.567,1166.85\n"
    assert told(table.encode()) == told(table.encode("gb18030")) == [
        ("USD", "CNY", "2025-03-28", "717.52", "100"), ("JPY", "CNY", "2025-03-28", "4.7667", "100"),
        ("MYR", "CNY", "2025-03-28", "100", "61.567"), ("RUB", "CNY", "2025-03-28", "100", "1166.85"),
    ]  # fmt: skip


def test_every_currency_of_the_bank_of_russia_is_one() -> None:
    assert {code: digits_of(currency) for code, currency in BANK_OF_RUSSIA.items() if currency != "XDR"}["R01080"] == 3
    nzd = DYNAMIC.replace(b"R01375", b"R01530")
    assert told(nzd)[0] == ("NZD", "RUB", "2025-03-28", "115.4170", "10")


@pytest.mark.parametrize(
    "content",
    [
        b"<ValCurs Date='31.02.2025'><Valute><CharCode>USD</CharCode><Nominal>1</Nominal><Value>1</Value></Valute></ValCurs>",
        b"<ValCurs ID='R09999'><Record Date='28.03.2025' Id='R09999'><Nominal>1</Nominal><Value>1</Value></Record></ValCurs>",
        b"<ValCurs Date='28.03.2025'><Valute><CharCode>USD</CharCode></Valute></ValCurs>", b"<html/>", b"a,b\n1,2\n", b"",
        b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><ValCurs/>", b"Date,USD\n28 Brumaire 2025,1\n",
    ],
)  # fmt: skip
def test_what_is_no_file_of_rates_is_refused(content: bytes) -> None:
    with pytest.raises(DomainError) as caught:
        rates_of(content, "x")
    assert caught.value.code == ErrorCode.FILE_UNREADABLE
