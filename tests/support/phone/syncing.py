"""Following: a bootstrap in pages, `changes` to the end, holes filled from history. One answer is one transaction."""

import asyncio
from collections.abc import Collection

from tests.support.phone.history import History, Pace, query
from tests.support.phone.mirror import BrokenPromise, Mirror
from tests.support.phone.session import Session
from tests.support.phone.store import Store

MANY = 10_000  # a bound on loops that end by themselves
BEGIN, DONE = None, "done"  # of the fact `bootstrap`, which is the next page's cursor between these two


class Syncing:
    def __init__(self, store: Store, mirror: Mirror, session: Session) -> None:
        self._store, self._mirror, self._session = store, mirror, session
        self._history = History(store, mirror, session)
        self._one_at_a_time = asyncio.Lock()

    @property
    def epoch(self) -> str | None:
        found: str | None = self._store.fact("sync_epoch")
        return found

    @property
    def begun(self) -> bool:
        """Whether a bootstrap was brought to its end."""
        return bool(self._store.fact("bootstrap") == DONE)

    def start_over(self) -> None:
        """Begin again with a bootstrap. What is held stays until its first page is here."""
        with self._store.transaction():
            self._store.keep("bootstrap", BEGIN)

    async def sync(self, pace: Pace) -> None:
        """Until the server has nothing new and no hole is left."""
        async with self._one_at_a_time:
            for _ in range(MANY):
                if not self.begun:
                    await self._bootstrap(pace)
                elif await self._catch_up(pace):
                    break
            await self._meet()
            await self._history.fill_all(pace)

    async def _bootstrap(self, pace: Pace) -> None:
        """The pages from where it was left: the cursor is stored with the page that came with it."""
        while not self.begun:
            cursor = self._store.fact("bootstrap")
            asked = query(limit=pace.page, messages_per_conversation=pace.snapshot, cursor=cursor)
            answer = await self._session.call("GET", f"/v1/sync/bootstrap{asked}")
            if answer.code == "sync_epoch_changed":
                self.start_over()
                continue
            page = answer.data()
            with self._store.transaction():
                if page["sync_epoch"] != self.epoch:
                    self._mirror.begin_history()
                    self._store.keep("sync_epoch", page["sync_epoch"])
                self._mirror.know(page["users"])
                for item in page["conversations"]:
                    self._mirror.apply(item["conversation"]["id"], item)
                self._store.keep("bootstrap", page["next_cursor"] or DONE)

    async def _catch_up(self, pace: Pace) -> bool:
        """False: another history, start over."""
        if pace.part is None:
            return await self._changes(None, pace)
        await self._discover(pace)
        names = sorted(self._mirror.cursors())
        for at in range(0, max(1, len(names)), pace.part):  # with nothing held, it asks for the epoch alone
            if not await self._changes(names[at : at + pace.part], pace):
                return False
        return True

    async def _changes(self, names: Collection[str] | None, pace: Pace) -> bool:
        for _ in range(MANY):
            moved, more = await self.ask(names, pace)
            if not self.begun:
                return False
            if not more or not moved:
                return True
        raise AssertionError("changes without end")

    async def ask(self, names: Collection[str] | None, pace: Pace) -> tuple[bool, bool]:
        """One `changes` question, of some conversations alone or of all. (Whether anything moved, `has_more`.)"""
        epoch, held = self.epoch, self._mirror.cursors()
        asked = held if names is None else {name: held[name] for name in names if name in held}
        body = {
            "sync_epoch": epoch,
            "after_seq_by_conversation": asked,
            "limit": pace.limit,
            "messages_per_conversation": pace.snapshot,
            "joined": names is None,
        }
        answer = await self._session.call("POST", "/v1/sync/changes", body)
        if answer.code == "sync_epoch_changed":
            if answer.body["error"]["details"]["sync_epoch"] != self.epoch:
                self.start_over()
            return True, True
        news = answer.data()
        if news["sync_epoch"] != epoch:
            raise BrokenPromise("an answer of another history than the one that was asked for")
        if epoch != self.epoch:
            return True, True  # too late, of a history that is left behind: ask again
        with self._store.transaction():
            self._mirror.know(news["users"])
            moved = [self._mirror.apply(key, item, asked.get(key)) for key, item in news["conversations"].items()]
        return any(moved), news["has_more"]

    async def _discover(self, pace: Pace) -> None:
        """Conversations that are new, where a question of parts cannot tell them: from the list, with nothing held."""
        cursor = None
        for _ in range(MANY):
            epoch = self.epoch
            answer = await self._session.call("GET", f"/v1/conversations{query(limit=pace.page, cursor=cursor)}")
            page = answer.data()
            if epoch != self.epoch:
                return
            with self._store.transaction():
                for conversation in page["conversations"]:
                    self._mirror.hold(conversation)
            if (cursor := page["next_cursor"]) is None:
                return

    async def _meet(self) -> None:
        """Members whose profile came with nothing: an opened conversation and the list of all name them by id."""
        for user_id in self._mirror.strangers():
            answer = await self._session.call("GET", f"/v1/users/{user_id}")
            if answer.code != "user_not_found":
                with self._store.transaction():
                    self._mirror.know([answer.data()])
