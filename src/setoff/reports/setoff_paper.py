"""The act of set-off on paper: of two, three and more parties, or the notice of one; in the language of the partner.

Paragraphs: what each owes the other, document by document; what is set off, in figures and words, with the VAT in it by rates; what
remains; since when the debts are discharged, by the law of the books; how many copies there are. Then signatures, and on a notice the
slip of its receipt. Spec 7.7.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from setoff.core.money import Money
from setoff.language import ABSENT, Language, date_text, money_text, text
from setoff.reports.cells import undated_text
from setoff.reports.in_words import amount_in_words
from setoff.reports.pdf import PADDING, foot, letters
from setoff.reports.setoff_act import ActClaim, ActParty, SetOffAct, VatPart, vat_by_rate
from setoff.reports.typesetting import REGIONS, typeset

SIZE_TENTHS: Final = 90
TAGGED_MAX: Final = 100
"""Acts up to which a file has tags for screen readers."""
TABLE_TENTHS: Final = 82
PORTRAIT: Final = 515
LANDSCAPE: Final = 762
TEXT_LEAST: Final = 70
"""Points that a text of a table needs; with less the page turns."""
AMOUNT_LEAST: Final = 54
"""Points of a column of amounts, so that the tables of an act look alike."""
TEXTS: Final = frozenset({"contract", "document"})
JOINED: Final = {"en": "; ", "ru": "; ", "zh": "；"}
Claims = Sequence[ActClaim]


def render_set_off(act: SetOffAct, *, printed: date, language: Language | None = None) -> bytes:
    """The PDF, in the language of the partner unless another is asked for."""
    chosen = language or act.language
    return typeset("setoff", paper_of(act, chosen, printed=printed), chosen, printed=printed)


def render_set_offs(acts: Sequence[SetOffAct], title: str, shown: Language, *, printed: date, language: Language | None = None) -> bytes:
    """One PDF of many acts, each with page numbers of its own, in the language of its partner unless another is asked for. `title`: of
    the file, in the language `shown`."""
    papers = []
    for act in acts:
        chosen = language or act.language
        papers.append({**paper_of(act, chosen, printed=printed), "language": chosen, "region": REGIONS[chosen]})
    return typeset("setoffs", {"title": title, "papers": papers}, shown, printed=printed, tagged=len(papers) <= TAGGED_MAX)


def paper_of(act: SetOffAct, chosen: Language, *, printed: date) -> dict[str, Any]:
    """What stands on the paper, for the template."""
    paragraphs = [*_debts(act, chosen), _sum(act, chosen), _rest(act, chosen), _effect(act, chosen), *_end(act, chosen)]
    title = _title(act, chosen)
    tables = [paragraph["table"] for paragraph in paragraphs if paragraph["table"]]
    return {
        "title": title,
        "author": act.parties[0].name,
        "number": text(chosen, "setoff-paper-number", number=act.number),
        "place": act.place or text(chosen, "setoff-paper-place"),
        "day": date_text(chosen, act.day),
        "draft": text(chosen, "setoff-paper-draft") if act.is_draft else "",
        "address": _address(act, chosen) if act.one_sided else [],
        "intro": _intro(act, chosen),
        "paragraphs": paragraphs,
        "landscape": any(table["landscape"] for table in tables),
        "signatures": _signatures(act, chosen),
        "receipts": _receipts(act, chosen) if act.one_sided else [],
        "justify": chosen == "ru",
        "size_tenths": SIZE_TENTHS,
        "table_tenths": TABLE_TENTHS,
        **foot(chosen, printed, running=" – ".join(party.name for party in act.parties)),
    }


def _title(act: SetOffAct, language: Language) -> str:
    if act.one_sided:
        return text(language, "setoff-paper-notice")
    return text(language, "setoff-paper-act", parties=len(act.parties))


def _address(act: SetOffAct, language: Language) -> list[str]:
    """Above a notice: to whom, from whom."""
    ours, *others = act.parties
    to = [text(language, "setoff-paper-to", identity=_identity(party, language)) for party in others]
    return [*to, text(language, "setoff-paper-from", identity=_identity(ours, language))]


def _intro(act: SetOffAct, language: Language) -> list[str]:
    if act.one_sided:
        facts = {"ours": act.parties[0].name, "theirs": ", ".join(party.name for party in act.parties[1:])}
        return [text(language, f"setoff-paper-notice-intro-{act.law}", **facts)]
    lines = []
    for place, party in enumerate(act.parties, 1):
        facts = {
            "identity": _identity(party, language), "called": text(language, "setoff-paper-side", place=place),
            "by": _by(party, language),
        }  # fmt: skip
        lines.append(text(language, "setoff-paper-party" if place < len(act.parties) else "setoff-paper-last-party", **facts))
    return [*lines, text(language, "setoff-paper-intro")]


def _by(party: ActParty, language: Language) -> str:
    """Who acts for the party."""
    if not party.signatory:
        return text(language, "setoff-paper-by-blank")
    named = text(language, "setoff-paper-named", name=party.signatory, position=party.position) if party.position else party.signatory
    return text(language, "setoff-paper-by", signatory=named)


def _identity(party: ActParty, language: Language) -> str:
    """The name with its tax numbers."""
    if not party.tax_id:
        return party.name
    key = "setoff-paper-identity-kpp" if party.kpp else "setoff-paper-identity"
    return text(language, key, name=party.name, tax=party.tax_id, kpp=party.kpp)


def _directions(act: SetOffAct) -> Iterator[tuple[str, str, Claims]]:
    """Claims by who owes whom in which currency, in the order of the act: debtor, creditor, claims."""
    groups: dict[tuple[int, int, str], list[ActClaim]] = {}
    for claim in act.claims:
        groups.setdefault((claim.debtor, claim.creditor, claim.currency), []).append(claim)
    for (debtor, creditor, _currency), claims in groups.items():
        yield act.parties[debtor].name, act.parties[creditor].name, claims


def _debts(act: SetOffAct, language: Language) -> Iterator[dict[str, Any]]:
    """A paragraph for every direction: a table of documents, or the amount alone where it is not in our books."""
    for debtor, creditor, claims in _directions(act):
        facts = {"debtor": debtor, "creditor": creditor, "currency": claims[0].currency}
        if not claims[0].document.key:
            owed = Money(sum(claim.amount for claim in claims), claims[0].currency)
            yield _paragraph(text(language, "setoff-paper-theirs", amount=owed, **facts))
            continue
        contracts = {(claim.contract, claim.contract_date) for claim in claims}
        said = text(language, "setoff-paper-debt", **facts)
        if len(contracts) == 1 and claims[0].contract:
            key = "setoff-paper-debt-contract" if claims[0].contract_date else "setoff-paper-debt-contract-undated"
            said = text(language, key, contract=claims[0].contract, day=claims[0].contract_date, **facts)
        yield _paragraph(said, table=_table(claims, act, language, by_contract=len(contracts) > 1))


def _table(claims: Claims, act: SetOffAct, language: Language, *, by_contract: bool) -> dict[str, Any]:
    """The documents with what is open, set off and left; totals below when there are several."""
    names = [*(["contract"] if by_contract else []), "document", "date", "due", "debt", "set-off", "vat", "left"]
    foreign = any(claim.value for claim in claims)
    if foreign:
        names.insert(-1, "value")
    if not any(claim.due for claim in claims):
        names.remove("due")
    heads = [text(language, f"setoff-paper-column-{name}", currency=act.currency) for name in names]
    rows = [[_cell(name, claim, act, language) for name in names] for claim in claims]
    sums = {
        "debt": sum(claim.before for claim in claims), "set-off": sum(claim.amount for claim in claims),
        "left": sum(claim.after for claim in claims),
    }  # fmt: skip
    total = []
    if len(claims) > 1:
        currency = claims[0].currency
        told = {name: money_text(language, amount, currency) for name, amount in sums.items()}
        told["value"] = money_text(language, sum(claim.value for claim in claims), act.currency)
        told["vat"] = _vat_cell(vat_by_rate(claims) or None, currency, language)
        total = [text(language, "setoff-paper-total") if not place else told.get(name, "") for place, name in enumerate(names)]
    numeric = [name not in TEXTS | {"date", "due"} for name in names]
    return {"columns": heads, "numeric": numeric, "rows": rows, "total": total, **_fitted(names, heads, [*rows, total] if total else rows)}


def _cell(name: str, claim: ActClaim, act: SetOffAct, language: Language) -> str:
    if name == "contract":
        dated = claim.contract and claim.contract_date
        facts = {"contract": claim.contract, "day": claim.contract_date}
        return text(language, "setoff-paper-contract", **facts) if dated else claim.contract or ABSENT
    if name == "document":
        said = undated_text(claim.document._replace(number=claim.label or claim.document.number), language)
        said = text(language, "setoff-paper-incoming", document=said, incoming=claim.incoming) if claim.incoming else said
        return text(language, "setoff-paper-advance", document=said) if claim.is_advance else said
    if name in ("date", "due"):
        day = claim.document.date if name == "date" else claim.due
        return date_text(language, day) if day else ""
    if name == "vat":
        return _vat_cell(claim.vat, claim.currency, language)
    if name == "value":
        return money_text(language, claim.value, act.currency)
    amount = {"debt": claim.before, "set-off": claim.amount, "left": claim.after}[name]
    return money_text(language, amount, claim.currency)


def _vat_cell(parts: Sequence[VatPart] | None, currency: str, language: Language) -> str:
    if parts is None:
        return ABSENT
    if not any(part.rate for part in parts):
        return text(language, "setoff-paper-no-vat")
    return money_text(language, sum(part.vat for part in parts), currency)


def _fitted(names: Sequence[str], heads: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Widths in points: dates and amounts what they need, texts the rest."""
    needed = []
    for place, name in enumerate(names):
        words = max(letters(word) for word in heads[place].split(" "))
        cells = [] if name in TEXTS else [letters(cells[place]) for cells in rows]
        widest = max([words, *cells]) * TABLE_TENTHS * 108 // 100_000
        least = 0 if name in ("date", "due") else AMOUNT_LEAST
        needed.append(0 if name in TEXTS else max(widest + PADDING + 2, least))
    texts = [place for place, name in enumerate(names) if name in TEXTS]
    landscape = PORTRAIT - sum(needed) < TEXT_LEAST * len(texts)
    room = (LANDSCAPE if landscape else PORTRAIT) - sum(needed)
    return {"landscape": landscape, "widths": [width or room // len(texts) for width in needed]}


def _sum(act: SetOffAct, language: Language) -> dict[str, Any]:
    """What is set off, and the VAT in it by direction and rates."""
    facts = {"amount": Money(act.amount, act.currency), "words": amount_in_words(act.amount, act.currency, language)}
    key = "setoff-paper-sum-notice" if act.one_sided else "setoff-paper-sum" if _is_even(act) else "setoff-paper-sum-own"
    lines = []
    for debtor, creditor, claims in _directions(act):
        parts = [_vat_text(part, claims[0].currency, language) for part in vat_by_rate(claims)]
        untold = sum(claim.amount for claim in claims if claim.vat is None)
        if parts and untold:
            parts.append(text(language, "setoff-paper-vat-untold", amount=Money(untold, claims[0].currency)))
        if parts:
            lines.append(text(language, "setoff-paper-vat", debtor=debtor, creditor=creditor, parts=JOINED[language].join(parts)))
    if act.written_off:
        lines.append(text(language, "setoff-paper-written-off", amount=Money(act.written_off, act.currency)))
    lines += _values(act, language)
    return _paragraph(text(language, key, parties=len(act.parties), ours=act.parties[0].name, **facts), lines)


def _is_even(act: SetOffAct) -> bool:
    """Whether every party is relieved of the same amount: two are, and the parties of a ring."""
    relieved: dict[int, int] = {}
    for claim in act.claims:
        relieved[claim.debtor] = relieved.get(claim.debtor, 0) + (claim.value or claim.amount)
    return len(act.parties) == 2 or len(set(relieved.values())) == 1


def _values(act: SetOffAct, language: Language) -> Iterator[str]:
    """What claims in foreign currency count for, by direction."""
    for debtor, creditor, claims in _directions(act):
        if any(claim.value for claim in claims):
            amount = Money(sum(claim.amount for claim in claims), claims[0].currency)
            value = Money(sum(claim.value for claim in claims), act.currency)
            yield text(language, "setoff-paper-value", debtor=debtor, creditor=creditor, amount=amount, value=value, day=act.day)


def _vat_text(part: VatPart, currency: str, language: Language) -> str:
    """In figures and words (spec 7.7)."""
    if not part.rate:
        return text(language, "setoff-paper-vat-none", amount=Money(part.gross, currency))
    words = amount_in_words(part.vat, currency, language)
    return text(language, "setoff-paper-vat-rate", rate=part.rate, amount=Money(part.vat, currency), words=words)


def _rest(act: SetOffAct, language: Language) -> dict[str, Any]:
    """What remains of the debts of our books."""
    lines = []
    for debtor, creditor, claims in _directions(act):
        if not claims[0].document.key:
            continue
        left = sum(claim.after for claim in claims)
        currency = claims[0].currency
        facts = {"debtor": debtor, "creditor": creditor, "amount": Money(left, currency), "currency": currency}
        words = amount_in_words(left, currency, language)
        lines.append(text(language, "setoff-paper-left" if left else "setoff-paper-nothing-left", words=words, **facts))
    return _paragraph(text(language, "setoff-paper-rest"), lines)


def _effect(act: SetOffAct, language: Language) -> dict[str, Any]:
    """Since when, by law."""
    key = f"setoff-paper-effect-{act.effect.basis}"
    if act.effect.day is None:
        key += "-unknown"
    return _paragraph(text(language, key, day=act.effect.day))


def _end(act: SetOffAct, language: Language) -> Iterator[dict[str, Any]]:
    """Papers it rests on, and copies."""
    if act.reason:
        yield _paragraph(text(language, "setoff-paper-reason", reason=act.reason))
    if act.linked:
        yield _paragraph(text(language, "setoff-paper-linked"), act.linked)
    if act.one_sided:
        yield _paragraph(text(language, "setoff-paper-notice-copies", count=len(act.parties)))
    else:
        yield _paragraph(text(language, "setoff-paper-copies", count=len(act.parties)))


def _signatures(act: SetOffAct, language: Language) -> list[dict[str, Any]]:
    signing = act.parties[:1] if act.one_sided else act.parties
    found = []
    for place, party in enumerate(signing, 1):
        called = text(language, "setoff-paper-side", place=place)
        head = party.name if act.one_sided else text(language, "setoff-paper-for-side", called=called, name=party.name)
        known = {"position": party.position, "signature": "", "name": party.signatory}
        blanks = [[text(language, f"setoff-paper-blank-{blank}"), value] for blank, value in known.items()]
        found.append({"name": head, "blanks": blanks, "seal": "".join(_lines(text(language, "setoff-paper-seal")))})
    return found


def _receipts(act: SetOffAct, language: Language) -> list[dict[str, Any]]:
    """On a notice, for every addressee."""
    blanks = [text(language, f"setoff-paper-receipt-{blank}") for blank in ("date", "signature")]
    return [{"said": text(language, "setoff-paper-receipt", name=party.name), "blanks": blanks} for party in act.parties[1:]]


def _paragraph(said: str, lines: Sequence[str] = (), table: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"said": said, "lines": list(lines), "table": table}


def _lines(said: str) -> list[str]:
    """The lines of a text of ours; one that is "-" is none."""
    return [line.strip() for line in said.splitlines() if line.strip() not in ("", "-")]
