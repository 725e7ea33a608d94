"""Names of companies as banks and people write them: when two are the same, and when they are nearly.

A name has a core (what is left without the legal form, quotes and signs) and its forms. Cores are compared as skeletons: capital
letters, ё as Е, and letters that look alike in Latin and Cyrillic as one. So «Вега» ООО, OOO BEГA and Общество с ограниченной
ответственностью "Вега" are equal, and АО «Вега» differs from them in the form alone.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

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
class Name(NamedTuple):
    """`core` as a skeleton, `forms` in the order written."""

    core: str
    forms: tuple[str, ...]


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
