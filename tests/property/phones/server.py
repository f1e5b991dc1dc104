"""The server side of a machine: an application that an operator may back up and put back."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from chatsvc.commands.new_epoch import new_epoch
from tests.support.backups import Backups
from tests.support.service import Clock, Service, running_service, service_settings

# Small enough for phones to meet them.
LIMITS = {
    "rate_limits": "on",
    "limit_send": "25/60",
    "limit_login": "99999/60",
    "limit_login_address": "99999/60",
    "limit_login_username": "99999/60",
    "limit_register": "99999/60",
    "limit_refresh": "99999/60",
    "max_body_bytes": 2_500,
}


class Server:
    """Runs on one database, in this process. Whoever has put a backup back says so: a new epoch."""

    service: Service
    epoch: str

    def __init__(self, url: str, data_dir: Path, backups: Backups) -> None:
        self.clock = Clock()
        self._backups = backups
        self._settings = service_settings(url, data_dir, **LIMITS)
        self._running = AsyncExitStack()

    async def start(self) -> None:
        self._running = AsyncExitStack()
        opened = running_service(self._settings, self.clock)
        self.service = await self._running.enter_async_context(opened)

    async def stop(self) -> None:
        await self._running.aclose()

    async def back_up(self) -> str:
        if self._backups.while_served:
            return await self._backups.take()
        await self.stop()
        copy = await self._backups.take()
        await self.start()
        return copy

    async def put_back(self, copy: str) -> None:
        await self.stop()
        await self._backups.put_back(copy)
        await self.start()
        await self.begin_epoch()

    async def begin_epoch(self) -> None:
        self.epoch = str(await self.service.inside.db.execute(new_epoch, None))

    async def forget(self, copy: str) -> None:
        await self._backups.forget(copy)

    async def all_of(self, username: str) -> dict[str, dict[str, Any]]:
        """What starting over gives a user: each conversation as bootstrap shows it, with its whole history."""
        device = await self.service.login(username)
        found: dict[str, dict[str, Any]] = {}
        cursor = ""
        for _ in range(100):
            page = await device.bootstrap(f"?limit=3&messages_per_conversation=1{cursor}")
            for item in page["conversations"]:
                talk = item["conversation"]
                found[talk["id"]] = {"conversation": talk, "messages": await device.history(talk["id"])}
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        return found
