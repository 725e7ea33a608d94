"""The audit trail of the units that one reads: who did what, newest first, by filters of the address; as CSV or JSON Lines too, which the
trail records itself. Records of no unit (sign-ins, people, policies) are an administrator's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Final

from django.http.response import HttpResponseBase
from django.urls import path

from setoff.access.queries import AuditFilter, AuditRow, audit_trail
from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import has_text, text
from setoff.language.zones import local
from setoff.pages.files import BYTE_ORDER_MARK, TYPES, Connection, csv_line, streamed
from setoff.pages.page import PageRequest, page, render
from setoff.reports.ask import parse_day

ROWS: Final = 100
EXPORT_STEP: Final = 5_000
DIGITS_MAX: Final = 18
VERBS: Final = (
    "save", "post", "unpost", "reorder", "mark_for_deletion", "clear_deletion_mark", "follow", "pass_gate", "import", "refold", "attach",
    "remove_attachment", "save_masters", "contract_status", "over_limit", "note_receipt", "act_create", "act_fill", "act_theirs",
    "act_sent", "act_agreed", "act_disputed", "send_act", "send_report", "send_document", "round_open", "round_add", "round_collect",
    "round_confirm", "round_choose", "round_bar", "round_admit", "round_correct", "round_agreed", "round_refused", "round_solve",
    "round_post", "round_final", "round_cancel", "round_reverse", "round_received", "close_period", "seal_period", "reopen_period",
    "request_approval", "approve", "refuse", "withdraw", "billing_run", "billing_undo",
    "import_statement", "confirm_bank_line", "unconfirm_bank_line", "claim_bank_line", "ignore_bank_line", "restore_bank_line",
    "add_bank_rule", "drop_bank_rule", "save_bank_account", "save_party_account", "write_payment_orders", "export_report", "export_audit",
    "check", "sign_in", "sign_out", "sign_in_failed", "add_user", "change_user", "grant_role", "revoke_role", "set_password",
    "set_calendar_day", "set_work_calendar", "save_notice", "send_notice", "recall_notice", "confirm_notice", "reject_notice",
    "ask_undo_notice", "undo_notice", "drop_notice", "reverse_notice", "restore_notice", "save_template", "drop_template",
    "set_unit_policy", "retry_rejected", "drop_rejected", "set_status",
    "send_password_link", "create_token", "revoke_token", "set_policy", "set_vat_policy", "set_contract_vat", "add_webhook",
    "change_webhook", "remove_webhook", "renew_webhook_secret", "try_webhook", "replay_deliveries", "replay_delivery", "backup", "restore",
)  # fmt: skip
"""What the filter offers; a record of another verb is shown by its name."""


@page("read")
def audit(request: PageRequest) -> HttpResponseBase:
    chosen = asked_filter(request)
    if (wanted := request.GET.get("format", "")) in FILES:
        written = FILES[wanted]
        record_audit(request.books, Actor(request.rights.login, "page"), "export_audit", format=wanted)
        response = streamed(request, lambda conn: written(_all(conn, chosen)))
        response["Content-Type"] = TYPES[wanted]
        response["Content-Disposition"] = f'attachment; filename="audit.{wanted}"'
        return response
    before = _number(request, "before")
    rows = audit_trail(request.books, chosen, before=before, limit=ROWS + 1)
    context = {
        "rows": [(row, said(request, row), details(row)) for row in rows[:ROWS]],
        "after": rows[ROWS - 1].id if len(rows) > ROWS else None,
        "is_first": before is None,
        "chosen": chosen,
        "units": sorted(request.rights.unit_codes),
        "verbs": sorted((text(request.language, verb_key(verb)), verb) for verb in VERBS),
        "files": list(FILES),
    }
    return render(request, "audit", context)


def verb_key(verb: str) -> str:
    return f"audit-verb-{verb.replace('_', '-')}"


def said(request: PageRequest, row: AuditRow) -> str:
    """The verb in words."""
    return text(request.language, verb_key(row.verb)) if has_text(request.language, verb_key(row.verb)) else row.verb


def details(row: AuditRow) -> list[tuple[str, str]]:
    """Facts of the record as they were written."""
    return [
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)) for name, value in (row.details or {}).items()
    ]


def asked_filter(request: PageRequest) -> AuditFilter:
    """Errors: invalid_date, invalid_value, unknown_reference."""
    unit, author, verb = (request.GET.get(name, "").strip() or None for name in ("unit", "author", "verb"))
    if unit:
        request.rights.require("read", unit)
    since, until = (parse_day(request.GET[name], name) if request.GET.get(name) else None for name in ("since", "until"))
    return AuditFilter(unit, author, verb, document_id=_number(request, "document"), since=since, until=until)


def _number(request: PageRequest, name: str) -> int | None:
    typed = request.GET.get(name, "")
    if not typed:
        return None
    if not typed.isdecimal() or len(typed) > DIGITS_MAX:
        raise DomainError(ErrorCode.INVALID_VALUE, field=name, value=typed[:40])
    return int(typed)


def _csv(rows: Iterable[AuditRow]) -> Generator[bytes]:
    yield BYTE_ORDER_MARK + csv_line(AuditRow._fields)
    for row in rows:
        yield csv_line([row.id, local(row.recorded_at).isoformat(), *row[2:-1], json.dumps(row.details, ensure_ascii=False)])


def _lines(rows: Iterable[AuditRow]) -> Generator[bytes]:
    for row in rows:
        plain = {**row._asdict(), "recorded_at": local(row.recorded_at).isoformat()}
        yield f"{json.dumps(plain, ensure_ascii=False)}\n".encode()


def _all(conn: Connection, chosen: AuditFilter) -> Iterator[AuditRow]:
    before: int | None = None
    while rows := audit_trail(conn, chosen, before=before, limit=EXPORT_STEP):
        yield from rows
        before = rows[-1].id


FILES: Final[dict[str, Callable[[Iterable[AuditRow]], Generator[bytes]]]] = {"csv": _csv, "jsonl": _lines}
urlpatterns = [path("", audit, name="audit")]
