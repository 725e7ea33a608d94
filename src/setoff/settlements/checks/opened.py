"""C-4.3c and C-4.3d: nothing opens a lot while a lot of the other sign waits for it (spec 3).

A payment pays what the key owes before it becomes an advance, and a supply uses up the advance before it becomes a debt: it is one law,
asked of payments and of supplies. The lots of a key are read once, in their order, with the latest close of each sign among those before.
"""

from __future__ import annotations

from typing import Final

from setoff.core.fact import Nature
from setoff.settlements.checks import Check

QUERY: Final = """
  with ordered as (
    select lot.*, max(case when amount > 0 then closed_moment end) over earlier as positive_until,
           max(case when amount < 0 then closed_moment end) over earlier as negative_until
    from lot where (%(unit_id)s::bigint is null or unit_id = %(unit_id)s)
    window earlier as (partition by unit_id, key_id order by moment, line rows between unbounded preceding and 1 preceding)
  )
  select lot.unit_id, key_name(lot.unit_id, lot.key_id) as key, 0::bigint as expected, lot.amount as actual, lot.amount as difference,
         (select currency from fold_key where fold_key.unit_id = lot.unit_id and fold_key.id = lot.key_id) as currency, lot.document_id,
         lot.moment
  from ordered lot
  where case when lot.amount < 0 then positive_until else negative_until end > lot.moment and lot.moment < %(until)s
    and exists (select from fact join document on document.unit_id = fact.unit_id and document.posted_version_id = fact.version_id
                where fact.unit_id = lot.unit_id and fact.document_id = lot.document_id and fact.line = lot.line
                  and fact.nature = {nature:d} and lot.key_id in (fact.reg_key_id, fact.mgmt_key_id))"""
OPENED_CHECKS: Final = tuple(
    Check(
        code, "error", "3, C-4.3c,d", "row",
        f"A {what} never opened a lot of its own sign while a lot of the other sign of the same key was still open.",
        QUERY.format(nature=nature),
    )
    for code, what, nature in (("C-4.3c", "payment", Nature.MONEY), ("C-4.3d", "supply", Nature.SUPPLY))
)  # fmt: skip
