"""A story told in a throw-away database, step by step, through the same services that pages, API and commands use.

After every step its refusal, its changes and its expectations are compared, after the last one the story's expectations; then
every control check must be silent. Nothing stops a story: the differences of all its steps are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from datetime import date, timedelta
from typing import Any, Final

from psycopg import sql

from setoff.books.audit import Actor
from setoff.books.services import close_period, reopen_period, reopen_sealed_period, seal_period
from setoff.books.workdays import set_work_calendar
from setoff.core.errors import DomainError, ErrorCode
from setoff.intake.decode import AnyRecord, record_of
from setoff.intake.rows import RowFault
from setoff.parties.records import Master
from setoff.parties.services import save_masters
from setoff.scenarios import lines, records
from setoff.scenarios.billing_steps import STEPS as BILLING_STEPS
from setoff.scenarios.compare import Difference, compare_books, compare_refusal, compare_rows
from setoff.scenarios.format import DOCUMENT_VERBS, Step, Story, invalid
from setoff.scenarios.notice_steps import STEPS as NOTICE_STEPS
from setoff.scenarios.observed import Connection, change_lines
from setoff.scenarios.round_steps import STEPS as ROUND_STEPS
from setoff.settlements import services
from setoff.settlements.bulk import ImportRefused, import_documents
from setoff.settlements.checks import run_checks
from setoff.settlements.doubtful import accrue_reserve
from setoff.settlements.loans.accrual import accrue
from setoff.settlements.loans.reschedule import reschedule_loan
from setoff.settlements.revaluation.services import revalue
from setoff.settlements.services import Outcome
from setoff.site import database
from setoff.trade.documents import AnyDocument

ACTOR: Final = Actor("scenario", "scenario")
OTHER_STEPS: Final = {**ROUND_STEPS, **BILLING_STEPS}


TABLES_SQL: Final = """
select relname from pg_class
where relkind = 'r' and relnamespace = 'public'::regnamespace and relname not in ('account', 'chart', 'django_migrations')
"""
SEQUENCES_SQL: Final = "select relname from pg_class where relkind = 'S' and relnamespace = 'public'::regnamespace"


def run_stories(stories: Iterable[Story]) -> Iterator[tuple[Story, list[Difference]]]:
    """Every story with what differs from it, all in one throw-away database that is emptied before each."""
    with database.throwaway(), database.connect() as conn:
        for story in stories:
            empty(conn)
            yield story, run_story(conn, story)


def run_story(conn: Connection, story: Story) -> list[Difference]:
    """What differs from the story, told in an empty database. Errors: scenario_invalid."""
    return _Play(conn, story).run()


def empty(conn: Connection) -> None:
    """Nothing was ever said in this (throw-away) database. Its guards would refuse that, so they are off for the moment."""
    with conn.transaction():
        conn.execute("set local session_replication_role = replica")
        for (table,) in conn.execute(TABLES_SQL).fetchall():
            conn.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))
        for (sequence,) in conn.execute(SEQUENCES_SQL).fetchall():
            conn.execute(sql.SQL("alter sequence {} restart").format(sql.Identifier(sequence)))


def broken_laws(conn: Connection) -> list[Difference]:
    """Every control check that finds an error (lists for people to look at are none)."""
    return [
        Difference(0, "check", result.check.code, row.key, str(row.expected), str(row.actual))
        for result in run_checks(conn)
        if result.check.state == "error"
        for row in result.rows
    ]


class _Play:
    """One story on one connection. `fields` remembers what was said of every document and contract, for edits."""

    def __init__(self, conn: Connection, story: Story) -> None:
        self.conn, self.story, self.scenario = conn, story, story.scenario
        self.said: dict[str, tuple[str, dict[str, Any]]] = {}
        self.contracts = {code: dict(fields) for code, fields in story.scenario.contracts.items()}

    def run(self) -> list[Difference]:
        self.save_masters(records.masters(self.scenario), 0)
        if self.scenario.country is not None:
            set_work_calendar(self.conn, records.ORGANIZATION, self.scenario.country, "next", ACTOR)
        differences = [found for step in self.story.steps for found in self.play(step)]
        differences += compare_books(self.conn, self.scenario.expect, 0)
        return differences + broken_laws(self.conn)

    def play(self, step: Step) -> list[Difference]:
        outcome, refusal = None, None
        try:
            with self.conn.transaction(force_rollback=True) if step.dry_run else nullcontext():
                outcome = self.act(step)
        except DomainError as error:
            if error.code == ErrorCode.SCENARIO_INVALID:
                raise
            refusal = error
        differences = compare_refusal(step.position, step.refused, refusal)
        if step.changes is not None and outcome is not None:
            actual = change_lines(self.conn, outcome)
            differences += compare_rows(step.position, ("changes", step.subject), step.changes, lines.read_change, actual)
        return differences + compare_books(self.conn, step.expect, step.position)

    def act(self, step: Step) -> Outcome | None:
        if step.verb in DOCUMENT_VERBS:
            return self.say(step, step.verb, step.fields)
        if step.verb in OTHER_STEPS:
            OTHER_STEPS[step.verb](self.conn, step, ACTOR)
            return None
        if step.verb in NOTICE_STEPS:
            NOTICE_STEPS[step.verb](self.conn, step, self.scenario)
            return None
        action = getattr(self, f"do_{step.verb}")
        found: Outcome | None = action(step)
        return found

    def say(self, step: Step, verb: str, fields: dict[str, Any]) -> Outcome:
        """Post a document, or save it when it says that it is a draft. What was refused is not remembered."""
        document = self.document(records.document(self.scenario, verb, step.subject, fields), step.position)
        if document.state == "draft":
            outcome = services.save_document(self.conn, document, ACTOR)
        else:
            outcome = services.post_document(self.conn, document, ACTOR, consent=step.demote_targets)
        if not step.dry_run:
            self.said[step.subject] = (verb, fields)
        return outcome

    def do_edit(self, step: Step) -> Outcome:
        if step.subject not in self.said:
            raise invalid(self.story.path, step.position, f"no document is called {step.subject!r}")
        verb, fields = self.said[step.subject]
        return self.say(step, verb, fields | step.fields)

    def do_post(self, step: Step) -> Outcome:
        return services.post_saved(self.conn, step.subject, ACTOR, consent=step.demote_targets)

    def do_unpost(self, step: Step) -> Outcome:
        return services.unpost_document(self.conn, step.subject, ACTOR, consent=step.demote_targets)

    def do_reorder(self, step: Step) -> Outcome:
        order = step.fields["day_order"]
        return services.reorder_document(self.conn, step.subject, order, ACTOR, consent=step.demote_targets)

    def do_cancel(self, step: Step) -> Outcome:
        return services.mark_for_deletion(self.conn, step.subject, ACTOR)

    def do_restore(self, step: Step) -> Outcome:
        return services.clear_deletion_mark(self.conn, step.subject, ACTOR)

    def do_close(self, step: Step) -> None:
        close_period(self.conn, self.unit(step), self.last_day(step), ACTOR)

    def do_revalue(self, step: Step) -> Outcome | None:
        found = revalue(self.conn, self.unit(step), self.last_day(step), ACTOR)
        return Outcome(*found.made[-1], found.changes) if found.made else None

    def do_accrue(self, step: Step) -> Outcome | None:
        found = accrue(self.conn, self.unit(step), self.last_day(step), ACTOR)
        return Outcome(0, found.made[-1].key, "", found.changes) if found.made else None

    def do_reschedule(self, step: Step) -> Outcome | None:
        day = date.fromisoformat(step.fields["date"])
        return reschedule_loan(self.conn, self.unit(step), step.subject, day, ACTOR)

    def do_accrue_reserve(self, step: Step) -> Outcome | None:
        found = accrue_reserve(self.conn, self.unit(step), self.last_day(step), ACTOR, item="bad debts", department="sales")
        return Outcome(found.document_id, found.key, found.number, found.changes) if found else None

    def do_seal(self, step: Step) -> None:
        seal_period(self.conn, self.unit(step), self.last_day(step), ACTOR)

    def do_reopen(self, step: Step) -> None:
        reopen = reopen_sealed_period if step.fields.get("sealed") else reopen_period
        reopen(self.conn, self.unit(step), self.last_day(step), ACTOR, step.fields.get("reason", ""))

    def do_masters(self, step: Step) -> None:
        self.save_masters(step.fields["records"], step.position)

    def do_change_contract(self, step: Step) -> None:
        changed = self.contracts.get(step.subject, {}) | step.fields
        self.save_masters([records.contract(self.scenario, step.subject, **changed)], step.position)
        self.contracts[step.subject] = changed

    def do_check(self, step: Step) -> None:
        """Nothing to do: what is expected is compared after every step."""

    def do_import(self, step: Step) -> None:
        """A file of documents. With `on_error` stop its first bad row is the refusal; with collect bad rows are left out."""
        documents = []
        for row, table in enumerate(step.fields["records"], 1):
            verb = next((verb for verb in DOCUMENT_VERBS if verb in table), "")
            if not verb:
                raise invalid(self.story.path, step.position, f"record {row} is no document")
            fields = {name: value for name, value in table.items() if name != verb}
            record = records.document(self.scenario, verb, table[verb], fields)
            documents.append((row, self.document(record, step.position)))
        try:
            import_documents(self.conn, lambda: documents, ACTOR, on_error=step.fields.get("on_error", "stop"))
        except ImportRefused as refused:
            raise refused.error from None

    def unit(self, step: Step) -> str:
        return str(step.fields.get("unit", self.scenario.units[0]))

    def last_day(self, step: Step) -> date:
        """The last day of the month "2025-03"."""
        try:
            first = date.fromisoformat(f"{step.subject}-01")
        except ValueError:
            raise invalid(self.story.path, step.position, f"{step.subject!r} is no month") from None
        return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)

    def save_masters(self, tables: Sequence[dict[str, Any]], position: int) -> None:
        found = [self.decoded(table, position) for table in tables]
        save_masters(self.conn, [record for record in found if isinstance(record, Master)], ACTOR)

    def document(self, table: dict[str, Any], position: int) -> AnyDocument:
        record = self.decoded(table, position)
        if not isinstance(record, AnyDocument):
            raise invalid(self.story.path, position, f"{table['type']} is no document")
        return record

    def decoded(self, table: dict[str, Any], position: int) -> AnyRecord:
        """The record, or the refusal of the decoder."""
        record = record_of(table, self.story.path, position)
        if isinstance(record, RowFault):
            raise DomainError(record.code, **record.facts)
        return record
