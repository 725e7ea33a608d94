"""The verbs on a round as pages: what is needed for one, what it would do, and then, when the person says so, doing it.

    GET  /rounds/7/do/solve/                       the effect at once: a verb that needs nothing
    GET  /rounds/7/do/bar/?no=5&because=disputed   the fields; once all that are needed are given, the effect
    POST                                           done, when the round is still as it was when the effect was shown

The effect is what the verb does, tried in a transaction that is rolled back: the state, what takes part and is cleared by currency, who
has to agree; and of what is posted the postings. A round of more than TRIED_MAX debts is not solved for showing alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods
from psycopg import Connection

from setoff.access.approvals import Pending
from setoff.access.rights import Right, Rights
from setoff.books.audit import Actor
from setoff.clearing.rounds import cancelling, choosing, posting, services
from setoff.clearing.rounds.cancelling import unfinished
from setoff.clearing.rounds.lists import DebtFilter, debt_totals, progress_of
from setoff.clearing.rounds.queries import documents_of, known_round, names_of, numbered_round
from setoff.clearing.rounds.records import Round, Side, Status
from setoff.clearing.rounds.services import Consent
from setoff.clearing.rounds.words import form_lines, narrowing_lines
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import Money
from setoff.language import Language, date_text, fact_text, text
from setoff.pages.changes import changed_documents
from setoff.pages.page import PageRequest, page, render
from setoff.pages.round_choices import CHOICES, LAWS, choices_form, one_of, options_said, said_of
from setoff.pages.round_file import file_debts
from setoff.pages.typed import plain_number
from setoff.reports.ask import parse_day
from setoff.settlements.services import Outcome

TRIED_MAX: Final = 20_000
NUMBERS_MAX: Final = 5_000
OPEN: Final[tuple[Status, ...]] = ("open", "preliminary")
NUMBERS: Final = re.compile(r"[\s,;]+")
Done = list[Outcome | Pending]


class Asked(NamedTuple):
    """What a verb is asked with; `said`: the fields as they were typed."""

    conn: Connection[Any]
    code: str
    said: QueryDict
    numbers: list[int]
    day: date
    actor: Actor
    rights: Rights
    language: Language

    def word(self, name: str) -> str:
        return self.said.get(name, "").strip()


class Verb(NamedTuple):
    """`fields`: what it asks for; those in `needed` must be given. `step`: where in the life of a round it stands; `key` follows its link
    there. `solves`: whether the whole round is solved by it."""

    step: str
    right: Right
    states: tuple[Status, ...]
    run: Callable[[Asked], Done]
    key: str
    fields: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    solves: bool = False


class Offer(NamedTuple):
    """A verb that this person can do now."""

    verb: str
    step: str
    key: str


class Effect(NamedTuple):
    """A line of what changes, in words."""

    what: str
    before: str
    after: str


def _collect(asked: Asked) -> Done:
    services.collect_again(asked.conn, asked.code, asked.actor)
    return []


def _add(asked: Asked) -> Done:
    name = asked.word("name")
    services.add_debts(asked.conn, asked.code, file_debts(asked.rights.user_id, asked.word("file")), asked.actor, file=name)
    return []


def _confirm(asked: Asked) -> Done:
    side: Side = "creditor" if asked.word("side") == "creditor" else "debtor"
    services.confirm_debts(asked.conn, asked.code, side, asked.numbers, asked.actor, by=asked.word("by"))
    return []


def _bar(asked: Asked) -> Done:
    services.bar_debts(asked.conn, asked.code, asked.numbers, asked.actor, because=asked.word("because"))
    return []


def _admit(asked: Asked) -> Done:
    services.admit_debts(asked.conn, asked.code, asked.numbers, asked.actor)
    return []


def _choose(asked: Asked) -> Done:
    said, law = options_said(asked.said, asked.language), one_of(asked.word("law"), LAWS, "law")
    day = parse_day(asked.word("as-of"), "as-of") if asked.word("as-of") else None
    choosing.change_choices(asked.conn, asked.code, choosing.Chosen(said, day, law), asked.actor)
    return []


def _correct(asked: Asked) -> Done:
    if len(asked.numbers) != 1:
        raise DomainError(ErrorCode.INVALID_VALUE, field="no", value=asked.word("no"), expected="1")
    amount = plain_number(asked.word("amount"), asked.language)
    services.correct_debt(asked.conn, asked.code, asked.numbers[0], amount, asked.actor, because=asked.word("because"))
    return []


def _agree(asked: Asked) -> Done:
    services.set_consent(asked.conn, asked.code, asked.word("party"), Consent("agreed", asked.word("by"), asked.day), asked.actor)
    return []


def _refuse(asked: Asked) -> Done:
    services.set_consent(asked.conn, asked.code, asked.word("party"), Consent("refused", asked.word("because"), asked.day), asked.actor)
    return []


def _solve(asked: Asked) -> Done:
    services.solve_round(asked.conn, asked.code, asked.actor)
    return []


def _drop(asked: Asked) -> Done:
    services.drop_unsigned(asked.conn, asked.code, asked.actor, on=asked.day)
    return []


def _final(asked: Asked) -> Done:
    return posting.finalize_round(asked.conn, asked.code, asked.actor, asked.rights, on=asked.day).outcomes


def _cancel(asked: Asked) -> Done:
    return cancelling.cancel_round(asked.conn, asked.code, asked.actor, asked.rights, because=asked.word("because")).outcomes


def _received(asked: Asked) -> Done:
    posting.note_receipt(asked.conn, asked.code, asked.word("party"), Consent("agreed", asked.word("by"), asked.day), asked.actor)
    return []


def _reverse(asked: Asked) -> Done:
    because = asked.word("because")
    return posting.reverse_round(asked.conn, asked.code, asked.actor, asked.rights, on=asked.day, because=because).outcomes


VERBS: Final[Mapping[str, Verb]] = {
    "collect": Verb("collect", "draft", OPEN, _collect, "k"),
    "add": Verb("collect", "draft", OPEN, _add, "a", ("file", "name"), ("file", "name")),
    "confirm": Verb("confirm", "draft", OPEN, _confirm, "c", ("side", "no", "by"), ("side", "by")),
    "choose": Verb("mend", "draft", OPEN, _choose, "w", ("chosen", "law", *CHOICES), ("chosen",)),
    "bar": Verb("mend", "draft", OPEN, _bar, "b", ("no", "because"), ("no", "because")),
    "admit": Verb("mend", "draft", OPEN, _admit, "i", ("no",), ("no",)),
    "correct": Verb("mend", "draft", OPEN, _correct, "e", ("no", "amount", "because"), ("no", "amount", "because")),
    "refuse": Verb("mend", "draft", OPEN, _refuse, "x", ("party", "because", "on"), ("party", "because")),
    "solve": Verb("solve", "draft", OPEN, _solve, "s", solves=True),
    "agree": Verb("agree", "draft", ("preliminary",), _agree, "v", ("party", "by", "on"), ("party", "by")),
    "drop": Verb("agree", "draft", ("preliminary",), _drop, "u", ("on",), solves=True),
    "final": Verb("final", "post", ("preliminary", "posting"), _final, "y", ("on",)),
    "cancel": Verb("final", "post", ("posting", "final"), _cancel, "z", ("because",), ("because",)),
    "received": Verb("agree", "draft", ("posting", "final"), _received, "v", ("party", "by", "on"), ("party", "by")),
    "reverse": Verb("reverse", "post", ("final",), _reverse, "r", ("on", "because"), ("because",)),
}  # fmt: skip


def asked_round(request: PageRequest, round_id: int, right: Right = "read") -> Round:
    """Errors: unknown_reference, not_permitted."""
    return known_round(request.books, numbered_round(request.books, round_id).code, request.rights, right)


def offers_of(conn: Connection[Any], found: Round, rights: Rights) -> list[Offer]:
    """What can be done now; of a final round, cancelling only while a reversal of it is not finished."""
    not_now = set() if found.options.one_sided else {"received"}
    if not unfinished(conn, found):
        not_now.add("cancel")
    return [
        Offer(name, "reverse" if name == "cancel" and found.status == "final" else verb.step, verb.key)
        for name, verb in VERBS.items()
        if found.status in verb.states and name not in not_now and all(rights.may(verb.right, unit_id) for unit_id in found.units)
    ]


@require_http_methods(["GET", "POST"])
@page("read")
def verb_page(request: PageRequest, round_id: int, verb: str) -> HttpResponse:
    """What the verb needs, and its effect; by POST, done."""
    if verb not in VERBS:
        raise Http404
    chosen = VERBS[verb]
    found = asked_round(request, round_id, chosen.right)
    said = request.POST if request.method == "POST" else request.GET
    asked = asked_of(request, found, said)
    is_seen = said.get("version") == version_of(found)
    if request.method == "POST" and is_seen:
        done = chosen.run(asked)
        waiting = sum(isinstance(outcome, Pending) for outcome in done)
        if not waiting:
            messages.success(request, text(request.language, f"rounds-done-{verb}", round=found.code))
        else:
            messages.warning(request, text(request.language, "round-waits", count=waiting))
        return redirect("pages:round", round_id=round_id)
    is_whole = all(said.get(name, "").strip() for name in chosen.needed)
    fields = [(name, values_of(said, name)) for name in chosen.fields if name != "on" or said.get("on")]
    context: dict[str, Any] = {
        "round": found, "verb": verb, "chosen": chosen, "said": said, "numbers": ", ".join(map(str, asked.numbers)), "day": asked.day,
        "version": version_of(found), "is_changed": request.method == "POST", "is_whole": is_whole,
        "fields": [(name, value) for name, values in fields for value in values],
        "party_name": names_of(request.books, found.id, [asked.word("party")]).get(asked.word("party"), ""),
    }  # fmt: skip
    if verb == "choose":
        context |= choices_form(said if is_whole else said_of(found), said.get("as-of") or found.as_of.isoformat())
    if is_whole:
        context |= tried(request, found, chosen, asked)
    return render(request, "round-verb", context)


def values_of(said: QueryDict, name: str) -> Sequence[str]:
    return [value for value in said.getlist(name) if value.strip()]


def version_of(found: Round) -> str:
    return found.changed_at.isoformat()


def asked_of(request: PageRequest, found: Round, said: QueryDict) -> Asked:
    """Errors: invalid_value, invalid_date."""
    first = found.posted_on or found.as_of
    day = parse_day(said.get("on", ""), "on") if said.get("on") else max(request.working_day, first)
    actor = Actor(request.rights.login, "page")
    return Asked(request.books, found.code, said, numbers_of(said), day, actor, request.rights, request.language)


def numbers_of(said: QueryDict) -> list[int]:
    """Numbers of debts: fields of marked rows, or typed with commas. Errors: invalid_value."""
    words = [word for value in said.getlist("no") for word in NUMBERS.split(value) if word]
    if len(words) > NUMBERS_MAX or not all(word.isdecimal() and len(word) < 10 for word in words):
        raise DomainError(ErrorCode.INVALID_VALUE, field="no", value=", ".join(words)[:80], expected=f"1..{NUMBERS_MAX}")
    return sorted({int(word) for word in words})


def tried(request: PageRequest, found: Round, chosen: Verb, asked: Asked) -> dict[str, Any]:
    """What the verb would change, or why it is refused. Nothing is kept."""
    if chosen.solves and progress_of(request.books, found.id).debts > TRIED_MAX:
        return {"is_large": True}
    try:
        before = standing(request, found)
        with request.books.transaction(force_rollback=True):
            done = chosen.run(asked)
            after = standing(request, numbered_round(request.books, found.id))
            units = {document.document_id: document.unit for document in documents_of(request.books, found.id)}
            changes = [
                changed._replace(name=f"{units.get(outcome.document_id, '')}: {changed.name}")
                for outcome in done if isinstance(outcome, Outcome)
                for changed in changed_documents(request.books, outcome.changes, request.language, outcome.document_id)
            ]  # fmt: skip
    except DomainError as refusal:
        return {"refusal": refusal}
    names = list(dict.fromkeys([*before, *after]))
    effects = [Effect(name, before.get(name, ""), after.get(name, "")) for name in names if before.get(name) != after.get(name)]
    return {"effects": effects, "changes": changes, "waiting": sum(isinstance(outcome, Pending) for outcome in done)}


def standing(request: PageRequest, found: Round) -> dict[str, str]:
    """How the round stands, in words: name -> value."""
    language = request.language
    progress = progress_of(request.books, found.id)
    told = {text(language, "rounds-state"): text(language, f"round-state-{found.status}")}
    told[text(language, "rounds-as-of")] = date_text(language, found.as_of)
    told[text(language, "rounds-law")] = text(language, f"rounds-law-{found.law}")
    told[text(language, "rounds-choices")] = " ".join([*narrowing_lines(found, language), *form_lines(found, language)])
    for name in ("debts", "by_both", "by_one", "by_nobody", "barred", "refused", "asked", "signed"):
        told[text(language, f"rounds-count-{name.replace('_', '-')}")] = str(getattr(progress, name))
    for total in debt_totals(request.books, found.id, DebtFilter()):
        told[text(language, "rounds-part-of", currency=total.currency)] = fact_text(language, "amount", Money(total.part, total.currency))
        told[text(language, "rounds-cleared-of", currency=total.currency)] = fact_text(
            language, "amount", Money(total.cleared, total.currency)
        )
    if found.effect_on:
        told[text(language, "rounds-effect-on")] = date_text(language, found.effect_on)
    return told
