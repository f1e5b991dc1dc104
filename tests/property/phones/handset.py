"""A phone in the hands of a machine: killed, put back from an old copy, made new; and watched."""

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.support.phone import Fate, Killed, Line, Phone
from tests.support.phone.line import Carrier
from tests.support.phone.store import Store
from tests.support.service import PASSWORD

IDLE = timedelta(days=60)
_WRITES = ("INSERT", "UPDATE", "DELETE")


class MortalStore(Store):
    """Dies at one of the statements that write, within whatever transaction that is."""

    writes_left: int | None = None

    def run(self, statement: str, *values: Any) -> Any:
        if self.writes_left is not None and statement.startswith(_WRITES):
            self.writes_left -= 1
            if self.writes_left < 0:
                raise Killed
        return super().run(statement, *values)


class Handset:
    """One of a user's phones. `doubted` are its sessions that may end for a reason."""

    def __init__(self, path: Path, username: str, carry: Carrier, now: Callable[[], datetime]) -> None:
        self.path, self.username, self._now = path, username, now
        self.line = Line(carry)
        self.doubted: set[Any] = set()
        self.copy: Path | None = None
        self.phone = self._made()
        self._held = (*self._session_held(), now())

    def _made(self) -> Phone:
        return Phone(self.path, self.line, self.username, PASSWORD, store=MortalStore)

    def dies_after(self, writes: int) -> None:
        assert isinstance(self.phone.store, MortalStore)
        self.phone.store.writes_left = writes

    def restart(self) -> None:
        self.phone.close()
        self.phone = self._made()

    def keep_copy(self) -> None:
        self.copy = self.path.with_suffix(".copy")
        self.copy.unlink(missing_ok=True)
        self.phone.store.copy_to(self.copy)

    def put_back(self) -> None:
        """What it held at the time of the copy. Its tokens may be spent by now."""
        assert self.copy is not None
        self._remove()
        shutil.copyfile(self.copy, self.path)
        self.phone = self._made()
        self.doubt_session()

    def discard(self) -> None:
        self._remove()
        if self.copy is not None:
            self.copy.unlink()

    def reinstall(self) -> None:
        self._remove()
        self.phone = self._made()

    def _remove(self) -> None:
        self.phone.close()
        for side in ("", "-wal", "-shm"):
            Path(f"{self.path}{side}").unlink(missing_ok=True)

    def held_keys(self) -> set[str]:
        """The keys of all own messages that it would send again, should the server have lost them."""
        rows = self.phone.store.run(
            "SELECT client_message_id FROM messages WHERE sender_id = ? UNION SELECT client_message_id FROM outbox",
            self.phone.user_id,
        )
        return {row[0] for row in rows}

    def was_used(self) -> None:
        """After each step: whoever was signed out had a reason, and a lost answer is none."""
        now = self._session_held()
        if any(fate is Fate.LATE and path.endswith("/refresh") for fate, path in self.line.met):
            self.doubted |= {self._held[0], now[0]}  # a token that was spent meanwhile arrives behind its successor
        self.line.met.clear()
        away = self._now() - self._held[2] >= IDLE
        for session, code in self.phone.session.refusals:
            assert away or session in self.doubted, f"{self.username} was signed out: {code}"
        self.phone.session.refusals.clear()
        if now != self._held[:2]:
            self._held = (*now, self._now())

    def doubt_session(self) -> None:
        """It may end now: the server, or the phone, holds older tokens than the other one."""
        self.doubted.add(self._session_held()[0])

    def _session_held(self) -> tuple[Any, Any]:
        return self.phone.store.fact("session_id"), self.phone.store.fact("refresh_token")
