"""What a request is, however it is sent."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

_ACCESS_TOKEN = re.compile(r"[\w-]{20,}\.[\w-]{20,}\.[\w-]*([\w-]{6})")


@dataclass(frozen=True)
class Call:
    """A request: a body of None is no body."""

    method: str
    path: str
    body: Any = None


class Operation(ABC):
    """One command or query, as a client asks for it."""

    @abstractmethod
    def call(self) -> Call:
        """The request."""


@dataclass(frozen=True)
class Signed(Operation):
    """One that needs an access token; None is none at all."""

    access_token: str | None


def told(op: Operation) -> str:
    """For people: of an access token its end is enough."""
    return _ACCESS_TOKEN.sub(r"…\1", str(op))


def given(**fields: Any) -> dict[str, Any]:
    """Without those that are None."""
    return {name: value for name, value in fields.items() if value is not None}


def asked(path: str, **fields: Any) -> Call:
    """A GET with a query."""
    found = urlencode(given(**fields))
    return Call("GET", f"{path}?{found}" if found else path)
