"""Which encoding a file is in: UTF-8, UTF-16, CP1251 or GB18030.

Certain signs first (a byte order mark, zero bytes, strict UTF-8). What is left is Russian in CP1251 or Chinese in GB18030:
many byte strings are legal in both, so the one under which the text is likelier wins. Likelihood is per letter:
Russian by letter frequency, Chinese by the level-1 characters of GB 2312, which make up over 99 % of running text.
A sample in which letters of neither stand sensibly (accents inside Latin words) is refused: encoding_unknown.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from math import log
from typing import Final

from setoff.core.errors import DomainError, ErrorCode

SAMPLE_BYTES: Final = 1 << 16
ENCODINGS: Final = ("utf-8", "utf-16", "cp1251", "gb18030")

_LETTER_PER_MILLE: Final = dict(zip(
    "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
    (110, 85, 80, 74, 67, 63, 55, 47, 45, 44, 35, 32, 30, 28, 26, 20, 19, 17, 17, 17, 16, 14, 12, 10, 9, 7, 6, 5, 4, 3, 3, 1,
     1),
    strict=True,
))
_SIGNS: Final = "№«»—–…“”\xa0"
_RUSSIAN: Final = {
    **{letter: log(share / 1000) for letter, share in _LETTER_PER_MILLE.items()},
    **{letter.upper(): log(share / 8000) for letter, share in _LETTER_PER_MILLE.items()},
    **{sign: log(0.002) for sign in _SIGNS},
}
_RUSSIAN_OTHER: Final = log(0.00002)
_CHINESE_COMMON: Final = log(0.92 / 3755)
_CHINESE_SIGN: Final = log(0.06 / 300)
_CHINESE_RARE: Final = log(0.02 / 20000)
_LATIN_INSIDE: Final = re.compile(rb"[A-Za-z][\x80-\xff]{1,2}[a-z]")
_ASCII_SIGNS: Final = frozenset(b"\n\r\t,;|")
_HIGH_RUN: Final = re.compile(rb"[\x80-\xff]+")


def recognise_encoding(chunks: Iterable[bytes], file: str) -> str:
    """The codec of a file given as chunks: "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251" or "gb18030". Reads on
    until it has seen `SAMPLE_BYTES` of lines with bytes outside ASCII. Errors: encoding_unknown."""
    sample, rest = b"", b""
    for number, chunk in enumerate(chunks):
        if number == 0 and (codec := _certain(chunk)):
            return codec
        if chunk.isascii() and rest.isascii():
            rest = chunk[chunk.rfind(b"\n") + 1:]
            continue
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        sample += b"\n".join(line for line in lines if not line.isascii()) + b"\n"
        if len(sample) > SAMPLE_BYTES:
            break
    else:
        sample += rest
    return encoding_of(sample, file)


def encoding_of(sample: bytes, file: str = "") -> str:
    """The codec of a sample without a byte order mark, made of whole lines. Errors: encoding_unknown."""
    if sample.isascii() or _decodes(sample, "utf-8"):
        return "utf-8-sig"
    if not _LATIN_INSIDE.search(sample):
        ways = {"gb18030": _chinese_score, "cp1251": _russian_score}
        scores = {codec: score(sample) for codec, score in ways.items() if _decodes(sample, codec)}
        if scores:
            return max(scores, key=lambda codec: scores[codec])
    raise DomainError(ErrorCode.ENCODING_UNKNOWN, file=file, encodings=", ".join(ENCODINGS))


def _certain(head: bytes) -> str | None:
    """What a byte order mark or zero bytes prove. In UTF-16 every ASCII letter has a zero byte, always on the same side;
    delimiters and line ends tell it first, because Chinese letters may have a zero on the other (U+4E00, U+3000)."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if b"\0" not in head:
        return None
    even, odd = head[0::2], head[1::2]
    little = sum(high == 0 and low in _ASCII_SIGNS for low, high in zip(even, odd, strict=False))
    big = sum(high == 0 and low in _ASCII_SIGNS for high, low in zip(even, odd, strict=False))
    if little == big:
        little, big = odd.count(0), even.count(0)
    if little == big:
        return None
    return "utf-16-le" if little > big else "utf-16-be"


def _decodes(sample: bytes, codec: str) -> bool:
    try:
        sample.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _russian_score(sample: bytes) -> float:
    text = b"".join(_HIGH_RUN.findall(sample)).decode("cp1251")
    return sum(_RUSSIAN.get(letter, _RUSSIAN_OTHER) for letter in text)


def _chinese_score(sample: bytes) -> float:
    return sum(_chinese_likelihood(letter) for letter in sample.decode("gb18030") if not letter.isascii())


def _chinese_likelihood(letter: str) -> float:
    code = letter.encode("gb18030")
    if len(code) != 2 or code[1] < 0xA1:
        return _CHINESE_RARE
    if 0xB0 <= code[0] <= 0xD7:
        return _CHINESE_COMMON
    return _CHINESE_SIGN if 0xA1 <= code[0] <= 0xA9 else _CHINESE_RARE
