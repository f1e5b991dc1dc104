"""How a request is read: who asks before what they ask, and JSON without looking at Content-Type."""

import json
import math
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import unquote_to_bytes

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from chatsvc.api.observing import header
from chatsvc.errors import AccessTokenMissing, invalid_field

_JSON_HEADER = (b"content-type", b"application/json")
_MAX_INTEGER_DIGITS = 100


class ContractRequest(Request):
    """A request whose body is JSON in UTF-8, whatever its Content-Type says."""

    def __init__(self, request: Request) -> None:
        headers = [pair for pair in request.scope["headers"] if pair[0] != b"content-type"]
        super().__init__({**request.scope, "headers": [*headers, _JSON_HEADER]}, request.receive)

    async def json(self) -> Any:
        return read_json(await self.body())


def read_json(text: bytes) -> Any:
    """JSON in UTF-8 (RFC 8259 section 8.1). Raises JSONDecodeError, whose text never repeats the input."""
    try:
        return _decoded(text.decode("utf-8"))
    except (ValueError, RecursionError):
        raise json.JSONDecodeError("malformed", "", 0) from None


class PublicRoute(APIRoute):
    """A route that anybody may call."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            require_utf8(request.scope["query_string"])
            return await handler(ContractRequest(request))

        return handle


class Route(PublicRoute):
    """A route that needs an access token. It is looked at before the body is: 401 comes before 422."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            request.state.actor = await actor_of(request.scope)
            return await handler(request)

        return handle


async def actor_of(scope: Scope) -> Any:
    """Whose request it is. Raises AccessTokenMissing, AccessTokenInvalid and AccessTokenExpired."""
    return await scope["app"].state.services.authenticate(token_in(header(scope, b"authorization")))


def token_in(authorization: bytes | None) -> str:
    """The token of RFC 6750 section 2.1. Raises AccessTokenMissing."""
    scheme, _, token = (authorization or b"").decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise AccessTokenMissing
    return token.strip()


def require_utf8(query: bytes) -> None:
    """Raises InvalidRequest."""
    try:
        unquote_to_bytes(query).decode("utf-8")
    except UnicodeDecodeError:
        raise invalid_field("query", "must be UTF-8") from None


def _no_constant(_name: str) -> float:
    raise ValueError  # NaN and Infinity are not JSON


def _decoded(text: str) -> Any:
    try:
        return _JSON.decode(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # perhaps an integer of more digits than Python reads; a function for each would be slow
        return _JSON_OF_LONG_INTEGERS.decode(text)


def _integer(digits: str) -> int | float:
    """An integer that is far too large is refused where it stands, not with the whole body."""
    return int(digits) if len(digits) < _MAX_INTEGER_DIGITS else math.inf


_JSON = json.JSONDecoder(parse_constant=_no_constant)
_JSON_OF_LONG_INTEGERS = json.JSONDecoder(parse_constant=_no_constant, parse_int=_integer)
