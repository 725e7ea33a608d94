"""Print: every glyph is in our fonts, a name commands nothing, the same report gives the same bytes, wide tables find room."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any, NamedTuple

import pypdf
import pytest
import typst

from setoff.books.scope import Scope
from setoff.core.errors import DomainError
from setoff.language import LANGUAGES, Language, keys, text
from setoff.reports import pdf
from setoff.reports.pdf import Measure, render_pdf
from setoff.reports.registry import REPORTS
from setoff.reports.report import Column, Question, Report, Section
from setoff.reports.typesetting import FONTS, TEMPLATES, printable, typeset

DAY = date(2026, 3, 31)
VEGA = {"counterparty": "VEGA"}
OPTIONS = {"account-analysis": {"account": "62"}, "card": VEGA, "reconciliation-act": VEGA, "payment-habits": VEGA,
           "consolidation": {"organization": "ROMASHKA"}}  # fmt: skip
HOSTILE = '#panic("x") $x$ *bold* _it_ `raw` @ref <label> \\ // /* "quoted" #{1+1} #sys.inputs ] [ ) ( {'


class OneCell(NamedTuple):
    counterparty: str


def pages_of(made: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(BytesIO(made)).pages]


def words(said: str) -> str:
    """Without spaces and line ends: where a line breaks is not what is tested."""
    return "".join(said.split())


def one_column(*values: str) -> Report:
    question = Question(as_of=DAY, scope=Scope(units=(1,)))
    return Report("statement", question, [Column("counterparty")], [Section([OneCell(value) for value in values])])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_report_in_every_language(report: Any, language: Language) -> None:
    for name in REPORTS:
        pages = pages_of(render_pdf(report(name, language=language, **OPTIONS.get(name, {})), language, printed=DAY))
        assert words(text(language, f"report-{name}")) in words(pages[0]), name
        assert words("ООО «Ромашка»") in words(pages[0]), name
        for number, page in enumerate(pages, 1):
            assert words(text(language, "print-page", page=str(number), pages=str(len(pages)))) in words(page), name
            assert words(text(language, "print-made", day=DAY)) in words(page), name


def test_what_is_asked_and_the_figures_stand_in_it(report: Any) -> None:
    (page,) = pages_of(render_pdf(report("statement", counterparty="VEGA", language="ru"), "ru", printed=DAY))
    assert words("Контрагент: VEGA") in words(page)
    assert words("1 800,00") in words(page) and words("2 000,00") in words(page)


def test_the_same_report_gives_the_same_bytes(report: Any) -> None:
    found = report("ageing")
    assert render_pdf(found, "zh", printed=DAY) == render_pdf(found, "zh", printed=DAY)
    assert render_pdf(found, "zh", printed=DAY) != render_pdf(found, "zh", printed=date(2026, 4, 1))


def test_only_our_fonts_are_used_and_they_are_embedded(report: Any) -> None:
    for page in pypdf.PdfReader(BytesIO(render_pdf(report("statement", language="zh"), "zh", printed=DAY))).pages:
        for font in page["/Resources"]["/Font"].values():
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            assert "NotoSansCJKsc" in descendant["/BaseFont"]
            assert "/FontFile3" in descendant["/FontDescriptor"]


def strict(letters: str, weight: str) -> None:
    """PDF/A refuses a character that its font does not have."""
    source = b'#set text(font: "Noto Sans CJK SC", weight: sys.inputs.weight, fallback: true)\n#sys.inputs.letters'
    inputs = {"letters": letters, "weight": weight}
    typst.Compiler(source, font_paths=[FONTS], ignore_system_fonts=True, sys_inputs=inputs).compile(format="pdf", pdf_standards="a-2b")


@pytest.mark.parametrize("weight", ["regular", "bold"])
def test_our_fonts_have_every_letter_of_our_texts_and_of_names(weight: str) -> None:
    of_ours = {mark for language in LANGUAGES for key in keys(language) for mark in text(language, key)}
    of_gb2312 = {mark for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF) for mark in bytes([row, cell]).decode("gb2312", "ignore")}
    cyrillic = {chr(code) for code in range(0x401, 0x452)} - {"\u0402", "\u0403", "\u040d", "\u0450"}
    rare_in_names = set("堃喆镕珺赟頔昇甯滢㛃")
    latin = {chr(code) for code in (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x17F))}
    strict("".join(sorted((of_ours | of_gb2312 | cyrillic | rare_in_names | latin | set("№₽¥€£«»“”„—–…")) - {"\n"})), weight)


def test_a_letter_that_no_font_has_is_found_by_that_test() -> None:
    with pytest.raises(typst.TypstError):
        strict("\N{GRINNING FACE}", "regular")


def test_a_name_is_never_source() -> None:
    (page,) = pages_of(render_pdf(one_column(HOSTILE), "en", printed=DAY))
    assert words(HOSTILE) in words(page)


def test_what_prints_nothing_is_left_out() -> None:
    assert printable({"a": ["x\u202ey\x00z\nw\u200b", 7, None]}) == {"a": ["xyz w", 7, None]}
    assert printable("1\N{NO-BREAK SPACE}000") == "1\N{NO-BREAK SPACE}000"
    typeset("report", {**EMPTY, "title": "\ud800\x07"}, "en", printed=DAY)


EMPTY = {
    "title": "", "organization": "", "asked": [], "empty": "", "sections": [], "running": "", "made": "", "page": "{page} {pages}",
    "format": "a4", "landscape": False, "size_tenths": 90,
}  # fmt: skip


def test_heads_repeat_and_a_report_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = one_column(*(f"name {number}" for number in range(120)))
    pages = pages_of(render_pdf(found, "en", printed=DAY))
    assert len(pages) == 3
    assert all(text("en", "column-counterparty") in page for page in pages)
    assert words("name 119") in words(pages[-1])
    monkeypatch.setattr(pdf, "ROWS_MAX", 119)
    with pytest.raises(DomainError) as refused:
        render_pdf(found, "en", printed=DAY)
    assert refused.value.code.value == "report_too_long"


@pytest.mark.parametrize(
    ("columns", "wish", "sheet"),
    [(4, 1000, ("a4", False, 90)), (5, 1100, ("a4", False, 80)), (9, 800, ("a4", True, 90)), (14, 950, ("a3", True, 75)),
     (99, 1000, ("a3", True, 60))],
)  # fmt: skip
def test_a_wide_table_finds_its_sheet(columns: int, wish: int, sheet: tuple[str, bool, int]) -> None:
    assert pdf._sheet([[Measure(wish, wish, True)] * columns])[:3] == sheet


def test_no_template_asks_for_a_package_or_the_network() -> None:
    for template in TEMPLATES.glob("*.typ"):
        assert "@" not in template.read_text(encoding="utf-8")


def test_the_command_writes_it(report: Any, tmp_path: Any, capfdbinary: Any) -> None:
    from setoff.cli import run

    report("statement")
    assert run(["report", "ageing", "--as-of", "2025-03-31", "--format", "pdf", "--out", str(tmp_path / "a.pdf")]) == 0
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-1.7")
