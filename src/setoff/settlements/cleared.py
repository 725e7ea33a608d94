"""Taking out the derived rows that a bulk import folds anew: those of the touched keys (table `touched`) from a moment on.

What is posted again for it stands in the table `reposted` of the connection: documents of the books whose facts are on those keys.
"""

from __future__ import annotations

from typing import Any

import psycopg


def clear_tails(conn: psycopg.Connection[Any], since: int, own: str) -> int:
    """Returns the smallest id of a document to be posted again, 0 where there is none. `own`: an SQL condition on an id, true for the
    documents that the import is about to post itself."""
    if conn.execute("select exists (select 1 from touched join lot on lot.key_id = touched.key_id)").fetchone() != (True,):
        return 0
    conn.execute("create temporary table if not exists reposted (document_id bigint primary key) on commit delete rows")
    conn.execute("delete from reposted")
    conn.execute(
        f"""insert into reposted select distinct fact.document_id from touched join fact on fact.reg_key_id = touched.key_id
           join document on document.id = fact.document_id and document.posted_version_id = fact.version_id
           where fact.moment >= %s and not fact.document_id {own}""",
        [since],
    )
    conn.execute(
        """with gone as (delete from posting where document_id in (select document_id from reposted) returning *)
           insert into turnover select unit_id, date_trunc('month', moment_date(moment))::date, debit_account_id,
             credit_account_id, -sum(amount) from gone group by 1, 2, 3, 4"""
    )
    # lots that are open at `since` are restored by the fold, which reads the allocations: those go after it has read
    conn.execute(
        """update lot set residual = lot.residual + sign(lot.amount) * used.amount,
             residual_book = lot.residual_book + sign(lot.amount) * used.book, closed_moment = 9223372036854775807,
             used_moment = case when lot.used_moment < %s then lot.used_moment else 9223372036854775807 end
           from (select key_id, lot_document_id, lot_line, sum(amount) amount, sum(lot_book) book from allocation
                 where key_id in (select key_id from touched) and moment >= %s group by 1, 2, 3) used
           where lot.key_id = used.key_id and lot.document_id = used.lot_document_id and lot.line = used.lot_line""",
        [since, since],
    )
    conn.execute("delete from allocation where key_id in (select key_id from touched) and moment >= %s", [since])
    conn.execute("delete from lot where key_id in (select key_id from touched) and moment >= %s", [since])
    row = conn.execute("select coalesce(min(document_id), 0) from reposted").fetchone()
    assert row is not None
    return int(row[0])
