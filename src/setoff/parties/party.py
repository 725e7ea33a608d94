"""One party, a group of them under a partner, their contracts; and all that are found by what people type."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from psycopg import Connection
from psycopg.rows import args_row

from setoff.core.errors import DomainError, ErrorCode

FOUND_MAX: Final = 2000
"""A search that finds more parties than this is no search: the first by name are shown."""


class Party(NamedTuple):
    """A counterparty. Without a group `group_id` is None."""

    id: int
    code: str
    name: str
    tax_id: str
    kpp: str
    is_resident: bool
    is_person: bool
    language: str
    bankrupt_since: datetime.date | None
    group_id: int | None
    group_code: str
    group_name: str


class Group(NamedTuple):
    """A partner: what people call one business, of one or more counterparties."""

    id: int
    code: str
    name: str
    members: tuple[Party, ...]


class Terms(NamedTuple):
    """A contract of a party, as its page lists it."""

    id: int
    code: str
    number: str
    organization: str
    counterparty_id: int
    relation: str
    currency: str
    date: datetime.date | None
    valid_to: datetime.date | None
    detail: str
    allocation_order: str
    credit_limit: int | None
    status: str


_PARTY: Final = """
  select c.id, c.code, c.name, c.tax_id, c.kpp, c.is_resident, c.is_person, c.language, c.bankrupt_since, p.id,
         coalesce(p.code, ''), coalesce(p.name, '')
  from counterparty c left join partner p on p.id = c.partner_id"""


def party(conn: Connection[Any], party_id: int) -> Party:
    """Errors: unknown_reference."""
    found = parties(conn, [party_id])
    if not found:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="counterparty", value=str(party_id))
    return found[0]


def parties(conn: Connection[Any], ids: Iterable[int]) -> list[Party]:
    """Those with these ids, by name."""
    cursor = conn.cursor(row_factory=args_row(Party))
    return cursor.execute(f"{_PARTY} where c.id = any(%s) order by c.name, c.id", [list(ids)]).fetchall()


def parties_after(conn: Connection[Any], name: str, party_id: int, limit: int) -> list[Party]:
    """The next ones by name and id."""
    cursor = conn.cursor(row_factory=args_row(Party))
    cursor.execute(f"{_PARTY} where (c.name, c.id) > (%s, %s) order by c.name, c.id limit %s", [name, party_id, limit])
    return cursor.fetchall()


def group(conn: Connection[Any], group_id: int) -> Group:
    """Errors: unknown_reference."""
    found = conn.execute("select id, code, name from partner where id = %s", [group_id]).fetchone()
    if found is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="partner", value=str(group_id))
    cursor = conn.cursor(row_factory=args_row(Party))
    members = cursor.execute(f"{_PARTY} where c.partner_id = %s order by c.name, c.id", [group_id]).fetchall()
    return Group(found[0], found[1], found[2], tuple(members))


def party_ids_named(conn: Connection[Any], said: str) -> list[int]:
    """Ids of the parties whose name, code or tax number has every word of what was said, in any order."""
    cursor = conn.execute(
        f"""select c.id from counterparty c
            where c.search like all (select '%%' || word || '%%' from regexp_split_to_table(btrim(folded(%s)), ' ') word)
            order by c.name, c.id limit {FOUND_MAX}""",
        [said],
    )
    return [party_id for (party_id,) in cursor]


def contracts_of(conn: Connection[Any], party_ids: Iterable[int]) -> list[Terms]:
    """Those in force first, then the closed ones; each by its date."""
    cursor = conn.cursor(row_factory=args_row(Terms))
    cursor.execute(
        """select ct.id, ct.code, ct.number, o.name, ct.counterparty_id, ct.relation, ct.currency, ct.date, ct.valid_to, ct.detail,
                  ct.allocation_order, ct.credit_limit_minor, ct.status
           from contract ct join organization o on o.id = ct.organization_id
           where ct.counterparty_id = any(%s) order by ct.status = 'closed', o.name, ct.date desc nulls last, ct.number, ct.id""",
        [list(party_ids)],
    )
    return cursor.fetchall()
