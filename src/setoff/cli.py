"""The command `setoff`: one table of commands, each in its capability's `commands.py`.

`COMMANDS` names for each command the function (or Typer application, for a group of verbs) that runs it. Only the module of the
command that was asked for is imported, so `setoff --help` and every command answer at once. `--lang` may stand anywhere. A refusal
prints as its code, its text and how to mend it, on stderr, and ends with 1; wrong usage ends with 2.

A new command: one line in COMMANDS, one text `command-NAME` in language/*/cli.ftl.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from typing import Annotated, Any, Final

import typer

from setoff.core.errors import DomainError, ErrorCode
from setoff.language import LANGUAGES, WORDS, Language, default_language, error_text, fact_text, has_text, mend_text, text, variables

COMMANDS: Final[dict[str, str]] = {
    "demo": "setoff.demo.commands:demo",
    "demo-data": "setoff.demo.commands:demo_data",
    "import": "setoff.banks.commands:import_files",
    "rejected": "setoff.intake.rejected_commands:app",
    "bank": "setoff.banks.order_commands:bank",
    "export": "setoff.intake.commands:export_files",
    "schema": "setoff.intake.commands:schema",
    "report": "setoff.reports.commands:report",
    "documents": "setoff.reports.document_commands:documents",
    "post": "setoff.access.commands:post",
    "save": "setoff.settlements.commands:save",
    "fill": "setoff.settlements.commands:fill",
    "unpost": "setoff.access.commands:unpost",
    "reorder": "setoff.access.commands:reorder",
    "mark-deletion": "setoff.settlements.commands:mark_deletion",
    "allocate": "setoff.access.desk_commands:allocate",
    "propose": "setoff.setoffs.commands:propose",
    "setoff": "setoff.setoffs.commands:set_off",
    "check-set-off": "setoff.setoffs.check_commands:check_set_off",
    "receive-notice": "setoff.setoffs.check_commands:receive_notice",
    "attach": "setoff.attachments.commands:attach",
    "attachments": "setoff.attachments.commands:attachments",
    "contracts": "setoff.parties.commands:app",
    "billing": "setoff.billing.commands:app",
    "notices": "setoff.notices.commands:app",
    "refold": "setoff.settlements.commands:refold",
    "act": "setoff.reports.act_commands:app",
    "paper": "setoff.reports.commands:paper",
    "send": "setoff.reports.letter_commands:app",
    "round": "setoff.clearing.rounds.commands:app",
    "clear": "setoff.clearing.commands:clear",
    "explain": "setoff.reports.commands:explain",
    "check": "setoff.settlements.checks.commands:check",
    "period": "setoff.access.commands:period",
    "user": "setoff.access.people_commands:user",
    "token": "setoff.access.people_commands:token",
    "vat": "setoff.access.vat_commands:app",
    "calendar": "setoff.access.calendar_commands:app",
    "orders": "setoff.access.order_commands:app",
    "invoices": "setoff.access.invoice_commands:app",
    "loans": "setoff.access.loan_commands:app",
    "rates": "setoff.intake.rate_commands:rates",
    "revalue": "setoff.access.revalue_commands:revalue",
    "reserve": "setoff.access.reserve_commands:app",
    "unit-policies": "setoff.access.unit_policy_commands:app",
    "policy": "setoff.access.commands:policy",
    "approvals": "setoff.access.commands:approvals",
    "audit": "setoff.access.commands:audit",
    "verify": "setoff.site.backup.commands:verify",
    "serve": "setoff.site.serve:serve",
    "backup": "setoff.site.backup.commands:backup",
    "restore": "setoff.site.backup.commands:restore",
    "webhooks": "setoff.webhooks.commands:app",
    "scenario": "setoff.scenarios.commands:app",
}


def main() -> None:
    """The entry point of the console script."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; returns the exit code."""
    try:
        rest = choose_language(arguments)
        application(rest)(rest, prog_name="setoff")
    except DomainError as error:
        print_refusal(error)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except Exception as problem:
        from setoff.site.trouble import refusal_of

        refusal = refusal_of(problem)
        if refusal is None:
            raise
        print_refusal(refusal)
        return 1
    return 0


def choose_language(arguments: list[str]) -> list[str]:
    """Take `--lang LANGUAGE` out, wherever it stands, and make it the language of this process. Errors: invalid_value."""
    rest: list[str] = []
    remaining = iter(arguments)
    for argument in remaining:
        if argument == "--":
            return [*rest, argument, *remaining]
        if argument != "--lang" and not argument.startswith("--lang="):
            rest.append(argument)
            continue
        chosen = argument.removeprefix("--lang=") if "=" in argument else next(remaining, "")
        if chosen not in LANGUAGES:
            raise DomainError(ErrorCode.INVALID_VALUE, field="--lang", value=chosen, expected=", ".join(LANGUAGES))
        os.environ["SETOFF_LANG"] = chosen
    return rest


def application(arguments: list[str]) -> typer.Typer:
    """All commands: the one asked for as it is, the others as names with a line of help."""
    language = default_language()
    asked = next((argument for argument in arguments if not argument.startswith("-")), None)
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        help=text(language, "cli-help"),
    )
    app.callback()(options)
    for name, target in COMMANDS.items():
        if name == asked:
            register(app, name, load(target))
        else:
            app.command(name, short_help=text(language, f"command-{name}"))(_not_asked)
    return app


def print_version(wanted: bool) -> None:
    """Before a command is missed: there is none beside it."""
    if wanted:
        typer.echo(f"setoff {version('setoff')}")
        raise typer.Exit


def options(
    show_version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", is_eager=True, callback=print_version)
    ] = False,
    lang: Annotated[str, typer.Option("--lang", help="en, ru or zh; also by SETOFF_LANG, else by your locale.")] = "",
) -> None:
    """Options of every command. `--lang` was taken out before (choose_language); it stands here for the help page."""


def load(target: str) -> Callable[..., None] | typer.Typer:
    """The function or application that "module:name" names."""
    module, _, name = target.partition(":")
    found: Callable[..., None] | typer.Typer = getattr(importlib.import_module(module), name)
    return found


def register(app: typer.Typer, name: str, found: Callable[..., None] | typer.Typer) -> None:
    if isinstance(found, typer.Typer):
        app.add_typer(found, name=name)
    else:
        app.command(name)(found)


def _not_asked() -> None:
    """Stands on the help page for a command that is not imported."""


def print_refusal(error: DomainError) -> None:
    """The refusal on stderr: code and text, the field, what it may hold, the rows it is about, how to mend it."""
    for line in refusal_lines(default_language(), error):
        typer.echo(line, err=True)


def refusal_lines(language: Language, error: DomainError) -> Iterator[str]:
    yield f"{error.code.value}: {error_text(language, error)}"
    field = error.facts.get("field")
    if field:
        yield f"  {text(language, 'refusal-field', field=field)}"
    expected = error.facts.get("expected")
    if expected and "expected" not in variables(language, error.code.value):
        yield f"  {text(language, 'refusal-expected', expected=expected)}"
    for row in error.facts.get("rows", ()):
        yield f"  - {_row_text(language, row)}"
    yield f"  {text(language, 'refusal-mend', mend=mend_text(language, error))}"


def _row_text(language: Language, row: Mapping[str, Any]) -> str:
    """One thing that a refusal is about: "document 17, period 2026-01, before ..., after ...". Words of ours need no label."""
    return ", ".join(
        fact_text(language, name, value) if name in WORDS else f"{_label(language, name)} {fact_text(language, name, value)}"
        for name, value in row.items()
    )


def _label(language: Language, name: str) -> str:
    key = f"fact-{name.replace('_', '-')}"
    return text(language, key) if has_text(language, key) else name
