"""What a file is, by its content; what is not taken."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from xlsxwriter import Workbook

from setoff.attachments import contents
from setoff.attachments.contents import inspect, plain_name
from setoff.core.errors import DomainError, ErrorCode


def archive(**files: bytes) -> bytes:
    output = BytesIO()
    with ZipFile(output, "w", ZIP_DEFLATED) as written:
        for name, content in files.items():
            written.writestr(name.replace("__", "/").replace("--", "."), content)
    return output.getvalue()


def workbook() -> bytes:
    output = BytesIO()
    book = Workbook(output, {"in_memory": True})
    book.add_worksheet().write(0, 0, 1)
    book.close()
    return output.getvalue()


TAKEN = [
    (b"%PDF-1.7\n%...", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n....", "image/png"),
    (b"\xff\xd8\xff\xe0....", "image/jpeg"),
    (b"RIFF....WEBPVP8 ", "image/webp"),
    (workbook(), contents.OFFICE + "spreadsheetml.sheet"),
    ("Счёт № 17 от 05.01.2026".encode(), "text/plain"),
    ("Счёт № 17 от 05.01.2026".encode("cp1251"), "text/plain"),
    ("往来对账单，金额 100".encode("gb18030"), "text/plain"),
    ("a;b\r\n1;2\r\n".encode("utf-16"), "text/plain"),
    (b"<?xml version='1.0'?><Document><Amt>1</Amt></Document>", "application/xml"),
    (b"\x30\x82\x01\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0", "application/pkcs7-signature"),
]
REFUSED = [
    b"MZ\x90\x00\x03\x00\x00\x00",
    b"\x7fELF\x02\x01\x01\x00",
    b"<!DOCTYPE html><html><script>alert(1)</script></html>",
    b"hello <ScRiPt>alert(1)</script>",
    b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "<script>alert(1)</script>".encode("utf-16"),
    b"#!/bin/sh\nrm -rf /\n",
    b"plain\x00binary",
    archive(**{"evil--exe": b"MZ"}),
    archive(**{"[Content_Types]--xml": b"<Types/>", "xl__workbook--xml": b"<workbook/>", "xl__vbaProject--bin": b"macro"}),
    archive(mimetype=b"application/epub+zip"),
    b"PK\x03\x04broken",
]


@pytest.mark.parametrize(("content", "media_type"), TAKEN)
def test_papers_pictures_tables_and_texts_are_taken(content: bytes, media_type: str) -> None:
    assert inspect("paper.exe", content).media_type == media_type


@pytest.mark.parametrize("content", REFUSED)
def test_what_could_be_run_is_not(content: bytes) -> None:
    with pytest.raises(DomainError) as refusal:
        inspect("invoice.pdf", content)
    assert refusal.value.code == ErrorCode.ATTACHMENT_TYPE_REFUSED


def test_an_archive_that_unpacks_to_too_much_is_not_taken() -> None:
    bomb = archive(**{"[Content_Types]--xml": b"<Types/>", "xl__workbook--xml": b"0" * (contents.UNPACKED_MAX // 50)})
    assert contents.media_type_of(bomb) is not None
    large = ZipFile(BytesIO(bomb)).infolist()[1]
    assert large.file_size * 60 > contents.UNPACKED_MAX
    many = archive(**{"[Content_Types]--xml": b"", "xl__workbook--xml": b"", **{f"part{n}": b"" for n in range(contents.ENTRIES_MAX)}})
    assert contents.media_type_of(many) is None


def test_a_large_or_empty_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "SIZE_MAX", 10)
    for content, code in ((b"%PDF-1.7 long", ErrorCode.ATTACHMENT_TOO_LARGE), (b"", ErrorCode.FIELD_MISSING)):
        with pytest.raises(DomainError) as refusal:
            inspect("a.pdf", content)
        assert refusal.value.code == code


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("..\\..\\windows\\акт.pdf", "акт.pdf"),
        ("/etc/passwd", "passwd"),
        ("a\x00b\r\nc\u202efdp.exe", "abcfdp.exe"),
        ("  two   words.txt ", "two words.txt"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_names_lose_folders_and_hidden_signs(name: str, plain: str) -> None:
    assert plain_name(name) == plain


@pytest.mark.parametrize("name", ["", "..", "a/", "\x00"])
def test_a_file_needs_a_name(name: str) -> None:
    with pytest.raises(DomainError):
        plain_name(name)
