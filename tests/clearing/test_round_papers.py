"""The act of a round and the statement of a party: what stands on them. Numbers: group.py."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from setoff.access.queries import rights_of_owner
from setoff.books.audit import Actor
from setoff.clearing.rounds import chain_papers, papers
from setoff.clearing.rounds.chain_papers import render_chain, render_chains
from setoff.clearing.rounds.queries import round_of
from setoff.clearing.rounds.records import NewRound
from setoff.clearing.rounds.services import open_round, solve_round
from setoff.core.errors import DomainError, ErrorCode
from setoff.reports import setoff_paper
from tests.clearing.group import tell

DAY = date(2025, 3, 31)


def test_what_stands_on_paper(db: Any, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    laid: list[dict[str, Any]] = []
    monkeypatch.setattr(papers, "typeset", lambda template, data, language, *, printed: laid.append(data) or b"")
    tell(db, actor)
    opened = open_round(db, NewRound("R1", DAY), actor, rights_of_owner(db, "tester"))
    with pytest.raises(DomainError) as refused:
        papers.render_round_act(db, opened, printed=DAY)
    assert refused.value.code is ErrorCode.ROUND_STATE
    solve_round(db, "R1", actor)
    papers.render_round_act(db, round_of(db, "R1"), printed=DAY, language="en")
    papers.render_statement(db, round_of(db, "R1"), "C-OMEGA", printed=DAY, language="en")
    act, statement = laid
    debts, positions, effect, copies = act["paragraphs"]
    # 90 with 20 % VAT hold 15; of 60 that are cleared, 10
    assert debts["table"]["rows"][0] == [
        "2", "ООО «OMEGA»", "ООО «GAMMA», GAMMA 1", "GAMMA/OMEGA of 1 Jan 2025", "G-3 of 10 Jan 2025", "10 Feb 2025",
        "90.00", "60.00", "10.00", "30.00",
    ]  # fmt: skip
    # where only the debtor's books are ours, the creditor knows the debt by the number of its own paper
    assert "A-3 of 12 Jan 2025 (their O-60)" in [row[4] for row in debts["table"]["rows"]]
    assert debts["table"]["rows"][1][-3:] == ["75.00", "no VAT", "25.00"]
    assert debts["table"]["total"][-4:] == ["355.00", "285.00", "10.00", "70.00"]
    assert positions["table"]["rows"][0] == ["ООО «ALFA», ALFA 1", "90.00", "100.00", "75.00", "15.00", "25.00"]
    assert effect["said"].startswith("The obligations are discharged as of 12 Feb 2025, when the claims became capable of set-off")
    assert (act["draft"], len(act["signatures"])) == ("Draft: not posted to the books", 4)
    assert "four copies" in copies["said"]
    owes, owed, own, _ = statement["paragraphs"]
    assert [row[4] for row in owes["table"]["rows"]] == ["G-3 of 10 Jan 2025"]
    assert owed["said"].replace("\xa0", " ") == "Of your claims are discharged 60.00 RUB (Sixty Russian rubles 00/100):"
    assert [row[0] for row in own["table"]["rows"]] == ["ООО «OMEGA»"]


def test_a_chain_on_paper(db: Any, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first chain is that of three, 15 each; the second, of four, finds of A-1 what is left: 100 - 15 = 85, and clears 60."""
    laid: list[dict[str, Any]] = []
    monkeypatch.setattr(setoff_paper, "typeset", lambda template, data, language, *, printed: laid.append(data) or b"")
    tell(db, actor)
    opened = open_round(db, NewRound("R1", DAY), actor, rights_of_owner(db, "tester"))
    with pytest.raises(DomainError) as refused:
        render_chain(db, opened, 1, printed=DAY)
    assert refused.value.code is ErrorCode.ROUND_STATE
    solved = solve_round(db, "R1", actor)
    with pytest.raises(DomainError) as refused:
        render_chain(db, solved, 3, printed=DAY)
    assert refused.value.facts["value"] == "3"
    for number in (1, 2):
        render_chain(db, solved, number, printed=DAY, language="en")
    three, four = laid
    assert (three["title"], three["number"], len(three["signatures"])) == ("Act of set-off between three parties", "No. R1/1", 3)
    tables = [part["table"]["rows"] for part in four["paragraphs"] if part["table"]]
    amounts = {rows[0][0]: [cell for cell in rows[0][-4:] if cell[0].isdigit()] for rows in tables}
    assert amounts == {
        "Sale A-1": ["85.00", "60.00", "25.00"], "Sale B-2": ["60.00", "60.00", "0.00"], "Sale G-3": ["90.00", "60.00", "10.00", "30.00"],
        "Purchase A-3 (their O-60)": ["60.00", "60.00", "0.00"],
    }  # fmt: skip
    assert render_chain(db, solved, 2, printed=DAY, language=None) == b""
    assert laid[2]["title"] == "Акт многостороннего зачёта взаимных требований"


def test_all_chains_in_one_file(db: Any, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both acts, each in the language of its first outsider or of its first party, with page numbers of its own; a part at a time."""
    tell(db, actor)
    db.execute("update counterparty set language = 'zh' where code = 'C-OMEGA'")
    opened = open_round(db, NewRound("R1", DAY), actor, rights_of_owner(db, "tester"))
    solved = solve_round(db, opened.code, actor)
    whole = render_chains(db, solved, printed=DAY)
    assert whole.following == 0
    pages = [page.extract_text() for page in PdfReader(BytesIO(whole.pdf)).pages]
    assert "Акт трёхстороннего зачёта" in pages[0] and "R1/1" in pages[0] and "Стр. 1 из 1" in pages[0]
    assert "R1/2" in pages[1] and "抵销" in pages[1] and f"第 1 页，共 {len(pages) - 1} 页" in pages[1]
    monkeypatch.setattr(chain_papers, "ACTS_MAX", 1)
    first = render_chains(db, solved, printed=DAY, language="en")
    assert first.following == 1
    rest = render_chains(db, solved, printed=DAY, language="en", after=1)
    shown = "".join(page.extract_text() for page in PdfReader(BytesIO(rest.pdf)).pages)
    assert rest.following == 0 and "R1/2" in shown and "R1/1" not in shown
    with pytest.raises(DomainError, match="unknown_reference"):
        render_chains(db, solved, printed=DAY, after=2)
