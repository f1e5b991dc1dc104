"""Who is signed in: an access token on every request, renewed one at a time; the password when all else fails."""

import asyncio
from typing import Any

from tests.support.phone.line import Answer, Line, Refused
from tests.support.phone.store import Store

_ACCESS_REFUSED = {"access_token_missing", "access_token_invalid", "access_token_expired"}
_REFRESH_REFUSED = {"refresh_token_invalid", "refresh_token_expired", "refresh_token_reused"}
_TRIES = 4


class Session:
    """Local data stays, whatever becomes of the session."""

    def __init__(self, store: Store, line: Line, username: str, password: str) -> None:
        self._store, self._line = store, line
        self._credentials = {"username": username, "password": password}
        self._renewing = asyncio.Lock()
        self.refusals: list[tuple[str, str]] = []  # (session, code): which ones ended, and why

    async def call(self, method: str, path: str, body: Any = None) -> Answer:
        """Any request, with a token that is good. Raises Unreachable, TryLater, or Refused for a wrong password."""
        for _ in range(_TRIES):
            token = self._store.fact("access_token")
            if token is not None:
                answer = await self._line.call(method, path, body, token)
                if answer.code not in _ACCESS_REFUSED:
                    return answer
            await self._renew(token)
        raise Refused(str(answer.code), answer)

    async def register(self) -> None:
        """A name that is taken was taken by a registration whose answer was lost; or the password is wrong."""
        try:
            self._keep((await self._line.call("POST", "/v1/auth/register", self._credentials)).data())
        except Refused as refused:
            if refused.code != "username_taken":
                raise
            await self.log_in()

    async def log_in(self) -> None:
        """A session from now on, beside those that there are."""
        self._keep((await self._line.call("POST", "/v1/auth/login", self._credentials)).data())

    async def _renew(self, refused: str | None) -> None:
        """One at a time: who waited finds the work done. Only a definite refusal ends the session, no lost answer."""
        async with self._renewing:
            if self._store.fact("access_token") != refused:
                return
            sent = self._store.fact("refresh_token")
            if sent is not None:
                answer = await self._line.call("POST", "/v1/auth/refresh", {"refresh_token": sent})
                if self._store.fact("refresh_token") != sent:
                    return  # a sibling of what is held by now
                if answer.code not in _REFRESH_REFUSED:
                    self._keep(answer.data())
                    return
                self.refusals.append((self._store.fact("session_id"), str(answer.code)))
            await self.log_in()

    def _keep(self, told: Any) -> None:
        with self._store.transaction():
            if "user" in told:
                self._store.keep("user_id", told["user"]["id"])
            self._store.keep("session_id", told["tokens"]["session_id"])
            self._store.keep("access_token", told["tokens"]["access_token"])
            self._store.keep("refresh_token", told["tokens"]["refresh_token"])
