"""What a file is, by its content: the name it came with is not believed.

Papers, pictures, spreadsheets, texts and signatures are taken; what a browser or a computer could run is not. Pure.
Errors: attachment_type_refused, attachment_too_large, field_missing.
"""

from __future__ import annotations

import re
import unicodedata
from io import BytesIO
from typing import Final, NamedTuple
from zipfile import BadZipFile, ZipFile

from setoff.core.errors import DomainError, ErrorCode

MEBIBYTE: Final = 1 << 20
SIZE_MAX: Final = 20 * MEBIBYTE
NAME_MAX: Final = 200
ENTRIES_MAX: Final = 10_000
UNPACKED_MAX: Final = 500 * MEBIBYTE
OFFICE: Final = "application/vnd.openxmlformats-officedocument."
OPEN_DOCUMENT: Final = "application/vnd.oasis.opendocument."
MARKUP: Final = re.compile(rb"<(!doctype\s+html|html|head|body|script|svg|iframe|object|embed|\?xml-stylesheet)\b", re.IGNORECASE)
DANGEROUS: Final = re.compile(rb"#!|@echo off|<\?php", re.IGNORECASE)


class Signature(NamedTuple):
    start: bytes
    media_type: str


SIGNATURES: Final = (
    Signature(b"%PDF-", "application/pdf"),
    Signature(b"\x89PNG\r\n\x1a\n", "image/png"),
    Signature(b"\xff\xd8\xff", "image/jpeg"),
    Signature(b"GIF87a", "image/gif"),
    Signature(b"GIF89a", "image/gif"),
    Signature(b"II*\x00", "image/tiff"),
    Signature(b"MM\x00*", "image/tiff"),
    Signature(b"{\\rtf", "application/rtf"),
    Signature(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)


class Inspected(NamedTuple):
    """A file that may be kept: its name without folders and signs that nobody sees, and its type."""

    name: str
    media_type: str


def inspect(name: str, content: bytes) -> Inspected:
    """Errors: as of the module."""
    plain = plain_name(name)
    if not content:
        raise DomainError(ErrorCode.FIELD_MISSING, field="content")
    if len(content) > SIZE_MAX:
        raise DomainError(ErrorCode.ATTACHMENT_TOO_LARGE, name=plain, limit=SIZE_MAX // MEBIBYTE)
    media_type = media_type_of(content)
    if media_type is None:
        raise DomainError(ErrorCode.ATTACHMENT_TYPE_REFUSED, name=plain)
    return Inspected(plain, media_type)


def plain_name(name: str) -> str:
    """Errors: field_missing."""
    last = re.split(r"[\\/]", name)[-1]
    seen = "".join(sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    seen = " ".join(seen.split())
    if not seen.strip("."):
        raise DomainError(ErrorCode.FIELD_MISSING, field="name")
    stem, point, ending = seen.rpartition(".")
    if len(seen) <= NAME_MAX:
        return seen
    return f"{stem[: NAME_MAX - len(ending) - 1]}.{ending}" if point and len(ending) < 20 else seen[:NAME_MAX]


def media_type_of(content: bytes) -> str | None:
    """None for what is not taken."""
    for signature in SIGNATURES:
        if content.startswith(signature.start):
            return signature.media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1"):
        return "image/heic"
    if content.startswith(b"PK\x03\x04"):
        return _of_archive(content)
    if content.startswith(b"\x30\x82") and b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" in content[:64]:
        return "application/pkcs7-signature"
    return _of_text(content)


def _of_archive(content: bytes) -> str | None:
    """Office files are archives with a known inside; other archives hide what they hold."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > ENTRIES_MAX or sum(entry.file_size for entry in entries) > UNPACKED_MAX:
                return None
            names = {entry.filename for entry in entries}
            if any(name.endswith("vbaProject.bin") for name in names):
                return None
            if "[Content_Types].xml" in names:
                inside = {"xl/workbook.xml": "spreadsheetml.sheet", "word/document.xml": "wordprocessingml.document"}
                return next((OFFICE + kind for part, kind in inside.items() if part in names), None)
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                told = archive.read("mimetype").decode("ascii", "replace")
                return told if told in (OPEN_DOCUMENT + "spreadsheet", OPEN_DOCUMENT + "text") else None
    except (BadZipFile, EOFError, KeyError, NotImplementedError, RuntimeError, ValueError):
        return None
    return None


def _of_text(content: bytes) -> str | None:
    """Texts, tables and letters: no sign that is not written, no markup that a browser runs."""
    head = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    if MARKUP.search(content) or DANGEROUS.match(head):
        return None
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1251", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if MARKUP.search(text.encode()) or any(sign < " " and sign not in "\t\r\n\f" for sign in text):
            return None
        return "application/xml" if text.lstrip("\ufeff \t\r\n").startswith("<?xml") else "text/plain"
    return None
