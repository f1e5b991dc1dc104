"""How late the event loop is."""

import asyncio
import time

import pytest

from chatsvc.workers import lateness


async def test_what_blocks_the_loop_is_told_by_how_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lateness, "_EVERY_SECONDS", 0.05)
    told: list[float] = []
    measuring = asyncio.create_task(lateness.keep_lateness_measured(told.append))
    await asyncio.sleep(0.01)
    time.sleep(0.3)  # noqa: ASYNC251 - a handler that blocks
    await asyncio.sleep(0.1)
    measuring.cancel()
    assert 0.2 < max(told) < 5
    assert min(told) >= 0
