"""Names of companies as banks and people write them: when two are the same, and when they are nearly.

A name has a core (what is left without the legal form, quotes and signs) and its forms. Cores are compared as skeletons: capital
letters, ё as Е, and letters that look alike in Latin and Cyrillic as one. So «Вега» ООО, OOO BEГA and Общество с ограниченной
ответственностью "Вега" are equal, and АО «Вега» differs from them in the form alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
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
    plain = _SIGNS.sub(" ", _DOTTED.sub(r"\1", plain) if "." in plain else plain)
    plain = " ".join(plain.split())
    plain = plain.translate(LOOK_ALIKE)  # a long form too may be written in letters of both scripts
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


class Letters:
    """How often each letter stands in each of many texts: so texts that cannot be alike are passed over without being compared.

    Letters are counted in `KINDS` kinds (by code), a row of numbers for a kind, so that a text is held against all others in a few
    sums. Of two texts at most the letters that both have can be in common; what is passed over is therefore never wrong.
    """

    KINDS: Final = 64
    AT_ONCE: Final = 65_536

    def __init__(self, texts: Sequence[str]) -> None:
        self._lengths = np.fromiter((len(text) for text in texts), np.float64, len(texts))
        parts = [self._counted(texts[first : first + self.AT_ONCE]) for first in range(0, len(texts), self.AT_ONCE)]
        self._counts = np.ascontiguousarray(np.concatenate(parts).T) if parts else np.zeros((self.KINDS, 0), np.uint8)

    def _counted(self, texts: Sequence[str]) -> npt.NDArray[np.uint8]:
        codes = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32).astype(np.int64)
        places = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
        counts = np.bincount(places * self.KINDS + codes % self.KINDS, minlength=len(texts) * self.KINDS)
        return np.minimum(counts, 255).astype(np.uint8).reshape(len(texts), self.KINDS)

    def may_be_like(self, text: str, percent: float) -> list[int]:
        """Places of the texts whose likeness to this one (`fuzz.ratio`) can be that high."""
        shared = np.zeros(len(self._lengths), np.uint16)
        for kind, count in Counter(ord(letter) % self.KINDS for letter in text).items():
            shared += np.minimum(self._counts[kind], min(count, 255))
        found = np.flatnonzero(2.0 * shared >= (percent - 0.001) / 100 * (self._lengths + len(text)))
        return [int(place) for place in found]


class NameIndex:
    """Names to be found again: exactly by core, or nearly. Built once for a run; a hundred thousand names take about a second."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names: Sequence[Name] = [name_of(name) for name in names]
        self._by_core: dict[str, list[int]] = {}
        for place, name in enumerate(self.names):
            self._by_core.setdefault(_sorted(name.core), []).append(place)
        self._cores = list(self._by_core)
        self._letters = Letters(self._cores)

    def exact(self, name: Name) -> list[int]:
        """Places of the names with this core; where some agree in the form too, those alone."""
        found = self._by_core.get(_sorted(name.core), [])
        agreeing = [place for place in found if set(self.names[place].forms) == set(name.forms)]
        return agreeing or found

    def near(self, name: Name) -> list[Likeness]:
        """The three most like cores, best first, each with the names that have it."""
        if len(name.core) < 4:
            return []
        written = _sorted(name.core)
        cores = [self._cores[place] for place in self._letters.may_be_like(written, NEAR - MARGIN)]
        found = process.extract(written, cores, scorer=fuzz.ratio, score_cutoff=NEAR - MARGIN, limit=3)
        return [Likeness(place, float(percent)) for core, percent, _ in found for place in self._by_core[core]]


def _sorted(core: str) -> str:
    """The words of a core in one order; a name typed without spaces between stays as it is."""
    return " ".join(sorted(core.split()))
