"""How late the event loop is: the one thing that slows down every request, and that none of them can tell."""

import asyncio
from collections.abc import Callable

_EVERY_SECONDS = 0.5


async def keep_lateness_measured(observe: Callable[[float], None]) -> None:
    """For ever: ask to be woken, and tell by how many seconds that came too late."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + _EVERY_SECONDS
        await asyncio.sleep(_EVERY_SECONDS)
        observe(max(loop.time() - due, 0))
