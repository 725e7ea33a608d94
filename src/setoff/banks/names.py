"""Names of companies as banks and people write them: when two are the same, and when they are nearly.

A name has a core (what is left without the legal form, quotes and signs) and its forms. Cores are compared as skeletons: capital
letters, ё as Е, and letters that look alike in Latin and Cyrillic as one. So «Вега» ООО, OOO BEГA and Общество с ограниченной
ответственностью "Вега" are equal, and АО «Вега» differs from them in the form alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from rapidfuzz import fuzz, process

LOOK_ALIKE: Final = str.maketrans("АВЕКМНОРСТУХІЁЙ", "ABEKMHOPCTYXIEИ")
LONG_FORMS: Final = (
    ("ОБЩЕСТВО С ОГРАНИЧЕННОЙ ОТВЕТСТВЕННОСТЬЮ", "ООО"),
    ("ПУБЛИЧНОЕ АКЦИОНЕРНОЕ ОБЩЕСТВО", "ПАО"),
    ("ОТКРЫТОЕ АКЦИОНЕРНОЕ ОБЩЕСТВО", "АО"),
    ("ЗАКРЫТОЕ АКЦИОНЕРНОЕ ОБЩЕСТВО", "АО"),
    ("НЕПУБЛИЧНОЕ АКЦИОНЕРНОЕ ОБЩЕСТВО", "АО"),
    ("АКЦИОНЕРНОЕ ОБЩЕСТВО", "АО"),
    ("ИНДИВИДУАЛЬНЫЙ ПРЕДПРИНИМАТЕЛЬ", "ИП"),
    ("ТОРГОВЫЙ ДОМ", "ТД"),
    ("ПРОИЗВОДСТВЕННАЯ КОМПАНИЯ", "ПК"),
    ("LIMITED LIABILITY COMPANY", "LLC"),
    ("LIMITED LIABILITY PARTNERSHIP", "LLP"),
    ("PUBLIC LIMITED COMPANY", "PLC"),
    ("GESELLSCHAFT MIT BESCHRÄNKTER HAFTUNG", "GMBH"),
    ("MIT BESCHRÄNKTER HAFTUNG", "GMBH"),
    ("AKTIENGESELLSCHAFT", "AG"),
    ("KOMMANDITGESELLSCHAFT", "KG"),
)
_KEPT_FORMS: Final = (
    "ООО ПАО АО НАО ИП ТД ПК ТОО НКО ГУП МУП ФГУП ГБУ ФГБУ МБУ ГК УК LTD PLC LLP LLC INC CORP GMBH AG KG OHG UG BV NV SA SARL SAS SRL SPA "
    "OY AB AS APS KFT SRO DOO SP CO"
)
FORMS: Final = {
    **{form: form for form in _KEPT_FORMS.split()},
    "ОАО": "АО", "ЗАО": "АО", "LIMITED": "LTD", "INCORPORATED": "INC", "CORPORATION": "CORP", "COMPANY": "CO",
}
CHINESE_FORMS: Final = ("集团股份有限公司", "股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "公司")
IGNORED: Final = frozenset({"И", "AND", "UND", "THE"})
_SIGNS: Final = re.compile(r"[^\w\s&+]|_")
_DOTTED: Final = re.compile(r"\b(\w)\.\s?(?=\w\b\.?)")
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
NEAR: Final = 82.0
"""Likeness in percent from which a name is a candidate at all."""
MARGIN: Final = 6.0
"""By how much the likeness of the best must exceed that of the second."""


class Name(NamedTuple):
    """`core` as a skeleton, `forms` in the order written."""

    core: str
    forms: tuple[str, ...]


class Likeness(NamedTuple):
    """A candidate: its place in the list of names, and how like it is in percent."""

    place: int
    percent: float


def name_of(text: str) -> Name:
    """The core and the legal forms of a name."""
    plain = unicodedata.normalize("NFKC", text).upper().replace("Ё", "Е")
    if _HAN.search(plain):
        return _chinese_name(plain)
    plain = _SIGNS.sub(" ", _DOTTED.sub(r"\1", plain))
    plain = " ".join(plain.split())
    plain = skeleton(plain)  # a long form too may be written in letters of both scripts
    for long, short in _LONG_FORMS:
        plain = plain.replace(long, short)
    words = [word for word in plain.replace("&", " ").replace("+", " ").split() if word not in IGNORED]
    forms = tuple(_FORM_OF[word] for word in words if word in _FORM_OF)
    core = [word for word in words if word not in _FORM_OF]
    return Name(" ".join(core or words), forms)


def _chinese_name(plain: str) -> Name:
    compact = re.sub(r"[^\w]|_", "", plain)
    for form in CHINESE_FORMS:
        if form in compact and compact != form:
            return Name(skeleton(compact.replace(form, "", 1)), (form,))
    return Name(skeleton(compact), ())


def skeleton(text: str) -> str:
    """Capital letters, look-alikes of the two scripts as one letter."""
    return text.upper().translate(LOOK_ALIKE)


_LONG_FORMS: Final = tuple((skeleton(long), skeleton(short)) for long, short in LONG_FORMS)
_FORM_OF: Final = {skeleton(form): skeleton(kept) for form, kept in FORMS.items()}


def forms_agree(one: Name, other: Name) -> bool:
    """Whether the legal forms do not contradict: equal sets, or one name states none."""
    return not one.forms or not other.forms or set(one.forms) == set(other.forms)


def likeness(one: str, other: str) -> float:
    """How like two names are, in percent, whatever the order of their words."""
    first, second = name_of(one).core, name_of(other).core
    return max(float(fuzz.ratio(first, second)), float(fuzz.token_sort_ratio(first, second)))


class NameIndex:
    """Names to be found again: exactly by core, or nearly. Built once for a run; a hundred thousand names take about a second."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names: Sequence[Name] = [name_of(name) for name in names]
        self._by_core: dict[str, list[int]] = {}
        for place, name in enumerate(self.names):
            self._by_core.setdefault(_sorted(name.core), []).append(place)
        self._cores = list(self._by_core)

    def exact(self, name: Name) -> list[int]:
        """Places of the names with this core; where some agree in the form too, those alone."""
        found = self._by_core.get(_sorted(name.core), [])
        agreeing = [place for place in found if set(self.names[place].forms) == set(name.forms)]
        return agreeing or found

    def near(self, name: Name) -> list[Likeness]:
        """The two most like cores, best first, each with the names that have it."""
        if len(name.core) < 4:
            return []
        found = process.extract(_sorted(name.core), self._cores, scorer=fuzz.ratio, score_cutoff=NEAR - MARGIN, limit=3)
        return [Likeness(place, float(percent)) for core, percent, _ in found for place in self._by_core[core]]


def _sorted(core: str) -> str:
    """The words of a core in one order; a name typed without spaces between stays as it is."""
    return " ".join(sorted(core.split()))
