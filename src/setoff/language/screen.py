"""Tables on the screen of a terminal, or in a file that its output is sent to: no figure and no word is ever cut.

    print_rows(titles, rows, figures=(2,))    a plain table
    print_whole(table, console), terminal()   what it is made of, for tables of another look
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

UNBOUNDED: Final = 100_000
WORD_MAX: Final = 24
"""Columns of a terminal; what is longer (a key, a name in Chinese) is folded."""


def print_rows(titles: Sequence[str], rows: Iterable[Sequence[str]], *, figures: Collection[int] = ()) -> None:
    """Rows below their titles. `figures`: places of the columns that stand to the right and are never folded."""
    table = Table(box=None, pad_edge=False)
    for place, title in enumerate(titles):
        is_figure = place in figures
        table.add_column(title, justify="right" if is_figure else "left", no_wrap=is_figure, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    print_whole(table, terminal())


def print_whole(table: Table, console: Console) -> None:
    """A table that does not fit is wider than the terminal."""
    needed = 0
    for shown in table.columns:
        cells = [str(cell) for cell in (shown.header, *shown.cells)]
        pieces = cells if shown.no_wrap else [word[:WORD_MAX] for cell in cells for word in cell.split()]
        shown.min_width = max(map(cell_len, pieces), default=0)
        needed += shown.min_width + 1
    before, console.width = console.width, max(console.width, needed)
    console.print(table, crop=False)
    console.width = before


def terminal(output: Any = None) -> Console:
    """A console that uses the terminal's width, or any width when the output is a file or a pipe."""
    console = Console(file=output, highlight=False, emoji=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console = Console(file=output, width=UNBOUNDED, highlight=False, emoji=False)
    return console
