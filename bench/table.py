"""From raw measures to figures with a ratio to their floor and an aim, and the figures as a table."""

from __future__ import annotations

from typing import Any, NamedTuple


class Figure(NamedTuple):
    """`value` and `floor` in `unit`; `limit` is the aim: for the ratio where there is a floor, else for the value."""

    workload: str
    size: int
    name: str
    value: float
    unit: str
    floor: float | None = None
    limit: float | None = None
    parts: dict[str, Any] | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def met(self) -> bool | None:
        if self.limit is None:
            return None
        return (self.value if self.ratio is None else self.ratio) <= self.limit


GROWTH_MAX = 11.0
FLAT_MAX = 1.3
CHECKS_RATIO = 25.0
COMPARED_RATIO = 0.05
REPORT_LIMITS_MS = {"turnover balance": 10.0, "partner card": 10.0, "ageing": 500.0, "ageing as known": 2000.0}


def figures_of(size: int, workload: str, measures: dict[str, dict[str, Any] | None]) -> list[Figure]:
    """The figures that these measures give; a case without measures gives none."""
    found: list[Figure] = []
    fold, bulk, copy = measures.get("fold"), measures.get("bulk"), measures.get("copy")
    if fold:
        found.append(Figure(workload, size, "fold in memory", fold["cpu"], "s", fold["floor_cpu"], 1.5, fold))
    if bulk:
        found.append(
            Figure(workload, size, "bulk import", bulk["cpu"], "s", copy and copy["cpu"], 2.0, {"import": bulk, "copy": copy})
        )
        found.append(Figure(workload, size, "bulk import, peak memory", bulk["peak_mib"], "MiB", None, 700.0))
    for case, title, limits in (("post", "document posted", (3.0, 5.0)), ("late", "payment into the past", (None, None))):
        case_measures = measures.get(case)
        if case_measures:
            for percent, limit in zip(("p50", "p95"), limits, strict=True):
                value, floor = case_measures[f"{percent}_ms"], case_measures[f"floor_{percent}_ms"]
                found.append(Figure(workload, size, f"{title}, {percent}", value, "ms", floor, limit, case_measures))
    checks = measures.get("checks")
    if checks:
        found.append(
            Figure(workload, size, "all control checks", checks["cpu"], "s", checks["floor_cpu"], CHECKS_RATIO, checks["by_code"])
        )
        found.append(
            Figure(workload, size, "compared after an import", checks["compared_cpu"], "s", bulk and bulk["cpu"], COMPARED_RATIO)
        )
    for name, value in (measures.get("reports") or {}).items():
        if name in REPORT_LIMITS_MS:
            found.append(Figure(workload, size, name, value, "ms", None, REPORT_LIMITS_MS[name]))
    return found


def printed(figures: list[Figure]) -> str:
    """A line for each figure; growth compares with the next smaller size."""
    head = f"{'workload':9}{'documents':>10}  {'what':28}{'value':>10} {'unit':4}"
    lines = [head + f"{'floor':>10}{'ratio':>8}{'growth':>8}{'aim':>8}  met"]
    for figure in figures:
        growth = growth_of(figure, figures)
        floor = f"{figure.floor:10.3f}" if figure.floor else " " * 10
        ratio = f"{figure.ratio:8.2f}" if figure.ratio else " " * 8
        met = {True: "yes", False: "NO", None: ""}[figure.met]
        aim = f"{figure.limit:8.4g}" if figure.limit else " " * 8
        lines.append(
            f"{figure.workload:9}{figure.size:>10,}  {figure.name:28}{figure.value:10.3f} {figure.unit:4}{floor}{ratio}"
            f"{f'{growth:8.2f}' if growth else ' ' * 8}{aim}  {met}"
        )
    return "\n".join(lines)


def growth_of(figure: Figure, figures: list[Figure]) -> float | None:
    """How many times the value of the same figure at a tenth of the size."""
    for other in figures:
        if (other.workload, other.name, other.size * 10) == (figure.workload, figure.name, figure.size):
            return figure.value / other.value
    return None
