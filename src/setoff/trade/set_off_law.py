"""Since when debts that were set off count as discharged: a rule per law, chosen by the chart of the books.

- ru: back to when the claims became capable of set-off, that is, when the later of them fell due (Civil Code art. 410; Plenum of
  the Supreme Court 11.06.2020 No. 6, item 15).
- cn: from receipt of the notice, not back (Civil Code art. 568; 法释〔2023〕13号 art. 55).
- intl: from the notice (UNIDROIT Principles 8.5 (3)).

An agreement of all parties (an act) works from its own day under cn and intl; under ru too, where a claim is not due yet by then, which
only an agreement may include (No. 6, item 21). A claim without a due date fell due when it arose.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal, NamedTuple

Law = Literal["ru", "cn", "intl"]
Basis = Literal["ru-capable", "agreed", "cn-receipt", "intl-notice"]


class Effect(NamedTuple):
    """Since when. `day` is None where it is the receipt of a notice that nobody confirmed yet."""

    basis: Basis
    day: date | None

    @property
    def text_key(self) -> str:
        return f"set-off-effect-{self.basis}"


def law_of(chart: str) -> Law:
    """The law that books by this chart live under: "ru", "ru-budget" -> ru."""
    name = chart.partition("-")[0]
    return "ru" if name == "ru" else "cn" if name == "cn" else "intl"


def effect_of(law: Law, claims_due: Iterable[date], stated: date, *, one_sided: bool, received: date | None = None) -> Effect:
    """`claims_due`: when each claim fell due; `stated`: the day of the act or notice; `received`: when the notice arrived."""
    if law == "ru":
        capable = max(claims_due, default=stated)
        return Effect("ru-capable", capable) if one_sided or capable <= stated else Effect("agreed", stated)
    if not one_sided:
        return Effect("agreed", stated)
    return Effect("cn-receipt", received) if law == "cn" else Effect("intl-notice", stated)
