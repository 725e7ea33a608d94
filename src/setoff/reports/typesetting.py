"""Pages as PDF: a Typst template of ours, filled with data, in fonts that come with Setoff.

    typeset("report", {"title": ..., "sections": [...]}, "ru", printed=day)

What people typed reaches the template as JSON and is never read as Typst source, so a name cannot command anything; characters that
print nothing (controls, direction marks) are left out. Fonts of the machine are not used: the same data gives the same bytes everywhere.
The template finds the data in `sys.inputs.data`; `language`, `region` and `printed` (year, month, day) are always there.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from setoff.core.errors import InvariantViolation
from setoff.language import Language

Template = Literal["report", "act", "setoff", "setoffs", "invoice", "notice"]
TEMPLATES: Final = Path(__file__).parent / "typst"
FONTS: Final = Path(__file__).parent / "fonts"
REGIONS: Final[Mapping[Language, str]] = {"en": "GB", "ru": "RU", "zh": "CN"}
_LINE_ENDS: Final = re.compile("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
_SILENT: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Categories of characters that print nothing."""


def typeset(template: Template, data: Mapping[str, Any], language: Language, *, printed: date, tagged: bool = True) -> bytes:
    """The PDF. `printed` stands in it as the day it was made. Tags tell screen readers what is a table; they make long ones big."""
    import typst

    content = {**data, "language": language, "region": REGIONS[language], "printed": [printed.year, printed.month, printed.day]}
    compiler = typst.Compiler(
        TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(printable(content), ensure_ascii=False)},
    )
    made = compiler.compile(format="pdf", pdf_tags=tagged)
    if not isinstance(made, bytes):
        raise InvariantViolation(f"template {template} made {type(made).__name__}")
    return made


def printable(value: Any) -> Any:
    """The value with every text in it as it can be printed; line ends and tabs are spaces."""
    if isinstance(value, str):
        return _printable_text(value)
    if isinstance(value, Mapping):
        return {key: printable(part) for key, part in value.items()}
    if isinstance(value, Sequence):
        return [printable(part) for part in value]
    return value


def _printable_text(said: str) -> str:
    if said.isprintable():
        return said
    return "".join(filter(_prints, _LINE_ENDS.sub(" ", said)))


@cache
def _prints(mark: str) -> bool:
    return unicodedata.category(mark) not in _SILENT
