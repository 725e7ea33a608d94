"""MT940: SWIFT's statement as banks of Europe and China send it. Fields `:61:` with its `:86:`, balances `:60a:` and `:62a:`.

`:86:` is read in the three layouts in use: subfields `?20...?29 ?32 ?33 ?38` (Germany, Poland, Luxembourg; any sign may stand for
`?`), key words `/BENM//NAME/../REMI/..` (Netherlands), and plain text, in which an IBAN and a bank's word for a name (`NAAM:`) are
found. The library mt-940 was tried and left: docs/decisions/0012.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

from setoff.banks.statement import Finding, Line, Place, Statement, one_line
from setoff.core.money import Money

TAG: Final = re.compile(r"^:(\d{2}[A-Z]?|NS):(.*)$")
_HEAD: Final = re.compile(rb"^:20:", re.MULTILINE)
_BODY: Final = re.compile(rb"^:25P?:", re.MULTILINE)
BALANCE: Final = re.compile(r"([CD])(\d{6})([A-Z]{3})([\d,]+)")
ENTRY: Final = re.compile(
    r"(?P<value>\d{6})(?P<booking>\d{4})?(?P<mark>R?[CD]|E[CD])(?P<funds>[A-Z])?(?P<amount>\d+,?\d*)(?P<kind>[A-Z][A-Z0-9]{3})?"
    r"(?P<customer>.*?)(?://(?P<bank>.*))?",
)
SUBFIELDS: Final = re.compile(r"^(?:\d{3}|[A-Z]{4})?([?+>~])(?=\d\d)")
KEYWORDS: Final = (
    "EREF", "BENM", "ORDP", "REMI", "NAME", "IBAN", "ISDT", "MARF", "CSID", "CNTP", "TRCD", "RTRN", "PREF", "ID", "BIC", "ADDR",
)  # fmt: skip
_KEYWORD: Final = re.compile("/(" + "|".join(KEYWORDS) + ")/")
_IBAN: Final = re.compile(r"\b([A-Z]{2}\d{2}[A-Z0-9]{10,30})\b")
_NAMED: Final = re.compile(r"(?:NAAM|NAME|AUFTRAGGEBER|BEGUNSTIGTE):\s*([^/:]+?)(?=\s{2,}|/|$|\s\w+:)", re.IGNORECASE)
NO_REFERENCE: Final = frozenset({"NONREF", "NOREF", "NOTPROVIDED", "EREF", "N", ""})


class Field(NamedTuple):
    """A field of the message and the line of the file that it begins on."""

    tag: str
    text: str
    line: int


class Details(NamedTuple):
    name: str = ""
    account: str = ""
    bic: str = ""
    purpose: str = ""
    end_to_end: str = ""


def is_mt940(head: bytes) -> bool:
    return _HEAD.search(head) is not None and (_BODY.search(head) is not None or b":60F:" in head)


def read_mt940(content: bytes, file: str) -> Iterator[Statement]:
    """The statements of the file, in its order. Errors: statement_unreadable, statement_field_missing, statement_value_invalid."""
    message: list[Field] = []
    for field in _fields(_decoded(content)):
        if field.tag == "20" and message:
            yield _statement(message, file)
            message = []
        message.append(field)
    if message:
        yield _statement(message, file)


def _decoded(content: bytes) -> str:
    for codec in ("utf-8-sig", "gb18030") if content[:1] != b"\xff" else ("utf-16",):
        try:
            return content.decode(codec)
        except UnicodeDecodeError:
            continue
    return content.decode("cp1252", "replace")


def _fields(text: str) -> Iterator[Field]:
    """Fields with their continuation lines. What is before the first tag, and the end sign of a message, is left out."""
    current: Field | None = None
    for number, line in enumerate(text.splitlines(), 1):
        tag = TAG.match(line.strip())
        if tag:
            if current:
                yield current
            current = Field(tag[1], tag[2], number)
        elif line.startswith("-") and not line.strip("-X} "):
            if current:
                yield current
            current = None
        elif current:
            current = current._replace(text=f"{current.text}\n{line}")
    if current:
        yield current


def _statement(message: list[Field], file: str) -> Statement:
    place = Place(file, str(message[0].line))
    by_tag = {field.tag: field for field in reversed(message)}
    account_field = by_tag.get("25") or by_tag.get("25P")
    if account_field is None:
        raise place.missing(":25:")
    opening_field = by_tag.get("60F") or by_tag.get("60M")
    closing_field = next((field for field in reversed(message) if field.tag in ("62F", "62M")), None)
    if opening_field is None:
        raise place.missing(":60F:")
    opening, currency, opened = _balance(opening_field, file)
    closing, closed = None, opened
    findings: list[Finding] = []
    if closing_field:
        closing, closing_currency, closed = _balance(closing_field, file)
        if closing_currency != currency:
            findings.append(Finding("balance-currency", {"balance": Money(closing, closing_currency), "currency": currency}))
            closing = None
    lines = tuple(_lines(message, currency, file))
    days = [line.booking_date for line in lines] or [closed]
    number = by_tag.get("28C") or by_tag.get("28")
    return Statement(
        "mt940", one_line(account_field.text).replace(" ", ""), currency, min(days), max(*days, closed), opening, closing, lines,
        number=number.text.strip() if number else "", findings=tuple(findings),
    )  # fmt: skip


def _balance(field: Field, file: str) -> tuple[int, str, date]:
    place = Place(file, str(field.line))
    match = BALANCE.match(field.text.replace("\n", ""))
    if match is None:
        raise place.invalid(f":{field.tag}:", field.text[:60])
    amount = place.amount(match[4], match[3], f":{field.tag}:")
    return amount if match[1] == "C" else -amount, match[3], _day(match[2], f":{field.tag}:", place)


def _lines(message: list[Field], currency: str, file: str) -> Iterator[Line]:
    """A line for every `:61:`, with the `:86:` that follows it."""
    for number, field in enumerate(message):
        if field.tag != "61":
            continue
        following = message[number + 1] if number + 1 < len(message) else None
        text = following.text if following and following.tag == "86" else ""
        yield _line(field, text, currency, Place(file, str(field.line)))


def _line(field: Field, information: str, currency: str, place: Place) -> Line:
    head, _, supplement = field.text.partition("\n")
    match = ENTRY.fullmatch(head.strip())
    if match is None:
        raise place.invalid(":61:", head[:80])
    value = _day(match["value"], ":61:", place)
    booking = _booking_day(value, match["booking"], place)
    mark = match["mark"]
    amount = place.amount(match["amount"], currency, ":61:")
    sign = 1 if mark in ("C", "RD", "EC") else -1  # a reversal of a debit is money in
    details = _details(information, supplement)
    customer = one_line(match["customer"] or "")
    bank = one_line(match["bank"] or "")
    return Line(
        booking_date=booking,
        value_date=value,
        amount_minor=sign * amount,
        name=details.name,
        account=details.account,
        bic=details.bic,
        purpose=details.purpose or one_line(supplement),
        reference="" if bank.upper() in NO_REFERENCE else bank,
        end_to_end=details.end_to_end or ("" if customer.upper() in NO_REFERENCE else customer),
        reversal=mark in ("RC", "RD"),
    )


def _booking_day(value: date, text: str | None, place: Place) -> date:
    """The day of `MMDD` nearest to the value date: around New Year it is of another year."""
    if not text:
        return value
    near = [day for year in (value.year - 1, value.year, value.year + 1) if (day := _day_or_none(year, text))]
    if not near:
        raise place.invalid(":61:", text)
    return min(near, key=lambda day: abs(day - value))


def _day_or_none(year: int, text: str) -> date | None:
    try:
        return date(year, int(text[:2]), int(text[2:]))
    except ValueError:
        return None


def _day(text: str, field: str, place: Place) -> date:
    year = int(text[:2])
    found = _day_or_none(year + (1900 if year >= 80 else 2000), text[2:])
    if found is None:
        raise place.invalid(field, text)
    return found


def _details(text: str, supplement: str) -> Details:
    compact = text.strip()
    sign = SUBFIELDS.match(compact.replace("\n", ""))
    if sign:
        return _of_subfields(compact.replace("\n", ""), sign[1])
    if _KEYWORD.search(compact.replace("\n", "")):
        return _of_keywords(compact.replace("\n", ""), supplement)
    plain = one_line(text)
    iban = _IBAN.search(plain)
    name = _NAMED.search(plain)
    return Details(name[1].strip() if name else "", iban[1] if iban else "", "", plain)


def _of_subfields(text: str, sign: str) -> Details:
    """`?00` booking text, `?20-?29 ?60-?63` purpose, `?30` bank, `?31` account, `?32 ?33` name, `?38` IBAN."""
    found: dict[str, str] = {}
    for part in text.split(sign)[1:]:
        code, value = part[:2], part[2:]
        found[code] = found.get(code, "") + value
    purpose = "".join(found.get(str(code), "") for code in (*range(20, 30), *range(60, 64)))
    name = one_line(" ".join(filter(None, (found.get("32", ""), found.get("33", "")))))
    account = (found.get("38") or found.get("31") or "").replace(" ", "")
    return Details(name, account, found.get("30", "").strip(), one_line(purpose) or one_line(found.get("00", "")))


def _of_keywords(text: str, supplement: str) -> Details:
    parts = _KEYWORD.split(text)
    found: dict[str, str] = {}
    for key, value in zip(parts[1::2], parts[2::2], strict=True):
        found.setdefault(key, one_line(value.strip("/")))
    counter = found.get("CNTP", "").split("/")
    account = found.get("IBAN") or counter[0] or next(iter(_IBAN.findall(supplement)), "")
    name = found.get("NAME") or (counter[2] if len(counter) > 2 else "")
    purpose = found.get("REMI", "").removeprefix("USTD//").strip("/")
    return Details(name, account, found.get("BIC", ""), purpose or one_line(parts[0]), found.get("EREF", ""))
