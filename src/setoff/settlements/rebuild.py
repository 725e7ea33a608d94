"""Derived rows of many keys at once, from the facts in the database: for a bulk import, a full refold, a report as known earlier.

`fold_contour` folds every key of the table `touched` from a moment on: the stored lots that are open (the derived rows from then on
were taken out before) and the facts of posted versions. It reads and writes by COPY and works in columns; fold and postings
are the same functions that serve one document.
Tables are named without a schema, so that temporary tables of the same names can stand in for them (known.py).
Memory: keys are folded and postings are made in portions; what is kept of all facts until the postings is ledger_piece.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl
import psycopg

from setoff.core.errors import InvariantViolation
from setoff.core.fact import ONLY_OPENS as OPENING_NATURES
from setoff.core.fact import Nature, Rule
from setoff.core.moment import DAY_SHIFT, NEVER
from setoff.settlements.columns import copy_frame, due_dates, frame_of, portions, read_columns
from setoff.settlements.fold import NO_DUE, ONLY_OPENS, ORDERS, SUM_MAX, Facts, Folded, fold_few, fold_many
from setoff.settlements.keys import KeyTerms
from setoff.settlements.parts import parts_by_lot, ranges
from setoff.settlements.postings import KINDS, Folds, Posted, post_exactly, post_many
from setoff.settlements.records import AllocationRow, LotRow, PostingRow, TurnoverRow
from setoff.settlements.refold import MANY
from setoff.settlements.revaluation.many import Laid, points_of_keys, revalued_frame

EPOCH_DAY: Final = date(2000, 1, 1).toordinal()
DOCUMENTS_AT_ONCE: Final = 50_000
FACTS_AT_ONCE: Final = 250_000
KEY_IDS: Final = 1 << 62
VERSIONS_FEW: Final = 5_000

Columns = dict[str, np.ndarray]
FACT_NAMES: Final = [
    "unit_id", "key_id", "document_id", "line", "version_id", "moment", "rank", "node_id", "nature", "change", "book", "own_value",
    "consume_only", "due", "stored",
]
ONLY_OPEN: Final = ", ".join(str(int(nature)) for nature in sorted(OPENING_NATURES))
FACTS_SQL = f"""
  select fact.unit_id, fact.{{key}} key_id, fact.document_id, fact.line, fact.version_id, fact.moment, fact.rank, fact.node_id,
         fact.nature, fact.change, fact.book, fact.own_value::int own_value,
         case when fact.nature in ({ONLY_OPEN}) then {ONLY_OPENS} else fact.consume_only::int end consume_only,
         coalesce(fact.due - date '2000-01-01' + {EPOCH_DAY}, {NO_DUE}) due, 0 stored
  from fact join document on document.id = fact.document_id and document.posted_version_id = fact.version_id
  where fact.moment >= {{since}} and fact.moment < {{until}} and fact.{{key}} is not null"""
LOTS_SQL = f"""
  select lot.unit_id, lot.key_id, lot.document_id, lot.line, 0 version_id, lot.moment, lot.rank, lot.node_id, 0 nature,
         lot.residual change, lot.residual_book book, 0 own_value, 0 consume_only,
         coalesce(lot.due - date '2000-01-01' + {EPOCH_DAY}, {NO_DUE}) due, 1 stored
  from lot join touched on touched.key_id = lot.key_id
  join fold_key on fold_key.unit_id = lot.unit_id and fold_key.id = lot.key_id and fold_key.contour = '{{contour}}'
  where lot.moment < {{since}} and lot.residual <> 0"""
TARGETS_SQL = """
  select fact_target.version_id, fact_target.line, fact_target.target_no, fact_target.document_id, fact_target.document_line,
         fact_target.amount, fact_target.rule
  from fact_target join document on document.unit_id = fact_target.unit_id and document.posted_version_id = fact_target.version_id"""
TARGET_NAMES: Final = ["version_id", "line", "target_no", "document_id", "document_line", "amount", "rule"]
ENTRIES_SQL = """
  select document.id document_id, entry.line, coalesce(debit_fact, 0) debit_fact, coalesce(debit_account_id, 0) debit_account,
         coalesce(credit_fact, 0) credit_fact, coalesce(credit_account_id, 0) credit_account, entry.amount, entry.follows,
         document.moment, document.unit_id
  from document join entry on entry.unit_id = document.unit_id and entry.version_id = document.posted_version_id
  where document.id >= {first} and document.id < {last} {wanted}"""
ENTRY_NAMES: Final = [
    "document_id", "line", "debit_fact", "debit_account", "credit_fact", "credit_account", "amount", "follows", "moment", "unit_id",
]


class BulkRefusal(NamedTuple):
    """A fact whose target found too little, or that may not do what it would (`target_document_id` 0; see `refold.Refusal`)."""

    key_id: int
    document_id: int
    line: int
    target_document_id: int
    wanted: int
    found: int
    nature: int


class FoldedKeys(NamedTuple):
    """Facts of one contour in fold order, with what became of them."""

    columns: Columns
    folded: Folded
    refusals: list[BulkRefusal]
    points: Laid | None = None


def fold_touched(conn: psycopg.Connection[Any], contour: str, terms: Mapping[int, KeyTerms], *, since: int) -> Iterator[FoldedKeys]:
    """The keys of the table `touched`, so many at once that their facts do not fill the memory: ids of keys are spread evenly."""
    row = conn.execute("select count(*) from fact where moment >= %s", [since]).fetchone()
    assert row is not None
    step = -(-KEY_IDS // max(1, -(-row[0] // FACTS_AT_ONCE)))
    for low in range(0, KEY_IDS, step):
        yield fold_contour(conn, contour, terms, since=since, touched=(low, low + step))


def fold_contour(
    conn: psycopg.Connection[Any],
    contour: str,
    terms: Mapping[int, KeyTerms],
    *,
    since: int,
    until: int = NEVER,
    touched: tuple[int, int] | None = None,
) -> FoldedKeys:
    """Read and fold a contour: the facts from `since` to before `until` over the lots open at `since`; only keys of the table
    `touched` with ids of that range, or all."""
    key = "reg_key_id" if contour == "reg" else "mgmt_key_id"
    query = FACTS_SQL.format(key=key, since=since, until=until)
    if touched:
        within = f"between {touched[0]} and {touched[1] - 1}"
        query += f" and fact.{key} {within} and fact.{key} in (select key_id from touched)"
        query += " union all " + LOTS_SQL.format(contour=contour, since=since) + f" and lot.key_id {within}"
    columns = read_columns(conn, query, FACT_NAMES)
    order = np.lexsort((columns["line"], columns["moment"], columns["key_id"]))
    for name in columns:  # one by one: a second table of all columns would need as much memory again
        columns[name] = columns[name][order]
    keys, first = np.unique(columns["key_id"], return_index=True)
    facts, targets = with_targets(columns, read_targets(conn, columns["version_id"]), contour)
    facts = facts._replace(
        key_start=np.append(first, len(columns["key_id"])),
        key_order=np.array([ORDERS[terms[int(key_id)].order] for key_id in keys], np.int64),
    )
    points = points_of_keys(conn, [terms[int(key_id)].key for key_id in keys], (first, columns["moment"]), since, until)
    folded = fold_arrays(facts if points is None else points.laid_over(facts))
    if points is not None:
        points.refuse_missing(columns["document_id"], folded)
    refusals = [
        BulkRefusal(
            int(columns["key_id"][fact]), int(columns["document_id"][fact]), int(columns["line"][fact]),
            int(targets["document_id"][target]) if target >= 0 else 0,
            int(targets["amount"][target]) if target >= 0 else int(abs(columns["change"][fact])), int(found),
            int(columns["nature"][fact]),
        )
        for fact, target, found in zip(folded.refused_fact, folded.refused_target, folded.refused_found, strict=True)
    ]  # fmt: skip
    return FoldedKeys(columns, folded, refusals, points)


def read_targets(conn: psycopg.Connection[Any], version_ids: np.ndarray) -> Columns:
    """Targets of the facts of posted versions: of these versions, when they are few, or of all."""
    versions = np.unique(version_ids)
    some = "select exists (select 1 from fact_target)"
    if not versions.any() or conn.execute(some).fetchone() != (True,):
        return {name: np.zeros(0, np.int64) for name in TARGET_NAMES}
    few = f" where fact_target.version_id in ({', '.join(map(str, versions))})" if len(versions) <= VERSIONS_FEW else ""
    return read_columns(conn, TARGETS_SQL + few, TARGET_NAMES)


def fold_arrays(facts: Facts) -> Folded:
    """The fold of arrays. Few are folded by the interpreter: loading compiled code would take longer."""
    if len(facts.amount) > MANY:
        return fold_many(facts)
    return Folded(*(np.array(column, np.int64) for column in fold_few(Facts(*(as_list(column) for column in facts)))))


def post_arrays(folds: Folds) -> Posted:
    """The postings of arrays, few of them interpreted."""
    if len(folds.stated) > MANY:
        return post_many(folds)
    return post_exactly(folds)


def as_list(column: Any) -> list[int]:
    """An array as Python integers."""
    found: list[int] = np.asarray(column).tolist()
    return found


def with_targets(columns: Columns, targets: Columns, contour: str) -> tuple[Facts, Columns]:
    """The fold's sequences. Each target finds its fact by (version, line), and the facts of the document it names in the same key."""
    length = len(columns["key_id"])
    starts = np.zeros(length + 1, np.int64)
    first = last = np.zeros(0, np.int64)
    keep = np.ones(len(targets["rule"]), bool)
    if contour == "reg":
        keep &= targets["rule"] != Rule.INTERNAL
    targets = {name: column[keep] for name, column in targets.items()}
    if len(targets["rule"]):
        keyed = columns["key_id"][np.isin(columns["version_id"], targets["version_id"])]
        near = np.flatnonzero(np.isin(columns["key_id"], keyed))  # few keys have targets: the others are not looked at
        places = pl.DataFrame({name: columns[name][near] for name in ("version_id", "line", "key_id", "document_id")})
        places = places.with_columns(pl.Series("place", near))
        named = pl.DataFrame(targets).with_row_index("target")
        own = places.filter(pl.col("version_id") != 0).select("version_id", "line", "key_id", "place")
        spans = places.group_by("key_id", "document_id").agg(pl.col("place").min().alias("first"), pl.col("place").max().alias("last"))
        joined = (
            named.join(own, on=["version_id", "line"])
            .join(spans, on=["key_id", "document_id"], how="left")
            .with_columns(pl.col("first").cast(pl.Int64).fill_null(0), pl.col("last").cast(pl.Int64).fill_null(-1))
            .sort("place", "target_no")
        )
        order = joined["target"].to_numpy()
        targets = {name: column[order] for name, column in targets.items()}
        first, last = joined["first"].to_numpy(), joined["last"].to_numpy()
        np.add.at(starts, joined["place"].to_numpy().astype(np.int64) + 1, 1)
        starts = np.cumsum(starts)
    facts = Facts(
        key_start=(), key_order=(), sign=np.sign(columns["change"]), amount=np.abs(columns["change"]), book=np.abs(columns["book"]),
        own_value=columns["own_value"], consume_only=columns["consume_only"], due=columns["due"], rank=columns["rank"],
        line=columns["line"], target_start=starts, target_first=first, target_last=last, target_line=targets["document_line"],
        target_amount=targets["amount"], target_rule=targets["rule"],
    )  # fmt: skip
    return facts, targets


def write_lots(conn: psycopg.Connection[Any], keys: FoldedKeys, *, open_only: bool = False) -> None:
    """Insert what facts opened; rewrite residuals of stored lots that were used further. `open_only`: only what is still open, as if
    opened with what is left of it, since no allocations stand beside it."""
    columns, folded = keys.columns, keys.folded
    opened, opened_book = (folded.residual, folded.residual_book) if open_only else (folded.opened, folded.opened_book)
    sign = np.sign(columns["change"])
    closed = np.where(folded.closed_by >= 0, columns["moment"][folded.closed_by], NEVER)
    used = np.full(len(sign), NEVER)
    lots, first_uses = np.unique(folded.lot, return_index=True)
    if not open_only:
        used[lots] = columns["moment"][folded.settling[first_uses]]
        if keys.points is not None:
            np.minimum.at(used, folded.revalued_lot, keys.points.moment[folded.revalued_point])
    wanted = (columns["stored"] == 0) & (opened > 0)
    amounts = {"amount": opened, "book": opened_book, "residual": folded.residual, "residual_book": folded.residual_book}
    for part in portions(np.flatnonzero(wanted)):
        table = {name: columns[name][part] for name in ("unit_id", "key_id", "document_id", "line", "node_id", "moment", "rank")}
        table |= {name: sign[part] * column[part] for name, column in amounts.items()}
        table |= {"due": due_dates(columns["due"][part]), "used_moment": used[part], "closed_moment": closed[part]}
        copy_frame(conn, LotRow, frame_of(LotRow, table))
    stored = columns["stored"] == 1
    if stored.any():
        now = [columns[name][stored].tolist() for name in ("unit_id", "key_id", "document_id", "line")]
        now += [(sign * column)[stored].tolist() for column in (folded.residual, folded.residual_book)]
        now += [used[stored].tolist(), closed[stored].tolist()]
        conn.execute(
            """update lot set residual = now.residual, residual_book = now.residual_book, closed_moment = now.closed_moment,
                 used_moment = least(lot.used_moment, now.used_moment)
               from unnest(%s::int8[], %s::int8[], %s::int8[], %s::int4[], %s::int8[], %s::int8[], %s::int8[], %s::int8[])
                    now(unit_id, key_id, document_id, line, residual, residual_book, used_moment, closed_moment)
               where (lot.unit_id, lot.key_id, lot.document_id, lot.line) = (now.unit_id, now.key_id, now.document_id, now.line)""",
            now,
        )


def write_allocations(conn: psycopg.Connection[Any], keys: FoldedKeys) -> None:
    """Insert the allocations, and what revaluations made of the lots. Two targets of one fact on one lot make one row."""
    by_target = keys.folded.rule < Rule.MOMENT
    for part in portions(np.flatnonzero(~by_target)):
        copy_frame(conn, AllocationRow, allocation_frame(keys, part))
    if by_target.any():
        frame = allocation_frame(keys, np.flatnonzero(by_target))
        named = ["unit_id", "key_id", "moment", "document_id", "line", "lot_document_id", "lot_line", "rule"]
        frame = frame.group_by(named, maintain_order=True).agg(pl.sum("amount", "lot_book", "own_book")).select(frame.columns)
        copy_frame(conn, AllocationRow, frame)
    if keys.points is not None:
        copy_frame(conn, AllocationRow, revalued_frame(keys.columns, keys.folded, keys.points))


def allocation_frame(keys: FoldedKeys, places: np.ndarray) -> pl.DataFrame:
    """The allocations at these places of the fold's output."""
    columns, folded = keys.columns, keys.folded
    settling, lot = folded.settling[places], folded.lot[places]
    table = {name: columns[name][settling] for name in ("unit_id", "key_id", "moment", "document_id", "line")}
    table |= {"lot_document_id": columns["document_id"][lot], "lot_line": columns["line"][lot]}
    table |= {name: getattr(folded, name)[places] for name in ("amount", "lot_book", "own_book", "rule")}
    return frame_of(AllocationRow, table)


def write_postings(conn: psycopg.Connection[Any], ledger: Ledger, *, documents: tuple[int, int], wanted: str = "") -> None:
    """Postings of the posted documents with ids of that range (both inclusive) that the SQL condition `wanted` picks, and the
    turnovers of their months."""
    for first in range(documents[0], documents[1] + 1, DOCUMENTS_AT_ONCE):
        query = ENTRIES_SQL.format(first=first, last=min(first + DOCUMENTS_AT_ONCE, documents[1] + 1), wanted=wanted)
        entries = read_columns(conn, query, ENTRY_NAMES)
        if len(entries["line"]):
            texts = read_texts(conn, query)
            frame = ledger.post(entries, texts)
            copy_frame(conn, PostingRow, frame)
            copy_frame(conn, TurnoverRow, turnover_frame(frame))


def read_texts(conn: psycopg.Connection[Any], query: str) -> pl.DataFrame:
    """VAT rate and item of those entries that have one: most have the same few, so they are read apart."""
    selected = query.replace("select document.id document_id, entry.line,", "select document.id, entry.line, vat_rate, item, ", 1)
    rows = conn.execute(f"select id, line, vat_rate, item from ({selected}) texts where vat_rate <> '' or item <> ''").fetchall()
    schema = {"document_id": pl.Int64, "line": pl.Int64, "vat_rate": pl.String, "item": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def turnover_frame(postings: pl.DataFrame) -> pl.DataFrame:
    """Month turnovers of account pairs in a frame of postings; not summed up where a sum may not fit 64 bits."""
    days = (postings["moment"].to_numpy() >> DAY_SHIFT) + (date(2000, 1, 1) - date(1970, 1, 1)).days
    months = pl.Series("month", days.astype(np.int32)).cast(pl.Date).dt.truncate("1mo")
    name = ["unit_id", "month", "debit_account_id", "credit_account_id"]
    dated = postings.with_columns(months)
    if float(dated["amount"].cast(pl.Float64).abs().sum()) >= SUM_MAX:
        return dated.select(*name, "amount")
    return dated.group_by(name, maintain_order=True).agg(pl.col("amount").sum())


PART_NAMES: Final = ("part", "lot_book", "own_book", "lot_node")


def ledger_piece(keys: FoldedKeys, terms: Mapping[int, KeyTerms], differences: Mapping[int, tuple[int, int]]) -> Columns:
    """What postings need of some regulated keys, as small as it goes: by fact, and under PART_NAMES by part of a lot it used."""
    columns = keys.columns
    folded = parts_by_lot(keys.folded, columns["document_id"], columns["line"])
    fresh = columns["stored"] == 0  # stored lots come first in their key and use nothing
    unique, inverse = np.unique(columns["key_id"][fresh], return_inverse=True)
    accounts = np.array(
        [
            (found.positive_account, found.negative_account, found.debt_account, *differences[found.key.unit_id])
            for found in (terms[int(key_id)] for key_id in unique)
        ],
        np.int32,
    ).reshape(-1, 5)
    piece = {
        "document": columns["document_id"][fresh], "line": columns["line"][fresh].astype(np.int32),
        "parts_of": np.bincount(folded.settling, minlength=len(fresh))[fresh].astype(np.int32),
        "sign": np.sign(columns["change"][fresh]).astype(np.int8), "amount": np.abs(columns["change"][fresh]),
        "book": np.abs(columns["book"][fresh]), "opened": folded.opened[fresh], "opened_book": folded.opened_book[fresh],
        "supply": (columns["nature"][fresh] == Nature.SUPPLY).astype(np.int8), "node": columns["node_id"][fresh],
        "part": folded.amount.copy(), "lot_book": folded.lot_book.copy(), "own_book": folded.own_book.copy(),
        "lot_node": columns["node_id"][folded.lot],
    }  # fmt: skip
    return piece | {name: accounts[inverse, place] for place, name in enumerate(("positive", "negative", "debt", "gain", "loss"))}


class Ledger:
    """The regulated contour's facts by document, ready to be laid under entries."""

    def __init__(self, pieces: Sequence[Columns]) -> None:
        columns = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
        self.part, self.lot_book, self.own_book, self.lot_node = (columns.pop(name) for name in PART_NAMES)
        order = np.lexsort((columns["line"], columns["document"]))
        self.first_part = (np.cumsum(columns["parts_of"], dtype=np.int64) - columns["parts_of"])[order]
        for name in columns:
            columns[name] = columns[name][order]
        self.document, self.line, self.parts_of = (columns.pop(name) for name in ("document", "line", "parts_of"))
        self.columns = columns

    def post(self, entries: Columns, texts: pl.DataFrame) -> pl.DataFrame:
        """Postings of the documents of these entries as a frame of PostingRow."""
        order = np.lexsort((entries["line"], entries["document_id"]))
        entries = {name: column[order] for name, column in entries.items()}
        documents, entry_first = np.unique(entries["document_id"], return_index=True)
        low, high = np.searchsorted(self.document, documents), np.searchsorted(self.document, documents, side="right")
        chosen = np.arange(low[0], high[-1])
        chosen = chosen[np.isin(self.document[chosen], documents)]
        fact_start = np.concatenate(([0], np.cumsum(high - low)))
        parts = ranges(self.first_part[chosen], self.parts_of[chosen])

        def place(lines: np.ndarray) -> np.ndarray:
            """Indices among the chosen facts of lines of the entries' documents; -1 for line 0."""
            found = np.searchsorted((self.document[chosen] << 20) + self.line[chosen], (entries["document_id"] << 20) + lines)
            if (found[lines > 0] >= len(chosen)).any():
                raise InvariantViolation("an entry names a fact that is not in the books")
            return np.where(lines > 0, found, -1)

        folds = Folds(
            fact_start=fact_start, entry_start=np.append(entry_first, len(order)),
            **{name: column[chosen].astype(np.int64) for name, column in self.columns.items()},
            allocation_start=np.concatenate(([0], np.cumsum(self.parts_of[chosen]))),
            part=self.part[parts], lot_node=self.lot_node[parts], lot_book=self.lot_book[parts], own_book=self.own_book[parts],
            debit_fact=place(entries["debit_fact"]), debit_account=entries["debit_account"], credit_fact=place(entries["credit_fact"]),
            credit_account=entries["credit_account"], stated=entries["amount"], follows=place(entries["follows"]),
        )  # fmt: skip
        posted = post_arrays(folds)
        start = np.concatenate(([0], np.cumsum(np.bincount(posted.document, minlength=len(documents)))))[:-1]
        first_entry = np.append(entry_first, 0)[posted.document]
        entry_line = np.where(posted.entry >= 0, entries["line"][np.maximum(posted.entry, 0)], 0)
        frame = pl.DataFrame(
            {
                "unit_id": entries["unit_id"][first_entry], "document_id": documents[posted.document],
                "line": np.arange(len(posted.kind)) - start[posted.document] + 1, "moment": entries["moment"][first_entry],
                "kind": pl.Series(posted.kind).replace_strict(KINDS, return_dtype=pl.String),
                "debit_account_id": posted.debit_account, "debit_node_id": posted.debit_node,
                "credit_account_id": posted.credit_account, "credit_node_id": posted.credit_node, "amount": posted.amount,
                "settlement_amount": posted.settlement, "entry_line": entry_line,
            }
        )  # fmt: skip
        noded = (pl.col("debit_node_id") != 0) | (pl.col("credit_node_id") != 0)
        return (
            frame.join(texts, left_on=["document_id", "entry_line"], right_on=["document_id", "line"], how="left", maintain_order="left")
            .with_columns(
                pl.when(noded).then("settlement_amount").alias("settlement_amount"),
                *(pl.when(pl.col(name) != 0).then(name).alias(name) for name in ("debit_node_id", "credit_node_id")),
                *(pl.col(name).fill_null("") for name in ("vat_rate", "item")),
            )
            .select(PostingRow._fields)
        )
