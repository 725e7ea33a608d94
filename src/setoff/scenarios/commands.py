"""`setoff scenario run` and `setoff scenario schema`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from setoff.language import Language
    from setoff.scenarios.compare import Difference
    from setoff.scenarios.format import Story

app = typer.Typer(no_args_is_help=True, help="Stories that say what the books must say after them.")


@app.command()
def run(
    files: Annotated[list[Path], typer.Argument(help="Scenario files, or folders of them.", exists=True)],
) -> None:
    """Tell stories in a throw-away database; print what differs, and exit with 1 when anything does."""
    from setoff.language import default_language, text
    from setoff.scenarios.format import load_scenario
    from setoff.scenarios.runner import run_stories

    language = default_language()
    stories = [load_scenario(path) for path in scenario_files(files)]
    failed = 0
    for story, differences in run_stories(stories):
        failed += bool(differences)
        for line in told(language, story, differences):
            typer.echo(line)
    typer.echo(text(language, "scenario-total", passed=len(stories) - failed, failed=failed))
    if failed:
        raise typer.Exit(1)


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files."""
    from setoff.scenarios.schema import schema_text

    sys.stdout.write(schema_text())


def scenario_files(given: Iterable[Path]) -> Iterator[Path]:
    """The files, and those in the folders in order of their names."""
    for path in given:
        if path.is_dir():
            yield from sorted(path.glob("*.toml"))
        else:
            yield path


def told(language: Language, story: Story, differences: list[Difference]) -> Iterator[str]:
    """A story's outcome: one line when it holds, else its differences by step."""
    from setoff.language import text

    outcome = "scenario-differs" if differences else "scenario-holds"
    yield text(language, outcome, file=story.path, title=story.scenario.titled(language))
    told_step = -1
    for found in differences:
        if found.step != told_step:
            told_step = found.step
            step = story.steps[found.step - 1] if found.step else None
            yield "  " + (
                text(language, "scenario-step", step=found.step, verb=step.verb, subject=step.subject)
                if step
                else text(language, "scenario-end")
            )
        section = found.section if found.what == "check" else text(language, f"scenario-section-{found.section}")
        place = f"{section} {found.subject}".strip()
        yield "    " + text(language, f"scenario-{found.what}", place=place, expected=found.expected, found=found.found)
