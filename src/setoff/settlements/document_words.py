"""Documents found by what people type: a number, a key, how one begins, or words of the comment in any order (comment_column.sql).

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
SAMPLE: Final = 3_000
"""So many of the newest documents tell whether a word is in too many: the index would find each of them first."""
SAYS_IT: Final = """(
    select w.words @@ %(words)s::tsquery
      and (cardinality(%(phrases)s::text[]) = 0 or folded(w.content::jsonb->>'comment') like all(%(phrases)s::text[]))
    from version w where w.unit_id = d.unit_id and w.id = d.version_id)"""
"""SQL: the comment of the document d has the words. Not `exists`, which may be planned as one look at every comment."""
NAMES_IT: Final = f"""(
  d.number ^@ %(asked)s or d.number = %(filled)s or d.key ^@ %(asked)s or %(words)s <> '' and {SAYS_IT})"""
"""SQL: what is typed names the document d."""
SAMPLE_SQL: Final = f"""
  select count(*) filter (where {SAYS_IT}), count(*) from (
    select d.unit_id, d.version_id
    from unnest(%(units)s::int8[]) u(unit_id)
    cross join lateral (
      select * from document d
      where d.unit_id = u.unit_id and d.moment >= %(first)s and d.moment < %(before)s
        and (cardinality(%(kinds)s::text[]) = 0 or d.kind = any(%(kinds)s))
      order by d.moment desc limit %(sample)s) d
    order by d.moment desc limit %(sample)s) d"""
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
        """select extract(year from min(date))::int, extract(year from max(date))::int, sum(documents)::bigint from document_count
           where unit_id = any(%s)""",
        [list(units)],
    ).fetchone()
    first, last, documents = years if years and years[0] is not None else (0, -1, 0)
    names = {**found.parameters(), "units": list(units), "first_year": first, "last_year": last, "most": NUMBERED_MAX + 1}
    numbered = conn.execute(NUMBERED_SQL, {**names, "kinds": list(kinds or KINDS)}, prepare=False).fetchall()
    commented: list[tuple[Any, ...]] = []
    is_many = len(numbered) > NUMBERED_MAX
    if found.words and not is_many:
        names |= {"kinds": list(kinds), "first": moments[0], "before": moments[1], "most": COMMENTED_MAX + 1}
        is_many = documents > COMMENTED_MAX and is_frequent(conn, names, documents)
        commented = [] if is_many else conn.execute(COMMENTED_SQL, names).fetchall()
        is_many = is_many or len(commented) > COMMENTED_MAX
    return found._replace(ids=None if is_many else tuple({row[0] for row in (*numbered, *commented)}))


def is_frequent(conn: Connection[Any], names: dict[str, Any], documents: int) -> bool:
    """Whether so great a part of the newest documents has the words that, of all, too many will have them."""
    have, of = conn.execute(SAMPLE_SQL, {**names, "sample": SAMPLE}, prepare=False).fetchone() or (0, 0)
    return of == SAMPLE and have * documents > COMMENTED_MAX * SAMPLE
