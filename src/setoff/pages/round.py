"""One round: its life as steps with what can be done now, its parties and debts, the documents, the papers.

/rounds/7/?why=edge&currency=RUB&confirmed=debtor&gone=part&q=omega&after=100     filters of the debts; they stand in the address
/rounds/7/parties/?q=omega                 all parties, a page at a time
/rounds/7/parties/4/                       what the round means for one, and its statement as PDF
/rounds/7/why/5/                           why a debt was cleared or not (a part of the page, or a page of its own)
/rounds/7/chain-acts/?after=500            the acts of all chains as one PDF
/rounds/7/chains/                          what is cleared as rings (a part, asked for apart: it is worked out anew)
/rounds/7/act/  certificate/  debts/       the act as PDF, the proof, the debts of the filter as CSV

Which of the verbs a person gets is what the state of the round and his rights in all its units allow (round_verbs.py).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from itertools import islice
from typing import Any, Final, NamedTuple

from django.http import HttpResponse
from django.urls import path

from setoff.access.queries import approvals
from setoff.books.audit import Actor, record_audit
from setoff.clearing.rounds.cancelling import unfinished
from setoff.clearing.rounds.chain_papers import render_chain, render_chains
from setoff.clearing.rounds.lists import (
    CONFIRMED,
    GONE,
    PAGE_ROWS,
    WHYS,
    DebtFilter,
    DebtRow,
    PartyRow,
    Progress,
    debt_totals,
    debts_page,
    parties_page,
    progress_of,
)
from setoff.clearing.rounds.papers import render_round_act, render_statement
from setoff.clearing.rounds.queries import documents_of, names_of, obligations_of
from setoff.clearing.rounds.reasons import why
from setoff.clearing.rounds.records import Round, RoundDocument
from setoff.clearing.rounds.told import certificate_of, result_of, told_chains
from setoff.clearing.rounds.words import choice_lines
from setoff.core.cells import safe_cell
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount
from setoff.language import language_of, text
from setoff.language.zones import today
from setoff.pages.page import PageRequest, page, render
from setoff.pages.round_choices import one_of
from setoff.pages.round_verbs import Offer, asked_round, offers_of, verb_page

PARTIES_FIRST: Final = 24
CHAINS_FIRST: Final = 200
FILE_ROWS: Final = 2_000
COLUMNS: Final = (
    "no", "debtor-code", "debtor", "creditor-code", "creditor", "number", "due", "currency", "amount", "cleared", "rest",
    "debtor-confirmed", "creditor-confirmed", "why",
)  # fmt: skip


NOW: Final[Mapping[str, tuple[str, ...]]] = {
    "open": ("confirm", "mend", "solve"), "preliminary": ("agree", "final"), "posting": ("final",), "final": (), "reversed": (),
}  # fmt: skip
"""The steps at which a round is."""
DONE_BEFORE: Final = {"open": 1, "preliminary": 4, "posting": 5, "final": 6, "reversed": 7}


class Step(NamedTuple):
    """A step of a round's life. `state`: done, now, later. `facts`: what its sentence says; `offers`: verbs that belong to it."""

    name: str
    state: str
    facts: dict[str, Any]
    offers: list[Offer]


class Shown(NamedTuple):
    """Debts of a filter, a page of them."""

    rows: list[DebtRow]
    next: int
    totals: list[Any]
    wanted: DebtFilter


@page("read")
def one(request: PageRequest, round_id: int) -> HttpResponse:
    found = asked_round(request, round_id)
    progress = progress_of(request.books, found.id)
    offers = offers_of(request.books, found, request.rights)
    part = unfinished(request.books, found)
    everybody = parties_page(request.books, found.id, limit=PARTIES_FIRST)
    first, rest = cut(everybody, PARTIES_FIRST)
    whole = debt_totals(request.books, found.id, DebtFilter())
    context: dict[str, Any] = {
        "round": found, "choices": list(choice_lines(found, request.language, {total.currency: total.cleared for total in whole})),
        "progress": progress, "steps": steps_of(found, progress, offers, part), "offers": {offer.verb for offer in offers},
        "whole": whole, "debts": shown_debts(request, found, filter_of(request)),
        "parties": first, "parties_rest": rest, "documents": documents_of(request.books, found.id), "whys": WHYS,
        "confirmations": CONFIRMED, "gones": GONE, "requests": waiting_for(request, found), "basis": found.effect_basis,
    }  # fmt: skip
    return render(request, "round", context)


def cut(rows: Sequence[PartyRow], limit: int) -> tuple[list[PartyRow], int]:
    """Rows of the first `limit` parties, and the number of the last of them when there are further ones."""
    numbers = list(dict.fromkeys(row.no for row in rows))
    if len(numbers) <= limit:
        return list(rows), 0
    last = numbers[limit - 1]
    return [row for row in rows if row.no <= last], last


def waiting_for(request: PageRequest, found: Round) -> dict[int, int]:
    """Requests that wait for a second person, by the document of the round."""
    if found.status not in ("posting", "final"):
        return {}
    documents = {row.document_id for row in documents_of(request.books, found.id) if row.status != "posted"}
    return {number: row.id for number in documents for row in approvals(request.books, "pending", document_id=number)}


def steps_of(found: Round, progress: Progress, offers: Sequence[Offer], part: Sequence[RoundDocument]) -> list[Step]:
    """Collect, confirm, mend, solve, agree, final, reverse. `part`: documents of a posting or a reversal that is not finished."""
    done = {"posted": sum(document.status == "posted" for document in part), "documents": len(part)}
    facts: dict[str, dict[str, Any]] = {
        "collect": {"debts": progress.debts, "books": progress.of_books, "files": progress.of_files, "parties": progress.parties},
        "confirm": {"both": progress.by_both, "one": progress.by_one, "nobody": progress.by_nobody},
        "mend": {"barred": progress.barred, "refused": progress.refused},
        "solve": {"solved": found.solved},
        "agree": {"asked": progress.asked, "signed": progress.signed},
        "final": {"day": found.posted_on, **(done if found.status == "posting" else {})},
        "reverse": {"day": found.reversed_on, **(done if found.status == "final" else {})},
    }  # fmt: skip
    places = {name: place for place, name in enumerate(facts)}

    def state(name: str) -> str:
        if name in NOW[found.status] or (name == "reverse" and part and found.status == "final"):
            return "now"
        return "done" if places[name] < DONE_BEFORE[found.status] else "later"

    return [Step(name, state(name), told, [offer for offer in offers if offer.step == name]) for name, told in facts.items()]


def filter_of(request: PageRequest, party: int = 0) -> DebtFilter:
    """Errors: invalid_value."""
    said = {name: request.GET.get(name, "").strip() for name in ("q", "currency", "why", "confirmed", "gone")}
    why_ = one_of(said["why"], WHYS, "why")
    return DebtFilter(
        said["q"], said["currency"], why_ or "", one_of(said["confirmed"], CONFIRMED, "confirmed") or "",
        one_of(said["gone"], GONE, "gone") or "", party,
    )  # fmt: skip


def shown_debts(request: PageRequest, found: Round, wanted: DebtFilter) -> Shown:
    after = number_of(request.GET.get("after", ""))
    rows = debts_page(request.books, found.id, wanted, after=after)
    shown = rows[:PAGE_ROWS]
    following = shown[-1].no if len(rows) > PAGE_ROWS else 0
    return Shown(shown, following, debt_totals(request.books, found.id, wanted), wanted)


def number_of(said: str) -> int:
    return int(said) if said.isdecimal() and len(said) < 10 else 0


@page("read")
def parties(request: PageRequest, round_id: int) -> HttpResponse:
    """All parties, a page at a time; `waiting`: who has not agreed."""
    found = asked_round(request, round_id)
    said, waiting = request.GET.get("q", "").strip(), request.GET.get("waiting") == "yes"
    rows = parties_page(request.books, found.id, said=said, waiting=waiting, after=number_of(request.GET.get("after", "")))
    shown, following = cut(rows, PAGE_ROWS)
    context = {"round": found, "parties": shown, "next": following, "said": said, "waiting": waiting,
               "offers": {offer.verb for offer in offers_of(request.books, found, request.rights)}}  # fmt: skip
    return render(request, "round-parties", context)


@page("read")
def party(request: PageRequest, round_id: int, no: int) -> HttpResponse:
    """What the round means for one party."""
    found = asked_round(request, round_id)
    rows = party_rows(request, found, no)
    context = {
        "round": found, "party": rows[0], "rows": rows, "debts": shown_debts(request, found, filter_of(request, no)), "whys": WHYS,
        "confirmations": CONFIRMED, "gones": GONE, "offers": {offer.verb for offer in offers_of(request.books, found, request.rights)},
    }  # fmt: skip
    return render(request, "round-party", context)


def party_rows(request: PageRequest, found: Round, no: int) -> list[PartyRow]:
    """Errors: unknown_reference."""
    rows = parties_page(request.books, found.id, number=no) if no else []
    if not rows:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="party", value=str(no), field="party")
    return rows


@page("read")
def why_of(request: PageRequest, round_id: int, no: int) -> HttpResponse:
    """Why a debt was cleared or not, and what can be done with it."""
    found = asked_round(request, round_id)
    told = why(request.books, found, no, request.language)
    context = {"round": found, "told": told, "no": no, "offers": {offer.verb for offer in offers_of(request.books, found, request.rights)}}
    return render(request, "parts/round-why" if request.htmx else "round-why", context)


@page("read")
def chains(request: PageRequest, round_id: int) -> HttpResponse:
    """What is cleared as rings, the short ones first."""
    found = asked_round(request, round_id)
    rings = told_chains(result_of(request.books, found), obligations_of(request.books, found.id, cleared=True))
    made = list(islice(rings, CHAINS_FIRST + 1))
    names = names_of(request.books, found.id, [code for chain in made for code in chain.parties])
    shown = [(chain, [names.get(code, code) for code in chain.parties]) for chain in made[:CHAINS_FIRST]]
    context = {"round": found, "chains": shown, "is_more": len(made) > CHAINS_FIRST}
    return render(request, "parts/round-chains", context)


@page("read")
def act(request: PageRequest, round_id: int) -> HttpResponse:
    """The act of all parties."""
    found = asked_round(request, round_id)
    made = render_round_act(request.books, found, printed=today(), language=asked_language(request))
    return paper(request, found, "act", made)


@page("read")
def statement(request: PageRequest, round_id: int, no: int) -> HttpResponse:
    found = asked_round(request, round_id)
    code = party_rows(request, found, no)[0].code
    made = render_statement(request.books, found, code, printed=today(), language=asked_language(request))
    return paper(request, found, f"statement-{no}", made)


@page("read")
def chain_paper(request: PageRequest, round_id: int, no: int) -> HttpResponse:
    """The act of one chain."""
    found = asked_round(request, round_id)
    made = render_chain(request.books, found, no, printed=today(), language=asked_language(request))
    return paper(request, found, f"chain-{no}", made)


@page("read")
def chain_acts(request: PageRequest, round_id: int) -> HttpResponse:
    """The acts of all chains in one file; of more than 500 those after a number."""
    found = asked_round(request, round_id)
    after = number_of(request.GET.get("after", ""))
    made = render_chains(request.books, found, printed=today(), language=asked_language(request), after=after)
    return paper(request, found, "chains", made.pdf)


@page("read")
def certificate(request: PageRequest, round_id: int) -> HttpResponse:
    """The result as a file that anybody can check: setoff clear --verify."""
    found = asked_round(request, round_id)
    answer = HttpResponse(certificate_of(request.books, found), content_type="application/x-ndjson")
    answer["Content-Disposition"] = f'attachment; filename="round-{found.id}.jsonl"'
    _tell_export(request, found, "certificate")
    return answer


@page("read")
def debts_file(request: PageRequest, round_id: int) -> HttpResponse:
    """All debts of the filter as CSV."""
    found = asked_round(request, round_id)
    output = StringIO()
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow([text(request.language, f"column-round-{column}") for column in COLUMNS])
    for row in every_debt(request, found, filter_of(request)):
        amounts = [format_amount(amount, row.currency) for amount in (row.amount, row.cleared, row.rest)]
        said = text(request.language, f"round-mark-{row.why.replace('_', '-')}") if row.why else ""
        words = (row.debtor_code, row.debtor_name, row.creditor_code, row.creditor_name, row.number)
        writer.writerow([row.no, *map(safe_cell, words), row.due or "", row.currency, *amounts, safe_cell(row.debtor_confirmed),
                         safe_cell(row.creditor_confirmed), said])  # fmt: skip
    answer = HttpResponse(output.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="round-{found.id}-debts.csv"'
    _tell_export(request, found, "debts")
    return answer


def every_debt(request: PageRequest, found: Round, wanted: DebtFilter) -> Iterator[DebtRow]:
    after = 0
    while True:
        rows = debts_page(request.books, found.id, wanted, after=after, limit=FILE_ROWS)
        yield from rows[:FILE_ROWS]
        if len(rows) <= FILE_ROWS:
            return
        after = rows[FILE_ROWS - 1].no


def paper(request: PageRequest, found: Round, name: str, made: bytes) -> HttpResponse:
    _tell_export(request, found, name)
    named = f'inline; filename="round-{found.id}-{name}.pdf"'
    return HttpResponse(made, content_type="application/pdf", headers={"Content-Disposition": named})


def _tell_export(request: PageRequest, found: Round, name: str) -> None:
    """The trail of every unit of the round tells who took it."""
    actor = Actor(request.rights.login, "page")
    for unit_id in found.units:
        record_audit(request.books, actor, "export_report", unit_id=unit_id, report=f"round-{name}", round=found.code)


def asked_language(request: PageRequest) -> Any:
    """The language asked for; None: that of who reads it."""
    asked = request.GET.get("language")
    return language_of(asked) if asked else None


urlpatterns = [
    path("<int:round_id>/", one, name="round"),
    path("<int:round_id>/parties/", parties, name="round-parties"),
    path("<int:round_id>/parties/<int:no>/", party, name="round-party"),
    path("<int:round_id>/parties/<int:no>/statement/", statement, name="round-statement"),
    path("<int:round_id>/why/<int:no>/", why_of, name="round-why"),
    path("<int:round_id>/chains/", chains, name="round-chains"),
    path("<int:round_id>/chains/<int:no>/", chain_paper, name="round-chain"),
    path("<int:round_id>/chain-acts/", chain_acts, name="round-chain-acts"),
    path("<int:round_id>/act/", act, name="round-act"),
    path("<int:round_id>/certificate/", certificate, name="round-certificate"),
    path("<int:round_id>/debts/", debts_file, name="round-debts"),
    path("<int:round_id>/do/<str:verb>/", verb_page, name="round-verb"),
]
