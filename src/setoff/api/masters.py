"""Master records: organizations, units, partners, counterparties, agreements, contracts, rates; each type a list, one by code, and saving.

One function a type is made in a loop: the types differ in their records and filters alone. Partners, counterparties, agreements and rates
are shared by all who may read anything; organizations, units and contracts follow the rights (row-level security).
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import GenericAlias
from typing import Annotated, Any, Final, get_args

import msgspec
from ninja import Router
from pydantic import Field

from setoff.api.answers import RatesAnswer, Said, SavedAnswer
from setoff.api.call import NDJSON, Call, Code, Consent, Cursor, DryRun, Limit, Stream, many_of
from setoff.api.changes import told_changes
from setoff.api.cursors import cursor_after, values_of
from setoff.api.endpoint import endpoint
from setoff.api.trail import tell_export
from setoff.core.errors import DomainError, ErrorCode
from setoff.parties.queries import Searched, every_master, key_of, masters_after
from setoff.parties.records import Master, Organization, Rate, Unit
from setoff.settlements.revaluation.rates import keep_records

router: Final = Router()
OF_THE_INSTALLATION: Final = (Organization, Unit, Rate)
"""What only an administrator of the installation may change: a rate states documents of every unit again."""
PLURALS: Final = {"counterparty": "counterparties"}
TEXT_OF: Final = "A part of the code, the name, the number or the tax number."
FILTERS: Final[dict[str, tuple[str, ...]]] = {
    "unit": ("organization",),
    "partner": ("group",),
    "counterparty": ("partner", "tax_id"),
    "agreement": ("partner", "currency", "status"),
    "contract": ("organization", "counterparty", "number", "currency", "relation", "status"),
    "rate": ("currency", "quote"),
}


def declare(kind: type[Master]) -> None:
    """The operations of one type."""
    tag = str(kind.__struct_config__.tag)
    listed = PLURALS.get(tag, tag + "s")
    page = msgspec.defstruct(
        f"{kind.__name__}Page", [("rows", GenericAlias(list, (kind,))), ("next", str)], bases=(Said,), kw_only=True,
        namespace={"__doc__": f"Records of type {tag}. `next` is the cursor of the page that follows; empty at the end."},
    )  # fmt: skip
    _declare_list(kind, tag, listed, page)
    _declare_save(kind, tag, listed)
    if kind is not Rate:
        _declare_read(kind, tag, listed)


def _declare_list(kind: type[Master], tag: str, listed: str, page: type[Any]) -> None:
    def list_records(call: Call, q: str = "", limit: int = 100, cursor: str = "", **filters: list[str]) -> Any:
        searched = Searched({name: values for name, values in filters.items() if values}, q)
        if call.wants(NDJSON):
            tell_export(call, "export_masters", type=tag, filters=searched.values, text=q)
            return Stream(_lines(call, kind, searched))
        key = key_of(kind)
        after = values_of(cursor, listed, *(str for _ in key)) if cursor else []
        rows = masters_after(call.conn, kind, searched, after, limit + 1)
        more = cursor_after(listed, [getattr(rows[limit - 1], field) for field in key]) if len(rows) > limit else ""
        return page(rows=rows[:limit], next=more)

    list_records.__doc__ = f"Records of type {tag} by their key. With `Accept: application/x-ndjson` all of them, one to a line."
    values = many_of("Any of these values; may be repeated.")
    parameters = [
        *(() if kind is Rate else (_parameter("q", Annotated[str, Field(max_length=200, description=TEXT_OF)], ""),)),
        *(_parameter(name, values, []) for name in FILTERS.get(tag, ())),
        _parameter("limit", Limit, 100),
        _parameter("cursor", Cursor, ""),
    ]
    endpoint(
        router, "GET", f"/{listed}", tag="masters", name=f"list_{listed}", answer=page, media=(NDJSON,),
        signature=inspect.Signature(parameters),
    )(list_records)  # fmt: skip


def _lines(call: Call, kind: type[Master], searched: Searched) -> Iterator[bytes]:
    with call.conn.transaction():
        for record in every_master(call.conn, kind, searched):
            yield msgspec.json.encode(record) + b"\n"


def _declare_read(kind: type[Master], tag: str, listed: str) -> None:
    def read_record(call: Call, code: Code) -> Any:
        found = masters_after(call.conn, kind, Searched({"code": [code]}), (), 1)
        if not found:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind=tag, value=code, field="code")
        return found[0]

    read_record.__doc__ = f"The {tag} of that code."
    endpoint(router, "GET", f"/{listed}/{{path:code}}", tag="masters", name=f"read_{tag}", answer=kind)(read_record)


def _declare_save(kind: type[Master], tag: str, listed: str) -> None:
    def save_records(call: Call, body: list[Master], dry_run: DryRun = False, consent: Consent = False) -> Any:
        _require_right(call, kind)
        saved, restated, changes = keep_records(call.conn, body, call.actor, dry_run=dry_run, consent=consent)
        counts = {"created": saved.created, "changed": saved.changed, "unchanged": saved.unchanged}
        if kind is Rate:
            return RatesAnswer(kept=not dry_run, **counts, restated=restated, changes=told_changes(call, changes))
        return SavedAnswer(**counts, kept=not dry_run)

    save_records.__doc__ = (
        f"Save records of type {tag}: new ones are inserted, others changed, by their key; all or none. Saying the same again changes "
        "nothing."
    )
    if kind is Rate:
        save_records.__doc__ += " What was posted by another rate of these days is stated again."
    form = GenericAlias(list, (kind,))
    answer = RatesAnswer if kind is Rate else SavedAnswer
    endpoint(router, "PUT", f"/{listed}", tag="masters", name=f"save_{listed}", body=form, answer=answer)(save_records)


def _require_right(call: Call, kind: type[Master]) -> None:
    """Who may draft documents somewhere may enter those they are with."""
    if kind in OF_THE_INSTALLATION:
        call.rights.require_administrator()
    elif not call.rights.units_with("draft"):
        raise DomainError(ErrorCode.NOT_PERMITTED, right="draft", unit="*")


def _parameter(name: str, form: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=form, default=default)


for _kind in get_args(Master):
    declare(_kind)
