"""Write the generated parts of docs/reference again (`make docs`); tests/test_reference.py refuses pages that are not current.

A page holds parts between `<!-- generated: NAME ARGUMENT -->` and `<!-- end -->`. To add one, add a function to PARTS: it gets the
argument and the page up to that place, and returns the text. So what a page says of the code is made from the code.
"""

from __future__ import annotations

import importlib
import inspect
import os
import re
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final, get_args, get_origin, get_type_hints
from unittest.mock import patch

ROOT: Final = Path(__file__).parent.parent
REFERENCE: Final = ROOT / "docs" / "reference"
INDEX: Final = ROOT / "docs" / "README.md"
WORKED: Final = (ROOT / "docs" / "explanation" / "fold.md",)
"""Pages whose generated parts need a database."""
SCHEMA: Final = REFERENCE / "records.schema.json"
SCENARIO_SCHEMA: Final = REFERENCE / "scenario.schema.json"
PART: Final = re.compile(r"(<!-- generated: (\w+)((?: [\w.-]+)*) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_RECORD: Final = re.compile(r"```json\n(.*?)```", re.DOTALL)


def filled(page: str) -> str:
    """The page with its generated parts made anew."""
    return PART.sub(lambda part: part[1] + PARTS[part[2]](part[3].strip(), page[: part.start()]).rstrip() + "\n" + part[5], page)


def table(*rows: tuple[str, ...]) -> str:
    """A Markdown table; the first row is its heading."""
    written = ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows]
    return "\n".join([written[0], "| " + " | ".join("---" for _ in rows[0]) + " |", *written[1:]])


def kinds(_argument: str, _before: str) -> str:
    """The kinds of documents with their titles."""
    from setoff.language import LANGUAGES, text
    from setoff.trade.kinds import KINDS

    rows = [
        (f"`{kind.name}`", kind.prefix, str(kind.day_order), *(text(language, kind.title_key) for language in LANGUAGES))
        for kind in KINDS.values()
    ]
    return table(("kind", "numbers", "day order", *LANGUAGES), *rows)


def fields(argument: str, _before: str) -> str:
    """The fields of a structure of a document that it does not share with its parent (argument: Name, or Name Parent)."""
    import msgspec

    from setoff.trade import document, documents, invoice_documents, notice_documents, order_documents

    structures = vars(document) | vars(invoice_documents) | vars(notice_documents) | vars(order_documents) | vars(documents)
    name, *parents = argument.split()
    structure = structures[name]
    shared = {field for parent in parents for field in structures[parent].__struct_fields__}
    hints = get_type_hints(structure)
    rows = [
        (f"`{field.name}`", _type_text(hints[field.name]), "yes" if field.required else "", _default_text(field))
        for field in msgspec.structs.fields(structure)
        if field.name not in shared
    ]
    lineage = [parent for parent in structure.__mro__ if parent.__module__.startswith("setoff.trade.")]
    known = {ancestor for parent in parents for ancestor in structures[parent].__mro__} | {document.Part}
    doc = " ".join(inspect.getdoc(parent) or "" for parent in reversed(lineage) if parent not in known)
    return " ".join(doc.split()) + "\n\n" + table(("field", "form", "needed", "default"), *rows)


def _type_text(hint: Any) -> str:
    if get_origin(hint) is not None and get_origin(hint).__name__ in ("list", "tuple"):
        return "list of " + _type_text(get_args(hint)[0])
    if str(hint).startswith("typing.Literal"):
        return ", ".join(f"`{value}`" for value in get_args(hint))
    names = {"str": "text", "int": "number", "bool": "true or false", "int | None": "number"}
    found = hint.__name__ if isinstance(hint, type) else str(hint)
    return names.get(found, f"`{found}`")


def _default_text(field: Any) -> str:
    import msgspec

    if field.default is msgspec.NODEFAULT or field.default in ("", None):
        return ""
    if isinstance(field.default, tuple):
        return ", ".join(f"`{value}`" for value in field.default)
    return f"`{str(field.default).lower()}`" if isinstance(field.default, bool) else f"`{field.default}`"


def rules(argument: str, _before: str) -> str:
    """What a module of rules says of itself."""
    return inspect.getdoc(importlib.import_module(argument)) or ""


def states(_argument: str, before: str) -> str:
    """What the record before this place states, after the records of the page before it (keys as they name them). The cast of the
    tests is who they speak of."""
    import msgspec

    from setoff.trade.documents import AnyDocument
    from setoff.trade.registry import facts
    from tests.trade.stage import cast_directory, enter, told

    directory = cast_directory()
    records = [msgspec.json.decode(record, type=AnyDocument) for record in _RECORD.findall(before)]
    for document_id, record in enumerate(records, 1):
        if record.key:
            enter(directory, record.key, document_id, record)
    record = records[-1]
    closed_year = date.fromisoformat(record.date).year - 1
    statement = facts(record, len(records), directory, closed_year=closed_year)
    chart = directory.units[record.unit].chart.name
    stated, entries = told(statement, directory.units[record.unit].book_currency)
    heading = "facts (line, management object|regulated object, change)"
    return f"```text\n{heading}\n{_listed(stated)}\nentries (chart {chart})\n{_listed(entries)}\n```"


def _listed(lines: list[str]) -> str:
    return "\n".join(f"  {line}" for line in lines) or "  none"


def refusals(argument: str, _before: str) -> str:
    """The refusals that the modules of a package raise, with their texts."""
    from setoff.core.errors import ErrorCode
    from setoff.language import keys

    assert keys("en")
    package = importlib.import_module(argument)
    folder = Path(package.__path__[0])
    named = {code for path in sorted(folder.glob("*.py")) for code in re.findall(r"ErrorCode\.([A-Z0-9_]+)", path.read_text("utf-8"))}
    codes = {"allocation_exceeds_balance", "refund_exceeds_advance", *(ErrorCode[name].value for name in named)}
    return table(("code", "what it says", "how to mend it"), *((f"`{code}`", *_texts(code)) for code in sorted(codes)))


def _texts(code: str) -> tuple[str, str]:
    """The English text and mend of a code, its facts in braces."""
    from setoff.language import message_parts

    return message_parts("en", code)


def errors(argument: str, _before: str) -> str:
    """Every refusal, in the language of the argument, in the order of core/errors.py."""
    from setoff.core.errors import ErrorCode
    from setoff.language import language_of, message_parts

    rows = [(f"`{code.value}`", *message_parts(language_of(argument), code.value)) for code in ErrorCode]
    return table(("code", "what it says", "how to mend it"), *rows)


def master(argument: str, _before: str) -> str:
    """The fields of a master record (parties/records.py)."""
    import msgspec

    from setoff.parties import records

    structure = getattr(records, argument)
    hints = get_type_hints(structure)
    rows = [
        (f"`{field.name}`", _type_text(hints[field.name]), "yes" if field.required else "", _default_text(field))
        for field in msgspec.structs.fields(structure)
    ]
    doc = " ".join((inspect.getdoc(structure) or "").split())
    return f"{doc}\n\n{table(('field', 'form', 'needed', 'default'), *rows)}".lstrip()


def accounts(argument: str, _before: str) -> str:
    """The accounts of a chart, then its pairs and roles."""
    from setoff.books.charts import load_chart
    from setoff.core.chart import CurrencyClass

    chart = load_chart(argument)
    listed = [
        (code, *account.names.values(), account.nature, account.settled_in)
        for code, account in chart.accounts.items()
    ]
    relations = dict.fromkeys(relation for relation, _ in chart.pairs)
    pairs = [
        (f"`{relation}`", *(" / ".join(chart.pair(relation, currency_class)) for currency_class in CurrencyClass))
        for relation in relations
    ]
    parts = (
        table(("relation", "book currency: debt / advance", "foreign currency", "currency units"), *pairs),
        table(("role", "account"), *((f"`{role}`", code) for role, code in chart.roles.items())),
        table(("account", "en", "ru", "zh", "nature", "settlements in"), *listed),
    )
    return "\n\n".join(parts)


def checks(argument: str, _before: str) -> str:
    """The control checks of a state (error or list), from their files and their texts in the language of the argument's second word."""
    from setoff.language import language_of, text
    from setoff.settlements.checks import all_checks

    state, name = argument.split()
    language = language_of(name)
    rows = [
        (f"`{check.code}`", *(text(language, check.text_key + part) for part in ("", "-reason", "-mend")), check.spec)
        for check in all_checks()
        if check.state == state
    ]
    return table(("code", "what holds" if state == "error" else "what is listed", "when it fails", "what to do", "spec"), *rows)


def guards(_argument: str, _before: str) -> str:
    """The refusals of the database, from the head of settlements/guards.sql."""
    listed = re.findall(r"^--   (SE\d{3}) (\w+) +(.+)$", (ROOT / "src/setoff/settlements/guards.sql").read_text("utf-8"), re.MULTILINE)
    return table(("SQLSTATE", "rule", "what is refused"), *((f"`{state}`", f"`{rule}`", what) for state, rule, what in listed))


def commands(_argument: str, _before: str) -> str:
    """What `--help` prints for every command and every verb of a group."""
    from typer.main import get_group

    from setoff import cli

    with patch.dict(os.environ, {"COLUMNS": "100", "SETOFF_LANG": "en"}):
        parts = [_help_of([])]
        for name in cli.COMMANDS:
            parts.append(_help_of([name]))
            found = getattr(get_group(cli.application([name])).commands[name], "commands", {})
            parts.extend(_help_of([name, verb]) for verb in found)
    return "\n\n".join(parts)


def _help_of(words: list[str]) -> str:
    from typer.testing import CliRunner

    from setoff import cli

    printed = CliRunner().invoke(cli.application(words), [*words, "--help"], prog_name="setoff").output
    lines = "\n".join(line.rstrip() for line in printed.strip().splitlines())
    return f"## {' '.join(['setoff', *words])}\n\n```text\n{lines}\n```"


def reports(_argument: str, _before: str) -> str:
    """The reports with their titles, filters and groups."""
    from setoff.language import LANGUAGES, text
    from setoff.reports.registry import REPORTS
    from setoff.reports.report import COMMON

    rows = []
    for report in REPORTS.values():
        titles = "; ".join(text(language, f"report-{report.name}") for language in LANGUAGES)
        options = " ".join(f"`{option}`" for option in sorted(report.options))
        needed = "; ".join(" or ".join(f"`--{name}`" for name in names) for names in report.required)
        groups = ", ".join(f"**{name}**" if name in report.by_default else name for name in report.groups)
        rows.append((f"`{report.name}`", titles, options, needed, groups))
    common = " ".join(f"`{option}`" for option in sorted(COMMON - {"group-by"}))
    heading = ("report", "title", "options", "needs", "groups (default bold)")
    of_now = ", ".join(f"`{report.name}`" for report in REPORTS.values() if report.is_of_now)
    told = f"Every report also takes {common} and `as-of`; `group-by` where it has groups. No `known-at`: {of_now}, which are of now."
    return f"{table(heading, *rows)}\n\n{told}"


def decisions(_argument: str, _before: str) -> str:
    """The records of decisions by their titles."""
    found = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    return "\n".join(f"- [{path.read_text('utf-8').splitlines()[0].lstrip('# ')}](decisions/{path.name})" for path in found)


def settings(argument: str, _before: str) -> str:
    """The environment variables of site/environment.py, in the language of the argument."""
    from setoff.language import language_of, text
    from setoff.site.environment import SETTINGS

    rows = [
        (f"`{found.name}`", *(text(language_of(argument), found.text_key + part) for part in ("", "-form")),
         f"`{found.default}`" if found.default else "")
        for found in SETTINGS
    ]  # fmt: skip
    return table(("variable", "what it is", "what it may hold", "without it"), *rows)


def folded(argument: str, before: str) -> str:
    """What the fold makes of the documents before this place, in a contour (docs/folded.py)."""
    from docs.folded import folded as worked

    return worked(argument, before)


def changes(argument: str, before: str) -> str:
    """What the last of the documents before this place changed (docs/folded.py)."""
    from docs.folded import changes as worked

    return worked(argument, before)


def imported(_argument: str, before: str) -> str:
    """What the mapping before this place makes of the table before it (docs/imported.py)."""
    from docs.imported import imported as worked

    return worked(before)


def guessed(_argument: str, before: str) -> str:
    """The mapping that is proposed for the table before this place (docs/imported.py)."""
    from docs.imported import guessed as worked

    return worked(before)


def mappings(_argument: str, _before: str) -> str:
    """The mappings that come with Setoff."""
    from setoff.intake.mapping import kept_mappings, load_mapping

    return table(("name", "what it reads"), *((f"`{name}`", load_mapping(name).title) for name in kept_mappings()))


def mapping_fields(_argument: str, _before: str) -> str:
    """Which fields of records are dates, amounts and numbers."""
    from setoff.intake.mapping import AMOUNT_FIELDS, DATE_FIELDS, DECIMAL_FIELDS, WHOLE_FIELDS

    rows = (
        ("a date, by the formats", DATE_FIELDS), ("an amount of money, rounded as below", AMOUNT_FIELDS),
        ("a number as it is", DECIMAL_FIELDS), ("a whole number", WHOLE_FIELDS),
    )  # fmt: skip
    return table(("read as", "fields"), *((title, ", ".join(f"`{name}`" for name in sorted(names))) for title, names in rows))


def scenario_actions(_argument: str, _before: str) -> str:
    """What a step of a scenario may do besides posting a document."""
    from setoff.scenarios.format import ACTIONS

    return table(("verb", "what it does"), *((f"`{verb}`", what) for verb, what in ACTIONS.items()))


def api(argument: str, _before: str) -> str:
    """What docs/described.py says of the API: its operations, or the statuses of its refusals."""
    from docs import described

    return {"operations": described.operations, "statuses": described.statuses}[argument]()


PARTS: Final[dict[str, Callable[[str, str], str]]] = {
    "accounts": accounts,
    "api": api,
    "changes": changes,
    "checks": checks,
    "commands": commands,
    "decisions": decisions,
    "errors": errors,
    "folded": folded,
    "fields": fields,
    "guards": guards,
    "guessed": guessed,
    "imported": imported,
    "kinds": kinds,
    "mapping_fields": mapping_fields,
    "mappings": mappings,
    "master": master,
    "refusals": refusals,
    "reports": reports,
    "rules": rules,
    "scenario_actions": scenario_actions,
    "settings": settings,
    "states": states,
}


def schema_text() -> str:
    """The JSON Schema of records, as `setoff schema` prints it."""
    import json

    from setoff.intake.schema import record_schema

    return json.dumps(record_schema(), indent=2, ensure_ascii=False) + "\n"


def scenario_schema_text() -> str:
    """The JSON Schema of scenario files, as `setoff scenario schema` prints it."""
    from setoff.scenarios.schema import schema_text

    return schema_text()


def main() -> None:
    from docs.stories import write_pages

    SCHEMA.write_text(schema_text(), encoding="utf-8")
    SCENARIO_SCHEMA.write_text(scenario_schema_text(), encoding="utf-8")
    for path in (INDEX, *sorted(REFERENCE.glob("**/*.md")), *WORKED):
        before = path.read_text(encoding="utf-8")
        after = filled(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            sys.stdout.write(f"{path.relative_to(ROOT)}: written again\n")
    for path in write_pages():
        sys.stdout.write(f"{path.relative_to(ROOT)}: told again\n")


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
    main()
