"""Why the service does not start: what must be mended first, in a line that people can use."""

import asyncpg
from sqlalchemy.exc import DBAPIError

from chatsvc.db.opening import Moved
from chatsvc.db.schema import SchemaMismatch
from chatsvc.db.server_lock import AlreadyServed
from chatsvc.errors import TryAgain

REFUSED = 2
"""The exit code for a setting or a state that must be mended first; 1 says that something is wrong with the data."""

DATABASE_ERRORS = (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, TryAgain, OSError)
SERVING_ERRORS = (AlreadyServed, SchemaMismatch, Moved, ValueError, *DATABASE_ERRORS)


def said(error: BaseException) -> str:
    """The one line of an error that people can use: a driver's own, without the statement."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return str(cause).partition("\n")[0].rpartition(">: ")[2] or type(cause).__name__


def why_not_served(error: BaseException) -> str:
    """The same of one of SERVING_ERRORS."""
    own_words = isinstance(error, (AlreadyServed, SchemaMismatch, Moved, ValueError))
    return str(error) if own_words else f"cannot serve: {said(error)}"
