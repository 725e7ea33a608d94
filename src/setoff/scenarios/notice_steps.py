"""Steps of a story about notices between units. `by`: who acts; whoever drafts and sends is "sender", whoever answers "receiver"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, Literal

import msgspec

from setoff.access.queries import rights_of_owner
from setoff.access.rights import Rights
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.notices import services
from setoff.notices.filling import Filled, local_entry, notice_from, shared
from setoff.notices.queries import find_notice, units_of
from setoff.notices.reversal import Reversal, reverse_notice
from setoff.notices.templates import template_of, templates_of
from setoff.scenarios.format import Scenario, Step
from setoff.scenarios.observed import Connection
from setoff.scenarios.records import notice_rows
from setoff.settlements.services import post_document
from setoff.trade.fields import day_of
from setoff.trade.notice_paper import Notice

Play = Callable[[Connection, Step, Scenario], None]


def draft(conn: Connection, step: Step, scenario: Scenario) -> None:
    said: dict[str, Any] = {"sender": scenario.units[0], "receiver": scenario.units[-1], "nature": "obligation", **step.fields}
    said.pop("by", None)
    for side in ("sender_rows", "receiver_rows"):
        said[side] = notice_rows(scenario, said.get(side, []))
    try:
        notice = msgspec.convert({**said, "key": step.subject, "number": said.get("number", step.subject)}, Notice)
    except msgspec.ValidationError as problem:
        raise DomainError(ErrorCode.SCENARIO_INVALID, file="", step=step.position, reason=str(problem)) from None
    services.save_notice(conn, notice, _who(step, "sender"), _rights(conn))


def send(conn: Connection, step: Step, scenario: Scenario) -> None:
    del scenario
    services.send_notice(conn, step.subject, _who(step, "sender"), _rights(conn))


def recall(conn: Connection, step: Step, scenario: Scenario) -> None:
    del scenario
    services.recall_notice(conn, step.subject, _who(step, "sender"), _rights(conn))


def confirm(conn: Connection, step: Step, scenario: Scenario) -> None:
    del scenario
    services.confirm_notice(conn, step.subject, _who(step, "receiver"), _rights(conn))


def reject(conn: Connection, step: Step, scenario: Scenario) -> None:
    del scenario
    services.reject_notice(conn, step.subject, _who(step, "receiver"), _rights(conn), because=step.fields.get("because", ""))


def undo(conn: Connection, step: Step, scenario: Scenario) -> None:
    del scenario
    services.undo_notice(conn, step.subject, _who(step, "sender"), _rights(conn), because=step.fields.get("because", ""))


def reverse(conn: Connection, step: Step, scenario: Scenario) -> None:
    """Drafted under its own name; sent and confirmed like any other. `unit`: whose people draft it."""
    del scenario
    said = Reversal(day_of(step.fields["date"], "date"), step.fields.get("because", ""), step.fields.get("unit", ""))
    reverse_notice(conn, step.subject, said, _who(step, "sender"), _rights(conn))


def drop(conn: Connection, step: Step, scenario: Scenario) -> None:
    del scenario
    services.drop_notice(conn, step.subject, _who(step, "sender"), _rights(conn))


def operation(conn: Connection, step: Step, scenario: Scenario) -> None:
    """An operation by its template: a notice is drafted, sent and confirmed; a local entry posted in `unit`. Amounts that are not given are
    those of the example."""
    said = step.fields
    head, branch = said.get("head", scenario.units[0]), said.get("branch", scenario.units[-1])
    place = units_of(conn)[head]
    template = template_of(templates_of(conn, place.organization_id, place.chart), said.get("template", step.subject.split()[0]))
    unit = said.get("unit", "")
    side: Literal["head", "branch"] = "head" if unit == head else "branch"
    samples = {name: template.sample(side, name) for name in template.amounts()}
    contracts = {party: party for party in template.parties()} | said.get("contracts", {})
    filled = Filled(
        said["date"], {name: amount for name, amount in samples.items() if amount} | said.get("amounts", {}), head, branch, contracts,
        said.get("accounts", {}), key=step.subject, number=step.subject,
    )  # fmt: skip
    if template.kind == "notice":
        rights = _rights(conn)
        services.save_notice(conn, notice_from(conn, template, filled), _who(step, "sender"), rights)
        services.send_notice(conn, step.subject, _who(step, "sender"), rights)
        services.confirm_notice(conn, step.subject, Actor("receiver", "scenario"), rights)
    else:
        own = replace(filled, branch="") if side == "head" else replace(filled, head="", branch=unit)
        post_document(conn, local_entry(conn, template, own), _who(step, "sender"))


def share(conn: Connection, step: Step, scenario: Scenario) -> None:
    """Shared costs by a key: a drafted notice for every branch."""
    said = step.fields
    head = said.get("head", scenario.units[0])
    place = units_of(conn)[head]
    template = template_of(templates_of(conn, place.organization_id, place.chart), said["template"])
    for notice in shared(conn, template, Filled(said["date"], {}, head), said["total"], said["key"]):
        named = msgspec.structs.replace(notice, key=f"{step.subject} {notice.receiver}", number=f"{step.subject} {notice.receiver}")
        services.save_notice(conn, named, _who(step, "sender"), _rights(conn))


STEPS: Final[Mapping[str, Play]] = {
    "notice": draft, "send_notice": send, "recall_notice": recall, "confirm_notice": confirm, "reject_notice": reject, "undo_notice": undo,
    "reverse_notice": reverse, "drop_notice": drop, "branch_operation": operation, "share_costs": share,
}  # fmt: skip


def notice_state(conn: Connection, code: str) -> str:
    """The state of a notice, "absent" when there is none."""
    found = find_notice(conn, code)
    return found.status if found else "absent"


def _who(step: Step, usual: str) -> Actor:
    return Actor(step.fields.get("by", usual), "scenario")


def _rights(conn: Connection) -> Rights:
    """Everything in every unit of the story."""
    return rights_of_owner(conn, "scenario")
