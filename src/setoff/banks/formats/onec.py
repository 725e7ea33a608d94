"""1CClientBankExchange: the text format by which Russian banks and accounting programs exchange payments.

Sections of `Key=Value` lines: the account (balances of a period, one or many of an account), then the documents. A document says
who pays and who receives; whether it is money in or out follows from which of the two accounts is the statement's. A
transfer between two accounts of the file is a line of both. The encoding is what the bytes say (UTF-8), else what the file says: DOS
is cp866, Windows is cp1251. Of money in that has both days the payer was debited on the first (ДатаСписано), it came on the second.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, NamedTuple

from setoff.banks.statement import Finding, Line, Place, Statement, one_line
from setoff.core.money import Money

SIGNATURE: Final = b"1CClientBankExchange"
CURRENCIES: Final = {"810": "RUB", "643": "RUB", "840": "USD", "978": "EUR", "156": "CNY", "826": "GBP", "398": "KZT", "933": "BYN"}
"""Digits 6 to 8 of a Russian account say its currency."""
_DAY: Final = re.compile(r"(\d{2})\.(\d{2})\.(\d{4})")
_LEADING_INN: Final = re.compile(r"^ИНН\s*\d{10,12}\s*(?:КПП\s*\d{9}\s*)?", re.IGNORECASE)


class Section(NamedTuple):
    """A section of the file: the line it begins on, and its fields as they are spelled."""

    name: str
    place: Place
    fields: dict[str, str]

    def text(self, *names: str) -> str:
        """The first of these fields that says something."""
        return next((one_line(self.fields[name]) for name in names if self.fields.get(name, "").strip()), "")

    def day(self, *names: str) -> date | None:
        for name in names:
            value = self.fields.get(name, "").strip()
            if value:
                return _day_of(value, name, self.place)
        return None


def is_onec(head: bytes) -> bool:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(SIGNATURE)


def decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        is_dos = re.search("Кодировка=DOS".encode("cp866"), content) is not None
        return content.decode("cp866" if is_dos else "cp1251", "replace")


def read_onec(content: bytes, file: str) -> Iterator[Statement]:
    """One statement for each account of the file. Errors: statement_unreadable, statement_field_missing, statement_value_invalid."""
    head, accounts, documents = _sections(decoded(content), file)
    by_account: dict[str, list[Section]] = {}
    for section in accounts:
        account = section.text("РасчСчет")
        if not account:
            raise section.place.missing("РасчСчет")
        by_account.setdefault(account, []).append(section)
    for account in head.fields.get("РасчСчет", "").split("\n"):
        if account.strip():
            by_account.setdefault(account.strip(), [])
    if not by_account:
        raise head.place.missing("РасчСчет")
    for account, sections in by_account.items():
        yield _statement(account, sections, head, documents)


def _sections(text: str, file: str) -> tuple[Section, list[Section], list[Section]]:
    """The head, the sections of accounts, the documents."""
    head = Section("", Place(file, "1"), {})
    accounts: list[Section] = []
    documents: list[Section] = []
    current = head
    for number, line in enumerate(text.splitlines(), 1):
        name, equals, value = line.strip().partition("=")
        if name == "СекцияРасчСчет":
            current = Section(name, Place(file, str(number)), {})
            accounts.append(current)
        elif name == "СекцияДокумент":
            current = Section(value.strip(), Place(file, str(number)), {})
            documents.append(current)
        elif name in ("КонецРасчСчет", "КонецДокумента"):
            current = head
        elif name == "КонецФайла":
            return head, accounts, documents
        elif equals:
            before = current.fields.get(name)
            current.fields[name] = f"{before}\n{value}" if before is not None and current is head else value
    raise Place(file, str(len(text.splitlines()))).missing("КонецФайла")


def _statement(account: str, sections: list[Section], head: Section, documents: Iterable[Section]) -> Statement:
    currency = CURRENCIES.get(account[5:8], "RUB")
    lines: list[Line] = []
    tax_id = ""
    for document in documents:
        line = _line(document, account, currency)
        if line is not None:
            lines.append(line)
            tax_id = tax_id or document.text("ПлательщикИНН" if line.amount_minor < 0 else "ПолучательИНН")
    days = [line.booking_date for line in lines]
    first = min((day for section in (*sections, head) if (day := section.day("ДатаНачала"))), default=min(days, default=None))
    last = max((day for section in (*sections, head) if (day := section.day("ДатаКонца"))), default=max(days, default=None))
    if first is None or last is None:
        raise head.place.missing("ДатаНачала")
    ordered = sorted(sections, key=lambda section: section.day("ДатаНачала") or first)
    opening, closing, findings = _balances(ordered, currency)
    return Statement(
        "1c", account, currency, first, last, opening, closing, tuple(lines), bic=_own_bic(account, documents), tax_id=tax_id,
        findings=findings,
    )  # fmt: skip


def _balances(sections: list[Section], currency: str) -> tuple[int | None, int | None, tuple[Finding, ...]]:
    """Opening of the first section, closing of the last; a section that does not begin where the one before ended is a finding."""
    opening = closing = None
    findings = []
    for section in sections:
        begins, ends = (
            section.place.amount(section.text(name), currency, name) if section.text(name) else None
            for name in ("НачальныйОстаток", "КонечныйОстаток")
        )
        if closing is not None and begins is not None and begins != closing:
            facts = {"before": Money(closing, currency), "after": Money(begins, currency), "line": section.place.place}
            findings.append(Finding("balance-jumps", facts))
        opening = begins if opening is None else opening
        closing = ends if ends is not None else closing
    return opening, closing, tuple(findings)


def _line(document: Section, account: str, currency: str) -> Line | None:
    """The document as a line of this account; None when neither side is it."""
    is_out = account in (document.text("ПлательщикСчет"), document.text("ПлательщикРасчСчет"))
    if not is_out and account not in (document.text("ПолучательСчет"), document.text("ПолучательРасчСчет")):
        return None
    other = "Получатель" if is_out else "Плательщик"
    amount = document.place.amount(document.text("Сумма"), currency, "Сумма")
    day = document.day("ДатаСписано" if is_out else "ДатаПоступило", "ДатаСписано", "ДатаПоступило", "Дата")
    if day is None:
        raise document.place.missing("Дата")
    debited = None if is_out else document.day("ДатаСписано")
    name = document.text(other + "1", other)
    kpp = document.text(other + "КПП")
    return Line(
        booking_date=day,
        value_date=min(day, debited or day),
        amount_minor=-amount if is_out else amount,
        name=_LEADING_INN.sub("", name),
        tax_id=document.text(other + "ИНН"),
        kpp="" if kpp == "0" else kpp,
        account=document.text(other + "РасчСчет", other + "Счет"),
        bic=document.text(other + "БИК"),
        purpose=_purpose(document),
        end_to_end=document.text("Номер"),
    )


def _purpose(document: Section) -> str:
    """The purpose in one field, or spread over numbered ones."""
    whole = document.text("НазначениеПлатежа")
    parts = [document.text(f"НазначениеПлатежа{number}") for number in range(1, 7)]
    return whole or one_line(" ".join(parts))


def _own_bic(account: str, documents: Iterable[Section]) -> str:
    for document in documents:
        for side in ("Плательщик", "Получатель"):
            if account in (document.text(side + "Счет"), document.text(side + "РасчСчет")):
                return document.text(side + "БИК")
    return ""


def _day_of(value: str, field: str, place: Place) -> date:
    match = _DAY.fullmatch(value)
    try:
        return date(int(match[3]), int(match[2]), int(match[1])) if match else date.fromisoformat(value)
    except ValueError:
        raise place.invalid(field, value) from None
