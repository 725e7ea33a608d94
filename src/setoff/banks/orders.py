"""Payment orders as files for the bank: 1CClientBankExchange and pain.001.001.09, from what each payment says.

Details are checked before a file is made: a bank refuses a file for one wrong sign. Numbers of accounts by their check digits (IBAN by ISO
13616, Russian accounts by the key of the bank's BIC), BIC, tax numbers, lengths. Errors: payment_details_invalid, payment_details_missing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, Literal, NamedTuple

from lxml import etree
from stdnum import bic as bic_number
from stdnum import iban
from stdnum.ru import inn

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount

OrderFormat = Literal["1c", "pain001"]
PAIN: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
PURPOSE_MAX: Final[dict[str, int]] = {"1c": 210, "pain001": 140}
NAME_MAX: Final[dict[str, int]] = {"1c": 160, "pain001": 140}
WEIGHTS: Final = (7, 1, 3)
SEPA_SIGNS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-?:().,'+ ")
_CYRILLIC: Final = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_WRITTEN: Final = "a,b,v,g,d,e,e,zh,z,i,i,k,l,m,n,o,p,r,s,t,u,f,kh,ts,ch,sh,shch,ie,y,,e,iu,ia"
LATIN: Final = dict(zip(_CYRILLIC, re.split(",", _WRITTEN), strict=True))
"""Cyrillic letters as in passports (ICAO Doc 9303); the soft sign is left out."""
_RUSSIAN: Final = re.compile(r"\d{20}")
_RUSSIAN_BIC: Final = re.compile(r"04\d{7}")


class Side(NamedTuple):
    """Who pays, or is paid, and where his account is. `correspondent`: the bank's account at the central bank (Russia)."""

    name: str
    account: str
    bic: str
    tax_id: str = ""
    kpp: str = ""
    bank_name: str = ""
    correspondent: str = ""


class Order(NamedTuple):
    """One payment out. `number` comes back in the statement: by it the line finds the payment."""

    number: str
    day: date
    amount_minor: int
    currency: str
    payer: Side
    payee: Side
    purpose: str


def format_of(account: str) -> OrderFormat:
    """The format for an account: Russian banks take 1CClientBankExchange, all others pain.001."""
    return "1c" if is_russian(account) else "pain001"


def is_russian(account: str) -> bool:
    return _RUSSIAN.fullmatch(account) is not None


def russian_account_is_valid(account: str, bank: str) -> bool:
    """Whether the ninth digit fits the bank: the weighted sum of the last three digits of its BIC and the account is divisible by ten."""
    if not is_russian(account) or not _RUSSIAN_BIC.fullmatch(bank):
        return False
    digits = bank[-3:] + account
    return sum(int(sign) * WEIGHTS[place % 3] for place, sign in enumerate(digits)) % 10 == 0


def check_order(order: Order, form: OrderFormat) -> None:
    """The bank will take it. Errors: payment_details_missing, payment_details_invalid."""
    for side in (order.payer, order.payee):
        for field in ("name", "account", "bic") if form == "1c" else ("name", "account"):
            if not getattr(side, field):
                raise DomainError(ErrorCode.PAYMENT_DETAILS_MISSING, party=side.name or order.number, field=field)
        wrong = _wrong_of_side(side, form)
        if wrong:
            raise DomainError(ErrorCode.PAYMENT_DETAILS_INVALID, party=side.name, field=wrong, value=getattr(side, wrong))
    if not order.purpose.strip():
        raise DomainError(ErrorCode.PAYMENT_DETAILS_MISSING, party=order.payee.name, field="purpose")
    if len(order.purpose) > PURPOSE_MAX[form]:
        raise DomainError(ErrorCode.PAYMENT_DETAILS_INVALID, party=order.payee.name, field="purpose", value=order.purpose)


def _wrong_of_side(side: Side, form: OrderFormat) -> str:
    """The field that a bank refuses, "" when there is none."""
    if len(side.name) > NAME_MAX[form]:
        return "name"
    if form == "1c":
        if not _RUSSIAN_BIC.fullmatch(side.bic):
            return "bic"
        if not russian_account_is_valid(side.account, side.bic):
            return "account"
        return "tax_id" if side.tax_id and not inn.is_valid(side.tax_id) else ""
    if side.bic and not bic_number.is_valid(side.bic):
        return "bic"
    looks_iban = re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]+", side.account) is not None
    return "account" if looks_iban and not iban.is_valid(side.account) else ""


def order_file(orders: Sequence[Order], form: OrderFormat, created: datetime, message_id: str) -> bytes:
    """The file with all orders. `created` in the time of the payer. Errors: payment_details_missing, payment_details_invalid."""
    for order in orders:
        check_order(order, form)
    return _onec(orders, created) if form == "1c" else _pain(orders, created, message_id)


def _onec(orders: Sequence[Order], created: datetime) -> bytes:
    days = [order.day for order in orders]
    accounts = dict.fromkeys(order.payer.account for order in orders)
    lines = [
        "1CClientBankExchange", "ВерсияФормата=1.03", "Кодировка=Windows", "Отправитель=Setoff", "Получатель=",
        f"ДатаСоздания={created:%d.%m.%Y}", f"ВремяСоздания={created:%H:%M:%S}", f"ДатаНачала={min(days):%d.%m.%Y}",
        f"ДатаКонца={max(days):%d.%m.%Y}", *(f"РасчСчет={account}" for account in accounts), "Документ=Платежное поручение",
    ]  # fmt: skip
    for order in orders:
        lines += [
            "СекцияДокумент=Платежное поручение", f"Номер={order.number.lstrip('0') or order.number}", f"Дата={order.day:%d.%m.%Y}",
            f"Сумма={format_amount(order.amount_minor, order.currency)}", *_onec_side("Плательщик", order.payer),
            *_onec_side("Получатель", order.payee), "ВидПлатежа=", "ВидОплаты=01", "Очередность=5",
            f"НазначениеПлатежа={_plain(order.purpose)}", "КонецДокумента",
        ]  # fmt: skip
    return "\r\n".join([*lines, "КонецФайла", ""]).encode("cp1251", "replace")


def _onec_side(role: str, side: Side) -> list[str]:
    fields = {
        "Счет": side.account, "": f"ИНН {side.tax_id} {side.name}" if side.tax_id else side.name, "ИНН": side.tax_id, "КПП": side.kpp,
        "1": side.name, "РасчСчет": side.account, "Банк1": side.bank_name, "БИК": side.bic, "Корсчет": side.correspondent,
    }  # fmt: skip
    return [f"{role}{name}={_plain(value)}" for name, value in fields.items()]


def _plain(text: str) -> str:
    """On one line: a line break would begin another field."""
    return " ".join(text.split())


def _pain(orders: Sequence[Order], created: datetime, message_id: str) -> bytes:
    """One payment information block for each account and day, as the message wants it."""
    root = etree.Element("Document", nsmap={None: PAIN})
    initiation = _add(root, "CstmrCdtTrfInitn")
    header = _add(initiation, "GrpHdr")
    message_id = sepa_reference(message_id)
    _add(header, "MsgId", message_id)
    _add(header, "CreDtTm", created.isoformat(timespec="seconds"))
    _add(header, "NbOfTxs", str(len(orders)))
    currencies = {order.currency for order in orders}
    if len(currencies) == 1:
        _add(header, "CtrlSum", format_amount(sum(order.amount_minor for order in orders), currencies.pop()))
    _add(_add(header, "InitgPty"), "Nm", orders[0].payer.name)
    blocks: dict[tuple[Side, date, str], list[Order]] = {}
    for order in orders:
        blocks.setdefault((order.payer, order.day, order.currency), []).append(order)
    for number, ((payer, day, currency), listed) in enumerate(blocks.items(), 1):
        block = _add(initiation, "PmtInf")
        ending = f"-{number}"
        _add(block, "PmtInfId", message_id[: 35 - len(ending)] + ending)
        _add(block, "PmtMtd", "TRF")
        _add(block, "NbOfTxs", str(len(listed)))
        _add(block, "CtrlSum", format_amount(sum(order.amount_minor for order in listed), currency))
        _add(_add(block, "ReqdExctnDt"), "Dt", day.isoformat())
        _pain_party(block, "Dbtr", payer)
        _pain_account(block, "DbtrAcct", payer, currency)
        _pain_bank(block, "DbtrAgt", payer)
        for order in listed:
            _transfer(block, order)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def sepa_reference(said: str) -> str:
    """A reference that every bank takes: at most 35 signs of the SEPA set; no slash at the ends, no two beside each other. Letters of other
    scripts are written in Latin, what remains as a point."""
    latin = "".join(LATIN.get(sign, sign) if sign == sign.lower() else LATIN.get(sign.lower(), sign).upper() for sign in said)
    fits = "".join(sign if sign in SEPA_SIGNS else "." for sign in latin)
    single = re.sub("/+", "/", fits).strip()
    return single[:35].strip("/ ") or "NOTPROVIDED"


def _transfer(block: etree._Element, order: Order) -> None:
    transfer = _add(block, "CdtTrfTxInf")
    _add(_add(transfer, "PmtId"), "EndToEndId", sepa_reference(order.number))
    _add(_add(transfer, "Amt"), "InstdAmt", format_amount(order.amount_minor, order.currency)).set("Ccy", order.currency)
    if order.payee.bic:
        _pain_bank(transfer, "CdtrAgt", order.payee)
    _pain_party(transfer, "Cdtr", order.payee)
    _pain_account(transfer, "CdtrAcct", order.payee, "")
    _add(_add(transfer, "RmtInf"), "Ustrd", _plain(order.purpose))


def _pain_party(parent: etree._Element, name: str, side: Side) -> None:
    party = _add(parent, name)
    _add(party, "Nm", side.name)
    if side.tax_id:
        other = _add(_add(_add(party, "Id"), "OrgId"), "Othr")
        _add(other, "Id", side.tax_id[:35])


def _pain_account(parent: etree._Element, name: str, side: Side, currency: str) -> None:
    account = _add(parent, name)
    number = _add(account, "Id")
    if iban.is_valid(side.account):
        _add(number, "IBAN", side.account)
    else:
        _add(_add(number, "Othr"), "Id", side.account)
    if currency:
        _add(account, "Ccy", currency)


def _pain_bank(parent: etree._Element, name: str, side: Side) -> None:
    institution = _add(_add(parent, name), "FinInstnId")
    if side.bic:
        _add(institution, "BICFI", side.bic)
    else:
        _add(_add(institution, "Othr"), "Id", "NOTPROVIDED")


def _add(parent: etree._Element, name: str, text: str = "") -> etree._Element:
    element = etree.SubElement(parent, f"{{{PAIN}}}{name}")
    if text:
        element.text = text
    return element
