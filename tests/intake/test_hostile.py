"""Files made to harm: archives that unpack to more than a machine has, XML that reads other files or grows without end."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from setoff.core.cells import safe_cell
from setoff.core.errors import DomainError, ErrorCode
from setoff.intake import packed
from setoff.intake.source import source_of
from setoff.intake.table import TableShape, table_rows
from setoff.intake.xml import read_xml

SOURCE = Path(__file__).parent.parent.parent / "src" / "setoff"
ENTITIES = "<!DOCTYPE b [<!ENTITY a 'aaaaaaaaaa'><!ENTITY c '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;'>]>"


def book(path: Path) -> Path:
    with xlsxwriter.Workbook(str(path)) as made:
        made.add_worksheet().write_row(0, 0, ["no", "sum"])
        made.worksheets()[0].write_row(1, 0, ["1", "2.5"])
    return path


def rows(path: Path) -> list[dict[str, str]]:
    return [row.cells for row in table_rows(source_of(path), TableShape(), lambda fault: pytest.fail(str(fault)))]


def with_member(path: Path, name: str, content: bytes, lied_size: int | None = None) -> Path:
    """The archive with a member replaced; `lied_size`: what the archive says of its size."""
    out = path.with_name(f"changed-{path.name}")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            new.writestr(member, content if member == name else old.read(member))
        if name not in old.namelist():
            new.writestr(name, content)
    if lied_size is not None:
        raw = out.read_bytes()
        out.write_bytes(raw.replace(len(content).to_bytes(4, "little"), lied_size.to_bytes(4, "little")))
    return out


def refused(path: Path) -> str:
    with pytest.raises(DomainError) as refusal:
        rows(path)
    assert refusal.value.code is ErrorCode.FILE_UNREADABLE
    return str(refusal.value.facts["reason"])


def test_a_plain_spreadsheet_is_read(tmp_path: Path) -> None:
    assert rows(book(tmp_path / "book.xlsx")) == [{"no": "1", "sum": "2.5"}]


@pytest.mark.parametrize("lied_size", [None, 10])
def test_a_spreadsheet_that_unpacks_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lied_size: int | None) -> None:
    monkeypatch.setattr(packed, "UNPACKED_BYTES_MAX", 1 << 22)
    bomb = with_member(book(tmp_path / "book.xlsx"), "xl/sharedStrings.xml", b"<sst>" + b" " * (1 << 23) + b"</sst>", lied_size)
    assert bomb.stat().st_size < 1 << 16
    assert refused(bomb)


def test_a_spreadsheet_of_too_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "MEMBERS_MAX", 5)
    assert re.fullmatch(r"\d+ > 5", refused(book(tmp_path / "book.xlsx")))


def test_what_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04 and nothing more")
    assert refused(tmp_path / "book.xlsx")


def test_entities_of_a_spreadsheet_do_not_grow(tmp_path: Path) -> None:
    sheet = f"<?xml version='1.0'?>{ENTITIES}<worksheet><sheetData><row r='1'><c r='A1' t='inlineStr'><is><t>&d;</t></is></c></row>"
    path = with_member(book(tmp_path / "book.xlsx"), "xl/worksheets/sheet1.xml", (sheet + "</sheetData></worksheet>").encode())
    assert "aaaaa" not in refused(path)


@pytest.mark.parametrize(
    "content",
    [
        ENTITIES + "<b>&d;</b>",
        "<!DOCTYPE b [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><b>&x;</b>",
        "<!DOCTYPE b [<!ENTITY x SYSTEM 'http://127.0.0.1:1/'>]><b>&x;</b>",
        "<!DOCTYPE b [<!ENTITY % x SYSTEM 'file:///etc/hostname'> %x;]><b/>",
        "<!DOCTYPE b SYSTEM 'file:///etc/hostname'><b/>",
        "<!DOCTYPE b><b/>",
        "<b>&nbsp;</b>",
        "<b xmlns:xi='http://www.w3.org/2001/XInclude'><xi:include href='/etc/hostname'",
    ],
)
def test_xml_reads_nothing_but_itself(content: str) -> None:
    with pytest.raises(DomainError) as refusal:
        read_xml(content.encode(), "statement.xml")
    assert refusal.value.code is ErrorCode.FILE_UNREADABLE


def test_an_include_is_not_followed() -> None:
    root = read_xml(b"<b xmlns:xi='http://www.w3.org/2001/XInclude'><xi:include href='/etc/hostname' parse='text'/></b>", "b.xml")
    assert not "".join(root.itertext()).strip()


def test_there_is_one_reader_of_xml() -> None:
    """Another would have to be made safe again."""
    readers = re.compile(r"\b(?:xml\.(?:etree|dom|sax)|minidom|expat|lxml|etree|BeautifulSoup)\b")
    found = {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py") if readers.search(path.read_text(encoding="utf-8"))}
    writers = {name for name in found if not re.search(r"fromstring|XMLParser|iterparse|\.parse\(", (SOURCE / name).read_text("utf-8"))}
    assert found - writers == {"intake/xml.py"}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_text_is_never_a_formula(start: str) -> None:
    assert safe_cell(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"
    assert safe_cell("ООО «Вега» = Вега") == "ООО «Вега» = Вега"


def test_every_table_that_is_written_keeps_texts_texts() -> None:
    """Whoever writes CSV passes its texts through `safe_cell`; spreadsheets are written in one place."""
    csv_writers, books = set(), set()
    for path in SOURCE.rglob("*.py"):
        content = path.read_text(encoding="utf-8")
        name = path.relative_to(SOURCE).as_posix()
        if "csv.writer(" in content or "DictWriter(" in content:
            csv_writers.add(name)
            assert "safe_cell(" in content, name
        if re.search(r"\bxlsxwriter\b", content):
            books.add(name)
            assert '"strings_to_formulas": False' in content, name
    assert "reports/files.py" in csv_writers and books == {"reports/files.py"}
