"""The OpenAPI document, saying what the server really answers: the envelope in every refusal, and who needs a token."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from chatsvc import __version__
from chatsvc.api.envelope import Failure
from chatsvc.api.routing import Route
from chatsvc.errors import (
    AccessTokenExpired,
    AccessTokenInvalid,
    AccessTokenMissing,
    ChatError,
    InternalError,
    InvalidRequest,
    PayloadTooLarge,
    RateLimited,
    TryAgain,
)

_ALWAYS = (InvalidRequest, PayloadTooLarge, TryAgain, InternalError)
_TOKENS = (AccessTokenMissing, AccessTokenInvalid, AccessTokenExpired)
_RETRY_AFTER = {"description": "seconds", "required": True, "schema": {"type": "integer", "minimum": 1}}
_BEARER = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}


def refuses(*errors: type[ChatError]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of an endpoint: the codes that it may refuse with, by status."""
    return {
        status: {"model": Failure, "description": _described([error for error in errors if error.status == status])}
        for status in sorted({error.status for error in errors})
    }


def describe(app: FastAPI, routes: Sequence[Any]) -> dict[str, Any]:
    """Made once, then kept by the application."""
    if app.openapi_schema is None:
        document = get_openapi(title="chatsvc", version=__version__, description=_ABOUT, routes=app.routes)
        document.setdefault("components", {})["securitySchemes"] = _BEARER
        for name in ("HTTPValidationError", "ValidationError"):
            document["components"]["schemas"].pop(name, None)
        for route in routes:
            for method in route.methods & {"GET", "POST", "PATCH", "DELETE"}:
                operation = document["paths"].get(route.path, {}).get(method.lower())
                if operation is not None:
                    _complete(operation, needs_token=isinstance(route, Route))
                    _add_waits(operation["responses"])
        app.openapi_schema = document
    return app.openapi_schema


def _complete(operation: dict[str, Any], *, needs_token: bool) -> None:
    for parameter in operation.get("parameters", ()):
        if media := parameter["schema"].get("contentMediaType"):  # FastAPI knows no other way to say it
            parameter["content"] = {media: {"schema": parameter.pop("schema")["contentSchema"]}}
    errors = (*_ALWAYS, *(_TOKENS if needs_token else ()))
    for error in errors:
        status = str(error.status)
        codes = [known for known in errors if known.status == error.status]
        told = operation["responses"].get(status)
        if told is None or status == str(InvalidRequest.status):
            operation["responses"][status] = _response(_described(codes))
        elif error.code not in told["description"]:
            told["description"] += ", " + _described([error])
    if needs_token:
        operation["security"] = [{"bearer": []}]


def _add_waits(responses: dict[str, Any]) -> None:
    for error in (RateLimited, TryAgain):
        if (told := responses.get(str(error.status))) is not None:
            told["headers"] = {"Retry-After": _RETRY_AFTER}


def _response(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Failure"}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _described(errors: Sequence[type[ChatError]]) -> str:
    return ", ".join(f"`{error.code}`" for error in errors)


_ABOUT = (
    "An offline-first chat backend. Success is `{data}`, failure `{error: {code, message, details?}}`; clients branch "
    "on `code`. Sending a message again under its `client_message_id` gives the first result."
)
