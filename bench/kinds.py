"""Kinds of requests: a script of `lua/` with its data, and what one answer must hold."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from bench.people import Person
from bench.plain_requests import Request
from bench.population import Population
from bench.wrk import to_lua
from chatsvc.security.access_tokens import AccessTokens
from chatsvc.security.keys import parse_keys

LIFE = timedelta(days=1)
_runs = count(1)
_THIS_RUN = secrets.token_hex(4)


def new_run() -> str:
    """The beginning of keys of messages that no other run has used."""
    return f"{_THIS_RUN}-{next(_runs)}"


@dataclass(frozen=True)
class Kind:
    """A kind of request: its script and data, one that is tried first, and what its answer must be.

    `stores` is how many messages each request adds.
    """

    name: str
    script: str
    data: Path
    example: Request
    holds: Callable[[Any], bool]
    stores: int = 0

    def arguments(self) -> list[str]:
        """For one run of the script: the second makes the keys of its messages unlike all others."""
        return [str(self.data), new_run()]


@dataclass(frozen=True)
class Maker:
    """Makes kinds of requests of the people of a population, signed with the service's key."""

    population: Population
    jwt_keys: str
    folder: Path

    def token(self, person: Person) -> str:
        life = int(LIFE.total_seconds())
        tokens = AccessTokens(
            keys=parse_keys(self.jwt_keys), issuer="chatsvc", audience="chatsvc", max_life_seconds=life
        )
        return tokens.issue(
            user_id=self.population.user_id(person.number),
            session_id=self.population.session_id(person.number),
            now=self.population.now,
            expires_at=self.population.now + LIFE,
        )

    def headers(self, person: Person) -> dict[str, str]:
        """Of a request with a body."""
        return Request("POST", "", self.token(person), "-").headers

    def talks(self, person: Person) -> list[str]:
        """The ids of somebody's conversations."""
        return [self.population.conversation_key(number) for number in person.conversations]

    def repeated(self, name: str, requests: Sequence[Request], holds: Callable[[Any], bool]) -> Kind:
        """Requests that may be sent again and again, in turn."""
        data = [
            {"method": one.method, "path": one.path, "headers": one.headers, **({"body": one.body} if one.body else {})}
            for one in requests
        ]
        return Kind(name, "repeat", self.write(name, data), requests[0], holds)

    def write(self, name: str, data: Sequence[Mapping[str, Any]]) -> Path:
        """The data of a script, as it reads them."""
        path = self.folder / f"{name}.lua"
        path.write_text(f"return {to_lua(data)}\n")
        return path
