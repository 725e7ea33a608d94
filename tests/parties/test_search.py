"""Parties and contracts are found by any words of name, code and tax number; the best comes first; by an index where there is one."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.parties.records import Counterparty
from setoff.parties.search import ROWS_MAX, agreements, contracts, counterparties, partners
from setoff.parties.services import save_masters

Company = psycopg.Connection[Any]


@pytest.mark.parametrize(
    "said",
    ["вега", "ВЕГА ооо", "«Вега»", "7702070139", "770207", "0139", "vega", "ＶＥＧＡ", "ооо 7702"],
    ids=["name", "words turned, other case", "quotes", "tax number", "its start", "its end", "code", "full width", "start and number"],
)
def test_a_party_is_found_by_any_part(company: Company, said: str) -> None:
    assert "VEGA" in [row.code for row in counterparties(company, said)]


def test_yo_and_chinese(company: Company, actor: Actor) -> None:
    save_masters(company, [Counterparty(code="ELKA", name="АО «Ёлка»")], actor)
    assert [row.code for row in counterparties(company, "елка")] == ["ELKA"]
    assert [row.code for row in counterparties(company, "ЁЛКА")] == ["ELKA"]
    assert [row.code for row in counterparties(company, "达电子")] == ["HAIDA"]


def test_the_best_comes_first(company: Company, actor: Actor) -> None:
    names = {"X-1": "Большая Вега", "VEGA-X": "Вегаторг", "OMEGA": "Завод Омвега"}
    save_masters(company, [Counterparty(code=code, name=name) for code, name in names.items()], actor)
    assert [row.code for row in counterparties(company, "вега")] == ["VEGA-X", "X-1", "VEGA", "OMEGA"]
    assert counterparties(company, "VEGA")[0].code == "VEGA"
    assert contracts(company, "buyer", counterparty="VEGA")[0].code == "BUYER"
    assert counterparties(company, "вега", ["OMEGA", "IVANOV"])[0].code == "OMEGA"
    assert next(row.code for row in counterparties(company, "", ["IVANOV"])) == "IVANOV"


def test_nothing_fits_and_odd_characters(company: Company) -> None:
    for said in ("нет такой", "%", "_", "'", "\\", "a' & b", ":*", "!", "()", "<->"):
        found = counterparties(company, said)
        assert len(found) <= ROWS_MAX
    assert counterparties(company, "нет такой") == []


def test_a_name_of_any_length_is_kept_and_found(company: Company, actor: Actor) -> None:
    save_masters(company, [Counterparty(code="LONG", name="海" * 4000), Counterparty(code="LONG-2", name="слово " * 2000)], actor)
    assert next(row.code for row in counterparties(company, "海海海海")) == "LONG"
    assert next(row.code for row in counterparties(company, "LONG-2")) == "LONG-2"


def test_contracts_of_a_party_and_of_a_kind(company: Company) -> None:
    of_vega = contracts(company, "", counterparty="VEGA", unit="MSK", relations=["buyer"])
    assert {row.code for row in of_vega} == {"BUYER", "BUYER-2", "BUYER-UNIT"}
    assert {row.code for row in contracts(company, "вега", unit="LYC")} == {"LYCEUM-BUYER"}
    assert contracts(company, "NS-18")[0].code == "NL-BUYER-USD"
    statuses = [row.status for row in contracts(company, "", counterparty="SIRIUS")]
    assert statuses == sorted(statuses, key=lambda status: status != "active")


def test_partners_and_agreements(company: Company) -> None:
    assert [row.code for row in partners(company, "группа вег")] == ["VEGA-GROUP"]
    assert {row.code for row in agreements(company, "продажи")} == {"RETAIL", "BY-ORDERS"}
    assert {row.code for row in agreements(company, "", counterparty="VEGA")} == {"RETAIL", "BY-ORDERS"}


def test_questions_use_their_indexes(company: Company) -> None:
    company.execute("""insert into counterparty (code, name, tax_id, kpp, is_resident, is_person, language)
                       select 'C' || n, 'ООО «Партнёр ' || n || '»', (7700000000 + n)::text, '', true, false, 'ru'
                       from generate_series(1, 20000) n""")
    company.execute("vacuum analyze counterparty")
    for index, condition in {
        "counterparty_search": "left(search, 60) like ' ооо партнер 123%' order by left(search, 60) using ~<~ limit 20",
        "counterparty_words": "array_to_tsvector(string_to_array(btrim(left(search, 300)), ' ')) @@ $$'7700012':*$$::tsquery limit 100",
        "counterparty_tax_id": "code = '7700000123' or tax_id = '7700000123'",
    }.items():
        plan = "\n".join(row[0] for row in company.execute(f"explain select code from counterparty where {condition}"))
        assert index in plan, plan


def test_who_is_signed_in_is_told_and_nobody_else(company: Company) -> None:
    """Beginnings and words are looked up by functions of the owner, which ask for that themselves; rows are read under the policies."""
    words = "select count(*) from counterparties_with_words(%s::tsquery, 20)"
    beginning = "select count(*) from counterparties_beginning(' ', ' ' || chr(1114111), 20)"
    company.execute("select set_config('role', 'setoff_application', false), set_config('setoff.user', '', false)")
    assert company.execute(words, ["'vega':*"]).fetchone() == company.execute(beginning).fetchone() == (0,)
    assert counterparties(company, "вега") == []
    company.execute("select set_config('setoff.user', 'anna', false)")
    assert company.execute(words, ["'vega':*"]).fetchone() == (1,)
    assert company.execute(beginning).fetchone() != (0,)
    assert [row.code for row in counterparties(company, "вега 7702")] == ["VEGA"]
