"""What an exception from a database means for the work that it ended."""

import asyncio
from enum import Enum, auto

import asyncpg
from sqlalchemy.exc import DBAPIError, InvalidRequestError
from sqlalchemy.exc import TimeoutError as PoolTimeout

_RUN_AGAIN_STATES = {"40001", "40P01"}  # serialization_failure, deadlock_detected
_READ_ONLY = "25006"  # a command on a server demoted to standby, or a query that writes
_BUSY_STATES = {"55P03", "57014", _READ_ONLY, "25P03", "25P04"}  # lock, statement, demoted, idle, transaction
_TOO_LONG_STATES = {"55P03", "57014"}
_AWAY_CLASSES = ("08", "53", "57P", "58")  # connection, resources, operator intervention, system
_BUSY_SQLITE = ("SQLITE_BUSY", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_NOMEM", "SQLITE_PROTOCOL")
_RUN_AGAIN_SQLITE = ("SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED")


class Failure(Enum):
    """RUN_AGAIN: rolled back by the database, worth another attempt at once. LOST: so is this, on another connection.
    BUSY: rolled back, for the client to repeat. DEFECT: ours."""

    RUN_AGAIN = auto()
    LOST = auto()
    BUSY = auto()
    DEFECT = auto()


def failure_of(error: BaseException, *, reading: bool = False) -> Failure:
    """Judge an exception that ended a transaction before its COMMIT was sent; with `reading`, a query's."""
    if isinstance(error, PoolTimeout):
        return Failure.BUSY
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return Failure.LOST
        if reading and getattr(error.orig, "sqlstate", None) == _READ_ONLY:
            return Failure.DEFECT
        return _of_driver(error.orig)
    if isinstance(error, InvalidRequestError):
        return Failure.DEFECT
    return _of_driver(error)


def waited_in_vain(error: BaseException) -> bool:
    """Whether a statement waited for a lock, or worked, for longer than it may: another one need not have to."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _TOO_LONG_STATES


def _of_driver(error: BaseException | None) -> Failure:
    if isinstance(error, asyncpg.InvalidCachedStatementError):
        return Failure.RUN_AGAIN  # a migration changed a table under a running server: prepared anew, it works
    if state := getattr(error, "sqlstate", None):
        return _of_state(str(state))
    if name := getattr(error, "sqlite_errorname", None):
        return _of_sqlite(str(name))
    # A server that is down is a bare ConnectionRefusedError, which SQLAlchemy does not wrap.
    if isinstance(error, (OSError, asyncio.TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError)):
        return Failure.LOST
    cause = getattr(error, "__cause__", None)
    return _of_driver(cause) if cause is not None else Failure.DEFECT


def _of_state(state: str) -> Failure:
    if state in _RUN_AGAIN_STATES:
        return Failure.RUN_AGAIN
    if state in _BUSY_STATES:
        return Failure.BUSY
    return Failure.LOST if state.startswith(_AWAY_CLASSES) else Failure.DEFECT


def _of_sqlite(name: str) -> Failure:
    if name.startswith(_RUN_AGAIN_SQLITE):
        return Failure.RUN_AGAIN
    return Failure.BUSY if name.startswith(_BUSY_SQLITE) else Failure.DEFECT
