"""Statements for tests: 1CClientBankExchange from lines, as a bank would write it."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

OURS = "40702810000000000001"


class Told(NamedTuple):
    """A movement in words: `amount` "+80.50" is money in."""

    amount: str
    name: str = ""
    tax_id: str = ""
    purpose: str = ""
    account: str = "40702810500000000009"
    day: date = date(2025, 3, 10)
    number: str = "1"
    debited: date | None = None


def onec(*lines: Told, account: str = OURS, opening: str = "", closing: str = "") -> bytes:
    head = f"1CClientBankExchange\nКодировка=UTF-8\nДатаНачала=01.01.2025\nДатаКонца=31.12.2025\nРасчСчет={account}\n"
    head += f"СекцияРасчСчет\nРасчСчет={account}\nНачальныйОстаток={opening}\nКонечныйОстаток={closing}\nКонецРасчСчет\n"
    return (head + "".join(_document(line, account) for line in lines) + "КонецФайла\n").encode()


def _document(line: Told, account: str) -> str:
    is_in = line.amount.startswith("+")
    ours, other = ("Получатель", "Плательщик") if is_in else ("Плательщик", "Получатель")
    return (
        f"СекцияДокумент=Платежное поручение\nНомер={line.number}\nДата={line.day:%d.%m.%Y}\nСумма={line.amount[1:]}\n"
        f"{ours}Счет={account}\n{other}Счет={line.account}\n{other}1={line.name}\n{other}ИНН={line.tax_id}\n"
        f"НазначениеПлатежа={line.purpose}\n{_days(line, is_in)}КонецДокумента\n"
    )


def _days(line: Told, is_in: bool) -> str:
    """When the payer was debited, and when the money came."""
    came = f"ДатаПоступило={line.day:%d.%m.%Y}\n" if is_in else ""
    return f"ДатаСписано={line.debited:%d.%m.%Y}\n{came}" if line.debited else ""
