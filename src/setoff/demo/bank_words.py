"""How banks and payers write: purposes of payments, names in their variants, typing errors."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

from setoff.books.charts import load_chart
from setoff.parties.records import Contract
from setoff.trade.documents import Payment

Spoken = Literal["ru", "zh", "en"]
FULL_FORMS: Final = {
    "ООО ТД": "Общество с ограниченной ответственностью Торговый дом",
    "ООО ПК": "Общество с ограниченной ответственностью Производственная компания",
    "ООО": "Общество с ограниченной ответственностью",
    "ПАО": "Публичное акционерное общество",
    "АО": "Акционерное общество",
    "Ltd": "Limited",
}
KOPECK: Final = Decimal("0.01")
LATIN: Final = str.maketrans("АВЕКМНОРСТХаеорсх", "ABEKMHOPCTXaeopcx")


@dataclass(frozen=True, slots=True)
class Words:
    """The phrases of a language. `{n}` numbers of documents, `{c}` the contract, `{d}` its date, `{v}` the VAT at `{r}` %."""

    numbered: tuple[str, ...]
    vague: tuple[str, ...]
    contract: str
    tax: str
    separator: str
    charge: str
    transfer: str
    on_behalf: str
    forms: tuple[tuple[str, str], ...]

    def purpose(self, rng: random.Random, numbers: Sequence[str], contract: Contract | None, payment: Payment | None) -> str:
        """What the payment is for: numbers where they are named, the contract where it is."""
        text = rng.choice(self.numbered if numbers else self.vague).format(n=self.separator.join(numbers))
        if contract is not None:
            text += self.contract.format(c=contract.number, d=_day(contract.date, self))
        if payment is not None and rng.random() < 0.6:
            text += self.said_tax(payment)
        return text

    def said_tax(self, payment: Payment) -> str:
        """The VAT in it, where it is told, at the general rate of its day in Russia."""
        rate = load_chart("ru").vat_rate_on(date.fromisoformat(payment.date))
        within = Decimal(payment.amount) * Decimal(rate) / (100 + Decimal(rate))
        return self.tax.format(r=rate, v=within.quantize(KOPECK, ROUND_HALF_UP))

    def behalf(self, name: str) -> str:
        return self.on_behalf.format(name=name)

    def other_form(self, name: str) -> str:
        """The name with another legal form."""
        for form, other in self.forms:
            if form in name:
                return name.replace(form, other, 1)
        return name + " 2"


WORDS: Final[dict[Spoken, Words]] = {
    "ru": Words(
        numbered=(
            "Оплата по счету-фактуре № {n}", "Оплата за товар по с/ф {n}", "По УПД №{n} за поставленный товар",
            "Оплата по накладной {n}", "за товар, счет-фактура {n}",
        ),
        vague=(
            "Оплата за товар", "Оплата за поставленную продукцию", "Частичная оплата", "Оплата по счету", "Окончательный расчет",
            "Предоплата",
        ),
        contract=" по договору № {c} от {d}",
        tax=". В том числе НДС {r}% - {v}",
        separator=", ",
        charge="Комиссия за ведение счета",
        transfer="Перевод собственных средств между счетами",
        on_behalf="Оплата за {name}, ",
        forms=(("ООО ТД", "ООО"), ("ООО ПК", "АО"), ("ООО", "АО"), ("ПАО", "ООО"), ("АО", "ООО")),
    ),
    "en": Words(
        numbered=("Invoice {n}", "Payment of invoices {n}", "Inv {n}", "INV {n} with thanks", "Bills {n}"),
        vague=("Payment", "Goods", "On account", "Thank you", "Part payment", "Advance"),
        contract=", contract {c} of {d}",
        tax=", VAT 20% incl.",
        separator=" and ",
        charge="Account fee",
        transfer="Transfer between own accounts",
        on_behalf="On behalf of {name}, ",
        forms=(
            ("& Sons Ltd", "Ltd"), ("Group Ltd", "plc"), ("Ltd", "plc"), ("plc", "Ltd"), ("LLP", "Ltd"), ("GmbH", "AG"), ("AG", "KG"),
            ("KG", "GmbH"),
        ),
    ),
    "zh": Words(
        numbered=("货款 发票{n}", "支付货款,发票号{n}", "发票{n}货款"),
        vague=("货款", "材料款", "部分货款", "预付款"),
        contract=" 合同{c}",
        tax=" 含税13%",
        separator="、",
        charge="账户管理费",
        transfer="本单位账户间转账",
        on_behalf="代{name}付 ",
        forms=(("有限公司", "股份有限公司"),),
    ),
}  # fmt: skip


def _day(iso: str, words: Words) -> str:
    year, month, day = iso.split("-")
    return iso if words.separator == "、" else f"{day}.{month}.{year}" if words.separator == ", " else f"{day}/{month}/{year}"


def number_written(number: str, rng: random.Random) -> str:
    return number.lstrip("0") or number if rng.random() < 0.5 else number


def written_name(name: str, rng: random.Random, rates: Mapping[str, float]) -> str:
    """The name as some bank writes it: as it is, in capitals, with the form in full or behind; sometimes mistyped."""
    draw = rng.random()
    if draw < 0.30:
        name = name.upper()
    elif draw < 0.45:
        form = next((form for form in FULL_FORMS if name.startswith(form + " ") or name.endswith(" " + form)), "")
        name = name.replace(form, FULL_FORMS[form], 1) if form else name
    elif draw < 0.60:
        name = name.replace("«", '"').replace("»", '"')
    elif draw < 0.70 and name.startswith(("ООО «", "АО «", "ПАО «")):
        form, _, rest = name.partition(" ")
        name = f"{rest} {form}"
    if rng.random() < rates["name_mistyped"]:
        name = mistyped(name, rng, "оеанитсрвл" if any("а" <= sign <= "я" for sign in name.lower()) else "aeionrst")
    if rng.random() < rates["name_other_script"]:
        name = name.translate(LATIN)
    return name


def mistyped(text: str, rng: random.Random, letters: str) -> str:
    """One typing error: a sign wrong, missing, doubled, or swapped with its neighbour."""
    place = rng.randrange(len(text))
    kind = rng.randrange(4)
    if kind == 0:
        return text[:place] + rng.choice(letters) + text[place + 1 :]
    if kind == 1 and len(text) > 2:
        return text[:place] + text[place + 1 :]
    if kind == 2:
        return text[:place] + text[place] + text[place:]
    place = min(place, len(text) - 2) if len(text) > 1 else 0
    return text[:place] + text[place : place + 2][::-1] + text[place + 2 :]
