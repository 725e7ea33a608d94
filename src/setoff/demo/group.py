"""The group: three organizations, their partners and contracts, and the rates between their currencies.

`build(partners, rng)` makes the master records and, for each contract, the state that the documents are drawn from. The
kinds of contract (`Terms`) say what may happen on it, so that every generated document passes the rules:
"free" takes anything; "order" names orders; "named" pays exactly the invoices the payer names.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from setoff.books.charts import load_chart
from setoff.demo import names
from setoff.parties.records import Contract, Counterparty, Detail, Master, Organization, Partner, Rate, Stage, Unit

LAST_DAY: Final = date(2025, 12, 31)
Language = Literal["en", "ru", "zh"]
Terms = Literal["free", "order", "named"]
DETAIL: Final[dict[Terms, Detail]] = {"free": "contract", "order": "order", "named": "invoice"}


@dataclass(frozen=True, slots=True)
class House:
    """An organization of the group. `scale`: a usual amount in its currency, for one in a hard currency. `vat_rate`: where its chart tells
    none by day."""

    organization: Organization
    units: tuple[Unit, ...]
    scale: int
    foreign: tuple[str, ...]
    vat_rate: str
    reduced_rate: str

    def vat_rate_on(self, day: str) -> str:
        """The general rate of VAT on a day."""
        return general_rate(self.organization.chart, day) or self.vat_rate


@lru_cache(maxsize=1 << 12)
def general_rate(chart: str, day: str) -> str:
    """That of a chart, "" where it tells none."""
    return load_chart(chart).vat_rate_on(date.fromisoformat(day))


HOUSES: Final = (
    House(
        Organization(
            code="KEDR",
            name="ООО «Кедр Трейд»",
            chart="ru",
            book_currency="RUB",
            tax_id="7701234560",
            kpp="770101001",
            language="ru",
            address="101000, г. Москва, ул. Мясницкая, д. 24, стр. 1",
        ),
        (
            Unit(code="MSK", organization="KEDR", name="Москва"),
            Unit(code="SPB", organization="KEDR", name="Санкт-Петербург", kind="branch", head_office="MSK"),
        ),
        60,
        ("EUR", "CNY"),
        "20",
        "10",
    ),
    House(
        Organization(
            code="HUAXING",
            name="上海华星国际贸易有限公司",
            chart="cn",
            book_currency="CNY",
            language="zh",
            address="上海市黄浦区南京东路800号",
        ),
        (Unit(code="SHA", organization="HUAXING", name="上海总部"),),
        8,
        ("USD", "EUR"),
        "13",
        "6",
    ),
    House(
        Organization(
            code="KESTREL",
            name="Kestrel & Wren Ltd",
            chart="intl",
            book_currency="GBP",
            language="en",
            address="17 Wharf Road, London N1 7RN",
        ),
        (Unit(code="LON", organization="KESTREL", name="London"),),
        1,
        ("EUR",),
        "20",
        "5",
    ),
)
SHARES: Final = (0.5, 0.75)
"""Half of the partners trade with the first house, a quarter with each of the others."""
RATES: Final = {
    ("EUR", "RUB"): "98.50",
    ("CNY", "RUB"): "12.60",
    ("USD", "CNY"): "7.12",
    ("EUR", "CNY"): "7.80",
    ("EUR", "GBP"): "0.8620",
}


class Invoice:
    """An invoice as its payer sees it: `open` minor units; `correctable`: what credit notes may still take."""

    __slots__ = ("correctable", "day", "key", "open", "order", "rate")

    def __init__(self, key: str, day: int, amount: int, rate: str, order: str) -> None:
        self.key, self.day, self.open, self.correctable, self.rate, self.order = key, day, amount, amount, rate, order


@dataclass(slots=True, eq=False)
class Deal:
    """A contract at work. `invoices` are open ones, oldest first; `balance` is signed as its party's debt; no document may
    be dated at or before `quiet_day`, because a refund stands there; `place` is its place among those with debt."""

    code: str
    unit: str
    house: House
    counterparty: str
    is_sale: bool
    currency: str
    payment_currency: str
    terms: Terms
    vat_rate: str
    siblings: list[Deal]
    named_by: Literal["payer", "internal"] = "payer"
    invoices: deque[Invoice] = field(default_factory=deque)
    balance: int = 0
    quiet_day: int = -1
    adjusted_day: int = -1
    orders: int = 0
    place: int = -1


class Calendar(NamedTuple):
    """The working days of the group's books, which begin the day after `opening_day`; `iso` are the same days as texts."""

    opening_day: date
    workdays: tuple[date, ...]
    iso: tuple[str, ...]


def calendar_until(last_day: date) -> Calendar:
    """The year of the last day up to it, and the year before."""
    opening_day = date(last_day.year - 2, 12, 31)
    days = (opening_day + timedelta(days=n) for n in range(1, (last_day - opening_day).days + 1))
    workdays = tuple(day for day in days if day.weekday() < 5)
    return Calendar(opening_day, workdays, tuple(day.isoformat() for day in workdays))


class Group(NamedTuple):
    calendar: Calendar
    masters: list[Master]
    deals: list[Deal]
    rates: dict[tuple[str, str], list[Decimal]]  # by index of the working day


def build(partners: int, rng: random.Random, calendar: Calendar) -> Group:
    """The masters of `partners` partners in the order that the records refer to one another, and their deals."""
    masters: list[Master] = []
    for house in HOUSES:
        masters += [_with_tax_id(house), *house.units]
    rates, rate_records = _rates(rng, calendar)
    masters += rate_records
    deals: list[Deal] = []
    for number in range(1, partners + 1):
        draw = rng.random()
        house = HOUSES[0 if draw < SHARES[0] else 1 if draw < SHARES[1] else 2]
        masters += _partner(house, number, deals, rng, date(calendar.opening_day.year - 1, 1, 1))
    return Group(calendar, masters, deals, rates)


def _with_tax_id(house: House) -> Organization:
    made = {"cn": names.chinese_company, "intl": names.british_company}.get(house.organization.chart)
    if made is None:
        return house.organization
    data = {name: getattr(house.organization, name) for name in house.organization.__struct_fields__}
    return Organization(**(data | {"tax_id": made(900_000).tax_id}))


def _rates(rng: random.Random, calendar: Calendar) -> tuple[dict[tuple[str, str], list[Decimal]], list[Rate]]:
    """A weekly random walk around a real level; the rate of a day is the newest not after it."""
    by_day, records = {}, []
    for (currency, quote), start in RATES.items():
        level = float(start)
        weekly: list[tuple[date, Decimal]] = []
        day = calendar.opening_day - timedelta(days=6)
        while day <= calendar.workdays[-1]:
            level *= 1 + rng.uniform(-0.01, 0.01)
            rate = Decimal(round(level * 10_000)).scaleb(-4)
            weekly.append((day, rate))
            records.append(Rate(currency=currency, quote=quote, date=day.isoformat(), rate=str(rate)))
            day += timedelta(days=7)
        by_day[currency, quote] = [weekly[(day - weekly[0][0]).days // 7][1] for day in calendar.workdays]
    return by_day, records


def _partner(house: House, number: int, deals: list[Deal], rng: random.Random, earliest: date) -> Iterator[Master]:
    """A partner with one to three contracts, made in the two years from `earliest` on; some partners are a head of a chain with a
    second legal party."""
    chained = rng.random() < 0.05
    codes = [f"C{number:06d}"] + ([f"C{number:06d}B"] if chained else [])
    currency = house.organization.book_currency
    if rng.random() < 0.2:
        currency = house.foreign[0 if rng.random() < 0.7 else -1]
    for place, code in enumerate(codes):
        company, language = _company(number * 2 + place, currency)
        if chained and place == 0:
            yield Partner(code=f"P{number:06d}", name=company.name)
        yield Counterparty(
            code=code,
            name=company.name,
            partner=f"P{number:06d}" if chained else "",
            tax_id=company.tax_id,
            kpp=company.kpp,
            is_resident=currency == house.organization.book_currency,
            language=language,
            address=company.address,
        )
        siblings: list[Deal] = []
        unit = house.units[1] if len(house.units) > 1 and rng.random() < 0.3 else house.units[0]
        for contract_no in range(1, (1, 2, 2, 3)[rng.randrange(4)] + 1):
            contract, deal = _contract(house, unit, code, f"{code}-{contract_no}", currency, rng, earliest)
            deal.siblings = siblings
            siblings.append(deal)
            deals.append(deal)
            yield contract


def _company(index: int, currency: str) -> tuple[names.Company, Language]:
    """A company that settles in this currency, and its language."""
    if currency == "CNY":
        return names.chinese_company(index), "zh"
    if currency == "RUB":
        return names.russian_company(index), "ru"
    return (names.british_company(index) if currency == "GBP" else names.german_company(index)), "en"


def _contract(
    house: House, unit: Unit, counterparty: str, code: str, currency: str, rng: random.Random, earliest: date
) -> tuple[Contract, Deal]:
    is_sale = rng.random() < 0.65
    book = house.organization.book_currency
    foreign = currency != book
    in_units = not foreign and house.organization.chart == "ru" and rng.random() < 0.06
    if in_units:
        currency = "EUR"
    draw = rng.random()
    kind: Terms = (
        "free" if foreign or in_units or draw < 0.7 else "order" if draw < 0.82 else "named" if draw < 0.92 else "free"
    )
    order: Literal["moment", "due_date", "legal"] = "due_date" if draw >= 0.96 else "legal" if draw >= 0.92 else "moment"
    named_by: Literal["payer", "internal"] = "payer" if rng.random() < 0.6 else "internal"
    day = earliest + timedelta(days=rng.randrange(700))
    days = (10, 14, 30, 30, 45, 60)[rng.randrange(6)]
    stages = [Stage(percent="100", days=days)]
    if rng.random() < 0.1:
        stages = [Stage(percent="30", days=days // 2), Stage(percent="70", days=days)]
    contract = Contract(
        code=code,
        organization=house.organization.code,
        counterparty=counterparty,
        number=f"{day.month:02d}/{day.year % 100}-{code[-1]}",
        currency=currency,
        relation="buyer" if is_sale else "supplier",
        date=day.isoformat(),
        valid_from=day.isoformat(),
        payment_currency=book if in_units else currency,
        detail=DETAIL[kind],
        allocation="manual" if kind == "named" else "automatic",
        order=order if kind == "free" else "moment",
        stages=stages,
    )
    deal = Deal(
        code=code,
        unit=unit.code,
        house=house,
        counterparty=counterparty,
        is_sale=is_sale,
        currency=currency,
        payment_currency=contract.payment_currency,
        terms=kind,
        vat_rate="0" if foreign else house.vat_rate,
        siblings=[],
        named_by=named_by,
    )
    return contract, deal


def usual_amount(deal: Deal, rng: random.Random) -> int:
    """A lognormal amount in minor units (median 987.00 in a hard currency), at least 1.00."""
    scale = deal.house.scale if deal.currency == deal.house.organization.book_currency else 1
    return max(100, min(int(rng.lognormvariate(11.5, 1.2)), 5_000_000_000)) * scale
