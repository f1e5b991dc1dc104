"""Hot routes: read, authorised, called and answered without the framework's machinery of dependencies.

That machinery costs several times what the endpoint itself does. A direct endpoint is declared like any other one, and
described in the OpenAPI document from the same signature; its inputs are the ids of its path, one body, and what
`Services` holds. What it refuses, and in which order, is the same.
"""

import inspect
from collections.abc import Callable
from json import JSONDecodeError
from typing import Any, get_type_hints

from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from chatsvc.api.envelope import problem_list
from chatsvc.api.inputs import PathId
from chatsvc.api.routing import Route, actor_of, read_json, require_utf8
from chatsvc.errors import InvalidRequest, invalid_field

_PATH_ID = TypeAdapter(PathId)


class DirectRoute(Route):
    """A route whose endpoint takes any of `actor`, `services`, a body and ids of its path, and gives a Response."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self._call = endpoint
        self._body: type[BaseModel] | None = None
        self._body_name = ""
        hints = get_type_hints(endpoint)
        for name in inspect.signature(endpoint).parameters:
            if name not in {"actor", "services"} and name not in self.param_convertors:
                if self._body is not None or not issubclass(hints[name], BaseModel):
                    raise TypeError(f"{endpoint.__name__}: {name} is not what a direct endpoint takes")
                self._body, self._body_name = hints[name], name

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)
            return
        response = await self._answer(scope, receive)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        actor = await actor_of(scope)
        require_utf8(scope["query_string"])
        inputs: dict[str, Any] = {name: _PATH_ID.validate_python(text) for name, text in scope["path_params"].items()}
        if self._body is not None:
            inputs[self._body_name] = _read(self._body, await _all_of(receive))
        response: Response = await self._call(actor=actor, services=scope["app"].state.services, **inputs)
        return response


def _read(model: type[BaseModel], body: bytes) -> BaseModel:
    if not body:
        raise InvalidRequest(details=problem_list([{"type": "missing", "loc": ()}]))
    try:
        return model.model_validate(read_json(body))
    except JSONDecodeError:
        raise InvalidRequest(details=problem_list([{"type": "json_invalid", "loc": ()}])) from None
    except ValidationError as error:
        raise InvalidRequest(details=problem_list(error.errors(include_url=False, include_input=False))) from None


async def _all_of(receive: Receive) -> bytes:
    """The body. Raises InvalidRequest when the client goes away in the middle of it."""
    message: Message = await receive()
    parts = [message.get("body", b"")]
    while message["type"] == "http.request" and message.get("more_body", False):
        message = await receive()
        parts.append(message.get("body", b""))
    if message["type"] != "http.request":
        raise invalid_field("", "could not be read")
    return b"".join(parts)
