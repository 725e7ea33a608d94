"""The container file and the examples of deploying speak of things that there are. Nothing here builds an image."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from setoff import cli
from setoff.site.environment import SETTINGS
from setoff.site.health import health

ROOT = Path(__file__).parent.parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DEPLOY = (ROOT / "docs" / "how-to" / "deploy.md").read_text(encoding="utf-8")


def steps() -> list[tuple[str, str]]:
    """(instruction, arguments) of the container file, continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Containerfile").read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def only(instruction: str) -> str:
    (found,) = [rest for word, rest in steps() if word == instruction]
    return found


def test_what_it_copies_is_there_and_not_left_out() -> None:
    sent = set(re.findall(r"^!(.+)$", (ROOT / ".containerignore").read_text(encoding="utf-8"), re.MULTILINE))
    copied = [source for word, rest in steps() if word == "COPY" for source in rest.split()[:-1]]
    assert copied
    for source in copied:
        assert (ROOT / source).exists(), source
        assert source in sent, source
    assert {PROJECT["readme"], *PROJECT["license-files"], "requirements.lock"} <= set(copied)


def test_its_python_is_one_that_setoff_runs_on() -> None:
    version = re.fullmatch(r"python:(\d+)\.(\d+)-slim", only("FROM"))
    least = re.fullmatch(r">=(\d+)\.(\d+)", PROJECT["requires-python"])
    assert version and least
    assert tuple(map(int, version.groups())) >= tuple(map(int, least.groups()))


def test_it_installs_the_locked_versions() -> None:
    runs = [rest for word, rest in steps() if word == "RUN"]
    assert "pip install -r requirements.lock" in runs
    assert "pip install --no-deps ." in runs


def test_it_serves_as_a_user_without_rights() -> None:
    words = [word for word, _rest in steps()]
    assert words.index("USER") > max(place for place, word in enumerate(words) if word in ("RUN", "COPY"))
    assert only("USER") not in ("root", "0")
    assert only("VOLUME") in next(rest for word, rest in steps() if word == "ENV").partition("SETOFF_DATA_DIR=")[2].split()


def test_its_command_is_one_of_ours() -> None:
    assert json.loads(only("ENTRYPOINT")) == list(PROJECT["scripts"])
    command, *options = json.loads(only("CMD"))
    assert command in cli.COMMANDS
    listed = CliRunner().invoke(cli.application([command]), [command, "--help"], prog_name="setoff").output
    assert all(option in listed for option in options if option.startswith("--"))
    assert dict(zip(options[::2], options[1::2], strict=True))["--port"] == only("EXPOSE")


def test_its_health_is_asked_where_it_is_told() -> None:
    asked = re.search(r"http://127\.0\.0\.1:(\d+)(/[\w/]+)", only("HEALTHCHECK"))
    assert asked and asked[1] == only("EXPOSE")

    class Request:
        path = asked[2]

    assert health(lambda _request: pytest.fail("no such address"))(Request()).status_code == 200  # type: ignore[arg-type]


def test_the_page_on_deploying_names_settings_and_commands_that_there_are() -> None:
    known = {setting.name for setting in SETTINGS}
    assert set(re.findall(r"\bSETOFF_[A-Z_]+[A-Z]\b", DEPLOY)) <= known
    assert set(re.findall(r"bin/setoff ([a-z-]+)", DEPLOY)) <= set(cli.COMMANDS)
