"""The connection is lost while COMMIT is on its way: nobody knows what became of it, and the client is told so.

Running the command again by itself would be wrong: a registration would then be refused because of itself.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.faults.cutting import served_through_a_proxy
from tests.histories.asking import Answer, Asking, Person
from tests.support.databases import DatabaseKind
from tests.support.proof import Proof
from tests.support.proxy import Fault, Kind
from tests.support.service import PASSWORD

Ask = Callable[[str, str, Any, Person | None], Awaitable[Answer]]
Again = Callable[[], Awaitable[Answer]]
NEW = "a new and better one"


@pytest.fixture(scope="session")
def kind(postgresql: DatabaseKind) -> DatabaseKind:
    """SQLite has no connection that could be lost."""
    return postgresql


class Caller:
    """Two people, and each command as a request that can be repeated word for word."""

    def __init__(self, asking: Asking, address: str, ana: Person, ben: Person) -> None:
        self.asking, self.address, self.ana, self.ben = asking, address, ana, ben

    async def ask(self, method: str, path: str, body: Any = None, by: Person | None = None) -> Answer:
        return await self.asking.ask(method, self.address + path, body, by=by)

    async def session(self) -> dict[str, Any]:
        body = {"username": self.ben.username, "password": PASSWORD}
        answer = await self.ask("POST", "/v1/auth/login", body)
        tokens: dict[str, Any] = answer.data["tokens"]
        return tokens

    async def register(self) -> Again:
        body = {"username": f"n{uuid4().hex[:12]}", "password": PASSWORD}
        return lambda: self.ask("POST", "/v1/auth/register", body)

    async def log_in(self) -> Again:
        body = {"username": self.ben.username, "password": PASSWORD}
        return lambda: self.ask("POST", "/v1/auth/login", body)

    async def refresh(self) -> Again:
        body = {"refresh_token": (await self.session())["refresh_token"]}
        return lambda: self.ask("POST", "/v1/auth/refresh", body)

    async def log_out(self) -> Again:
        body = {"refresh_token": (await self.session())["refresh_token"]}
        return lambda: self.ask("POST", "/v1/auth/logout", body)

    async def end_a_session(self) -> Again:
        path = f"/v1/auth/sessions/{(await self.session())['session_id']}"
        return lambda: self.ask("DELETE", path, by=self.ben)

    async def change_a_password(self) -> Again:
        person = await self.asking.sign_up(self.address)
        body = {"current_password": PASSWORD, "new_password": NEW}
        return lambda: self.ask("POST", "/v1/auth/password", body, person)

    async def change_a_name(self) -> Again:
        return lambda: self.ask("PATCH", "/v1/users/me", {"display_name": "Ana"}, self.ana)

    async def open_a_conversation(self) -> Again:
        body = {"other_user_id": (await self.asking.sign_up(self.address)).id}
        return lambda: self.ask("POST", "/v1/conversations/direct", body, self.ana)

    async def send(self) -> Again:
        body = {"client_message_id": uuid4().hex, "content": "hello"}
        return lambda: self.ask("POST", f"/v1/conversations/{self.ana.conversations[0]}/messages", body, self.ana)


COMMANDS: dict[str, tuple[int, int]] = {
    "register": (201, 409),
    "log_in": (200, 200),
    "refresh": (200, 200),
    "log_out": (200, 200),
    "end_a_session": (200, 200),
    "change_a_password": (200, 200),
    "change_a_name": (200, 200),
    "open_a_conversation": (201, 200),
    "send": (201, 200),
}
"""What is answered when it is done, and when it is repeated after it was done."""


@pytest.mark.proves("a command whose COMMIT may have been lost is not run again by the server: the client is told 503")
@pytest.mark.timeout(300)
async def test_a_commit_of_unknown_outcome_is_the_clients_to_repeat(
    database_url: str, data_dir: Path, proof: Proof
) -> None:
    rounds = proof.depth(1, 8)
    asking = Asking()
    async with served_through_a_proxy(database_url, data_dir) as (address, proxy), asking.http:
        caller = Caller(asking, address, *await asking.acquainted(address, 2))

        async def cut_while(name: str, kind: Kind) -> tuple[Answer, Answer]:
            again: Again = await getattr(caller, name)()
            before = proxy.done[kind]
            proxy.armed.append(Fault(kind, proof.random.randint(0, 40), reset=proof.random.random() < 0.5))
            answers = await again(), await again()
            assert proxy.done[kind] == before + 1, f"{name} met no {kind}"
            return answers

        for _ in range(rounds):
            for name, (done, repeated) in COMMANDS.items():
                first, second = await cut_while(name, "commit unsent")
                assert (first.status, first.code, second.status) == (503, "try_again", done), name
                first, second = await cut_while(name, "commit unanswered")
                assert (first.status, first.code, second.status) == (503, "try_again", repeated), name
                if not proof.deep and done == repeated:
                    continue
                first, second = await cut_while(name, "question cut")  # before the COMMIT: run again unnoticed
                assert (first.status, second.status) in {(done, repeated), (503, done)}, name  # given up on, if slow
        assert asking.surprises == []
    proof.database = "postgresql"
    proof.note(f"{len(COMMANDS)} commands; " + ", ".join(f"{times} × {kind}" for kind, times in proxy.done.items()))
