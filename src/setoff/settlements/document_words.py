"""Documents found by what people type: a number, a key, how one begins, or words of the comment in any order (comments.sql).

    find_documents(conn, "аванс за март", units, kinds, moments)     their ids, or that they are too many to list
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.trade.kinds import KINDS

NUMBERED_MAX: Final = 2_000
COMMENTED_MAX: Final = 10_000
"""Documents found by number or key, and by comment, at most; beyond, it is quicker to look at every one that is shown."""
CHINESE: Final = re.compile("([\u3400-\u9fff])")
NAMES_IT: Final = """(
  d.number ^@ %(asked)s or d.number = %(filled)s or d.key ^@ %(asked)s or %(words)s <> '' and exists (
    select from version w where w.unit_id = d.unit_id and w.id = d.version_id and w.content like '%%"comment":%%'
      and comment_words(w.content) @@ %(words)s::tsquery
      and (cardinality(%(phrases)s::text[]) = 0 or folded(w.content::jsonb->>'comment') like all(%(phrases)s::text[]))))"""
"""SQL: what is typed names the document d."""
NUMBERED_SQL: Final = """
  select d.id
  from unnest(%(units)s::int8[]) u(unit_id), unnest(%(kinds)s::text[]) k(kind), generate_series(%(first_year)s, %(last_year)s) y(year)
  cross join lateral (
    select id from document
    where unit_id = u.unit_id and kind = k.kind and year = y.year and (number ^@ %(asked)s or number = %(filled)s)
    limit %(most)s) d
  union
  (select id from document where unit_id = any(%(units)s) and key ^@ %(asked)s limit %(most)s)
  limit %(most)s"""
COMMENTED_SQL: Final = """
  select documents_commented(%(words)s::tsquery, %(phrases)s, %(units)s, %(kinds)s, %(first)s, %(before)s, %(most)s)"""


class Found(NamedTuple):
    """What is typed, as SQL asks for it. `ids` are those of the documents, None when they are too many."""

    asked: str
    filled: str
    words: str
    phrases: tuple[str, ...]
    ids: tuple[int, ...] | None

    def parameters(self) -> dict[str, Any]:
        return {**self._asdict(), "phrases": list(self.phrases), "named": list(self.ids or ())}


def find_documents(conn: Connection[Any], said: str, units: Sequence[int], kinds: Sequence[str], moments: tuple[int, int]) -> Found:
    """A number of digits is found also with the zeros that fill it up."""
    asked = said.strip()
    folded = conn.execute("select folded(%s)", [asked]).fetchone()
    words = str(folded[0]).split() if folded else []
    found = Found(
        asked, asked.zfill(6) if asked.isdecimal() else asked,
        " & ".join(f"'{part}':*" for word in words for part in CHINESE.sub(r" \1 ", word).split()),
        tuple(f"%{word}%" for word in words if CHINESE.search(word)), (),
    )  # fmt: skip
    years = conn.execute(
        "select extract(year from min(date))::int, extract(year from max(date))::int from document_count where unit_id = any(%s)",
        [list(units)],
    ).fetchone()
    first, last = years if years and years[0] is not None else (0, -1)
    names = {**found.parameters(), "units": list(units), "first_year": first, "last_year": last, "most": NUMBERED_MAX + 1}
    numbered = conn.execute(NUMBERED_SQL, {**names, "kinds": list(kinds or KINDS)}, prepare=False).fetchall()
    commented: list[tuple[Any, ...]] = []
    if found.words:
        names |= {"kinds": list(kinds), "first": moments[0], "before": moments[1], "most": COMMENTED_MAX + 1}
        commented = conn.execute(COMMENTED_SQL, names).fetchall()
    is_many = len(numbered) > NUMBERED_MAX or len(commented) > COMMENTED_MAX
    return found._replace(ids=None if is_many else tuple({row[0] for row in (*numbered, *commented)}))
