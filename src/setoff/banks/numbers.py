"""Numbers that a purpose text names: of documents, of orders, of contracts.

    "Оплата по с/ф № 123, 124 от 05.03.2025 по дог. 05/23-1, в т.ч. НДС 20% 1 000-00"  ->  documents 123, 124; contract 05/23-1

Dates, amounts and VAT are taken out first. A word before a number says what it is ("с/ф", "invoice", "发票": a document; "договор",
"contract", "合同": a contract); a list after one word is all of that kind.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final, Literal, NamedTuple

from setoff.parties.names import skeleton

Subject = Literal["document", "contract", "order", ""]


class NumberNamed(NamedTuple):
    """`text` as written, `key` for comparing, `subject` what the words before say it is."""

    text: str
    key: str
    subject: Subject


class Named(NamedTuple):
    """`is_partial`: the text speaks of a part or of an advance."""

    numbers: tuple[NumberNamed, ...]
    dates: frozenset[date]
    is_partial: bool = False

    def of(self, *subjects: Subject) -> list[NumberNamed]:
        return [number for number in self.numbers if number.subject in subjects]


_VAT: Final = re.compile(
    r"(?:в\s*т\.?\s*ч\.?|в том числе|incl\.?|including|inkl\.?|含)?\s*\b(?:ндс|vat|mwst|ust|btw|tax|税)\b[^;]*?(?=$|;|\.\s)", re.IGNORECASE
)
_DAY: Final = re.compile(r"\b(\d{1,2})[./](\d{1,2})[./](\d{4}|\d{2})(?!\d)(?:\s*г\b\.?)?")
_ISO_DAY: Final = re.compile(r"\b(\d{4})[-./](\d{1,2})[-./](\d{1,2})\b")
_HAN_DAY: Final = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日?")
_AMOUNT: Final = re.compile(
    r"(?:сумма|sum|amount|金额|total)\s*:?\s*\d[\d \u00a0]*(?:[.,=-]\d{2})?(?!\d)"
    r"|(?<![\d/-])\d{1,3}(?:[ \u00a0]?\d{3})*[.,]\d{2}(?![\d./])"
    r"|(?<![\d/-])\d[\d \u00a0]*(?:[-=]\d{2})?\s?(?:руб|₽|rub\b|eur\b|usd\b|gbp\b|cny\b|元)",
    re.IGNORECASE,
)
_TOKEN: Final = re.compile(r"[^\W_]+(?:(?:[-/]|(?<=\d)\.(?=\d))[^\W_]+)*")
_HAN: Final = re.compile(r"[\u4e00-\u9fff]+")
DOCUMENT_WORDS: Final = re.compile(
    r"^(?:с/?ф|сч|сч[её]т\w*|счф|упд|накл\w*|тн|ттн|торг|акт\w*|реализац\w*|документ\w*|док|фактур\w*|"
    r"inv|invoice\w*|bill|bills|document|doc|docs|delivery|note|rechnung\w*|rg|re|factuur|facture|ref)$",
    re.IGNORECASE,
)
ORDER_WORDS: Final = re.compile(r"^(?:заказ\w*|зак|order\w*|po|bestellung\w*|auftrag\w*)$", re.IGNORECASE)
CONTRACT_WORDS: Final = re.compile(r"^(?:дог|договор\w*|контракт\w*|соглашени\w*|contract\w*|agreement\w*|vertrag\w*)$", re.IGNORECASE)
NEUTRAL_WORDS: Final = re.compile(
    r"^(?:no|nr|n|num|number|и|and|und|от|за|по|of|for|dated|from|к|на|оплату|the|per|г|п|vom)$", re.IGNORECASE
)
HAN_WORDS: Final[tuple[tuple[str, Subject], ...]] = (
    ("合同", "contract"), ("协议", "contract"), ("订单", "order"), ("发票", "document"), ("单据", "document"), ("销售单", "document"),
    ("采购单", "document"), ("票号", "document"), ("账单", "document"), ("单号", "document"),
)  # fmt: skip
PARTIAL: Final = re.compile(
    r"предоплат|аванс|частичн|\badvance|prepay|\bpart(?:ial)? payment|on account|anzahlung|teilzahlung|预付|部分|定金", re.IGNORECASE
)
_ZEROS: Final = re.compile(r"(?<!\d)0+(?=\d)")


def number_key(text: str) -> str:
    """A number for comparing: skeleton letters, no signs, no leading zeros of its groups of digits."""
    return re.sub(r"[\W_]+", "", _ZEROS.sub("", skeleton(text)))


def named_in(purpose: str) -> Named:
    """What a purpose text names."""
    dates: set[date] = set()
    text = purpose
    for pattern, order in ((_HAN_DAY, (1, 2, 3)), (_ISO_DAY, (1, 2, 3)), (_DAY, (3, 2, 1))):
        for match in pattern.finditer(text):
            day = _day(*(match[place] for place in order))
            if day:
                dates.add(day)
        text = pattern.sub(" ", text)
    text = _AMOUNT.sub(" ", _VAT.sub(" ", text))
    return Named(tuple(_numbers(text)), frozenset(dates), PARTIAL.search(purpose) is not None)


def _numbers(text: str) -> list[NumberNamed]:
    found: list[NumberNamed] = []
    subject: Subject = ""
    spaced = _HAN.sub(lambda match: f" {match[0]} ", text.replace("№", " no ").replace("#", " no "))
    for match in _TOKEN.finditer(spaced):
        word = match[0]
        if any(sign.isdigit() for sign in word):
            if len(word) <= 40:
                found.append(NumberNamed(word, number_key(word), subject))
            continue
        subject = _subject_after(word, subject)
    return found


def _subject_after(word: str, before: Subject) -> Subject:
    """What a number after this word is, given what it would have been before the word. Of "счет-фактура" any part says it."""
    spoken: tuple[tuple[re.Pattern[str], Subject], ...] = (
        (DOCUMENT_WORDS, "document"), (ORDER_WORDS, "order"), (CONTRACT_WORDS, "contract"),
    )  # fmt: skip
    for pattern, subject in spoken:
        if pattern.match(word) or any(pattern.match(part) for part in word.split("-")):
            return subject
    for han, subject in HAN_WORDS:
        if han in word:
            return subject
    return before if NEUTRAL_WORDS.match(word) or len(word) == 1 else ""


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None


def one_sign_apart(one: str, other: str) -> bool:
    """Whether one typing error makes one of the other: a sign wrong, missing, too many, or two neighbours swapped."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    if len(one) == len(other):
        same_rest = one[start + 1 :] == other[start + 1 :]
        swapped = one[start : start + 2] == other[start : start + 2][::-1] and one[start + 2 :] == other[start + 2 :]
        return same_rest or swapped
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return longer[start + 1 :] == shorter[start:]
