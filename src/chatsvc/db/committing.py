"""COMMIT, and the two ways in which it can lie."""

from contextlib import suppress

from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chatsvc.db.failures import Failure, failure_of

_ERROR_SEEN = "chatsvc_error_seen"


class CommitUnknown(Exception):
    """The connection went while COMMIT was on its way."""


def note_errors(engine: AsyncEngine) -> None:
    """Remember of each connection of an engine whether a statement failed on it."""
    event.listen(engine.sync_engine, "handle_error", _note_error)


def forget_errors(connection: AsyncConnection) -> None:
    """Those of the transactions before this one."""
    connection.info.pop(_ERROR_SEEN, None)


async def commit(connection: AsyncConnection) -> None:
    """Commit, or raise with nothing committed; raises CommitUnknown when neither can be told."""
    if _ERROR_SEEN in connection.info:
        # Postgres answers the COMMIT of a failed transaction with a rollback, and no error.
        raise RuntimeError("a handler went on after an error of the database: nothing was committed")
    try:
        await connection.commit()
    except Exception as error:
        with suppress(Exception):
            # SQLAlchemy would give it back as it is, and SQLite may have left its transaction open.
            await connection.invalidate()
        if failure_of(error) is Failure.LOST:
            raise CommitUnknown from error
        raise


def _note_error(context: ExceptionContext) -> None:
    if context.connection is not None:
        context.connection.info[_ERROR_SEEN] = True
