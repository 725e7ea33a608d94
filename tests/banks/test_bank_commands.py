"""`setoff import` for files of banks, and `setoff bank`, as a person meets them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from setoff.banks.formats import read_statements
from setoff.banks.orders import russian_account_is_valid
from setoff.books.audit import Actor
from setoff.cli import run
from setoff.settlements.services import post_document
from setoff.trade.documents import Line, Purchase, Sale
from tests.banks.statements import OURS, Told, onec

TESTER = Actor("tester", "test")
VALID = "40702810200000000001"
THEIRS = "40702810100000000017"


@pytest.fixture
def bank(company: Any) -> Any:
    sale = Sale(unit="MSK", date="2025-02-01", number="7", counterparty="VEGA", contract="BUYER", lines=[Line(amount="100")])
    post_document(company, sale, TESTER)
    run(["bank", "account", OURS, "--unit", "MSK", "--currency", "RUB", "--name", "Сбер"])
    return company


def plain(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed, with plain spaces."""
    return capsys.readouterr().out.replace("\xa0", " ")


def written(folder: Path, *lines: Told, **balances: str) -> str:
    path = folder / "kl_to_1c.txt"
    path.write_bytes(onec(*lines, **balances))
    return str(path)


def test_a_file_comes_in_is_looked_at_and_booked(bank: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(
        tmp_path, Told("+100", "ООО Вега", "7702070139", "с/ф 7"), Told("-3", "Некто", purpose="x"), opening="0", closing="90"
    )
    assert run(["import", file]) == 0
    out = plain(capsys)
    assert "Сбер, 1 Jan 2025 to 31 Dec 2025: 2 lines new, 0 known" in out
    assert "Opening 0.00 RUB and lines 97.00 RUB do not make closing 90.00 RUB: the difference is -7.00 RUB" in out
    assert "1 sure, 0 to look at, 1 unclaimed" in out
    assert run(["import", file, "--lang", "ru"]) == 0
    assert "этот файл уже загружен" in capsys.readouterr().out
    assert run(["bank", "lines", "--lang", "en"]) == 0
    out = plain(capsys)
    assert "payment from customer: VEGA BUYER (7)" in out
    assert "the tax number" in out
    assert "99 %" in out
    assert run(["bank", "confirm", "--sure"]) == 0
    assert "Booked: 1" in capsys.readouterr().out
    assert run(["bank", "lines", "--state", "unclaimed", "--format", "json"]) == 0
    (line,) = json.loads(capsys.readouterr().out)
    assert (line["name"], line["amount"]) == ("Некто", -300)
    assert run(["bank", "ignore", str(line["id"]), "--reason", "не наше"]) == 0
    assert run(["bank", "balance"]) == 0
    assert "part on 10 Mar 2025" in capsys.readouterr().out
    assert run(["bank", "accounts"]) == 0
    assert "90.00 RUB" in plain(capsys)


def test_a_dry_run_keeps_nothing(bank: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", written(tmp_path, Told("+1")), "--dry-run"]) == 0
    assert "A dry run" in capsys.readouterr().out
    assert bank.execute("select count(*) from bank_line").fetchone() == (0,)


def test_an_unknown_account_says_how_to_add_it(bank: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(onec(Told("+1"), account="40702810000000000099"))
    assert run(["import", str(path)]) == 1
    assert "setoff bank account 40702810000000000099 --unit UNIT --currency RUB" in capsys.readouterr().err


def test_people_decide_on_the_command_line(bank: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["import", written(tmp_path, Told("+5", "Некто"), Told("-2", purpose="Комиссия за РКО"), Told("-4", purpose="Комиссия ПП"))])
    first, fee, other = bank.execute("select id from bank_line order by id").fetchall()
    assert run(["bank", "assign", str(first[0]), "VEGA", "--contract", "BUYER-2"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["contract"] == "BUYER-2"
    claim = tmp_path / "claim.json"
    claim.write_text('{"type":"payment","unit":"MSK","date":"2025-03-10","kind":"other_out","amount":"2","account":"26"}')
    assert run(["bank", "claim", str(fee[0]), str(claim)]) == 0
    rule = ["bank", "rule", "комиссия", "--unit", "MSK", "--kind", "other_out", "--ledger-account", "91.02", "--direction", "out"]
    assert run(rule) == 0
    assert run(["bank", "rules"]) == 0
    assert "91.02" in capsys.readouterr().out
    assert run(["bank", "propose"]) == 0
    assert run(["bank", "confirm", *(str(line) for (line,) in (first, fee, other))]) == 0
    postings = bank.execute("select debit.code from posting join account debit on debit.id = debit_account_id order by amount").fetchall()
    assert [code for (code,) in postings][:3] == ["26", "91.02", "51"]
    assert run(["bank", "unconfirm", str(fee[0])]) == 0
    assert run(["bank", "restore", str(fee[0])]) == 0
    assert run(["bank", "drop-rule", "1"]) == 0
    assert run(["bank", "confirm", "999"]) == 1


def test_debts_become_drafts_orders_and_are_found_in_the_statement(
    bank: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["bank", "account", VALID, "--unit", "MSK", "--currency", "RUB", "--name", "Основной", "--bic", "044525225", "--bank", "Сбербанк"])
    for number, amount, due in (("11", "40", "2025-03-01"), ("12", "60", "2025-06-01")):
        purchase = Purchase(
            unit="MSK", date="2025-02-01", number=number, incoming_number=f"Ф-{number}", counterparty="METALL", contract="SUPPLIER",
            lines=[Line(amount=amount)], due=due,
        )  # fmt: skip
        post_document(bank, purchase, TESTER)
    assert run(["bank", "debts", "--account", "Основной", "--until", "2025-03-31"]) == 0
    assert "Ф-11" in (out := capsys.readouterr().out)
    assert "Ф-12" not in out
    orders = tmp_path / "orders.txt"
    pay = ["bank", "pay", "--account", "Основной", "--due", "2025-03-31", "--day", "2025-03-05", "--out", str(orders)]
    assert run(pay) == 1
    assert "payment_details_missing" in capsys.readouterr().err
    assert bank.execute("select count(*) from document where status = 'draft'").fetchone() == (0,)
    wrong = ["bank", "party-account", "METALL", THEIRS[:-1] + "9", "--unit", "MSK", "--bic", "044525225"]
    assert run(wrong) == 0
    assert run(pay) == 1
    assert "payment_details_invalid" in capsys.readouterr().err
    bank.execute("delete from party_account")
    assert russian_account_is_valid(THEIRS, "044525225")
    assert run([*wrong[:3], THEIRS, *wrong[4:]]) == 0
    assert run(pay) == 0
    (statement,) = read_statements(orders.read_bytes(), "orders.txt")
    (line,) = statement.lines
    assert (line.amount_minor, line.account, line.booking_date, line.tax_id) == (-4000, THEIRS, date(2025, 3, 5), "7736050003")
    assert line.purpose == "Оплата по Ф-11, договор SUPPLIER"
    told = Told("-40", "Металлсервис АО", "7736050003", line.purpose, THEIRS, date(2025, 3, 6), line.end_to_end)
    path = tmp_path / "back.txt"
    path.write_bytes(onec(told, account=VALID))
    assert run(["import", str(path)]) == 0
    assert run(["bank", "confirm", "--sure"]) == 0
    assert bank.execute("select status, total from document where kind = 'payment_to_supplier'").fetchall() == [("posted", 4000)]
    assert bank.execute("select count(*) from document where key like 'bank/%'").fetchone() == (0,)
