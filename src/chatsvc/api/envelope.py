"""The one place where answers get their shape: {"data": …} or {"error": {code, message, details?}}."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, TypeAdapter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chatsvc.errors import (
    AccessTokenExpired,
    AccessTokenInvalid,
    AccessTokenMissing,
    ChatError,
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
)

T = TypeVar("T")

_CHALLENGES = {
    AccessTokenMissing: "Bearer",
    AccessTokenInvalid: 'Bearer error="invalid_token"',
    AccessTokenExpired: 'Bearer error="invalid_token", error_description="expired"',
}  # RFC 6750 section 3
_MAX_PROBLEMS = 20
_MAX_FIELD_CHARACTERS = 200
_SAYINGS = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "string_type": "must be a string",
    "string_unicode": "must be Unicode text without lone surrogates",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "has characters that are not allowed here, or too many",
    "int_type": "must be an integer",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_attributes_type": "must be an object",
    "model_type": "must be an object",
    "bool_type": "must be true or false",
    "too_short": "must hold at least {min_length}",
    "too_long": "must hold at most {max_length}",
    "json_invalid": "is not JSON in UTF-8",
}
CUSTOM = "chatsvc"
"""The type of our own validators' errors: their messages are constants, and so may be told."""


class Data(BaseModel, Generic[T]):
    """A success."""

    model_config = ConfigDict(frozen=True)

    data: T


class Nothing(BaseModel):
    """What there is to say when a thing is done."""


class ErrorBody(BaseModel):
    code: str
    message: str
    details: Any = None


class Failure(BaseModel):
    """A refusal. Clients branch on `error.code`."""

    error: ErrorBody


class Success(Generic[T]):
    """Writes successes of one type: JSON made once, straight from the resource."""

    def __init__(self, kind: Any, *, exclude_none: bool = False) -> None:
        self._adapter: TypeAdapter[T] = TypeAdapter(kind)
        self._exclude_none = exclude_none

    def __call__(self, resource: T, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        body = b'{"data":%b}' % self._adapter.dump_json(resource, exclude_none=self._exclude_none)
        return Response(body, status, headers, "application/json")


class Refusal(JSONResponse):
    """Says on its request's scope, under `refused`, which code was answered: for the metrics."""

    def __init__(self, error: ChatError, headers: Mapping[str, str]) -> None:
        super().__init__({"error": error_body(error)}, status_code=error.status, headers=headers)
        self._code = error.code

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["refused"] = self._code
        await super().__call__(scope, receive, send)


def error_body(error: ChatError) -> dict[str, Any]:
    """What stands under `error`; `details` is left out where there are none."""
    body: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.details is not None:
        body["details"] = error.details
    return body


def refusal(error: ChatError, headers: Mapping[str, str] | None = None) -> Refusal:
    """The response for a refusal."""
    sent = dict(headers or {})
    if (challenge := _CHALLENGES.get(type(error))) is not None:
        sent["WWW-Authenticate"] = challenge
    if error.retry_after is not None:
        sent["Retry-After"] = str(error.retry_after)
    return Refusal(error, sent)


async def on_chat_error(_request: Request, error: Exception) -> JSONResponse:
    return refusal(error if isinstance(error, ChatError) else InternalError())


async def on_validation_error(_request: Request, error: Exception) -> JSONResponse:
    problems = error.errors() if isinstance(error, RequestValidationError) else []
    if problems and problems[0]["type"] == "json_invalid":  # its location is an offset, not a field
        problems = [{**problems[0], "loc": ()}]
    return refusal(InvalidRequest(details=problem_list(problems)))


async def on_http_exception(request: Request, error: Exception) -> JSONResponse:
    """Starlette's own refusals: no such route, wrong method, a body that could not be read."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == NotFound.status:
        return refusal(NotFound())
    if status == MethodNotAllowed.status:
        methods = request.app.state.methods_of(request.scope["path"])
        return refusal(MethodNotAllowed(), {"Allow": ", ".join(methods)})
    return refusal(InvalidRequest(details=[{"field": "", "message": "could not be read"}]))


def problem_list(problems: Sequence[Any], prefix: Sequence[str | int] = ()) -> list[dict[str, str]]:
    """pydantic's errors as {field, message}: a dotted path, a fixed text, and never the input."""
    return [
        {"field": _field((*prefix, *problem["loc"])), "message": _saying(problem)}
        for problem in problems[:_MAX_PROBLEMS]
    ]


def _field(location: Sequence[str | int]) -> str:
    kinds = ("body", "query", "path", "header")
    parts = location[1:] if location and location[0] in kinds else location
    text = ".".join(str(part) for part in parts if part != "[key]")
    return text.encode("utf-8", "backslashreplace").decode()[:_MAX_FIELD_CHARACTERS]


def _saying(problem: Any) -> str:
    if problem["type"] == CUSTOM:
        return str(problem["msg"])
    return _SAYINGS.get(problem["type"], "is not valid").format_map(problem.get("ctx") or {})
