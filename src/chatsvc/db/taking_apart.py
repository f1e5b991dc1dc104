"""A group that fails as a whole, taken apart: what is wrong with one unit is told to its caller alone."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import structlog

from chatsvc.db.committing import CommitUnknown
from chatsvc.db.failures import Failure, failure_of, waited_in_vain
from chatsvc.errors import TryAgain

U = TypeVar("U")
R = TypeVar("R")
_AT_ONCE = 4  # of a pool of ten, by default
_log = structlog.get_logger(__name__)


async def together_or_apart(
    run: Callable[[Sequence[U]], Awaitable[Sequence[R | Exception]]], units: Sequence[U]
) -> Sequence[R | Exception]:
    """The outcomes of a group, or where it failed as a whole those of its units alone.

    What is wrong with one unit is then told to its caller alone, and a lock that it waited for in vain holds up no
    other. Not after a commit of unknown outcome, and not where the database was away, full or busy as a whole: then
    every unit is told TryAgain.
    """
    try:
        return await run(units)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is handed to those who asked
        if len(units) == 1:
            return [error]
        if not _may_be_one_units(error):
            return [TryAgain() for _ in units]
        _log.warning("group_taken_apart", units=len(units), error=repr(error.__cause__ or error))
    places = asyncio.Semaphore(_AT_ONCE)

    async def alone(unit: U) -> R | Exception:
        async with places:
            return (await together_or_apart(run, [unit]))[0]

    return await asyncio.gather(*map(alone, units))


def _may_be_one_units(error: Exception) -> bool:
    cause = error.__cause__ if isinstance(error, TryAgain) else error
    if cause is None:  # run again, time after time
        return True
    if isinstance(cause, CommitUnknown):
        return False
    failure = failure_of(cause)
    return failure is Failure.DEFECT or (failure is Failure.BUSY and waited_in_vain(cause))
