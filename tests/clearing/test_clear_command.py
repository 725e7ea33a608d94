"""`setoff clear` on files: what it prints, what it writes, what it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from setoff import cli
from setoff.clearing.obligations import input_hash, read_obligations
from setoff.core.errors import DomainError

HEADER = "id,debtor,creditor,amount,currency,due,number\n"
GOOD = HEADER + "1,A,B,100,EUR,2026-01-10,\n2,B,C,70.00,EUR,2026-02-01,7\n3,C,A,90,EUR,,\n4,A,A,5,EUR,,\n"


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "owed.csv"
    path.write_text(GOOD)
    return path


def test_the_result_is_told_written_and_proved(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = good.with_name("result.jsonl")
    assert cli.run(["clear", str(good), "--out", str(out)]) == 0
    assert capsys.readouterr().out.replace("\xa0", " ") == (
        "EUR: 4 obligations of 3 parties, 3 pairs of debtor and creditor take part\n"
        "  Owed 265.00 EUR, taking part 260.00 EUR, cleared 210.00 EUR (79.2 % of what is owed)\n"
        "  Obligations cleared in full: 1, in part: 2\n"
        "  Left out: 1 (5.00 EUR): debtor and creditor are the same\n"
        "  Stays: 2 (50.00 EUR): the chains are used up: more of these could be cleared only with as much less of others\n"
    )
    assert cli.run(["clear", "--verify", str(out)]) == 0
    assert capsys.readouterr().out.startswith("Proved: of 4 obligations 210.00")
    out.write_text(out.read_text().replace('"","70.00",0]', '"","69.00",0]', 1))
    assert cli.run(["clear", "--verify", str(out), "--json"]) == 1
    faults = {fault["what"] for fault in json.loads(capsys.readouterr().out)["faults"]}
    assert {"balance", "sum"} <= faults


def test_choices_on_the_command_line(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    left_out = good.with_name("out.csv")
    left_out.write_text("obligation\n4\n")
    arguments = ["clear", str(good), "--json", "--cap", "B=30 EUR", "--cap", "C>A=45", "--exclude", str(left_out)]
    assert cli.run([*arguments, "--liquidity", "1", "--funder", "Bank"]) == 0
    (record,) = json.loads(capsys.readouterr().out)
    assert (record["cleared"], record["bound"], record["excluded"]) == ("91.00", "91.00", [{"reason": "self_debt", "obligations": 1}])
    assert cli.run([*arguments, "--min-age", "5"]) == 1
    assert cli.run([*arguments, "--as-of", "2026-13-01"]) == 1
    assert cli.run([*arguments, "--cap", "B"]) == 1
    assert cli.run(["clear"]) == 2


BAD = (
    "1,A,B,100,EUR,,\n1,A,B,100,EUR,,\n3,A,,100,EUR,,\n4,A,B,0,EUR,,\n5,A,B,-7,EUR,,\n6,A,B,1.005,EUR,,\n7,A,B,99999999999999999999999,EUR,,\n"
    "8,A,B,100000000000000001.00,JPY,,\n9,A,B,1,XXY,,\n10,A,B,1,EUR,2026-02-30,\n11,A,X,1,EUR,,\n"
)


def test_every_bad_row_is_told_and_nothing_is_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the midst of many good rows; with its row, its field, its code and a way to mend it."""
    path, known, out = tmp_path / "owed.csv", tmp_path / "parties.csv", tmp_path / "result.jsonl"
    many = ["".join(f"{half}{number},A,B,1,EUR,,\n" for number in range(10000)) for half in "gh"]
    path.write_text(HEADER + many[0] + BAD + many[1])
    known.write_text("party\nA\nB\n")
    assert cli.run(["clear", str(path), "--parties", str(known), "--out", str(out)]) == 1
    told = capsys.readouterr().err
    lines = path.read_text().splitlines()
    expected = [
        ("1,A,B,100,EUR,,", "id", "reference_exists"), ("3,A,,100", "creditor", "field_missing"),
        ("4,A,B,0", "amount", "amount_not_positive"),
        ("5,A,B,-7", "amount", "amount_not_positive"), ("6,A,B,1.005", "amount", "invalid_amount"),
        ("7,A,B,9", "amount", "amount_too_large"),
        ("8,A,B,1", "amount", "amount_too_large"), ("9,A,B,1", "currency", "unknown_currency"), ("10,A,B", "due", "invalid_date"),
        ("11,A,X", "creditor", "unknown_reference"),
    ]  # fmt: skip
    for start, field, code in expected:
        row = max(number for number, line in enumerate(lines, 1) if line.startswith(start))
        assert f"owed.csv, row {row}: {field}" in told
        assert f"{code}: " in next(line for line in told.splitlines() if f"row {row}:" in line)
    assert told.splitlines()[-2:] == ["Bad rows: 10.", "Nothing was cleared: correct the rows, or leave them out with --skip-bad."]
    assert not out.exists()
    assert cli.run(["clear", str(path), "--parties", str(known), "--skip-bad", "--out", str(out)]) == 0
    assert out.exists()


def test_csv_and_json_lines_are_the_same_obligations(good: Path) -> None:
    lines = good.with_name("owed.jsonl")
    names = HEADER.strip().split(",")
    records = [dict(zip(names, line.split(","), strict=True)) for line in GOOD.splitlines()[1:]]
    other = good.with_name("owed.tsv")
    other.write_text("\ufeff" + GOOD.replace(",", "\t").upper().replace("ID\t", "Id\t"))
    hashes = {input_hash(read_obligations([good]).obligations), input_hash(read_obligations([other]).obligations)}
    for write in (json.dumps, lambda record: json.dumps(record, separators=(",", ":"))):
        lines.write_text("\n".join(map(write, reversed(records))))
        hashes.add(input_hash(read_obligations([lines]).obligations))
    assert len(hashes) == 1


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DomainError, match="file_unreadable"):
        read_obligations([tmp_path / "absent.csv"])
    with pytest.raises(DomainError, match="file_unreadable"):
        read_obligations([tmp_path])


def test_a_header_alone_says_that_there_is_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "owed.csv"
    path.write_text(HEADER)
    assert cli.run(["clear", str(path)]) == 0
    assert capsys.readouterr().out == "There are no obligations: nothing to clear.\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--liquidity", "-5"], "amount_not_positive"), (["--liquidity", "1,5"], "invalid_amount"),
        (["--cap", "A=-5"], "amount_not_positive"), (["--cap", "A>B=x"], "invalid_amount"),
        (["--min-amount", "ten"], "invalid_amount"), (["--cap", "Z=5"], "unknown_reference"),
        (["--exclude", "absent.csv"], "file_unreadable"), (["--parties", "absent.csv"], "file_unreadable"),
    ],
)  # fmt: skip
def test_choices_that_cannot_be(good: Path, arguments: list[str], code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["clear", str(good), *arguments]) == 1
    assert code in capsys.readouterr().err


def test_rings_the_curve_and_why(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A ring of three; 20 more are discharged twice, 10 more once; the debt of 70 was always full."""
    out = good.with_name("result.jsonl")
    assert cli.run(["clear", str(good), "--curve", "--why", "1"]) == 0
    told = capsys.readouterr().out.replace("\xa0", " ").splitlines()
    assert told[5] == "Without credit 210.00 EUR is cleared"
    assert told[-4] == "With 30.00 EUR of credit 260.00 EUR is discharged; each unit more discharges 1.3"
    assert told[-3:] == [
        "Obligation 1, A owes B: 70.00 EUR of 100.00 EUR is cleared",
        "  No largest set-off clears more of what A owes B.",
        "  Proof: level 1 of A, 3 of B; 1 + 1 − 3 = -1: each unit more of it costs at least 1 in all.",
    ]
    assert cli.run(["clear", str(good), "--max-cycle", "2", "--out", str(out)]) == 0
    assert "Chains of at most 2 parties: of the largest total 210.00" in capsys.readouterr().out
    assert cli.run(["clear", "--verify", str(out)]) == 0
    assert capsys.readouterr().out.startswith("Correct: of 4 obligations 0.00")
    assert cli.run(["clear", str(good), "--why", "nobody"]) == 1


def test_everything_that_is_told_is_told_as_json_too(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of at most two parties nothing goes around; 30 of a funder would discharge all; what stays is short of a long chain."""
    assert cli.run(["clear", str(good), "--json", "--curve", "--why", "1", "--why", "4", "--max-cycle", "2", "--liquidity", "1"]) == 0
    (record,) = json.loads(capsys.readouterr().out)
    assert (record["cleared"], record["bound"], record["short_of_bound"]) == ("0.00", "212.00", "212.00")
    assert record["stays"] == [{"reason": "long_chains", "obligations": 3, "amount": "260.00"}]
    assert record["curve"][0] == {"credit": "0.00", "discharged": "210.00", "each": ""}
    assert record["curve"][-1] == {"credit": "30.00", "discharged": "260.00", "each": "1.3"}
    assert [(why["id"], why["answer"], why["excluded"]) for why in record["why"]] == [("1", "short", ""), ("4", "excluded", "self_debt")]


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_chains_and_gains_as_files(good: Path, ending: str) -> None:
    """70 around A, B, C: one chain of three; every party owes and is owed 70 less."""
    chains, gains = good.with_name(f"chains.{ending}"), good.with_name(f"gains.{ending}")
    assert cli.run(["clear", str(good), "--chains", str(chains), "--gains", str(gains)]) == 0
    told, parties = (path.read_text().splitlines() for path in (chains, gains))
    if ending == "csv":
        assert told[1] == "1,3,EUR,70.00,A,B,1,,2026-01-10,70.00" and len(told) == 4
        assert parties[1] == "A,100.00,30.00,90.00,20.00,70.00,70.00,0.00,0.00,-10.00,EUR" and len(parties) == 4
        return
    (chain,) = map(json.loads, told)
    assert chain["debts"][1] == {
        "debtor": "B", "creditor": "C", "obligations": [{"id": "2", "number": "7", "due": "2026-02-01", "amount": "70.00"}]
    }  # fmt: skip
    assert (chain["amount"], chain["parties"]) == ("70.00", 3)
    assert json.loads(parties[0])["owes_after"] == "30.00"


def test_no_file_is_written_when_one_cannot_be(good: Path) -> None:
    out, absent = good.with_name("result.jsonl"), good.parent / "nowhere" / "chains.csv"
    assert cli.run(["clear", str(good), "--out", str(out), "--chains", str(absent)]) == 1
    assert sorted(path.name for path in good.parent.iterdir()) == ["owed.csv"]


def test_who_is_given_a_result_asks_why(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The answers are those of who made it; by id, or by a number that only one has. Of a spoiled file nothing is told."""
    out = good.with_name("result.jsonl")
    choices = ["--cap", "B=30", "--liquidity", "5", "--why", "1", "--why", "7", "--why", "4"]
    assert cli.run(["clear", str(good), "--json", "--out", str(out), *choices]) == 0
    (made,) = json.loads(capsys.readouterr().out)
    assert cli.run(["clear", "--verify", str(out), "--json", *choices[4:]]) == 0
    assert json.loads(capsys.readouterr().out)["why"] == made["why"]
    assert [why["answer"] for why in made["why"]] == ["capped", "capped", "excluded"]
    assert cli.run(["clear", "--verify", str(out), "--why", "1"]) == 0
    assert "The limit of 30.00\xa0EUR for B is used up." in capsys.readouterr().out
    out.write_text(re.sub(r'",1,(\d+)\]', r'",7,\1]', out.read_text(), count=1))
    assert cli.run(["clear", "--verify", str(out), "--why", "1"]) == 1
    assert "Obligation" not in capsys.readouterr().out


def test_a_number_that_several_have_is_no_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "owed.csv"
    path.write_text(HEADER + "1,A,B,1,EUR,,7\n2,B,A,1,EUR,,7\n")
    assert cli.run(["clear", str(path), "--why", "7"]) == 1
    assert "1, 2" in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1251"])
def test_lists_of_names_may_be_in_any_encoding(tmp_path: Path, encoding: str, capsys: pytest.CaptureFixture[str]) -> None:
    path, left_out = tmp_path / "owed.csv", tmp_path / "out.csv"
    path.write_text(HEADER + "1,Альфа,Бета,1,EUR,,\n2,Бета,Альфа,1,EUR,,\n", encoding="utf-8")
    left_out.write_bytes("Party;Obligation\r\nБета;\r\n;1\r\n\r\n".encode(encoding))
    assert cli.run(["clear", str(path), "--exclude", str(left_out), "--json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)
    assert record["excluded"] == [{"reason": "party_excluded", "obligations": 2}]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"name\nA\n", "column_missing"), (b"", "column_missing"), ("party\nБета\n".encode() + b"A\xff\n", "text_unreadable")],
)
def test_lists_of_names_that_cannot_be_read(good: Path, content: bytes, code: str, capsys: pytest.CaptureFixture[str]) -> None:
    left_out = good.with_name("out.csv")
    left_out.write_bytes(content)
    assert cli.run(["clear", str(good), "--exclude", str(left_out)]) == 1
    assert code in capsys.readouterr().err
