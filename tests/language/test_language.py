"""Texts in three languages: complete, with the same facts, printed by the language."""

from __future__ import annotations

import ast
import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl

from setoff.core.errors import DomainError, ErrorCode, InvariantViolation
from setoff.core.money import Money
from setoff.language import (
    FOLDER,
    LANGUAGES,
    Language,
    _Catalogue,
    default_language,
    error_text,
    has_text,
    keys,
    language_of,
    mend_text,
    text,
    variables,
)

SOURCE = FOLDER.parent


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_a_text_and_a_way_to_mend_it(language: Language) -> None:
    for code in ErrorCode:
        error = DomainError(code)
        assert len(error_text(language, error)) > 5, code
        assert len(mend_text(language, error)) > 5, code


def test_every_text_stands_in_every_language() -> None:
    assert keys("en") == keys("ru") == keys("zh")


def test_a_text_speaks_of_the_same_facts_in_every_language() -> None:
    differing = {key for key in keys("en") if not variables("en", key) == variables("ru", key) == variables("zh", key)}
    assert differing == set()


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/*.ftl")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_files_are_sound(path: Path) -> None:
    resource = FluentParser().parse(path.read_text(encoding="utf-8"))
    assert [entry.content for entry in resource.body if isinstance(entry, ftl.Junk)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_can_be_printed(language: Language) -> None:
    for key in keys(language):
        assert text(language, key)


def lines_of(language: Language) -> list[str]:
    return [line for path in (FOLDER / language).glob("*.ftl") for line in path.read_text("utf-8").splitlines() if line[:1] != "#"]


def test_chinese_is_written_with_chinese_punctuation() -> None:
    """Commas, colons and brackets of the Latin script beside a Chinese character are too narrow, and look like a mistake."""
    narrow = re.compile(r"[\u3400-\u9fff][,:;?!()]|[,:;?!()][\u3400-\u9fff]")
    assert [line for line in lines_of("zh") if narrow.search(line)] == []


def test_a_count_in_english_has_a_singular() -> None:
    """"1 documents" is not English: a counted noun stands in a message with forms."""
    counted = re.compile(r"^[\w-]+ = .*\{ \$count \} \w+s\b")
    assert [line for line in lines_of("en") if counted.search(line)] == []


def test_every_area_has_a_file_in_every_language() -> None:
    areas = [{path.name for path in (FOLDER / language).glob("*.ftl")} for language in LANGUAGES]
    assert areas[0] == areas[1] == areas[2]


def refusals() -> list[tuple[str, str, set[str]]]:
    """(place, code, facts given) of every `DomainError(ErrorCode.X, ...)` in the source that lists its facts."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "DomainError"):
                continue
            code = node.args[0] if node.args else None
            if isinstance(code, ast.Attribute) and all(keyword.arg for keyword in node.keywords):
                place = f"{path.relative_to(SOURCE)}:{node.lineno}"
                found.append((place, ErrorCode[code.attr].value, {str(keyword.arg) for keyword in node.keywords}))
    return found


def test_every_refusal_gives_the_facts_that_its_text_speaks_of() -> None:
    missing = [(place, code, sorted(variables("en", code) - facts)) for place, code, facts in refusals()]
    assert [row for row in missing if row[2]] == []


def test_every_kind_that_may_be_unknown_has_a_word() -> None:
    kinds = {
        keyword.value.value
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and any(isinstance(arg, ast.Attribute) and arg.attr == "UNKNOWN_REFERENCE" for arg in node.args)
        for keyword in node.keywords
        if keyword.arg == "kind" and isinstance(keyword.value, ast.Constant)
    }
    assert len(kinds) > 20
    assert [kind for kind in sorted(kinds) if not has_text("en", f"kind-{kind.replace('_', '-')}")] == []


def test_facts_print_by_the_language() -> None:
    error = DomainError(
        ErrorCode.ALLOCATION_EXCEEDS_BALANCE, contract="Д-1", order="", target="Реализация 7",
        target_date=date(2026, 1, 8), balance=Money(123456789, "RUB"), amount=Money(200000000, "RUB"), excess=Money(76543211, "RUB"),
    )  # fmt: skip
    assert error_text("ru", error) == (
        "Указана сумма взаиморасчетов, превышающая непогашенный остаток по документу расчетов с контрагентом! "
        "Договор: Д-1, сделка —, документ расчетов: Реализация 7 от 08.01.2026; "
        "Остаток 1 234 567,89 RUB; указана сумма 2 000 000,00 RUB; превышение 765 432,11 RUB."
    ).replace("1 234 567,89 RUB", "1\xa0234\xa0567,89\xa0RUB").replace("2 000 000,00 RUB", "2\xa0000\xa0000,00\xa0RUB").replace(
        "765 432,11 RUB", "765\xa0432,11\xa0RUB"
    )
    closed = DomainError(ErrorCode.PERIOD_CLOSED, documents="7", open_from=date(2026, 3, 1))
    assert "1 Mar 2026" in error_text("en", closed)
    assert "01.03.2026" in error_text("ru", closed)
    assert "2026-03-01" in error_text("zh", closed)


def test_words_of_ours_are_translated() -> None:
    error = DomainError(ErrorCode.RELATION_MISMATCH, contract="7", relation="loan_received", kind="sale_correction")
    assert error_text("ru", error) == (
        "Документ вида «корректировка реализации» не подходит к договору 7: вид договора «займ полученный»."
    )


def test_a_number_prints_without_grouping() -> None:
    assert "12345" in text("en", "invalid_amount", value="x", currency="JPY", digits=12345)


def test_an_unknown_key_is_a_bug() -> None:
    with pytest.raises(InvariantViolation):
        text("en", "no-such-text")


@pytest.mark.parametrize(
    ("name", "language"),
    [("ru_RU.UTF-8", "ru"), ("zh-Hans", "zh"), ("en_GB", "en"), ("de_DE", "en"), ("C", "en"), (None, "en")],
)
def test_the_language_of_a_locale(name: str | None, language: str) -> None:
    assert language_of(name) == language


def test_the_chosen_language_wins_over_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ru_RU.UTF-8")
    monkeypatch.delenv("SETOFF_LANG", raising=False)
    assert default_language() == "ru"
    monkeypatch.setenv("SETOFF_LANG", "zh")
    assert default_language() == "zh"


def test_a_very_long_fact_is_cut() -> None:
    refusal = DomainError(ErrorCode.INVALID_AMOUNT, value="9" * 100_000, currency="RUB", digits=2)
    assert len(error_text("en", refusal)) < 1_000


def test_many_threads_may_ask_for_a_text_for_the_first_time() -> None:
    """As the threads of a server do after its start."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    for language in LANGUAGES:
        catalogue = _Catalogue(language)
        names = sorted(key for key in catalogue.sources if not key.startswith("-"))
        ready = threading.Barrier(8)

        def ask(_number: int, catalogue: _Catalogue = catalogue, names: list[str] = names, ready: threading.Barrier = ready) -> int:
            ready.wait()
            return sum(len(catalogue.text(name, "", {})) for name in names)

        with ThreadPoolExecutor(8) as threads:
            assert len(set(threads.map(ask, range(8)))) == 1
    sys.setswitchinterval(before)
