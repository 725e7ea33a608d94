"""What can be done by one way can be done by the others: every verb of a service is reached by the API and by the command line.

A verb is a public function with `conn` and `actor` among its parameters. It is reached by a surface when a module of that surface names it,
or names a verb that is nothing but a part of it (PARTS). A new verb must be given to both surfaces, or be said here to be a part.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).parent.parent / "src" / "setoff"
PARTS: Final = {
    "access/approvals.py:ask_no_more": "a part of cancel_round",
    "access/approvals.py:keep_status": "a part of set_status",
    "access/approvals.py:post_or_request": "a part of post, and of load_files",
    "access/approvals.py:restate_or_request": "a part of load_files, and of stating a document over the API",
    "access/approvals.py:unpost_or_request": "a part of unpost, restate_or_request and unconfirm_line",
    "books/audit.py:record_audit": "a part of every verb",
    "books/services.py:change_state": "a part of the verbs on periods",
    "books/services.py:reopen_period": "a part of approvals.reopen",
    "books/services.py:reopen_sealed_period": "a part of approvals.reopen",
    "clearing/rounds/services.py:tell_round": "a part of every verb on rounds",
    "settlements/allocate.py:allocate": "a part of approvals.allocate",
    "setoffs/services.py:set_off_pair": "a part of set_off_each",
    "intake/load.py:take_in": "a part of load_files and retry_rejected",
    "intake/rejected.py:keep_rejected": "a part of load_files",
    "intake/rejected.py:settle": "a part of retry_rejected and drop_rejected",
    "settlements/branch_notices.py:restore_notice": "a part of load_files",
    "settlements/notices.py:restore_receipt": "a part of load_files",
    "settlements/services.py:post_document": "a part of approvals.post",
    "settlements/services.py:reorder_document": "a part of approvals.reorder",
    "settlements/services.py:unpost_document": "a part of approvals.unpost",
    "books/services.py:reopen": "a part of reopen_period and reopen_sealed_period",
    "settlements/bulk.py:import_documents": "a part of load_files",
    "settlements/checks/results.py:keep_check": "a part of run_checks on the page: what was found, kept to be shown again",
    "settlements/limits.py:keep_limits": "a part of posting",
    "settlements/orders/gate.py:keep_orders": "a part of posting",
    "settlements/orders/gate.py:keep_terms": "a part of posting",
    "settlements/orders/kept.py:keep_status": "a part of set_status, by approvals.keep_status",
    "settlements/services.py:demote_targets": "a part of posting with consent",
    "settlements/services.py:restate_followers": "a part of posting",
    "settlements/services.py:set_deletion_mark": "a part of mark_for_deletion and clear_deletion_mark",
    "settlements/services.py:write_version": "a part of every verb on documents",
    "parties/services.py:save_masters": "a part of keep_records",
    "settlements/revaluation/rates.py:keep_records": "a part of load_files, and of saving records over the API",
    "settlements/revaluation/together.py:state_together": "a part of revalue and take_rates",
    "settlements/doubtful.py:accrue_reserve": "a part of accrue_doubtful",
    "settlements/loans/accrual.py:accrue": "a part of accrue_loans",
    "settlements/loans/reschedule.py:reschedule_loan": "a part of schedule_anew",
    "settlements/month_ends.py:state_document": "a part of accrue_loans and accrue_doubtful",
    "settlements/services.py:write_following": "a part of posting what a loan's interest follows from",
    "settlements/standing.py:restate_touched": "a part of import_documents",
    "settlements/standing.py:restate_all": "a part of import_documents",
    "settlements/together.py:post_payments": "a part of approvals.allocate",
    "settlements/standing.py:restate_reversals": "a part of import_documents",
    "settlements/standing.py:restate": "a part of import_documents, and of stating a document over the API",
}
OF_ONE_SURFACE: Final = {
    "site/backup/dump.py:back_up": "a file beside the server: for who has the machine, by the command line",
    "site/backup/restore.py:restore": "the same; nobody is signed in to books that are being restored",
    "api/trail.py:tell_export": "what left by the API",
    "pages/account.py:tell_audit": "signing in and out are a person's, on pages; programs have tokens",
    "pages/audit.py:audit": "the page of the trail, which tells when the trail itself was taken out",
    "pages/network.py:file": "the same, of a network of debts",
    "pages/files.py:file_answer": "a file that leaves by the browser; the trail tells who took it",
}
"""What writes the audit trail and is no verb of a service."""
SURFACES: Final = ("api", "pages", "demo", "scenarios")
"""What is a way to the verbs itself, or data for trying them out."""


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def verbs() -> dict[str, str]:
    """ "module:function" -> function, of every verb."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        if path.relative_to(SOURCE).parts[0] in SURFACES and path.stem != "services":
            continue
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                names = {argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
                if {"conn", "actor"} <= names and not path.stem.endswith("commands"):
                    found[f"{path.relative_to(SOURCE).as_posix()}:{node.name}"] = node.name
    return found


def named_in(paths: list[Path]) -> set[str]:
    """Every name and attribute that these modules use."""
    return {name for path in paths for name in names_in(tree(path))}


def names_in(part: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(part):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.name for alias in node.names}
    return found


def missing(paths: list[Path]) -> list[str]:
    named = named_in(paths)
    return [verb for verb, name in verbs().items() if verb not in PARTS and name not in named]


def test_every_verb_is_reached_by_the_api() -> None:
    operations = list((SOURCE / "api").glob("*.py"))
    assert missing(operations) == []


def test_every_verb_is_reached_by_the_command_line() -> None:
    commands = list(SOURCE.rglob("*commands.py"))
    assert missing(commands) == []


def test_what_is_said_to_be_a_part_is_a_verb() -> None:
    assert sorted(PARTS.keys() - verbs().keys()) == []


def test_whatever_writes_the_audit_trail_is_a_verb() -> None:
    """Or a part of one (a private function), or said to be of one surface alone: what leaves a trace can be done by all ways."""
    writing = set()
    for path in SOURCE.rglob("*.py"):
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and "record_audit" in names_in(node):
                writing.add(f"{path.relative_to(SOURCE).as_posix()}:{node.name}")
    assert sorted(writing - verbs().keys() - OF_ONE_SURFACE.keys()) == []
    assert sorted(OF_ONE_SURFACE.keys() - writing) == []


def test_every_report_is_an_operation() -> None:
    from setoff.reports.registry import REPORTS
    from setoff.site import database

    database.setup_django()
    from setoff.api.openapi import openapi

    assert [name for name in REPORTS if f"/api/v1/reports/{name}" not in openapi()["paths"]] == []
