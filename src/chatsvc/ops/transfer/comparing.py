"""Comparing two databases by content: how many rows each table has, and what is in them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256

from chatsvc.db.bulk import TABLES, Lines, Side, TravellingTable
from chatsvc.db.bulk.copy_text import values_of
from chatsvc.ops.progress import Progress

_SHOWN = 5
_MODULUS = 1 << 256


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The number of rows, and the sum of their SHA-256s: no order is needed to compare two of them."""

    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A table that is not the same on both sides: how many rows are not, and the keys of the first few of them."""

    table: str
    source: Fingerprint
    target: Fingerprint
    rows: int
    keys: list[str]


async def compare(source: Side, target: Side, progress: Progress) -> tuple[dict[str, Fingerprint], list[Difference]]:
    """The fingerprint of each table of the source, and where the target's is another."""
    found: dict[str, Fingerprint] = {}
    differences = []
    for table in TABLES:
        rows = await rows_of(source, table) + await rows_of(target, table)
        progress.start(f"comparing {table.name}", rows)
        ours, theirs = [await _fingerprint(side.lines(table), progress) for side in (source, target)]
        found[table.name] = ours
        if ours != theirs:
            differences.append(Difference(table.name, ours, theirs, *await _differing(table, source, target)))
    return found, differences


async def rows_of(side: Side, table: TravellingTable) -> int:
    return int(str(await side.value(f"SELECT count(*) FROM {table.name}")))


async def _fingerprint(lines: Lines, progress: Progress) -> Fingerprint:
    rows, total = 0, 0
    async for some in lines:
        for line in some:
            total += int.from_bytes(sha256(line).digest())
        rows += len(some)
        progress.advance(len(some))
    return Fingerprint(rows, f"{total % _MODULUS:064x}")


_Keyed = tuple[tuple[str, ...], bytes]


async def _differing(table: TravellingTable, source: Side, target: Side) -> tuple[int, list[str]]:
    """Both sides side by side, in the order of their keys: how many rows are not the same, and the first few keys."""
    ours, theirs = (_keyed(table, side) for side in (source, target))
    count, shown = 0, list[str]()
    left, right = await anext(ours, None), await anext(theirs, None)
    while left or right:
        first = min(row[0] for row in (left, right) if row)
        if left != right:
            count += 1
            if len(shown) < _SHOWN:
                shown.append(" ".join(first))
        if left and left[0] == first:
            left = await anext(ours, None)
        if right and right[0] == first:
            right = await anext(theirs, None)
    return count, shown


async def _keyed(table: TravellingTable, side: Side) -> AsyncIterator[_Keyed]:
    async for some in side.lines(table, in_order=True):
        for line in some:
            values = values_of(line)
            yield tuple(str(values[place]) for place in table.key), line
