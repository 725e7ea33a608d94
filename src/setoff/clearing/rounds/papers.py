"""A round on paper: the multilateral act that all sign, and the statement of one party, in the language of who reads it.

The act lists every debt that something is cleared of, with its contract and the number and date of its document (402-FZ art. 9), what
each party is relieved of (the same as debtor and as creditor), since when, and has room for every signature. A statement tells one party
its part. Before the round is final both say that they are drafts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.clearing.rounds.chain_papers import Said, documents_said
from setoff.clearing.rounds.posting import effect_of_round
from setoff.clearing.rounds.queries import obligations_of, parties_of, positions_of
from setoff.clearing.rounds.records import Obligation, Party, Position, Round
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import Money
from setoff.language import ABSENT, Language, date_text, language_of, money_text, text
from setoff.reports.in_words import amount_in_words
from setoff.reports.pdf import foot
from setoff.reports.setoff_act import vat_of_share
from setoff.reports.setoff_books import supplied_in
from setoff.reports.typesetting import typeset
from setoff.trade.set_off_law import Effect

SIZE_TENTHS: Final = 90
TABLE_TENTHS: Final = 80
DEBT_COLUMNS: Final = ("no", "debtor", "creditor", "contract", "number", "due", "amount", "cleared", "vat", "rest")
DEBT_WIDTHS: Final = (24, 114, 114, 86, 86, 54, 74, 74, 62, 74)
PARTY_COLUMNS: Final = ("party", "owes", "owed", "cleared", "owes-after", "owed-after")
PARTY_WIDTHS: Final = (262, 100, 100, 100, 100, 100)
NUMERIC: Final = frozenset({"no", "amount", "cleared", "vat", "rest", "owes", "owed", "owes-after", "owed-after"})


class Whole(NamedTuple):
    """What a paper of a round is made of, by number of debt: `said`, what our books say of it (one of a file is not there); `vat`,
    contained in what is cleared, where its document tells."""

    round: Round
    parties: dict[int, Party]
    debts: list[Obligation]
    positions: list[Position]
    effect: Effect
    said: dict[int, Said]
    vat: dict[int, int]

    def involved(self) -> list[Party]:
        """Whoever something is cleared for, ours first."""
        numbers = {side for debt in self.debts for side in (debt.debtor, debt.creditor)}
        return [party for no, party in sorted(self.parties.items()) if no in numbers]


def render_round_act(conn: Connection[Any], found: Round, *, printed: date, language: Language | None = None) -> bytes:
    """The act of all parties as PDF; in the language of the first of ours unless another is asked for. Errors: round_state."""
    whole = _whole(conn, found)
    parties = whole.involved()
    chosen = language or language_of(parties[0].language if parties else "en")
    title = text(chosen, "setoff-paper-act", parties=max(len(parties), 4))
    paragraphs = [
        *(_debts(whole, currency, chosen) for currency in _currencies(whole)),
        *(_positions(whole, currency, chosen) for currency in _currencies(whole)),
        _paragraph(text(chosen, _effect_key(whole.effect), day=whole.effect.day)),
        _paragraph(text(chosen, "setoff-paper-copies", count=len(parties))),
    ]
    intro = [_identity(party, chosen) for party in parties] + [text(chosen, "setoff-paper-intro")]
    return _typeset(whole, chosen, printed, title=title, intro=intro, paragraphs=paragraphs, signing=parties)


def render_statement(conn: Connection[Any], found: Round, code: str, *, printed: date, language: Language | None = None) -> bytes:
    """What the round means for one party. Errors: round_state, unknown_reference."""
    whole = _whole(conn, found)
    party = next((known for known in whole.parties.values() if known.code == code), None)
    if party is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="party", value=code, field="party")
    chosen = language or language_of(party.language)
    own = whole._replace(
        debts=[debt for debt in whole.debts if party.no in (debt.debtor, debt.creditor)],
        positions=[row for row in whole.positions if row.party == party.no],
    )
    owes = own._replace(debts=[debt for debt in own.debts if debt.debtor == party.no])
    owed = own._replace(debts=[debt for debt in own.debts if debt.creditor == party.no])
    paragraphs = [
        *(_debts(owes, currency, chosen, "round-paper-owes") for currency in _currencies(owes)),
        *(_debts(owed, currency, chosen, "round-paper-owed") for currency in _currencies(owed)),
        *(_positions(own, currency, chosen) for currency in _currencies(own)),
        _paragraph(_since_when(whole.effect, chosen)),
    ]
    intro = [_identity(party, chosen), text(chosen, "round-paper-statement-intro")]
    title = text(chosen, "round-paper-statement")
    return _typeset(own, chosen, printed, title=title, intro=intro, paragraphs=paragraphs, signing=[party])


def _whole(conn: Connection[Any], found: Round) -> Whole:
    """Errors: round_state before the first solution and after something was changed since."""
    if found.status == "open":
        raise DomainError(ErrorCode.ROUND_STATE, round=found.code, state=found.status, expected="preliminary, posting, final, reversed")
    parties = parties_of(conn, found.id)
    debts = obligations_of(conn, found.id, cleared=True)
    effect = effect_of_round(found, parties, debts, found.posted_on or found.as_of)
    said = documents_said(conn, debts)
    numbered = {party.no: party for party in parties}
    return Whole(found, numbered, debts, positions_of(conn, found.id), effect, said, _vat(debts, said))


def _vat(debts: Sequence[Obligation], said: Mapping[int, Said]) -> dict[int, int]:
    """VAT in what is cleared of the debts in our books."""
    found = {}
    for debt in debts:
        parts = supplied_in(said[debt.no].content, debt.currency) if debt.no in said else None
        if parts and sum(part.gross for part in parts):
            found[debt.no] = sum(part.vat for part in vat_of_share(debt.cleared, parts))
    return found


def _typeset(
    whole: Whole, language: Language, printed: date, *, title: str, intro: Sequence[str], paragraphs: Sequence[dict[str, Any]],
    signing: Iterable[Party],
) -> bytes:  # fmt: skip
    found = whole.round
    data = {
        "title": title,
        "author": "",
        "number": text(language, "setoff-paper-number", number=found.code),
        "place": text(language, "setoff-paper-place"),
        "day": date_text(language, found.posted_on or found.as_of),
        "draft": "" if found.status in ("final", "reversed") else text(language, "setoff-paper-draft"),
        "address": [],
        "intro": list(intro),
        "paragraphs": list(paragraphs),
        "landscape": True,
        "signatures": [_signature(party, language) for party in signing],
        "receipts": [],
        "justify": language == "ru",
        "size_tenths": SIZE_TENTHS,
        "table_tenths": TABLE_TENTHS,
        **foot(language, printed, running=text(language, "setoff-paper-number", number=found.code)),
    }
    return typeset("setoff", data, language, printed=printed)


def _debts(whole: Whole, currency: str, language: Language, key: str = "round-paper-debts") -> dict[str, Any]:
    """The debts that are discharged in a currency, with the VAT in it and what is left of each."""
    debts = [debt for debt in whole.debts if debt.currency == currency]
    rows = []
    for debt in debts:
        vat, said = whole.vat.get(debt.no), whole.said.get(debt.no)
        amounts = [money_text(language, amount, currency) for amount in (debt.amount, debt.cleared, vat or 0, debt.amount - debt.cleared)]
        amounts[2] = ABSENT if vat is None else amounts[2] if vat else text(language, "setoff-paper-no-vat")
        names = [whole.parties[side].name for side in (debt.debtor, debt.creditor)]
        due = date_text(language, debt.due) if debt.due else ""
        rows.append([str(debt.no), *names, _contract(said, language), _document(debt, said, language), due, *amounts])
    cleared = sum(debt.cleared for debt in debts)
    owed = sum(debt.amount for debt in debts)
    sums = (owed, cleared, sum(whole.vat.get(debt.no, 0) for debt in debts), owed - cleared)
    told = [money_text(language, amount, currency) for amount in sums]
    if not any(debt.no in whole.vat for debt in debts):
        told[2] = ABSENT
    total = ["", text(language, "setoff-paper-total"), *[""] * (len(DEBT_COLUMNS) - len(told) - 2), *told]
    facts = {"amount": Money(cleared, currency), "words": amount_in_words(cleared, currency, language)}
    return _paragraph(text(language, key, **facts), _table(DEBT_COLUMNS, DEBT_WIDTHS, rows, total, language))


def _contract(said: Said | None, language: Language) -> str:
    if said is None or not said.contract:
        return ABSENT
    if said.contract_date is None:
        return said.contract
    return text(language, "round-paper-dated", name=said.contract, day=said.contract_date)


def _document(debt: Obligation, said: Said | None, language: Language) -> str:
    """Its number, with its day where it is known, and the number of the creditor's paper where only the debtor's books are ours."""
    name = text(language, "round-paper-dated", name=debt.number, day=debt.date) if debt.date else debt.number
    incoming = said.incoming if said and debt.creditor_lot is None else ""
    return text(language, "setoff-paper-incoming", document=name, incoming=incoming) if incoming else name


def _positions(whole: Whole, currency: str, language: Language) -> dict[str, Any]:
    """What every party owes and is owed before and after."""
    rows = [
        [
            whole.parties[row.party].name,
            *(money_text(language, amount, currency)
              for amount in (row.owes, row.owed, row.cleared, row.owes - row.cleared, row.owed - row.cleared)),
        ]
        for row in whole.positions if row.currency == currency and row.cleared
    ]  # fmt: skip
    return _paragraph(text(language, "round-paper-positions", currency=currency), _table(PARTY_COLUMNS, PARTY_WIDTHS, rows, [], language))


def _table(
    names: Sequence[str], widths: Sequence[int], rows: list[list[str]], total: list[str], language: Language
) -> dict[str, Any]:  # fmt: skip
    heads = [text(language, f"column-round-{name}") for name in names]
    return {"columns": heads, "numeric": [name in NUMERIC for name in names], "rows": rows, "total": total, "widths": list(widths)}


def _currencies(whole: Whole) -> list[str]:
    return sorted({debt.currency for debt in whole.debts})


def _identity(party: Party, language: Language) -> str:
    if not party.tax_id:
        return party.name
    key = "setoff-paper-identity-kpp" if party.kpp else "setoff-paper-identity"
    return text(language, key, name=party.name, tax=party.tax_id, kpp=party.kpp)


def _since_when(effect: Effect, language: Language) -> str:
    """Of a statement, which is no act: since when the debts count as discharged."""
    if effect.day is None:
        return text(language, _effect_key(effect))
    return text(language, "round-effect", day=effect.day, basis=text(language, f"round-basis-{effect.basis}"))


def _effect_key(effect: Effect) -> str:
    return f"setoff-paper-effect-{effect.basis}" + ("-unknown" if effect.day is None else "")


def _signature(party: Party, language: Language) -> dict[str, Any]:
    signed = party.consent_by if party.consent == "agreed" else ""
    known = {"position": "", "signature": "", "name": signed}
    blanks = [[text(language, f"setoff-paper-blank-{blank}"), value] for blank, value in known.items()]
    return {"name": party.name, "blanks": blanks, "seal": ""}


def _paragraph(said: str, table: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"said": said, "lines": [], "table": table}
