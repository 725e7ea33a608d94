"""The command `setoff`."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def main_options() -> None:
    """Setoff: who owes whom, by which document, since when, and how to clear it."""


def main() -> None:
    app()
