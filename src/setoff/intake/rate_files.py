"""Files of rates as central banks publish them, as records of rates.

| file                                   | one rate says                                                     |
| ---                                    | ---                                                               |
| Bank of Russia, XML of a day           | roubles for `Nominal` units, the date of the file                 |
| Bank of Russia, XML of one currency    | the same for each `Record`; the currency is known by its code     |
| European Central Bank, XML or CSV      | units of a currency for one euro                                  |
| China, CSV of central parity rates     | `USD/CNY`, `100JPY/CNY`: yuan for so many units; `CNY/MYR`: units for one yuan |
| China, CSV of the State Administration of Foreign Exchange | `美元`: yuan for 100 units; `卢布`: units for 100 yuan     |

A rate is kept as it is published: units for one euro or yuan become one euro or yuan for that nominal, so nothing is rounded. Errors:
file_unreadable.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from setoff.core.errors import DomainError, ErrorCode
from setoff.intake.xml import local_name, read_xml
from setoff.parties.records import Rate

BANK_OF_RUSSIA: Final = {
    "R01010": "AUD", "R01020A": "AZN", "R01030": "DZD", "R01035": "GBP", "R01060": "AMD", "R01080": "BHD", "R01090B": "BYN",
    "R01100": "BGN", "R01105": "BOB", "R01115": "BRL", "R01135": "HUF", "R01150": "VND", "R01200": "HKD", "R01210": "GEL",
    "R01215": "DKK", "R01230": "AED", "R01235": "USD", "R01239": "EUR", "R01240": "EGP", "R01270": "INR", "R01280": "IDR",
    "R01300": "IRR", "R01335": "KZT", "R01350": "CAD", "R01355": "QAR", "R01370": "KGS", "R01375": "CNY", "R01395": "CUP",
    "R01500": "MDL", "R01503": "MNT", "R01520": "NGN", "R01530": "NZD", "R01535": "NOK", "R01540": "OMR", "R01565": "PLN",
    "R01580": "SAR", "R01585F": "RON", "R01589": "XDR", "R01625": "SGD", "R01670": "TJS", "R01675": "THB", "R01685": "BDT",
    "R01700J": "TRY", "R01710A": "TMT", "R01717": "UZS", "R01720": "UAH", "R01760": "CZK", "R01770": "SEK", "R01775": "CHF",
    "R01800": "ETB", "R01805F": "RSD", "R01810": "ZAR", "R01815": "KRW", "R01820": "JPY", "R02005": "MMK",
}  # fmt: skip
"""Codes of currencies in its files of one currency."""
STATE_ADMINISTRATION: Final = {
    "美元": "USD", "欧元": "EUR", "日元": "JPY", "港元": "HKD", "英镑": "GBP", "澳元": "AUD", "新西兰元": "NZD", "新加坡元": "SGD",
    "瑞士法郎": "CHF", "加元": "CAD", "澳门元": "MOP",
}  # fmt: skip
"""Its names of currencies of which it says yuan for a hundred."""
STATE_ADMINISTRATION_FOR_YUAN: Final = {
    "林吉特": "MYR", "卢布": "RUB", "兰特": "ZAR", "韩元": "KRW", "迪拉姆": "AED", "里亚尔": "SAR", "福林": "HUF", "兹罗提": "PLN",
    "丹麦克朗": "DKK", "瑞典克朗": "SEK", "挪威克朗": "NOK", "里拉": "TRY", "比索": "MXN", "泰铢": "THB",
}  # fmt: skip
"""Of which it says units for a hundred yuan."""
NOT_QUOTED: Final = frozenset({"", "-", "--", "---", "N/A", "n/a"})
PAIR: Final = re.compile(r"(\d*)([A-Z]{3})/([A-Z]{3})")
DAYS: Final = ("%Y-%m-%d", "%d %B %Y", "%d.%m.%Y", "%Y/%m/%d")


def rates_of(content: bytes, file: str) -> list[Rate]:
    """The rates of a file. Errors: file_unreadable."""
    try:
        found = list(_of_xml(content, file) if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") else _of_table(content, file))
    except (KeyError, ValueError, IndexError) as problem:
        raise unreadable(file, str(problem)) from None
    if not found:
        raise unreadable(file, "no rates")
    return found


def unreadable(file: str, reason: str) -> DomainError:
    return DomainError(ErrorCode.FILE_UNREADABLE, file=file, reason=reason)


def _of_xml(content: bytes, file: str) -> Iterator[Rate]:
    root = read_xml(content, file)
    if local_name(root) == "ValCurs":
        yield from _of_bank_of_russia(root, file)
    else:
        for day in root.iter("{*}Cube"):
            for cube in day.iterchildren("{*}Cube") if day.get("time") else ():
                yield _inverse(cube.get("currency"), "EUR", day_of(day.get("time")), cube.get("rate"))


def _of_bank_of_russia(root: Any, file: str) -> Iterator[Rate]:
    for item in root:
        values = {local_name(child): (child.text or "").strip() for child in item}
        if local_name(item) == "Valute":
            currency, day = values["CharCode"], root.get("Date")
        else:
            code, day = (item.get("Id") or root.get("ID") or "").strip(), item.get("Date")
            currency = BANK_OF_RUSSIA.get(code, "")
            if not currency:
                raise unreadable(file, code)
        if currency != "XDR":
            value = values["Value"].replace(",", ".").replace("\xa0", "").replace(" ", "")
            yield Rate(currency=currency, quote="RUB", date=day_of(day), rate=value, nominal=values["Nominal"])


def _of_table(content: bytes, file: str) -> Iterator[Rate]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")
    rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text)) if any(cell.strip() for cell in row)]
    heading = next((place for place, row in enumerate(rows) if sum(map(_is_currency, row[1:])) > 0), None)
    if heading is None:
        raise unreadable(file, "no line of currencies")
    for row in rows[heading + 1 :]:
        if not row[0][:1].isdigit():
            continue  # a footnote
        day = day_of(row[0])
        for name, value in zip(rows[heading][1:], row[1:], strict=False):
            if _is_currency(name) and value not in NOT_QUOTED:
                yield _of_cell(name, day, value)


def _is_currency(heading: str) -> bool:
    is_named = heading in STATE_ADMINISTRATION or heading in STATE_ADMINISTRATION_FOR_YUAN
    return is_named or bool(PAIR.fullmatch(heading) or re.fullmatch("[A-Z]{3}", heading))


def _of_cell(name: str, day: str, value: str) -> Rate:
    if name in STATE_ADMINISTRATION:
        return Rate(currency=STATE_ADMINISTRATION[name], quote="CNY", date=day, rate=value, nominal="100")
    if name in STATE_ADMINISTRATION_FOR_YUAN:
        return Rate(currency=STATE_ADMINISTRATION_FOR_YUAN[name], quote="CNY", date=day, rate="100", nominal=value)
    pair = PAIR.fullmatch(name)
    if pair is None:
        return _inverse(name, "EUR", day, value)
    nominal, first, second = pair.groups()
    if first == "CNY":
        return _inverse(second, first, day, value)
    return Rate(currency=first, quote=second, date=day, rate=value, nominal=nominal or "1")


def _inverse(currency: str, quote: str, day: str, units: str) -> Rate:
    """So many units of the currency for one of `quote`."""
    return Rate(currency=currency, quote=quote, date=day, rate="1", nominal=units)


def day_of(text: str | None) -> str:
    """An ISO date. Errors: ValueError."""
    for form in DAYS:
        try:
            return datetime.strptime(text or "", form).replace(tzinfo=UTC).date().isoformat()
        except ValueError:
            continue
    raise ValueError(f"{text!r} is no date")
