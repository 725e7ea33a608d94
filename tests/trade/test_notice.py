"""What a unit states by a notice or a local entry, and the mirror of both sides: a row per rule and per refusal (spec 2.13)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from setoff.core.errors import DomainError
from setoff.core.money import Money
from setoff.trade.account_codes import code_of, mirrors
from setoff.trade.directory import Directory
from setoff.trade.documents import BranchNotice
from setoff.trade.notice import sides_of
from setoff.trade.notice_documents import NoticeNature, NoticeRow
from setoff.trade.notice_mirror import Open, Side, change_of, check_mirror, check_open
from setoff.trade.supply import setting_of
from tests.trade.stage import cast_directory, refused, tell

OURS = {"counterparty": "METALL", "contract": "LYC-SUPPLIER"}
THEIRS = {"counterparty": "VEGA", "contract": "LYCEUM-BUYER"}


@pytest.fixture
def books() -> Directory:
    """The cast, and a supplier's contract of the institution."""
    found = cast_directory()
    found.contracts["LYC-SUPPLIER"] = found.contracts["LYCEUM-BUYER"]._replace(
        id=900, code="LYC-SUPPLIER", number="Л-2", counterparty_id=found.counterparties["METALL"].id, relation="supplier"
    )
    return found


def row(said: str, amount: str = "100.00", **fields: Any) -> NoticeRow:
    debit, credit = said.split(" / ")
    return NoticeRow(debit=debit, credit=credit, amount=amount, **fields)


def entry(*rows: NoticeRow, **fields: Any) -> BranchNotice:
    """A side of a notice when `notice` is given, else a local entry."""
    return BranchNotice(**{"unit": "LYC", "date": "2025-02-20", **fields}, rows=list(rows))


def test_a_notice_moves_the_account_between_units(books: Directory) -> None:
    share = entry(row("2 30404 000 / 2 40110 130", item="services"), notice="n", other="BR")
    assert tell(share, books) == ([], ["30404 40110 100.00 [services / BR]"])
    handed = entry(row("2 30404 000 / 2 20631 660", **OURS), notice="n", other="BR")
    assert tell(handed, books) == (["1 -|- -100.00"], ["30404 #1 100.00 [BR]"])


def test_beside_money_the_analytics_begin_with_the_bank_account(books: Directory) -> None:
    named, unnamed = (row("2 30404 000 / 2 20111 610", item=item) for item in ("40601", ""))
    assert tell(entry(named, unnamed, notice="n", other="BR"), books)[1] == ["30404 20111 100.00 [40601 / BR]", "30404 20111 100.00"]


def test_a_local_entry_is_a_supply_money_or_a_plain_entry(books: Directory) -> None:
    kinds = []
    for said, parties in (
        ("2 10960 000 / 2 30231 730", OURS), ("2 20531 560 / 2 40110 130", THEIRS), ("2 20631 560 / 2 20111 610", OURS),
        ("2 20111 510 / 2 20531 660", THEIRS), ("2 30231 830 / 2 10960 000", OURS),
    ):  # fmt: skip
        document = entry(row(said, **parties), money="in" if said.startswith("2 20111") else "")
        kinds.append((said[:7], tell(document, books)))
    assert kinds == [
        ("2 10960", (["1 -|- -100.00"], ["10960 #1 100.00"])), ("2 20531", (["1 -|- 100.00"], ["#1 40110 100.00"])),
        ("2 20631", (["1 -|- 100.00"], ["#1 20111 100.00"])), ("2 20111", (["1 -|- -100.00"], ["20111 #1 100.00"])),
        ("2 30231", (["1 -|- 100.00"], ["#1 10960 100.00"])),
    ]  # fmt: skip
    plain = tell(entry(row("2 40110 130 / 2 30304 730")), books)
    assert plain == ([], ["40110 30304 100.00"])
    assert tell(entry(row("2 20531 560 / 2 40110 130", **THEIRS), contours=("mgmt",)), books) == (["1 -|- 100.00"], [])


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (entry(), "field_missing rows:"),
        (entry(row(" / 2 40110 130")), "field_missing rows[0].debit:"),
        (entry(row("2 40110 / 40110")), "invalid_value rows[0].debit: value=2 40110, expected=2 40110 130"),
        (entry(row("2 1096 000 / 2 40110 130")), "unknown_account rows[0].debit: account=2 1096 000, chart=ru-budget"),
        (entry(row("2 10960 000 / 2 40110 130", "0")), "amount_not_positive rows[0].amount: value=0"),
        (entry(row("2 30404 000 / 2 40110 130")), "one_sided_30404 rows[0].debit: account=2 30404 000"),
        (
            entry(row("2 20111 510 / 2 40110 130"), money="out"),
            "payment_direction_reversed rows[0].debit: row=1, debit=2 20111 510, credit=2 40110 130",
        ),
        (
            entry(row("2 40110 130 / 2 20111 610"), money="in"),
            "payment_direction_reversed rows[0].credit: row=1, debit=2 40110 130, credit=2 20111 610",
        ),
        (
            entry(row("2 20111 510 / 2 20631 660", **OURS)),
            "payment_direction_reversed rows[0].debit: row=1, debit=2 20111 510, credit=2 20631 660",
        ),
        (entry(row("2 20531 560 / 2 40110 130")), "settlement_account_without_node rows[0].debit: account=2 20531 560"),
        (
            entry(row("2 30231 830 / 2 20631 660", **OURS)),
            "settlement_account_without_node rows[0].credit: account=2 20631 660",
        ),
        (
            entry(row("2 20531 560 / 2 40110 130", **OURS)),
            "invalid_value rows[0].debit: value=2 20531 560, expected=30231, 20631",
        ),
        (
            entry(row("62.01 / 91.01", counterparty="BERLIN", contract="BUYER-EUR"), unit="MSK"),
            "currency_differs_from_contract rows[0].contract: contract=BUYER-EUR, currency=RUB, contract_currency=EUR",
        ),
    ],
)  # fmt: skip
def test_refusals_of_rows(books: Directory, document: BranchNotice, expected: str) -> None:
    assert refused(document, books) == expected


def test_kosgu_fit_when_equal_or_growth_against_fall(books: Directory) -> None:
    chart = books.units["LYC"].chart

    def fit(first: str, second: str) -> bool:
        return mirrors(code_of(chart, first, "first"), code_of(chart, second, "second"))

    assert fit("2 40110 130", "2 40110 130") and fit("2 20111 610", "2 20111 510") and fit("2 10536 440", "2 10536 340")
    assert fit("2 40110 130", "2 40120 200")  # another account: nothing to compare
    assert not fit("2 40110 180", "2 40110 130") and not fit("2 20111 610", "2 20111 560")


def sides(books: Directory, sender: list[NoticeRow], receiver: list[NoticeRow]) -> tuple[Side, Side]:
    made = []
    for unit, rows in (("HO", sender), ("BR", receiver)):
        document = entry(*rows, notice="n", other="X")
        made.append(Side(unit, sides_of(document, setting_of(document, books)), "RUB"))
    return made[0], made[1]


def refusal_of(books: Directory, sender: list[NoticeRow], receiver: list[NoticeRow]) -> DomainError:
    with pytest.raises(DomainError) as caught:
        check_mirror(*sides(books, sender, receiver))
    return caught.value


def test_rows_without_the_account_between_units_are_each_unit_s_own(books: Directory) -> None:
    """Operation 4.2: 108 000 of VAT, of which the branch bears 18 000."""
    own, shared = row("2 40110 130 / 2 30304 730", "90000.00"), row("2 30404 000 / 2 30304 730", "18000.00")
    check_mirror(*sides(books, [own, shared], [row("2 40110 130 / 2 30404 000", "18000.00")]))


def test_what_the_mirror_refuses(books: Directory) -> None:
    given, taken = row("2 30404 000 / 2 40110 130"), row("2 40110 130 / 2 30404 000")
    for sender, receiver, codes in (
        ([given], [given], ("100.00", "0.00", "100.00", "0.00")),
        ([given], [row("2 40110 130 / 2 30404 000", "99.00")], ("100.00", "0.00", "0.00", "99.00")),
        ([row("2 40110 130 / 2 30304 730")], [taken], ("0.00", "0.00", "0.00", "100.00")),
        ([row("2 40110 130 / 2 30304 730")], [row("2 40110 130 / 2 30304 730")], ("0.00", "0.00", "0.00", "0.00")),
    ):  # fmt: skip
        found = refusal_of(books, sender, receiver)
        rows = found.facts["rows"]
        assert found.code.value == "one_sided_30404" and [part["unit"] for part in rows] == ["HO", "BR"]
        assert [str(part[name]) for part in rows for name in ("debit", "credit")] == [f"{amount} RUB" for amount in codes]
    assert refusal_of(books, [given], [row("4 40110 130 / 2 30404 000")]).code.value == "mirror_kfo_mismatch"
    found = refusal_of(books, [given, given], [taken, row("2 40110 180 / 2 30404 000")])
    assert (found.code.value, found.facts["row"]) == ("mirror_kosgu_mismatch", 2)


@pytest.mark.parametrize(
    ("nature", "said", "more", "claims", "obligations"),
    [
        ("obligation", "2 30404 000 / 2 40110 130", {}, 100, 0),
        ("obligation", "2 40110 130 / 2 30404 000", {}, 0, 100),
        ("property", "2 30404 000 / 2 10536 440", {}, 100, 0),
        ("payment", "2 30404 000 / 2 20111 610", {}, 0, -100),
        ("payment", "2 20111 510 / 2 30404 000", {}, -100, 0),
        ("obligation", "2 10960 000 / 2 30404 000", {"claim": "claims"}, -100, 0),
        ("obligation", "2 30404 000 / 2 10960 000", {"claim": "obligations"}, 0, -100),
        ("offset", "2 30404 000 / 2 30404 000", {}, -100, -100),
    ],
)  # fmt: skip
def test_what_a_row_does_to_claims_and_obligations(
    books: Directory, nature: NoticeNature, said: str, more: dict[str, Any], claims: int, obligations: int
) -> None:
    side, _ = sides(books, [row(said, **more)], [row(said)])
    assert change_of(side, nature) == Open(claims * 100, obligations * 100)


def test_a_payment_goes_towards_zero_and_an_offset_takes_what_is_open(books: Directory) -> None:
    paid, _ = sides(books, [row("2 30404 000 / 2 20111 610")], [row("2 20111 510 / 2 30404 000")])
    offset, _ = sides(books, [row("2 30404 000 / 2 30404 000")], [row("2 30404 000 / 2 30404 000")])
    check_open(paid, "payment", Open(0, 100_00))
    check_open(paid, "obligation", Open())
    check_open(offset, "offset", Open(100_00, 100_00))
    for side, nature, before, code in (
        (paid, "payment", Open(0, 99_99), "payment_moves_away_from_zero"),
        (paid, "payment", Open(100_00, 0), "payment_moves_away_from_zero"),
        (offset, "offset", Open(99_99, 100_00), "offset_exceeds_open"),
        (offset, "offset", Open(100_00, 99_99), "offset_exceeds_open"),
    ):  # fmt: skip
        with pytest.raises(DomainError) as caught:
            check_open(side, nature, before)
        assert (caught.value.code.value, caught.value.facts["claims"]) == (code, Money(before.claims, "RUB"))


def test_commercial_charts_write_the_account_alone(books: Directory) -> None:
    for unit, between, plain in (("MSK", "79", "91.01"), ("SHA", "2241.40", "6602"), ("AMS", "1195", "6200")):
        plain = plain if plain in books.units[unit].chart.accounts else next(
            code for code, found in books.units[unit].chart.accounts.items() if not found.is_settlement and not found.is_inter_branch
        )
        side = entry(row(f"{between} / {plain}"), unit=unit, notice="n", other="SPB")
        assert tell(side, books)[1] == [f"{between} {plain} 100.00 [SPB]"]


def test_a_row_survives_its_json() -> None:
    said = entry(row("2 30404 000 / 2 40110 130", flow="income", claim="claims"), notice="n", other="BR", side="receiver")
    assert msgspec.json.decode(msgspec.json.encode(said), type=BranchNotice) == said
