"""A year of the group at its banks: the payments of its second year come as lines of statements, with what is true of each.

The documents are those of the demo group without these payments (and without refunds and set-offs, which rest on them). Lines are
written as banks and payers write: names in other order, capitals or with the form in full; tax numbers left out or mistyped; numbers of
documents named, mistyped or not named at all; money of other payers, of strangers, of companies of nearly the same name; charges and
transfers. `RATES` says how often. The same seed gives the same story.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from setoff.banks.statement import Line
from setoff.core.money import parse_amount
from setoff.demo import names
from setoff.demo.bank_words import WORDS, Spoken, mistyped, number_written, written_name
from setoff.demo.generate import Years
from setoff.demo.group import HOUSES, LAST_DAY, Deal, Group, build, calendar_until
from setoff.demo.opening import opening_balances
from setoff.parties.records import Contract, Counterparty, Master
from setoff.trade.documents import AnyDocument, ManualEntry, Payment, Purchase, Sale

RATES: Final[dict[str, float]] = {
    "name_mistyped": 0.03,
    "name_other_script": 0.02,
    "tax_id_absent": 0.04,
    "tax_id_mistyped": 0.01,
    "second_account": 0.10,
    "numbers_named": 0.72,
    "number_mistyped": 0.04,
    "contract_named": 0.45,
    "behalf_said": 0.90,
    "stranger": 0.04,
    "namesake": 0.006,
    "charge": 0.03,
    "transfer": 0.01,
}
STRANGERS_FROM: Final = 700_000
"""Companies of this index and above are in nobody's books."""


class OurAccount(NamedTuple):
    """An account of a unit of the group. `format`: how its bank sends statements."""

    unit: str
    number: str
    currency: str
    name: str
    bic: str
    format: str
    language: Spoken


class Movement(NamedTuple):
    """A line and what is true of it: the payment (None: nobody's), the documents that it pays, whether the purpose names them."""

    account: OurAccount
    line: Line
    payment: Payment | None
    documents: tuple[str, ...] = ()
    is_named: bool = False
    what: str = "payment"


@dataclass(slots=True)
class Story:
    masters: list[Master]
    documents: list[AnyDocument]
    accounts: list[OurAccount]
    last_day: date
    movements: list[Movement] = field(default_factory=list)


class _BankYears(Years):
    """The two years; payments from `first_day` on are told to the bank instead of the books. Refunds and set-offs rest on advances
    that only the bank knows then: there are none from `settled_until` on."""

    def __init__(self, group: Group, rng: random.Random, first_day: date, settled_until: date) -> None:
        super().__init__(group, rng)
        self.first_day = first_day.isoformat()
        self.settled_until = settled_until.isoformat()
        self.paid_parts: list[tuple[Payment, Deal, list[tuple[int, str, str]]]] = []
        self.incoming: dict[str, str] = {}

    def paid(self, deal: Deal, day: int, parts: list[tuple[int, str, str]]) -> Payment:
        payment = super().paid(deal, day, parts)
        if payment.date >= self.first_day:
            self.paid_parts.append((payment, deal, parts))
        return payment

    def invoice(self, day: int, today: int) -> Sale | Purchase:
        made = super().invoice(day, today)
        if isinstance(made, Purchase):
            self.incoming[f"purchase/{made.unit}/{made.date[:4]}/{made.number}"] = made.incoming_number
        return made

    def refund(self, today: int) -> Payment | None:
        return super().refund(today) if self.iso[today] < self.settled_until else None

    def set_off(self, today: int) -> ManualEntry | None:
        return super().set_off(today) if self.iso[today] < self.settled_until else None


def tell(documents: int, seed: int, last_day: date = LAST_DAY, *, bank_days: int = 0) -> Story:
    """The story of a group with about `documents` documents. Its last `bank_days` are told by the bank; 0: the whole last year, with
    no refund and no set-off at all."""
    rng = random.Random(seed)
    group = build(max(6, documents // 50), rng, calendar_until(last_day))
    first_day = last_day - timedelta(bank_days - 1) if bank_days else date(last_day.year, 1, 1)
    years = _BankYears(group, rng, first_day, first_day if bank_days else date.min)
    made: list[AnyDocument] = list(opening_balances(years.free, max(1, documents // 20), rng, group, years.owe))
    workdays = len(group.calendar.workdays)
    for number in range(documents - len(made)):
        document = years.document(number * workdays // documents)
        if not (isinstance(document, Payment) and document.date >= years.first_day):
            made.append(document)
    story = Story(group.masters, made, [], last_day)
    _Bank(story, years, random.Random(seed + 1)).write()
    return story


class _Bank:
    """Writes the lines of the payments, and those of strangers between them."""

    def __init__(self, story: Story, years: _BankYears, rng: random.Random) -> None:
        self.story, self.years, self.rng = story, years, rng
        self.parties = {record.code: record for record in story.masters if isinstance(record, Counterparty)}
        self.contracts = {record.code: record for record in story.masters if isinstance(record, Contract)}
        self.accounts: dict[tuple[str, str], OurAccount] = {}
        self.count = 0
        self.strangers = STRANGERS_FROM

    def write(self) -> None:
        for payment, deal, parts in sorted(self.years.paid_parts, key=lambda told: told[0].date):
            account = self.account(payment.unit, payment.currency)
            self.story.movements.append(self.payment(payment, deal, parts, account))
            draw = self.rng.random()
            for name in ("stranger", "namesake", "charge", "transfer"):
                if draw < RATES[name]:
                    self.story.movements.append(getattr(self, name)(account, date.fromisoformat(payment.date)))
                    break
                draw -= RATES[name]
        self.story.accounts = list(self.accounts.values())
        self.story.movements.sort(key=lambda movement: (movement.account.number, movement.line.booking_date, movement.line.end_to_end))

    def account(self, unit: str, currency: str) -> OurAccount:
        """The account of a unit and currency, opened when it is first needed."""
        if (unit, currency) not in self.accounts:
            house = next(house for house in HOUSES if any(unit == own.code for own in house.units))
            chart, number = house.organization.chart, len(self.accounts) + 1
            account, bic, form = {
                "ru": (russian_account(currency, number), "044525225", "1c"),
                "cn": (f"62220{number:014d}", "ICBKCNBJ", "mt940"),
                "intl": (iban("GB", f"KEST600000{number:08d}"), "KESTGB2L", "camt"),
            }[chart]
            language = house.organization.language
            self.accounts[unit, currency] = OurAccount(unit, account, currency, f"{unit} {currency}", bic, form, language)
        return self.accounts[unit, currency]

    def payment(self, payment: Payment, deal: Deal, parts: list[tuple[int, str, str]], account: OurAccount) -> Movement:
        rng = self.rng
        payer = self.parties[payment.payer or payment.counterparty]
        documents = tuple(key for _, _, key in parts if key)
        is_named = bool(documents) and rng.random() < RATES["numbers_named"]
        numbers = [self.written(key) for key in documents] if is_named else []
        is_mistyped = is_named and rng.random() < RATES["number_mistyped"]
        if is_mistyped:
            numbers[0] = mistyped(numbers[0], rng, "0123456789")
        spoken = account.language if payment.kind == "payment_to_supplier" else payer.language
        contract = self.contracts[deal.code]
        purpose = WORDS[spoken].purpose(rng, numbers, contract if rng.random() < RATES["contract_named"] else None, payment)
        if payment.payer and rng.random() < RATES["behalf_said"]:
            purpose = WORDS[spoken].behalf(self.parties[payment.counterparty].name) + purpose
        line = self.line(account, payer, payment, purpose)
        return Movement(account, line, payment, documents, is_named, "third" if payment.payer else "payment")

    def written(self, key: str) -> str:
        """The number of a document as a payer writes it: ours of a sale, his own of a purchase; with its zeros or without."""
        return number_written(self.years.incoming.get(key) or key.rpartition("/")[2], self.rng)

    def line(self, account: OurAccount, payer: Counterparty, payment: Payment, purpose: str) -> Line:
        rng = self.rng
        sign = 1 if payment.kind == "payment_from_customer" else -1
        tax_id = payer.tax_id if account.format == "1c" and rng.random() >= RATES["tax_id_absent"] else ""
        if tax_id and rng.random() < RATES["tax_id_mistyped"]:
            tax_id = mistyped(tax_id, rng, "0123456789")
        second = rng.random() < RATES["second_account"]
        day = date.fromisoformat(payment.date)
        return self.plain_line(
            account, day, sign * parse_amount(payment.amount, payment.currency), purpose,
            name=written_name(payer.name, rng, RATES), tax_id=tax_id, kpp=payer.kpp if tax_id else "",
            account=party_account(payer, second=second),
        )  # fmt: skip

    def plain_line(self, ours: OurAccount, day: date, amount: int, purpose: str, **other: Any) -> Line:
        self.count += 1
        fits = other if ours.format != "mt940" else {name: value for name, value in other.items() if name in ("name", "account")}
        return Line(day, day, amount, purpose=purpose, end_to_end=f"{self.count:06d}", **fits)

    # Others ----------------------------------------------------------------------------------------------------------

    def amount(self) -> int:
        return max(100, min(int(self.rng.lognormvariate(11.5, 1.2)), 5_000_000_000))

    def stranger(self, account: OurAccount, day: date) -> Movement:
        """Money of a company that is in nobody's books."""
        self.strangers += 1
        company = self.company(account, self.strangers)
        sign = 1 if self.rng.random() < 0.4 else -1
        numbers = [str(self.rng.randrange(1, 99_999))]
        purpose = WORDS[account.language].purpose(self.rng, numbers if self.rng.random() < 0.6 else [], None, None)
        known = Counterparty(code=f"X{self.strangers}", name=company.name, tax_id=company.tax_id, kpp=company.kpp)
        tax_id = company.tax_id if account.format == "1c" else ""
        line = self.plain_line(
            account, day, sign * self.amount(), purpose, name=company.name, tax_id=tax_id, kpp=company.kpp, account=party_account(known)
        )
        return Movement(account, line, None, what="stranger")

    def namesake(self, account: OurAccount, day: date) -> Movement:
        """Money of a company whose name is that of a party of ours but for the form or a letter."""
        party = self.rng.choice(list(self.parties.values()))
        name = mistyped(party.name, self.rng, "аеиорстн") if self.rng.random() < 0.5 else WORDS[party.language].other_form(party.name)
        self.strangers += 1
        company = self.company(account, self.strangers)
        known = Counterparty(code=f"X{self.strangers}", name=name, tax_id=company.tax_id)
        line = self.plain_line(
            account, day, self.amount(), WORDS[account.language].purpose(self.rng, [], None, None), name=name,
            tax_id=company.tax_id if account.format == "1c" else "", account=party_account(known),
        )  # fmt: skip
        return Movement(account, line, None, what="namesake")

    def company(self, account: OurAccount, index: int) -> names.Company:
        made = {"ru": names.russian_company, "zh": names.chinese_company, "en": names.british_company}[account.language]
        return made(index)

    def charge(self, account: OurAccount, day: date) -> Movement:
        line = self.plain_line(account, day, -self.rng.randrange(50, 5000), WORDS[account.language].charge)
        return Movement(account, line, None, what="charge")

    def transfer(self, account: OurAccount, day: date) -> Movement:
        """Money to another account of the organization, where there is one; else a charge."""
        others = [other for key, other in self.accounts.items() if other.language == account.language and other.number != account.number]
        if not others:
            return self.charge(account, day)
        purpose = WORDS[account.language].transfer
        line = self.plain_line(account, day, -self.amount(), purpose, account=others[0].number)
        return Movement(account, line, None, what="transfer")


def party_account(party: Counterparty, *, second: bool = False) -> str:
    """The account of a party, made of its code: in its country's form, with valid check digits."""
    number = int("".join(sign for sign in party.code if sign.isdigit())) * 4 + 2 * party.code.endswith("B") + second
    if party.language == "ru":
        return russian_account("RUB", 1000 + number)
    if party.language == "zh":
        return f"62284{number:014d}"
    return iban("DE", f"37040044{number:010d}") if party.tax_id.startswith("DE") else iban("GB", f"BARC200000{number:08d}")


def russian_account(currency: str, number: int) -> str:
    """Twenty digits: 40702, the currency, the key, the number; the key is that of the bank 044525225."""
    code = {"RUB": "810", "EUR": "978", "CNY": "156", "USD": "840", "GBP": "826"}[currency]
    head, tail = f"40702{code}", f"{number:011d}"
    weights = (7, 1, 3)
    for key in range(10):
        digits = f"225{head}{key}{tail}"
        if sum(int(sign) * weights[place % 3] for place, sign in enumerate(digits)) % 10 == 0:
            return f"{head}{key}{tail}"
    raise AssertionError(number)


def iban(country: str, number: str) -> str:
    digits = "".join(str(int(sign, 36)) for sign in number + country + "00")
    return f"{country}{98 - int(digits) % 97:02d}{number}"


def files(story: Story, days: int = 7, overlap_days: int = 2) -> Iterator[tuple[OurAccount, date, date, list[Movement]]]:
    """The story as files of so many days, each beginning some days before the last one ended; the last ends with the story."""
    for account in story.accounts:
        movements = [movement for movement in story.movements if movement.account == account]
        if not movements:
            continue
        first = movements[0].line.booking_date
        while first <= story.last_day:
            until = min(first + timedelta(days - 1), story.last_day)
            yield account, first - timedelta(overlap_days), until, [
                movement for movement in movements if first - timedelta(overlap_days) <= movement.line.booking_date <= until
            ]  # fmt: skip
            first = until + timedelta(1)
