"""The choices of a round changed while it is not posted: what takes part, how much of it, which of equal totals, its day and its law.

Whether our books were asked for debts stays as the round was opened; another day collects them again. Like whatever changes what takes
part it voids a preliminary result, which is shown as that of before until the round is solved again. Where an act becomes a notice, or a
notice an act, who had agreed is asked again: a signature is no receipt. The same choices again change nothing and leave no trace.

Errors: unknown_reference, round_state, and those of Options.checked.
"""

from __future__ import annotations

import datetime
from typing import Any, NamedTuple

import msgspec
from psycopg import Connection
from psycopg.types.json import Jsonb

from setoff.books.audit import Actor
from setoff.clearing.rounds.records import Options, Round
from setoff.clearing.rounds.services import changeable_round, collect_again, tell_round
from setoff.trade.set_off_law import Law

UNSIGNED_SQL = """
  update round_party set consent = '', consent_by = '', consent_on = null, consent_to = ''
  where round_id = %s and unit_id is null and consent = 'agreed'"""


class Chosen(NamedTuple):
    """The choices wanted, all of them; without a day or a law those stay."""

    options: Options
    as_of: datetime.date | None = None
    law: Law | None = None


def change_choices(conn: Connection[Any], code: str, chosen: Chosen, actor: Actor) -> Round:
    """The round is one of these choices; it is to be solved again."""
    with conn.transaction():
        before = changeable_round(conn, code, is_changed=False)
        options = msgspec.structs.replace(chosen.options.checked(), from_books=before.options.from_books)
        after = before._replace(options=options, as_of=chosen.as_of or before.as_of, law=chosen.law or before.law)
        changes = changes_of(before, after)
        if not changes:
            return before
        changeable_round(conn, code)
        conn.execute(
            "update clearing_round set options = %s, as_of = %s, law = %s where id = %s",
            [Jsonb(msgspec.to_builtins(options)), after.as_of, after.law, before.id],
        )
        if options.one_sided != before.options.one_sided:
            conn.execute(UNSIGNED_SQL, [before.id])
        told = tell_round(conn, code, actor, "round_choose", changes=changes)
        return collect_again(conn, code, actor) if options.from_books and after.as_of != before.as_of else told


def changes_of(before: Round, after: Round) -> dict[str, list[Any]]:
    """What is another choice: its name, what it was and what it is."""
    sides = [{**_choices(found.options), "as_of": found.as_of.isoformat(), "law": found.law} for found in (before, after)]
    return {name: [value, sides[1][name]] for name, value in sides[0].items() if value != sides[1][name]}


def _choices(options: Options) -> dict[str, Any]:
    return {name: msgspec.to_builtins(getattr(options, name)) for name in options.__struct_fields__}
