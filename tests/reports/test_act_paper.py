"""An act on paper: the partner's language, both halves, amounts in words, no name is source."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pypdf
import pytest
from django.core import mail
from django.test import override_settings

from setoff.cli import run
from setoff.language import LANGUAGES, Language
from setoff.reports.act_paper import act_report, render_act
from setoff.reports.in_words import amount_in_words
from setoff.reports.letters import KEEPS_FILES
from setoff.settlements.act_queries import Act, act_of
from setoff.settlements.acts import NewAct, Signature, create_act, import_theirs, set_act_state
from setoff.settlements.reconciliation import SideLine
from setoff.site import database
from tests.reports.story import ACTOR, tell

DAY = date(2025, 4, 1)


@pytest.fixture
def act(db: psycopg.Connection[Any]) -> Act:
    tell(db)
    return create_act(db, NewAct("MSK", "VEGA", date(2025, 3, 31), first_day=date(2025, 2, 1)), ACTOR)


@pytest.fixture
def both(db: psycopg.Connection[Any], act: Act) -> Act:
    lines = [
        SideLine(date(2025, 2, 5), "Поступление № S-2", 0, 650_00), SideLine(date(2025, 2, 15), "77", 1_000_00, 0),
        SideLine(date(2025, 3, 30), '#panic("x")', 0, 1_00),
    ]  # fmt: skip
    return import_theirs(db, act.id, lines, ACTOR)


def read(made: bytes) -> str:
    """Without spaces: where a line breaks is not what is tested."""
    return "".join("".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(made)).pages).split())


def stands(said: str, made: bytes) -> bool:
    return "".join(said.split()) in read(made)


def test_the_classic_act(act: Act) -> None:
    made = render_act(act, printed=DAY)
    assert act.language == "ru"
    assert stands("Акт сверки взаимных расчётов", made)
    assert stands("между ООО «Ромашка», ИНН 7707083893, и ООО «Вега», ИНН", made)
    assert stands("По данным ООО «Вега», RUB", made)
    assert stands("задолженность ООО «Ромашка» в пользу ООО «Вега» составляет 200,00 RUB (Двести рублей 00 копеек)", made)
    assert stands("Сальдо начальное 700,00", made)
    assert not stands("Расхождения", made)


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ["Statement of account", "Opening balance 700.00", "owes ООО «Вега» 200.00 RUB (Two hundred Russian rubles 00/100)"]),
        ("zh", ["往来对账函", "致：ООО «Вега»", "大写：俄罗斯卢布贰佰元整", "数据核对无误", "（盖章）"]),
    ],
)
def test_as_a_letter(act: Act, language: Language, texts: list[str]) -> None:
    made = render_act(act, printed=DAY, language=language)
    assert [said for said in texts if not stands(said, made)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_sides_and_what_differs(both: Act, language: Language) -> None:
    made = render_act(both, printed=DAY, language=language)
    assert stands('#panic("x")', made)
    assert made == render_act(both, printed=DAY, language=language)
    if language == "en":
        assert stands("5 Feb 2025 Sale S-2: amounts differ, -50.00 RUB", made)
        assert stands('30 Mar 2025 #panic("x"): only theirs, -1.00 RUB', made)
        assert stands("12 Mar 2025 Payment from customer P-4: only ours, -500.00 RUB", made)


def test_a_wide_act_is_turned(db: psycopg.Connection[Any], act: Act) -> None:
    wide = act._replace(our_lines=[line._replace(debit=10**17, credit=10**17) for line in act.our_lines])
    for found, turned in ((act, False), (wide, True)):
        box = pypdf.PdfReader(BytesIO(render_act(found, printed=DAY))).pages[0].mediabox
        assert (box.width > box.height) == turned


def test_the_screen_shows_the_same(both: Act) -> None:
    (section,) = act_report(both).sections
    assert [row.mark for row in section.rows] == ["differs", "", "ours-only", "theirs-only"]
    assert section.totals[-1].row.difference == both.difference == -551_00


@pytest.mark.parametrize(
    ("amount", "currency", "language", "words"),
    [
        (0, "RUB", "ru", "Ноль рублей 00 копеек"),
        (1_01, "RUB", "ru", "Один рубль 01 копейка"),
        (2_002_22, "RUB", "ru", "Две тысячи два рубля 22 копейки"),
        (112_11, "RUB", "ru", "Сто двенадцать рублей 11 копеек"),
        (21_50, "CNY", "ru", "Двадцать один китайский юань 50/100"),
        (1, "JPY", "ru", "Одна японская иена"),
        (22, "JPY", "ru", "Двадцать две японские иены"),
        (1_234_567_05, "EUR", "en", "One million two hundred and thirty-four thousand five hundred and sixty-seven euros 05/100"),
        (0, "CNY", "zh", "人民币零元整"),
        (5, "CNY", "zh", "人民币伍分"),
        (50, "CNY", "zh", "人民币伍角整"),
        (1_05, "CNY", "zh", "人民币壹元零伍分"),
        (10_50, "CNY", "zh", "人民币壹拾元伍角整"),
        (1_409_50, "CNY", "zh", "人民币壹仟肆佰零玖元伍角整"),
        (6_007_14, "CNY", "zh", "人民币陆仟零柒元壹角肆分"),
        (107_000_53, "CNY", "zh", "人民币壹拾万零柒仟元伍角叁分"),
        (1_680_32, "CNY", "zh", "人民币壹仟陆佰捌拾元叁角贰分"),
        (100_000_001_00, "CNY", "zh", "人民币壹亿零壹元整"),
        (325_04, "USD", "zh", "美元叁佰贰拾伍元零肆分"),
        (5_001, "KWD", "zh", "科威特第纳尔伍元又001/1000"),
    ],
)
def test_amounts_in_words(amount: int, currency: str, language: Language, words: str) -> None:
    assert amount_in_words(amount, currency, language) == words


def test_the_command(db: psycopg.Connection[Any], act: Act, tmp_path: Any, capfd: pytest.CaptureFixture[str]) -> None:
    theirs = tmp_path / "theirs.csv"
    theirs.write_text("date;number;debit;credit\n2025-02-05;S-2;;600\n", encoding="utf-8")
    new = ["act", "new", "--unit", "MSK", "--counterparty", "VEGA", "--from", "2025-02-01", "--as-of", "2025-03-31"]
    assert run(new) == 0
    number = str(act.id + 1)
    assert run(["act", "theirs", number, str(theirs)]) == 0
    assert "difference -1,500.00" in capfd.readouterr().out.replace("\xa0", " ")
    assert run(["act", "fill", number]) == 0
    agreed = ["act", "state", number, "agreed", "--signed-by", "B. Petrova", "--signed-on", "2025-04-05"]
    assert run(agreed) == 1
    assert "act_differs" in capfd.readouterr().err
    assert run([*agreed, "--difference=-1500.00"]) == 0
    assert act_of(db, act.id + 1).signed_on == date(2025, 4, 5)
    assert run(["act", "show", number]) == 0
    assert "Signed by B. Petrova on 5 Apr 2025." in capfd.readouterr().out
    assert run(["act", "show", number, "--format", "pdf", "--out", str(tmp_path / "act.pdf")]) == 0
    assert stands("ООО «Вега»", (tmp_path / "act.pdf").read_bytes())
    assert run(["act", "list", "--state", "agreed"]) == 0
    assert "agreed" in capfd.readouterr().out
    assert run(["act", "state", number, "lost"]) == 1
    assert "invalid_value" in capfd.readouterr().err


def test_the_command_sends_it(db: psycopg.Connection[Any], act: Act, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Without a mail server the letter is kept, and the act is not sent."""
    database.setup_django()
    with override_settings(EMAIL_BACKEND=KEEPS_FILES, EMAIL_FILE_PATH=tmp_path):
        assert run(["act", "send", str(act.id), "--to", "petrova@vega.example"]) == 0
    assert "There is no mail server" in capfd.readouterr().out
    assert (act_of(db, act.id).state, len(list(tmp_path.iterdir()))) == ("draft", 1)
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        mail.outbox = []
        assert run(["act", "send", str(act.id), "--to", "petrova@vega.example", "--language", "en"]) == 0
        assert run(["act", "send", str(act.id), "--to", "petrova"]) == 1
    assert "invalid_value" in capfd.readouterr().err
    (letter,) = mail.outbox
    assert letter.to == ["petrova@vega.example"] and letter.subject.startswith("Reconciliation act")
    assert act_of(db, act.id).state == "sent"


def test_a_back_dated_edit_warns_of_an_agreed_act(db: psycopg.Connection[Any], act: Act, capfd: pytest.CaptureFixture[str]) -> None:
    set_act_state(db, act.id, "agreed", ACTOR, signature=Signature("B. Petrova", DAY))
    assert run(["unpost", "sale/MSK/2025/S-2", "--dry-run"]) == 0
    assert f"the agreed act {act.id} (ООО «Вега», 31 Mar 2025)" in capfd.readouterr().err
    assert run(["unpost", "payment_from_customer/MSK/2025/P-3"]) == 0
    assert capfd.readouterr().err == ""


def test_the_list_names_agreed_acts_whose_books_changed(db: psycopg.Connection[Any], act: Act, capfd: pytest.CaptureFixture[str]) -> None:
    set_act_state(db, act.id, "agreed", ACTOR, signature=Signature("B. Petrova", DAY))
    db.execute("update reconciliation_act set our_opening = our_opening + 1")
    assert run(["act", "list"]) == 0
    assert f"changed since the act {act.id}" in capfd.readouterr().out
