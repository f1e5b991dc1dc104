"""Running a transaction whole again, while that can help and can do no harm."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from chatsvc.db.committing import CommitUnknown
from chatsvc.db.failure_counts import FailureCounts
from chatsvc.db.failures import Failure, failure_of
from chatsvc.db.reading import AskPrimary
from chatsvc.db.transaction import RunAgain
from chatsvc.errors import ChatError, TryAgain

R = TypeVar("R")
_ATTEMPTS = 5
_PATIENCE_SECONDS = 5  # no further attempt after this: a host that answers nothing takes as long to be noticed
_log = structlog.get_logger(__name__)


async def persist(attempt: Callable[[], Awaitable[R]], counts: FailureCounts, *, reading: bool = False) -> R:
    """The result of the first attempt that does not fail for a passing reason; `counts` is told of the others.

    Raises TryAgain when the database is busy or away, and at once, with CommitUnknown as its cause, when nobody can
    tell whether an attempt was committed. A ChatError and a defect are raised as they are.
    """
    give_up = time.monotonic() + _PATIENCE_SECONDS
    for left in reversed(range(_ATTEMPTS)):
        try:
            return await attempt()
        except (ChatError, AskPrimary):
            raise
        except CommitUnknown as error:
            counts.commit_unknown()
            _log.warning("commit_outcome_unknown", error=repr(error.__cause__))
            raise TryAgain from error
        except RunAgain:
            if left:
                counts.again(None)
            continue
        except Exception as error:
            failure = failure_of(error, reading=reading)
            if failure is Failure.DEFECT:
                raise
            counts.failed(failure, error)
            _log.warning("database_failure", failure=failure.name, attempts_left=left, error=repr(error))
            if failure is Failure.BUSY or time.monotonic() > give_up:
                raise TryAgain from error
            if left:
                counts.again(failure)
        await asyncio.sleep(random.uniform(0.005, 0.02) * (_ATTEMPTS - left))  # noqa: S311 - jitter
    raise TryAgain
