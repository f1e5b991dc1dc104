"""Filling holes from history, from either end; and how much is asked for at once."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.support.phone.line import Refused
from tests.support.phone.mirror import Mirror
from tests.support.phone.session import Session
from tests.support.phone.store import Store


@dataclass(frozen=True)
class Pace:
    """How much is asked for at once; None leaves it to the server. `part`: so many conversations in one question, as
    a phone with more than the contract's 5,000 must do it. `forwards`: holes are filled from their older end."""

    page: int | None = None
    snapshot: int | None = None
    limit: int | None = None
    part: int | None = None
    history: int | None = None
    forwards: bool = False


class History:
    def __init__(self, store: Store, mirror: Mirror, session: Session) -> None:
        self._store, self._mirror, self._session = store, mirror, session

    async def fill_all(self, pace: Pace) -> None:
        """Until there are no more, or the server no longer has them."""
        while holes := self._mirror.holes():
            filled = [await self.fill(*hole, pace) for hole in holes]
            if not any(filled):
                return  # the server no longer has them: the next `changes` will tell why

    async def fill(self, conversation_id: str, first: int, last: int, pace: Pace) -> bool:
        """One page of history into a hole. False if it brought nothing."""
        side: dict[str, Any] = {"after_seq": first - 1} if pace.forwards else {"before_seq": last + 1}
        epoch, path = self._store.fact("sync_epoch"), f"/v1/conversations/{conversation_id}/messages"
        try:
            page = (await self._session.call("GET", path + query(limit=pace.history, **side))).data()
        except Refused as refused:
            if refused.code != "conversation_not_found":
                raise
            return False
        wanted = [message for message in page["messages"] if first <= message["seq"] <= last]
        if epoch != self._store.fact("sync_epoch") or conversation_id not in self._mirror.cursors():
            return False
        with self._store.transaction():
            for message in wanted:
                self._mirror.put(message)
        return bool(wanted)


def query(**values: Any) -> str:
    given = {name: value for name, value in values.items() if value is not None}
    return "?" + urlencode(given) if given else ""
