"""The OpenAPI document: every route, every refusal, who needs a token; and that real answers are what it says."""

import json
from pathlib import Path
from typing import Any

import httpx2
import jsonschema_rs
import pytest

from chatsvc import errors
from chatsvc.api.routes import ROUTES
from chatsvc.api.routing import Route
from chatsvc.app import bare_app
from tests.api.conftest import Pair
from tests.support.service import PASSWORD

DOCUMENT = bare_app().openapi()
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}
PUBLIC = {
    "POST /v1/auth/register", "POST /v1/auth/login", "POST /v1/auth/refresh", "POST /v1/auth/logout", "GET /v1/server",
    "GET /healthz", "GET /readyz",
}  # fmt: skip
# For machines of operators and for readers, not for clients.
UNNAMED = ("/metrics", "/docs", "/openapi.json", "/app")
OF_THE_CLIENT = Path(__file__).parents[2] / "mobile" / "openapi.json"


def test_the_document_names_every_route_and_no_other() -> None:
    routes = {f"{method} {route.path}" for route in ROUTES for method in route.methods or ()}
    assert {route for route in routes if not route.split()[1].startswith(UNNAMED)} == set(OPERATIONS)


def test_the_client_s_types_are_made_from_this_document() -> None:
    if json.loads(OF_THE_CLIENT.read_text()) != json.loads(json.dumps(DOCUMENT)):
        pytest.fail("mobile/openapi.json is another document than the service's: `make types` renews it")


def test_every_operation_says_who_may_call_it() -> None:
    assert {name for name, operation in OPERATIONS.items() if "security" not in operation} == PUBLIC
    secured = [operation["security"] for operation in OPERATIONS.values() if "security" in operation]
    assert all(security == [{"bearer": []}] for security in secured)
    assert DOCUMENT["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    checked = {f"{m} {route.path}" for route in ROUTES if isinstance(route, Route) for m in route.methods or ()}
    assert checked == set(OPERATIONS) - PUBLIC


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_names_its_refusals(name: str) -> None:
    responses = OPERATIONS[name]["responses"]
    always = {"413", "422", "500", "503"} | (set() if name in PUBLIC else {"401"})
    assert always <= responses.keys()
    for status, response in responses.items():
        schema = response["content"]["application/json"]["schema"]["$ref"]
        assert (schema == "#/components/schemas/Failure") == (int(status) >= 400), status
        assert ("headers" in response) == (status in {"429", "503"})
    named = " ".join(response["description"] for response in responses.values())
    if name not in PUBLIC:
        assert all(f"`access_token_{what}`" in named for what in ("missing", "invalid", "expired"))


def test_every_code_of_a_client_is_named_under_its_status() -> None:
    nowhere = {"not_found", "method_not_allowed"}  # of no route
    for error in errors.ChatError.__subclasses__():
        statuses = {
            status
            for operation in OPERATIONS.values()
            for status, response in operation["responses"].items()
            if f"`{error.code}`" in response["description"]
        }
        assert statuses == (set() if error.code in nowhere else {str(error.status)}), error.code


def test_the_framework_s_own_shapes_are_gone() -> None:
    assert not {"HTTPValidationError", "ValidationError"} & DOCUMENT["components"]["schemas"].keys()
    text = str(DOCUMENT)
    assert "'ge':" not in text
    assert "'le':" not in text


def test_bounds_of_numbers_are_told() -> None:
    parameters = OPERATIONS["GET /v1/sync/changes"]["parameters"]
    told = {parameter["name"]: parameter.get("schema", {}) for parameter in parameters}
    assert (told["limit"]["minimum"], told["limit"]["maximum"], told["limit"]["default"]) == (1, 500, 200)


def _template(method: str, path: str) -> str:
    (found, *_) = [
        route.path for route in ROUTES if method in (route.methods or ()) and route.path_regex.fullmatch(path)
    ]
    return f"{method} {found}"


def _validate(answer: httpx2.Response) -> str:
    """Raises when an answer is not what the document says of its operation and status."""
    name = _template(answer.request.method, answer.request.url.path)
    responses = OPERATIONS[name]["responses"]
    schema = responses[str(answer.status_code)]["content"]["application/json"]["schema"]
    whole: dict[str, Any] = {**schema, "components": DOCUMENT["components"]}
    jsonschema_rs.validate(whole, answer.json(), validate_formats=True)
    return name


async def test_real_answers_are_what_the_document_says(pair: Pair) -> None:
    service, ana, ben = pair.service, pair.ana, pair.ben
    seen: list[httpx2.Response] = []

    async def keep(answer: httpx2.Response) -> None:
        seen.append(answer)

    service.client.event_hooks["response"].append(keep)
    dora = await service.register("dora", device_name="phone")
    await service.login("dora")
    await service.call("POST", "/v1/auth/login", {"username": "dora", "password": "wrong"})
    await dora.refresh()
    body = {"current_password": PASSWORD, "new_password": "another one"}
    await dora.call("POST", "/v1/auth/password", body)
    await dora.call("GET", "/v1/auth/sessions")
    await dora.call("DELETE", f"/v1/auth/sessions/{dora.tokens['session_id']}")
    await dora.call("GET", "/v1/users/me")
    await service.call("POST", "/v1/auth/logout", {"refresh_token": "unknown"})
    for path in ("/v1/users/me", f"/v1/users/{ben.id}", "/v1/users/none", "/v1/users/search?query=ben"):
        await ana.call("GET", path)
    await ana.call("PATCH", "/v1/users/me", {"display_name": "Ana"})
    for other in (ben.id, dora.id, ana.id, pair.conversation_id, "x"):
        await ana.call("POST", "/v1/conversations/direct", {"other_user_id": other})
    for content in ("hi", "hi", "other"):
        await ana.send(pair.conversation_id, "k", content)
    item = {"conversation_id": pair.conversation_id, "client_message_id": "k", "content": "hi"}
    await ana.batch([item, {**item, "client_message_id": "n"}, {**item, "content": "no"}, {}, 5])
    await ana.call("GET", "/v1/conversations?limit=1")
    await ana.call("GET", f"/v1/conversations/{pair.conversation_id}/messages?before_seq=9")
    await ana.call("GET", "/v1/sync/bootstrap?limit=1")
    await ana.call("GET", "/v1/sync/changes?after_seq_by_conversation={}")
    for held in ({}, {pair.conversation_id: 1}, {pair.conversation_id: 99}, {ben.id: 1}):
        await ana.changes(held)
    await ana.call("POST", "/v1/sync/changes", {"after_seq_by_conversation": {}, "sync_epoch": ana.id})
    await ana.call("GET", "/v1/users/me/export")
    emil = await service.register("emil")
    with_emil = await ana.open_direct(emil)
    for password in ("wrong", PASSWORD):
        await emil.call("DELETE", "/v1/users/me", {"password": password})
    await ana.send(with_emil, "too late")
    for path in ("/v1/server", "/healthz", "/readyz"):
        await service.call("GET", path)
    assert {_validate(answer) for answer in seen} == set(OPERATIONS)
    assert {answer.status_code for answer in seen} >= {200, 201, 400, 401, 404, 409, 422}
