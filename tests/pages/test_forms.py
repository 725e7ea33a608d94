"""Forms and documents are the same thing twice: every document survives its form, every field of every structure has a place in one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from setoff.demo.generate import records
from setoff.language import LANGUAGES, Language, has_text
from setoff.pages.forms.layout import Field, Grid, Layout
from setoff.pages.forms.layouts import GROUPS, LAYOUTS
from setoff.pages.forms.typed import Typed, content_of, shown_number, typed_from, typed_of
from setoff.pages.typed import plain_number
from setoff.scenarios.format import ADJUSTMENT_VERBS, DOCUMENT_VERBS, load_scenario
from setoff.scenarios.records import document as story_record
from setoff.trade.adjustment import OWN_FIELDS
from setoff.trade.debited import PAY_DEBTS
from setoff.trade.documents import AnyDocument, DebtAdjustment, Document, Payment
from setoff.trade.kinds import KINDS, kind_of
from setoff.trade.opening import SAYS_VAT
from setoff.trade.packaging import OF_TRADE, OPENS
from setoff.trade.payment_fields import GIVE_BACK_ADVANCES, LOAN_PAYMENTS, LOANS_MADE, SPLIT_OF

SCENARIOS = sorted((Path(__file__).parent.parent / "scenarios").glob("*.toml"))

NOT_TYPED = {"state", "deletion_mark"}
"""How a document stands is no part of what a form says."""


def posted(typed: Typed, layout: Layout) -> dict[str, str]:
    """The fields a browser would send."""
    return dict(_sent(typed, layout.fields, layout.grids, ""))


def _sent(level: Typed, fields: tuple[Field, ...], grids: tuple[Grid, ...], before: str) -> Iterator[tuple[str, str]]:
    for field in fields:
        if field.widget != "flag" or level[field.name]:
            yield before + field.name, level[field.name]
    for grid in grids:
        for number, row in enumerate(level[grid.name]):
            yield from _sent(row, grid.columns, grid.inner, f"{before}{grid.name}[{number}].")


def through_the_form(document: AnyDocument, language: Language) -> Any:
    layout = LAYOUTS[kind_of(document)]
    typed = typed_from(document, layout, language)
    again = typed_of(posted(typed, layout), layout)
    return msgspec.convert(content_of(again, layout, language), AnyDocument)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_document_of_the_demo_survives_its_form(language: Language) -> None:
    for record in records(600, 7):
        if isinstance(record, Document):
            assert through_the_form(record, language) == record


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_document_of_the_stories_survives_its_form(language: Language) -> None:
    met = set()
    for document in story_documents():
        met.add(kind_of(document))
        plain = msgspec.structs.replace(document, state="posted", deletion_mark=False)
        assert through_the_form(plain, language) == plain
    assert met == set(KINDS)


def story_documents() -> Iterator[AnyDocument]:
    """Every document of the scenarios that has the shape of one."""
    for path in SCENARIOS:
        story = load_scenario(path)
        for step in story.steps:
            if step.verb in DOCUMENT_VERBS:
                try:
                    yield msgspec.convert(story_record(story.scenario, step.verb, step.subject, step.fields), AnyDocument)
                except msgspec.ValidationError:
                    continue  # a story of what is refused


def test_every_kind_can_be_entered() -> None:
    assert set(LAYOUTS) == set(KINDS)
    assert sorted(kind for _, of_group in GROUPS for kind in of_group) == sorted(KINDS)


def structure_names(structure: type, before: str = "") -> Iterator[str]:
    for field in msgspec.structs.fields(structure):
        inner = [part for part in getattr(field.type, "__args__", ()) if isinstance(part, type) and issubclass(part, msgspec.Struct)]
        if inner:
            yield from structure_names(inner[0], f"{before}{field.name}[].")
        elif isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            yield from structure_names(field.type, f"{before}{field.name}.")
        else:
            yield before + field.name


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_a_structure_has_its_place(kind: str) -> None:
    layout = LAYOUTS[kind]
    structure = next(part for part in AnyDocument.__args__ if part.__struct_config__.tag == layout.tag)
    names = set(structure_names(structure)) - NOT_TYPED
    unused = unused_by(kind)
    assert names - unused == set(layout.names())


def unused_by(kind: str) -> set[str]:
    """Fields that the rules refuse for a kind of payment or adjustment (trade/payment.py, trade/adjustment.py)."""
    if kind in ("other_in", "other_out"):
        nodes = {"counterparty", "payer", "contract", "agreement", "order", "bill", "consent", "terminated", "split", "debited"}
        nodes |= {"stages[].due", "stages[].amount"}
        rows = {"rows[].part", "rows[].contract", "rows[].order", "rows[].bill", "rows[].currency", "rows[].settlement_amount"}
        recovered = {"counterparty"} if kind == "other_in" else set()  # what was written off and is paid after all
        unused = nodes | rows | {name for name in structure_names(Payment) if "targets[]" in name}
        return (unused | (set() if recovered else {"written_off"})) - recovered
    if LAYOUTS[kind].tag == "opening_balance":
        return set() if kind.removeprefix("opening_") in SAYS_VAT else {"rows[].vat"}
    if LAYOUTS[kind].tag == "debt_adjustment":
        own = OWN_FIELDS[ADJUSTMENT_VERBS[kind]]
        others = {name for names in OWN_FIELDS.values() for name in names} - own
        borne = set() if kind == "debt_write_off" else {"rows[].reserve"}
        return borne | {name for name in structure_names(DebtAdjustment) if name.partition(".")[0].removesuffix("[]") in others}
    if LAYOUTS[kind].tag == "payment":
        given_back = set() if kind in GIVE_BACK_ADVANCES else {"terminated"}
        given_back |= set() if kind in LOAN_PAYMENTS else {"rows[].part"}
        given_back |= set() if kind in SPLIT_OF else {"split"}
        given_back |= set() if kind in LOANS_MADE else {"stages[].due", "stages[].amount"}
        given_back |= set() if kind in PAY_DEBTS else {"debited"}
        return {"account", "written_off"} | (set() if kind.startswith("refund_") else {"consent"}) | given_back
    if LAYOUTS[kind].tag == "packaging":
        due = set() if kind.removeprefix("packaging_") in OPENS else {"due"}
        return {f"lines[].{name}" for name in OF_TRADE} | due
    return set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_field_and_choice_has_its_words(kind: str, language: Language) -> None:
    layout = LAYOUTS[kind]

    def fields(columns: tuple[Field, ...], grids: tuple[Grid, ...]) -> Iterator[Field]:
        yield from columns
        for grid in grids:
            assert has_text(language, grid.label_key)
            yield from fields(grid.columns, grid.inner)

    for field in fields(layout.fields, layout.grids):
        assert has_text(language, field.label_key), field.label_key


@pytest.mark.parametrize(
    ("typed", "language", "plain"),
    [
        ("1234.5", "ru", "1234.5"),
        ("1 234,50", "ru", "1234.50"),
        ("1\N{NO-BREAK SPACE}234,50", "ru", "1234.50"),
        ("1,234.50", "ru", "1234.50"),
        ("1.234,50", "en", "1234.50"),
        ("1,234", "en", "1234"),
        ("1,234", "ru", "1.234"),
        ("1,234,567", "ru", "1234567"),
        ("12,5", "en", "12.5"),
        ("1'234.5", "zh", "1234.5"),
        ("−5", "en", "-5"),
        (".5", "en", ".5"),
        ("12 apples", "en", "12 apples"),
        ("1e5", "en", "1e5"),
        ("", "en", ""),
    ],
)
def test_numbers_are_read_as_people_write_them(typed: str, language: Language, plain: str) -> None:
    assert plain_number(typed, language) == plain


DIGITS = "0123456789"


@given(st.sampled_from(("", "-")), st.text(DIGITS, min_size=1, max_size=15), st.text(DIGITS, max_size=9), st.sampled_from(LANGUAGES))
def test_a_shown_number_is_read_back(sign: str, whole: str, fraction: str, language: Language) -> None:
    plain = sign + whole + ("." + fraction if fraction else "")
    assert plain_number(shown_number(plain, language), language) == plain


def test_empty_rows_are_left_out_and_order_is_kept() -> None:
    layout = LAYOUTS["sale"]
    sent = {"unit": "MSK", "lines[7].amount": "7", "lines[2].amount": "2", "lines[3].kind": "goods", "lines[3].amount": " "}
    typed = typed_of(sent, layout)
    assert [row["amount"] for row in typed["lines"]] == ["2", "7"]
    assert content_of(typed, layout, "en")["lines"] == [{"amount": "2"}, {"amount": "7"}]


def test_names_that_mean_nothing_are_passed_over() -> None:
    layout = LAYOUTS["sale"]
    odd = ("lines[x].amount", "lines[1]", "lines[1].", "lines[99999999].amount", "rows[0].amount", "type", "][", "lines[0].lines[0].amount")
    for name in odd:
        assert typed_of({name: "1"}, layout)["lines"] == []
