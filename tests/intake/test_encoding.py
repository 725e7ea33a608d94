"""Files of four encodings, long and short, are recognised; what is none of them is refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from setoff.core.errors import DomainError, ErrorCode
from setoff.intake.encoding import encoding_of, recognise_encoding
from setoff.intake.source import source_of

RUSSIAN = [
    "Дата;Номер;Контрагент;Сумма",
    "ДАТА;СУММА",
    "Дата",
    "номер",
    "ООО «Ромашка»;Счёт № 15;1 234,56",
    "01.02.2026;Оплата по счёту № 7 от 15.01.2026, в т.ч. НДС 20%;ЗАО ЛУЧ",
    "ИП Ёлкин",
    "Поступление товаров и услуг. Задолженность покупателей и заказчиков погашается по договорам, как указал плательщик." * 50,
]
CHINESE = [
    "日期,编号,客户,金额",
    "日期",
    "客户名称",
    "北京大学出版社有限公司",
    "2026-02-01,货款,上海贸易有限公司,¥1234.56",
    "应收账款,预收账款,应付账款",
    "增值税专用发票。购买方:广州市花都区服装厂(一般纳税人)",
    "往来结算是指单位之间因商品交易、劳务供应等而发生的债权债务关系的结算。客户付款后按发票核销。" * 50,
]


@pytest.mark.parametrize("text", RUSSIAN)
def test_russian_in_cp1251(text: str) -> None:
    assert encoding_of(text.encode("cp1251")) == "cp1251"


@pytest.mark.parametrize("text", CHINESE)
def test_chinese_in_gb18030(text: str) -> None:
    assert encoding_of(text.encode("gb18030")) == "gb18030"


@pytest.mark.parametrize("text", [*RUSSIAN, *CHINESE, "plain ASCII"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
def test_unicode_is_certain(text: str, codec: str, ending: str, tmp_path: Path) -> None:
    content = (text + "\r\nsecond 2\r\n").encode(codec)
    path = tmp_path / f"file{ending}"
    path.write_bytes(gzip.compress(content) if ending.endswith("gz") else content)
    assert b"".join(source_of(path).lines()).decode() == text + "\r\nsecond 2\r\n"


@pytest.mark.parametrize("text", ["Müller;Zürich", "café\nnaïve", "Señor"])
def test_western_text_is_refused(text: str) -> None:
    with pytest.raises(DomainError) as refusal:
        encoding_of(text.encode("cp1252"), "w.csv")
    assert refusal.value.code is ErrorCode.ENCODING_UNKNOWN
    assert refusal.value.facts["file"] == "w.csv"


def test_letters_may_come_late() -> None:
    """A long ASCII head proves nothing."""
    chunks = [b"1;2;3\n" * 100_000] * 3 + ["4;Оплата поставщику;5\n".encode("cp1251")]
    assert recognise_encoding(chunks, "late.csv") == "cp1251"


def test_a_letter_may_lie_between_two_chunks() -> None:
    content = "a;номер\nb;сумма договора\n".encode()
    for cut in range(1, len(content)):
        assert recognise_encoding([content[:cut], content[cut:]], "cut.csv") == "utf-8-sig"


def test_a_named_encoding_is_taken_as_named(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes("Müller".encode("cp1252"))
    assert list(source_of(path, "cp1252").lines()) == ["Müller".encode()]
    with pytest.raises(DomainError) as refusal:
        source_of(path, "klingon")
    assert refusal.value.code is ErrorCode.ENCODING_UNKNOWN


@pytest.mark.parametrize("name", ["missing.csv", "letter.docx", "folder.csv", "noending"])
def test_what_is_no_file_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "letter.docx").write_text("x")
    (tmp_path / "noending").write_text("x")
    with pytest.raises(DomainError) as refusal:
        source_of(tmp_path / name)
    assert refusal.value.code is ErrorCode.FILE_UNREADABLE


def test_a_broken_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.csv.gz"
    path.write_bytes(gzip.compress(b"a;b\n" * 1000)[:-20])
    with pytest.raises(DomainError) as refusal:
        list(source_of(path).lines())
    assert refusal.value.code is ErrorCode.FILE_UNREADABLE
