"""Knowing how late the read replica is."""

import asyncio

import structlog

from chatsvc.db import Database

_EVERY_SECONDS = 1
_log = structlog.get_logger(__name__)


async def keep_replica_measured(db: Database) -> None:
    """For ever, beside requests and never in one; a replica that begins or ends to be late is logged once."""
    was_late = failing = False
    while db.replica.exists:
        try:
            await db.measure_replica()
            failing = False
        except Exception as error:  # noqa: BLE001 - whatever it is, the next round may succeed
            if not failing:
                _log.warning("replica_not_measured", error=repr(error))
            failing = True
        if db.replica.is_late != was_late:
            was_late = not was_late
            _log.warning("replica_passed_over" if was_late else "replica_in_use", lag_seconds=db.replica.lag_seconds)
        await asyncio.sleep(_EVERY_SECONDS)
