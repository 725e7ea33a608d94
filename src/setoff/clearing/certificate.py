"""An independent check of a result file (`results.py`): it reads nothing but the file, and shares no code with what made it.

In one pass it proves for every currency that
  - no obligation is cleared by more than its amount, and nothing that was excluded is cleared at all;
  - every party clears as much as a debtor as it clears as a creditor (with what a funder lent it and it paid on), so its net
    position is what it was; caps and the funder's budget hold;
  - no set-off of this network could clear more: the sum over debts of amount * max(0, 1 + level(debtor) - level(creditor)) bounds every
    circulation from above, whatever the levels, and it equals what was cleared. Caps and the funder add their own terms.

Where only cycles of some length were taken, the levels prove the bound that the file states, not that it was reached.
Also: sums are those of the rows, and the hash of the input is that of the obligations in the file. Sums are exact beyond 64 bits.

Faults: see FAULTS. Errors: file_unreadable.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import digits_of

FAULTS: Final = (
    "form", "hash", "count", "amount", "over", "excluded", "self", "twice", "party", "balance", "cap", "funder", "sum", "bound",
)  # fmt: skip
PARTY: Final = ("record", "currency", "party", "borrowed", "paid", "level", "level_out")
ROW: Final = ("record", "currency", "id", "debtor", "creditor", "amount", "due", "number", "excluded", "cleared", "priority")
NUMBERS: Final = ("level", "level_out", "priority")
BLOCK_BYTES: Final = 1 << 24
LINE_END, QUOTATION_MARK, COMMA = b'\n",'
INFINITE: Final = 1 << 100
"""The term of a party with two levels and no cap: such levels prove nothing."""
LEVEL_MAX: Final = 1 << 60
FACTOR_MAX: Final = 1 << 20
"""Below it, sums of products with sixteen bits stay in 64 for a hundred million rows."""
Integers = NDArray[np.int64]


class Fault(NamedTuple):
    """What does not hold: one of FAULTS, in which currency, and where (an obligation, a party)."""

    what: str
    currency: str
    place: str


class Checked(NamedTuple):
    """What the file says, as checked: `proved` by currency, the cleared amount and the bound in minor units."""

    obligations: int
    proved: dict[str, tuple[int, int]]
    faults: list[Fault]


class Sheet(NamedTuple):
    """One currency of the file: its record, its caps, and its columns; parties are numbered by their place in the file."""

    currency: str
    said: dict[str, Any]
    caps: list[dict[str, Any]]
    parties: list[str]
    level: Integers
    level_out: Integers
    borrowed: Integers
    paid: Integers
    id: pl.Series
    debtor: Integers
    creditor: Integers
    amount: Integers
    cleared: Integers
    takes_part: NDArray[np.bool_]


def verify(path: Path) -> Checked:
    """Everything that does not hold; nothing, when the result is proved. Errors: file_unreadable."""
    try:
        with path.open("rb") as file:
            heads = heads_of(file)
            parties, rows, others, input_hash = _records(file)
    except OSError as problem:
        raise DomainError(ErrorCode.FILE_UNREADABLE, file=path.name, reason=problem.strerror or str(problem)) from problem
    except (msgspec.MsgspecError, pl.exceptions.PolarsError, LookupError) as problem:
        raise DomainError(ErrorCode.FILE_UNREADABLE, file=path.name, reason=str(problem).split("\n", 1)[0]) from problem
    faults = []
    if others:
        faults.append(Fault("form", "", ""))
    if len(rows) != heads[0].get("obligations"):
        faults.append(Fault("count", "", str(len(rows))))
    if not _are_unique(rows["id"]):
        faults.append(Fault("twice", "", str(rows.filter(pl.col("id").is_duplicated())["id"][0])))
    stated = [head for head in heads if head.get("record") == "currency"]
    named = {head.get("currency") for head in stated}
    faults += [Fault("form", str(currency), "") for currency in rows["currency"].unique().sort().to_list() if currency not in named]
    proved = {}
    for said in stated:
        sheet = _sheet(said, [head for head in heads if head.get("record") == "cap"], parties, rows)
        if isinstance(sheet, Fault):
            faults.append(sheet)
        else:
            bound = bound_of(sheet)
            faults += [Fault(what, sheet.currency, place) for what, place in _wrong(sheet, bound)]
            proved[sheet.currency] = (sum_of(sheet.cleared), bound)
    if not any(fault.what == "form" for fault in faults) and input_hash != heads[0].get("input_sha256"):
        faults.append(Fault("hash", "", ""))
    return Checked(len(rows), proved, faults)


def _are_unique(texts: pl.Series) -> bool:
    """Whether none comes twice; counted only where hashes do, by chance or because texts do."""
    hashes = np.sort(texts.hash().to_numpy())
    return not (hashes[1:] == hashes[:-1]).any() or texts.n_unique() == len(texts)


def heads_of(file: BinaryIO) -> list[dict[str, Any]]:
    """The records before the first row, where the file then stands."""
    heads: list[dict[str, Any]] = []
    at = 0
    while (line := file.readline()) and not line.startswith(b"["):
        heads.append(msgspec.json.decode(line, type=dict[str, Any]))
        at += len(line)
    if not heads or heads[0].get("record") != "clearing" or heads[0].get("format") != 2:
        raise LookupError("clearing")
    file.seek(at)
    return heads


def _records(file: BinaryIO) -> tuple[pl.DataFrame, pl.DataFrame, int, str]:
    """Parties, obligations, how many other rows there are, and the hash of the obligations; block by block, so that texts do not
    stand in memory all at once. The hash is taken beside."""
    digest = hashlib.sha256()
    parties, rows = [frame_of([], PARTY)], [frame_of([], ROW)]
    others = 0
    rest = b""
    hashed: list[Future[None]] = []
    with ThreadPoolExecutor(1) as beside:
        while more := file.read(BLOCK_BYTES):
            rest += more
            end = rest.rfind(b"\n") + 1
            for columns, part in parts_of(rest[:end]):
                frame, other = rows_of(part, columns)
                if columns is ROW:
                    hashed.append(beside.submit(_take_in, digest, frame))
                    frame = frame.drop("due", "number", "priority")
                (rows if columns is ROW else parties).append(frame)
                others += other
            rest = rest[end:]
    for taken in hashed:
        taken.result()
    others += bool(rest)  # a last line that does not end
    return pl.concat(parties), pl.concat([rows[0].drop("due", "number", "priority"), *rows[1:]]), others, digest.hexdigest()


def parts_of(block: bytes) -> Iterator[tuple[tuple[str, ...], bytes]]:
    """Parties and obligations apart, as they follow one another, with their columns."""
    at = 0
    while at < len(block):
        columns, other = (PARTY, b'\n["obligation"') if block.startswith(b'["party"', at) else (ROW, b'\n["party"')
        end = block.find(other, at) + 1 or len(block)
        yield columns, block[at:end]
        at = end


def rows_of(part: bytes, columns: tuple[str, ...]) -> tuple[pl.DataFrame, int]:
    """Lines of lists as columns, and how many are something else. Lists of plain texts without a sign that JSON escapes, each in quotation
    marks of its own, are read as CSV, which comes to the same; all others as JSON."""
    kind = "party" if columns is PARTY else "obligation"
    signs = np.frombuffer(part, np.uint8)
    lines, texts = int(np.count_nonzero(signs == LINE_END)), sum(name not in NUMBERS for name in columns)
    marks, begun = signs == QUOTATION_MARK, signs[:-1] == COMMA
    begun &= marks[1:]
    counts = (int(np.count_nonzero(marks)), int(np.count_nonzero(begun)))
    if b"\\" not in part and counts == (2 * texts * lines, (texts - 1) * lines):
        with suppress(pl.exceptions.PolarsError):
            read = pl.read_csv(part, has_header=False, schema=dict.fromkeys(columns, pl.String))
            last = pl.col(columns[-1])
            ends = pl.when(last.str.ends_with("]")).then(last.str.head(-1))
            cells = [(ends if name == columns[-1] else pl.col(name)).cast(pl.Int64, strict=False) for name in NUMBERS if name in columns]
            frame = read.with_columns(cells).filter(pl.col("record") == f'["{kind}"').drop("record").drop_nulls()
            return frame, lines - len(frame)
    good = []
    for line in part.splitlines():
        row = msgspec.json.decode(line)
        if isinstance(row, list) and len(row) == len(columns) and row[0] == kind and all(map(_is_cell, columns, row)):
            good.append(row)
    return frame_of(good, columns), lines - len(good)


def _is_cell(name: str, cell: object) -> bool:
    return type(cell) is int and abs(cell) < LEVEL_MAX if name in NUMBERS else isinstance(cell, str)


def frame_of(rows: list[list[Any]], columns: tuple[str, ...]) -> pl.DataFrame:
    return pl.DataFrame(rows, {name: pl.Int64 if name in NUMBERS else pl.String for name in columns}, orient="row").drop("record")


def _sheet(said: dict[str, Any], caps: list[dict[str, Any]], parties: pl.DataFrame, rows: pl.DataFrame) -> Sheet | Fault:
    """One currency in columns; a fault where they cannot be read."""
    currency = str(said["currency"])
    mine, own = (frame.filter(pl.col("currency") == currency) for frame in (rows, parties))
    names = own["party"]
    columns = [_minor(frame[name], currency) for frame, name in ((mine, "amount"), (mine, "cleared"), (own, "borrowed"), (own, "paid"))]
    levels = [own[name] for name in ("level", "level_out")]
    if names.n_unique() != len(names):
        return Fault("form", currency, "")
    level, level_out = (column.to_numpy() for column in levels)
    amount, cleared, borrowed, paid = columns
    if amount is None or cleared is None or borrowed is None or paid is None:
        return Fault("form", currency, "")
    if max(int(np.abs(column).max(initial=0)) for column in (level, level_out)) >= LEVEL_MAX:
        return Fault("form", currency, "")
    debtor, creditor = (_places(mine[side], pl.Enum(names)) for side in ("debtor", "creditor"))
    if debtor is None or creditor is None:
        return Fault("party", currency, "")
    takes_part = (mine["excluded"] == "").to_numpy()
    return Sheet(
        currency, said, [cap for cap in caps if cap.get("currency") == currency], names.to_list(), level, level_out, borrowed, paid,
        mine["id"], debtor, creditor, amount, cleared, takes_part,
    )  # fmt: skip


def _places(side: pl.Series, names: pl.Enum) -> Integers | None:
    """By row, the number of its party; None when one is not listed. Of equal neighbours only the first is looked up."""
    first = (side != side.shift(1)).fill_null(value=True)
    found = side.filter(first).cast(names, strict=False).to_physical()
    if found.null_count():
        return None
    places: Integers = found.to_numpy().astype(np.int64)[first.cum_sum().to_numpy() - 1] if len(side) else np.zeros(0, np.int64)
    return places


def _minor(column: pl.Series, currency: str) -> Integers | None:
    """Minor units of amounts written with all decimals; None when one is not."""
    digits = digits_of(currency)
    pattern = r"^\d{1,18}$" if digits == 0 else rf"^\d{{1,{18 - digits}}}\.\d{{{digits}}}$"
    if not column.str.contains(pattern).fill_null(value=False).all():
        return None
    return column.str.replace(".", "", literal=True).cast(pl.Int64).to_numpy()


def _minor_of(value: object, currency: str) -> int:
    """Minor units of one amount of a head; -1, which nothing equals, when it is none."""
    found = _minor(pl.Series([str(value)]), currency)
    return -1 if found is None else int(found[0])


def _wrong(sheet: Sheet, bound: int) -> Iterator[tuple[str, str]]:
    """What does not hold in one currency, and where first."""
    part, amount, cleared = sheet.takes_part, sheet.amount, sheet.cleared
    rules = [
        ("amount", amount <= 0), ("over", cleared > amount), ("excluded", ~part & (cleared != 0)),
        ("self", part & (sheet.debtor == sheet.creditor)),
    ]  # fmt: skip
    for what, broken in rules:
        if broken.any():
            yield what, str(sheet.id[int(np.argmax(broken))])
    owing, owed = by_party(sheet.debtor, cleared, sheet), by_party(sheet.creditor, cleared, sheet)
    lent, paid = sheet.borrowed.tolist(), sheet.paid.tolist()
    for party, name in enumerate(sheet.parties):
        if owing[party] + paid[party] != owed[party] + lent[party]:
            yield "balance", name
            break
    budget = _minor_of(sheet.said.get("liquidity"), sheet.currency)
    if sum(lent) != sum(paid) or sum(lent) > budget:
        yield "funder", ""
    for cap, pair in _caps(sheet):
        place = sheet.parties.index(str(cap["party"]))
        through = sum_of(cleared[pair]) if cap.get("creditor") else max(owing[place] + paid[place], owed[place] + lent[place])
        if through > _minor_of(cap.get("amount"), sheet.currency):
            yield "cap", str(cap["party"])
    stated = {name: _minor_of(sheet.said.get(name), sheet.currency) for name in ("debt", "eligible", "cleared", "bound")}
    if (stated["debt"], stated["eligible"], stated["cleared"]) != (sum_of(amount), sum_of(amount[part]), sum_of(cleared)):
        yield "sum", ""
    short = stated["cleared"] != stated["bound"] and not sheet.said.get("cycle_max")
    if stated["bound"] != bound or stated["cleared"] > stated["bound"] or short:
        yield "bound", ""


def _caps(sheet: Sheet) -> Iterator[tuple[dict[str, Any], NDArray[np.bool_]]]:
    """Every cap of a known party, with the rows it is about: those of its debtor (and creditor)."""
    number = {name: place for place, name in enumerate(sheet.parties)}
    for cap in sheet.caps:
        if cap.get("party") in number:
            mine = sheet.takes_part & (sheet.debtor == number[str(cap["party"])])
            yield cap, mine & (sheet.creditor == number.get(str(cap.get("creditor")), -1)) if cap.get("creditor") else mine


def bound_of(sheet: Sheet) -> int:
    """What no circulation of this network exceeds, by these levels: weak duality, term by term."""
    slack = np.maximum(0, 1 + sheet.level_out[sheet.debtor] - sheet.level[sheet.creditor])
    slack[~sheet.takes_part] = 0
    total = 0
    capped: set[str] = set()
    for cap, rows in _caps(sheet):
        most = _minor_of(cap.get("amount"), sheet.currency)
        if cap.get("creditor"):
            total += min(most, sum_of(sheet.amount[rows])) * int(slack[rows].max(initial=0))
            slack[rows] = 0
        elif cap["party"] not in capped:
            capped.add(cap["party"])
            party = sheet.parties.index(cap["party"])
            total += most * max(0, int(sheet.level[party] - sheet.level_out[party]))
    for name, level, level_out in zip(sheet.parties, sheet.level.tolist(), sheet.level_out.tolist(), strict=True):
        if level > level_out and name not in capped:
            total += INFINITE
            break
    return total + product_of(sheet.amount, slack) + _funder_bound(sheet)


def _funder_bound(sheet: Sheet) -> int:
    """The terms of the funder: it lends to a party no more than the budget, takes back no more, and both run through the budget."""
    budget = _minor_of(sheet.said.get("liquidity"), sheet.currency)
    if budget <= 0:
        return 0
    inward, outward = int(sheet.said.get("funder_in", 0)), int(sheet.said.get("funder_out", 0))
    eligible = np.where(sheet.takes_part, sheet.amount, 0)
    owing, owed = by_party(sheet.debtor, eligible, sheet), by_party(sheet.creditor, eligible, sheet)
    total = budget * max(0, inward - outward)
    for party, (level, level_out) in enumerate(zip(sheet.level.tolist(), sheet.level_out.tolist(), strict=True)):
        total += min(budget, owing[party]) * max(0, outward - level) + min(budget, owed[party]) * max(0, level_out - inward)
    return total


def by_party(side: Integers, amounts: Integers, sheet: Sheet) -> list[int]:
    """Exact sums by party: high and low halves apart, each in floating point that holds them exactly."""
    parties = len(sheet.parties)
    high = np.bincount(side, amounts >> 26, parties).astype(np.int64).tolist()
    low = np.bincount(side, amounts & 0x3FFFFFF, parties).astype(np.int64).tolist()
    return [(upper << 26) + lower for upper, lower in zip(high, low, strict=True)]


def sum_of(amounts: Integers) -> int:
    """The exact sum, whatever its size."""
    return (int((amounts >> 31).sum()) << 31) + int((amounts & 0x7FFFFFFF).sum())


def product_of(amounts: Integers, factors: Integers) -> int:
    """The exact sum of products: sixteen bits of the amounts at a time, where factors are small enough for that."""
    if int(factors.max(initial=0)) >= FACTOR_MAX:
        return sum(amount * factor for amount, factor in zip(amounts.tolist(), factors.tolist(), strict=True))
    return sum(int((((amounts >> shift) & 0xFFFF) * factors).sum()) << shift for shift in (0, 16, 32, 48))


def _take_in(digest: hashlib._Hash, rows: pl.DataFrame) -> None:
    digest.update(_identity(rows))


def _identity(rows: pl.DataFrame) -> bytes:
    """The columns that identify obligations, as CSV without a header, amounts in minor units."""
    minor = pl.col("amount").str.replace(".", "", literal=True).cast(pl.Int64, strict=False)
    due = pl.when(pl.col("due") != "").then("due").alias("due")
    text = rows.select("id", "debtor", "creditor", minor, "currency", due, "number", "priority").write_csv(include_header=False)
    return text.encode()
