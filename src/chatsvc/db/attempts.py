"""Running a transaction whole again, while that can help and can do no harm."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from chatsvc.db.committing import CommitUnknown
from chatsvc.db.failures import Failure, failure_of
from chatsvc.db.reading import AskPrimary
from chatsvc.db.transaction import RunAgain
from chatsvc.errors import ChatError, TryAgain

R = TypeVar("R")
_ATTEMPTS = 5
_PATIENCE_SECONDS = 5  # no further attempt after this: a host that answers nothing takes as long to be noticed
_log = structlog.get_logger(__name__)


async def persist(attempt: Callable[[], Awaitable[R]], *, reading: bool = False) -> R:
    """The result of the first attempt that does not fail for a passing reason.

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
            _log.warning("commit_outcome_unknown", error=repr(error.__cause__))
            raise TryAgain from error
        except RunAgain:
            continue
        except Exception as error:
            failure = failure_of(error, reading=reading)
            if failure is Failure.DEFECT:
                raise
            _log.warning("database_failure", failure=failure.name, attempts_left=left, error=repr(error))
            if failure is Failure.BUSY or time.monotonic() > give_up:
                raise TryAgain from error
        await asyncio.sleep(random.uniform(0.005, 0.02) * (_ATTEMPTS - left))  # noqa: S311 - jitter
    raise TryAgain
