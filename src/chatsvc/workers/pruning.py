"""Removing spent tokens and old rows, every now and then. Safe with several replicas."""

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta

import structlog

from chatsvc.commands.prune import Prune, Pruned, prune
from chatsvc.db import Database
from chatsvc.settings import Settings

_MAX_BATCHES = 1_000
_log = structlog.get_logger(__name__)


async def prune_all(
    db: Database, settings: Settings, on_batch: Callable[[Pruned], None] = lambda _batch: None
) -> Pruned:
    """Batch after batch, a transaction each, until nothing more is old; gives the sums."""
    total = Pruned(0, 0, 0, 0, more=False)
    for _ in range(_MAX_BATCHES):
        batch = await db.execute(prune, Prune(timedelta(days=settings.audit_days)))
        on_batch(batch)
        total = Pruned(
            total.refresh_tokens + batch.refresh_tokens,
            total.sessions + batch.sessions,
            total.auth_events + batch.auth_events,
            total.rate_limits + batch.rate_limits,
            more=batch.more,
        )
        if not batch.more:
            break
    return total


async def keep_pruned(db: Database, settings: Settings, on_pruned: Callable[[Pruned], None]) -> None:
    """Prune for ever; a failure is logged, and tried again at the next time. 0 seconds: never."""
    while settings.prune_every_seconds:
        # Not all replicas at the same moment, and not in the first busy seconds after a start.
        await asyncio.sleep(settings.prune_every_seconds * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
        try:
            on_pruned(await prune_all(db, settings))
        except Exception:  # noqa: BLE001 - whatever it is, the next round may succeed
            _log.exception("pruning_failed")
