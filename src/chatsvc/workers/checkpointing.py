"""Keeping SQLite's write-ahead log short.

SQLite folds the log into the file by itself, but begins it anew only at a moment when nobody reads: with readers that
overlap there is none, and the log grows with every write.
"""

import asyncio

import structlog

from chatsvc.db.sqlite import truncate_write_ahead_log
from chatsvc.db.urls import primary_url
from chatsvc.settings import Settings

_EVERY_SECONDS = 30
_log = structlog.get_logger(__name__)


async def keep_log_short(settings: Settings) -> None:
    """For ever; on Postgres there is nothing to do."""
    path = primary_url(settings).path
    while path is not None:
        await asyncio.sleep(_EVERY_SECONDS)
        try:
            await truncate_write_ahead_log(path)
        except Exception:  # noqa: BLE001 - whatever it is, the next round may succeed
            _log.exception("checkpoint_failed")
