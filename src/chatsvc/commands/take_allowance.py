"""Rate limits by the generic cell rate algorithm (ITU-T I.371), with the state shared in the database.

An allowance of n in t seconds refills evenly, so one moment a key is all there is to keep: when it will be whole again.
Part of what is asked for may be granted, and what was not needed is given back: sending needs both.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from chatsvc.db import Statement, Tx


@dataclass(frozen=True, slots=True)
class Rate:
    """`times` in `seconds`."""

    times: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """From `times/seconds`, as settings write it."""
        times, _, seconds = text.partition("/")
        return cls(int(times), int(seconds))


@dataclass(frozen=True, slots=True)
class TakeAllowance:
    """`wanted` of the allowance that `key` names; below 0 gives back."""

    key: str
    rate: Rate
    wanted: int = 1


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many were granted, and after how many seconds there will be one more (None when all were)."""

    granted: int
    retry_after: int | None = None


def grant(full_at: datetime | None, now: datetime, rate: Rate, wanted: int) -> tuple[Allowance, datetime]:
    """What of `wanted` is granted to a key that is whole again at `full_at`, and when it then is. Pure."""
    # In whole microseconds: rounded up, an interval would not fit into the window as often as the rate says.
    interval = timedelta(microseconds=max(1, rate.seconds * 1_000_000 // rate.times))
    window = rate.times * interval
    # Never further away than a whole window, or a clock that is behind would be granted less than none.
    start = now if full_at is None else min(max(full_at, now), now + window)
    granted = min(wanted, (now + window - start) // interval)
    after = start + granted * interval
    if granted == wanted:
        return Allowance(granted), after
    return Allowance(granted, max(1, math.ceil((after + interval - now - window).total_seconds()))), after


_LOCK = Statement(
    """
    INSERT INTO rate_limits (key, full_at) VALUES (:key, :now)
    ON CONFLICT (key) DO UPDATE SET full_at = rate_limits.full_at
    RETURNING full_at
    """,
    parameters={"now": "timestamptz"},
    columns={"full_at": "timestamptz"},
)
_STORE = Statement("UPDATE rate_limits SET full_at = :full_at WHERE key = :key", parameters={"full_at": "timestamptz"})


async def take_allowance(tx: Tx, command: TakeAllowance) -> Allowance:
    """Not safe to repeat blindly, and need not be: a lost answer costs a little of an allowance."""
    rows = await tx.rows(_LOCK, key=command.key, now=tx.now)
    allowance, full_at = grant(rows[0].full_at, tx.now, command.rate, command.wanted)
    await tx.rows(_STORE, key=command.key, full_at=full_at)
    return allowance
