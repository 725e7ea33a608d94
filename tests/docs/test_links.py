"""Links of the pages lead somewhere, commands they name exist, and every page can be reached from the README."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from typer.main import get_group

from setoff import cli

ROOT = Path(__file__).parent.parent.parent
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
COMMAND = re.compile(r"(?:^\s*(?:\$ )?|`)setoff ([a-z][a-z-]+)(?: ([a-z-]+))?", re.MULTILINE)
TARGET = re.compile(r"(?:`|^)make ([a-z]+)", re.MULTILINE)


def pages() -> list[Path]:
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("**/*.md"))]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def links(path: Path) -> list[str]:
    prose = re.sub(r"`[^`\n]*`", "", FENCE.sub("", path.read_text(encoding="utf-8")))
    return [link for link in LINK.findall(prose) if "://" not in link and not link.startswith("mailto:")]


def anchors(path: Path) -> set[str]:
    """As the usual renderers make them of headings."""
    prose = FENCE.sub("", path.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in HEADING.findall(prose)}


@pytest.mark.parametrize("path", pages(), ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    lost = []
    for link in links(path):
        place, _, anchor = link.partition("#")
        found = (path.parent / place).resolve() if place else path
        if not found.exists() or (anchor and anchor not in anchors(found)):
            lost.append(link)
    assert lost == []


@cache
def verbs() -> dict[str, set[str]]:
    """Every command, with the verbs of those that are groups."""
    found = {}
    for command in cli.COMMANDS:
        loaded = get_group(cli.application([command])).commands[command]
        found[command] = set(getattr(loaded, "commands", {}))
    return found


@pytest.mark.parametrize("path", pages(), ids=name)
def test_commands_exist(path: Path) -> None:
    wrong = []
    for command, verb in COMMAND.findall(path.read_text(encoding="utf-8")):
        known = verbs().get(command)
        if known is None or (known and verb and verb not in known):
            wrong.append(f"setoff {command} {verb}".strip())
    assert wrong == []


@pytest.mark.parametrize("path", pages(), ids=name)
def test_make_targets_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(TARGET.findall(path.read_text(encoding="utf-8"))) - targets == set()


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, todo = set(), [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        if page in reached or not page.is_file() or page.suffix != ".md":
            continue
        reached.add(page)
        todo += [(page.parent / link.partition("#")[0]).resolve() for link in links(page)]
    assert [name(path) for path in pages() if path not in reached] == []


def test_files_that_decisions_name_exist() -> None:
    """A decision's **Files** are where it can be seen: the ends of paths, or folders."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, check=False, text=True).stdout.splitlines()
    if not tracked:
        pytest.skip("not a checkout")
    lost = []
    for path in sorted((ROOT / "docs" / "decisions").glob("0*.md")):
        listed = path.read_text(encoding="utf-8").partition("**Files.**")[2]
        for file in re.findall(r"[\w./-]+[\w/]", re.sub(r"\(.*?\)", "", listed)):
            if ("/" in file or "." in file) and not any(re.search(rf"(^|/){re.escape(file.rstrip('/'))}(/|$)", known) for known in tracked):
                lost.append(f"{path.name}: {file}")
    assert lost == []
