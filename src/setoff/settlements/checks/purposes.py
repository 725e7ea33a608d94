"""C-4.2.2.list: payments of kind Other whose purpose names a party with something open (spec 3, C-4.2.2).

A party is named by its tax number, or by its name without its legal form, as whole words, whatever letters of the two scripts it is written
in. Names of one or two letters say nothing. The names are looked up by their first word, so that a purpose is read once, however many
parties there are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import psycopg

from setoff.parties.names import name_of, skeleton
from setoff.settlements.checks import Check, Row

OTHER_SQL: Final = """
  select document.unit_id, unit.code, document.key, document.kind, document.number, document.date, document.moment,
         version.content::jsonb ->> 'purpose'
  from document join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  join unit on unit.id = document.unit_id
  where document.kind in ('other_in', 'other_out') and version.content::jsonb ->> 'purpose' <> ''
    and (%(unit_id)s::bigint is null or document.unit_id = %(unit_id)s)
  order by document.moment, document.id"""
OPEN_SQL: Final = """
  select open.unit_id, counterparty.code, counterparty.name, counterparty.tax_id
  from (select distinct lot.unit_id, fold_key.counterparty_id
        from lot join fold_key on fold_key.unit_id = lot.unit_id and fold_key.id = lot.key_id and fold_key.contour = 'mgmt'
        where lot.residual <> 0 and lot.unit_id = any(%(units)s)) open
  join counterparty on counterparty.id = open.counterparty_id order by 2"""
LETTERS_MIN: Final = 3
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_NUMBER: Final = re.compile(r"\w{8,}")


class Named(NamedTuple):
    code: str
    name: str
    core: str


class OpenParties:
    """The parties of one unit with something open, to be found in what people write."""

    def __init__(self) -> None:
        self._by_number: dict[str, Named] = {}
        self._by_word: dict[str, list[Named]] = defaultdict(list)
        self._by_letters: dict[str, list[Named]] = defaultdict(list)

    def add(self, code: str, name: str, tax_id: str) -> None:
        core = name_of(name).core
        party = Named(code, name, core)
        if tax_id:
            self._by_number[skeleton(tax_id)] = party
        if _HAN.search(core):
            self._by_letters[core[:2]].append(party)
        elif len(core) >= LETTERS_MIN:
            self._by_word[core.split()[0]].append(party)

    def named_in(self, purpose: str) -> list[Named]:
        """Each once, in the order of their codes."""
        return sorted(set(self._found(purpose)))

    def _found(self, purpose: str) -> Iterator[Named]:
        plain = skeleton(purpose)
        yield from (self._by_number[number] for number in _NUMBER.findall(plain) if number in self._by_number)
        core = name_of(purpose).core
        words = f" {core} "
        for word in set(core.split()) & self._by_word.keys():
            yield from (party for party in self._by_word[word] if f" {party.core} " in words)
        if _HAN.search(plain):
            for place in range(len(core) - 1):
                yield from (party for party in self._by_letters.get(core[place : place + 2], ()) if core.startswith(party.core, place))


def named_rows(conn: psycopg.Connection[Any], unit_id: int | None) -> list[Row]:
    """A row for every payment and party that it names, in the order of the payments."""
    payments: Sequence[tuple[Any, ...]] = conn.execute(OTHER_SQL, {"unit_id": unit_id}).fetchall()
    parties: dict[int, OpenParties] = defaultdict(OpenParties)
    if payments:
        for unit, code, name, tax_id in conn.execute(OPEN_SQL, {"units": sorted({payment[0] for payment in payments})}):
            parties[unit].add(code, name, tax_id)
    return [
        Row(unit_code, party.code, party.name, purpose, None, None, *document)
        for unit, unit_code, *document, purpose in payments
        for party in parties[unit].named_in(purpose)
    ]


PURPOSE_CHECKS: Final = (
    Check(
        "C-4.2.2.list", "list", "3, C-4.2.2; 2.3", "row",
        "Payments of kind Other whose purpose names a counterparty with an open balance: perhaps they should have paid it.", "", named_rows,
    ),
)  # fmt: skip
