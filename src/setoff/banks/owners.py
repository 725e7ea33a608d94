"""Whose money a line is: by tax number, by account, by name; each with a reason and a confidence (per mille).

| evidence                                            | confidence |
| ---                                                 | ---        |
| tax number, and the name agrees                     | 990        |
| tax number, name of nobody else                     | 960        |
| account known of confirmed lines or typed by people | 985        |
| the same name, tax number typed wrong by one sign   | 985        |
| the purpose says for whom, and we know who paid     | 960        |
| the same name and legal form, no tax number         | 955        |
| the same name, another legal form                   | 880        |
| the purpose says for whom, we do not know who paid  | 830        |
| the same name, a tax number of somebody else        | 850        |
| nearly the same name, none other as near            | 800 - 880  |

`SURE` and above may be booked without a look. Where two kinds of evidence point to different parties, the line is nobody's until a
person decides: both are named as candidates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from rapidfuzz import fuzz
from stdnum.cn import uscc
from stdnum.ru import inn

from setoff.banks.names import MARGIN, NEAR, Likeness, NameIndex
from setoff.banks.numbers import one_sign_apart
from setoff.banks.statement import Line
from setoff.parties.names import Name, forms_agree, name_of

SURE: Final = 950
ON_BEHALF: Final = re.compile(
    r"(?:^|[\s,;.(])за\s+(?P<quoted>(?:ООО|АО|ПАО|ЗАО|ОАО|ИП)\b[^,;()«\"]{0,12}[«\"][^»\"]{2,60})[»\"]"
    r"|(?:^|[\s,;.(])за\s+(?P<ru>(?:ООО|АО|ПАО|ЗАО|ОАО|ИП)\s[^,;()]{3,60}?)(?=\s+(?:по|согласно|за|сч|с/ф|от|инн)\b|[,;()]|$)"
    r"|(?:on behalf of|for account of|im auftrag von)\s+(?P<en>[^,;()]{3,60}?)(?=\s+(?:inv|invoice|for|as per|no)\b|[,;()]|$)"
    r"|代(?P<zh>[^,;，；。]{4,30}?)(?:支付|付)",
    re.IGNORECASE,
)
DIFFERS: Final = 50.0
"""Likeness in percent below which two names are not the same company's."""


class Party(NamedTuple):
    """A counterparty. `is_ours`: it has a contract or open lots with the organization of the account."""

    id: int
    code: str
    name: str
    tax_id: str
    kpp: str
    is_ours: bool


class Reason(NamedTuple):
    """Why, for people: a text key (`reason-KEY` of banks.ftl) and its facts. Doubts begin with `doubt-`."""

    key: str
    facts: dict[str, Any]


class Owner(NamedTuple):
    """`party` is None when nobody is found or several are alike; `candidates` are then those to look at. `payer` is another party
    that paid in its place."""

    party: Party | None
    confidence: int
    reasons: tuple[Reason, ...]
    candidates: tuple[Party, ...] = ()
    payer: Party | None = None


NOBODY: Final = Owner(None, 0, ())


class OwnerIndex:
    """The parties of the books, to be found by what a line says. Built once for a run."""

    def __init__(self, parties: Sequence[Party], accounts: Mapping[str, Sequence[int]]) -> None:
        """`accounts`: number -> ids of the parties it was seen with."""
        self.parties = parties
        self._by_id = {party.id: party for party in parties}
        self._by_tax_id: dict[str, list[Party]] = {}
        for party in parties:
            if party.tax_id:
                self._by_tax_id.setdefault(_plain(party.tax_id), []).append(party)
        self._accounts = accounts
        self._names: NameIndex | None = None

    @property
    def names(self) -> NameIndex:
        if self._names is None:
            self._names = NameIndex(party.name for party in self.parties)
        return self._names

    def find(self, line: Line) -> Owner:
        """The owner of a line, as its own fields say it, or as its purpose says for whom it was paid."""
        paid = self._of_fields(line)
        match = ON_BEHALF.search(line.purpose)
        if match is None:
            return paid
        behalf = self._named(next(text for text in match.groups() if text), paid.party)
        if behalf is None:
            return paid
        known_payer = behalf.payer is not None and paid.confidence >= SURE
        return behalf if known_payer else behalf._replace(confidence=min(behalf.confidence, 830))

    def _of_fields(self, line: Line) -> Owner:
        written = name_of(line.name)
        by_tax_id = self._by_tax_id.get(_plain(line.tax_id), []) if line.tax_id else []
        if by_tax_id:
            return self._by_number(line, written, by_tax_id)
        by_account = [self._by_id[party_id] for party_id in self._accounts.get(line.account, ()) if party_id in self._by_id]
        if len(by_account) == 1:
            return self._by_account(line, written, by_account[0])
        return self._by_name(line, written) if written.core else NOBODY

    def _by_number(self, line: Line, written: Name, found: list[Party]) -> Owner:
        party = _only([party for party in found if party.kpp == line.kpp] if line.kpp else []) or _only(found)
        party = party or _only([party for party in found if party.is_ours])
        if party is None:
            party = _only([party for party in found if name_of(party.name).core == written.core])
        if party is None:
            return Owner(None, 600, (Reason("doubt-tax-id-several", {"tax_id": line.tax_id, "count": len(found)}),), tuple(found[:5]))
        reason = Reason("reason-tax-id", {"tax_id": line.tax_id})
        return self._checked(Owner(party, 990, (reason,)), written, 960)

    def _by_account(self, line: Line, written: Name, party: Party) -> Owner:
        owner = Owner(party, 985, (Reason("reason-account", {"account": line.account}),))
        if line.tax_id and party.tax_id and _is_tax_id(line.tax_id) and not one_sign_apart(_plain(line.tax_id), _plain(party.tax_id)):
            doubt = Reason("doubt-tax-id-other", {"tax_id": line.tax_id, "known": party.tax_id})
            return owner._replace(confidence=850, reasons=(*owner.reasons, doubt))
        return self._checked(owner, written, 900)

    def _checked(self, owner: Owner, written: Name, confidence_differing: int) -> Owner:
        """The owner, less sure when the line bears another name, and nobody for sure when that is the name of another party."""
        assert owner.party is not None
        own = name_of(owner.party.name)
        if not written.core or _alike(own.core, written.core) >= DIFFERS:
            return owner
        others = [self.parties[place] for place in self.names.exact(written) if forms_agree(self.names.names[place], written)]
        doubt = Reason("doubt-name-differs", {"name": owner.party.name})
        if others:
            return Owner(owner.party, 700, (*owner.reasons, doubt), (owner.party, *others[:4]))
        return owner._replace(confidence=confidence_differing, reasons=(*owner.reasons, doubt))

    def _by_name(self, line: Line, written: Name) -> Owner:
        places = self.names.exact(written)
        if places:
            return self._by_same_name(line, written, [self.parties[place] for place in places])
        near = self.names.near(written)
        return self._by_near_name(line, near) if near else NOBODY

    def _by_same_name(self, line: Line, written: Name, found: list[Party]) -> Owner:
        ours = [party for party in found if party.is_ours]
        party = _only(found) or _only(ours)
        if party is None:
            return Owner(None, 600, (Reason("doubt-name-several", {"count": len(found)}),), tuple((ours or found)[:5]))
        reason = Reason("reason-name", {"name": party.name})
        if not forms_agree(name_of(party.name), written):
            return Owner(party, 880, (reason, Reason("doubt-form", {"name": line.name})))
        return _confirmed_by_tax_id(Owner(party, 955 if len(found) == 1 else 940, (reason,)), line)

    def _by_near_name(self, line: Line, near: Sequence[Likeness]) -> Owner:
        best = near[0]
        second = next((other.percent for other in near[1:]), 0.0)
        party = self.parties[best.place]
        reason = Reason("reason-name-near", {"name": party.name, "percent": round(best.percent)})
        for likeness in near:
            candidate = self.parties[likeness.place]
            if line.tax_id and candidate.tax_id and one_sign_apart(_plain(line.tax_id), _plain(candidate.tax_id)):
                known = Reason("reason-tax-id-near", {"tax_id": line.tax_id, "known": candidate.tax_id})
                return Owner(candidate, 970, (Reason("reason-name-near", {**reason.facts, "name": candidate.name}), known))
        if best.percent < NEAR:
            return NOBODY
        if best.percent - second < MARGIN:
            candidates = tuple(self.parties[likeness.place] for likeness in near[:5])
            return Owner(None, 500, (Reason("doubt-name-several", {"count": len(near)}),), candidates)
        owner = Owner(party, 880 if best.percent >= 92 else 840, (reason,))
        return _confirmed_by_tax_id(owner, line)

    def _named(self, text: str, payer: Party | None) -> Owner | None:
        """The owner that a purpose names; None when it names the payer himself or nobody we know."""
        written = name_of(text.strip(" «»\"'"))
        found = [self.parties[place] for place in self.names.exact(written)]
        reason = Reason("reason-on-behalf", {"name": text.strip()})
        if not found:
            near = [likeness for likeness in self.names.near(written) if likeness.percent >= NEAR]
            if not near:
                return None
            return Owner(self.parties[near[0].place], 840, (reason,), payer=payer)
        party = _only(found) or _only([party for party in found if party.is_ours])
        if party is None:
            return Owner(None, 600, (reason,), tuple(found[:5]), payer)
        return None if party == payer else Owner(party, 960, (reason,), payer=payer)


def _confirmed_by_tax_id(owner: Owner, line: Line) -> Owner:
    """An owner found by name, more or less sure by the tax number that the line states."""
    party = owner.party
    if party is None or not line.tax_id:
        return owner
    facts = {"tax_id": line.tax_id, "known": party.tax_id}
    if party.tax_id and one_sign_apart(_plain(line.tax_id), _plain(party.tax_id)):
        return owner._replace(confidence=max(owner.confidence, 985), reasons=(*owner.reasons, Reason("reason-tax-id-near", facts)))
    if not _is_tax_id(line.tax_id):
        return owner._replace(confidence=min(owner.confidence, 900), reasons=(*owner.reasons, Reason("doubt-tax-id-invalid", facts)))
    if not party.tax_id:
        return owner._replace(confidence=min(owner.confidence, 940))
    return owner._replace(confidence=min(owner.confidence, 850), reasons=(*owner.reasons, Reason("doubt-tax-id-other", facts)))


def _is_tax_id(text: str) -> bool:
    """Whether the check digits are right, where the kind of number is known by its length; else it is taken as it stands."""
    plain = _plain(text)
    if len(plain) in (10, 12) and plain.isdigit():
        return bool(inn.is_valid(plain))
    return bool(uscc.is_valid(plain)) if len(plain) == 18 else True


def _plain(tax_id: str) -> str:
    return tax_id.upper() if tax_id.isalnum() else re.sub(r"[\W_]", "", tax_id).upper()


def _alike(one: str, other: str) -> float:
    return max(float(fuzz.ratio(one, other)), float(fuzz.token_set_ratio(one, other)))


def _only(found: Iterable[Party]) -> Party | None:
    """The only one, when there is exactly one."""
    listed = list(found)
    return listed[0] if len(listed) == 1 else None
