"""Unknown routes and wrong methods: in the envelope, with a full Allow, never a redirect."""

import pytest

from chatsvc.api.routes import ROUTES
from tests.api.conftest import Pair
from tests.support.raw_http import ask

pytestmark = pytest.mark.asyncio(loop_scope="module")
METHODS = ("GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS", "TRACE", "CONNECT", "QUERY", "PROPFIND", "get")
ALLOWED = {
    "/v1/auth/register": "POST",
    "/v1/auth/login": "POST",
    "/v1/auth/refresh": "POST",
    "/v1/auth/logout": "POST",
    "/v1/auth/sessions": "GET",
    "/v1/auth/sessions/{session_id}": "DELETE",
    "/v1/auth/password": "POST",
    "/v1/users/me": "DELETE, GET, PATCH",
    "/v1/users/me/export": "GET",
    "/v1/users/search": "GET",
    "/v1/users/{user_id}": "GET",
    "/v1/conversations": "GET",
    "/v1/conversations/direct": "POST",
    "/v1/conversations/{conversation_id}/messages": "GET, POST",
    "/v1/messages/batch": "POST",
    "/v1/sync/bootstrap": "GET",
    "/v1/sync/changes": "GET, POST",
    "/v1/server": "GET",
    "/healthz": "GET",
    "/readyz": "GET",
    "/metrics": "GET",
    "/docs": "GET",
    "/openapi.json": "GET",
}


async def test_the_table_names_every_route_of_the_contract() -> None:
    files = ("/docs/", "/app")  # test_web_app.py
    assert {route.path for route in ROUTES if not route.path.startswith(files)} == set(ALLOWED)


async def test_a_wrong_method_is_told_every_right_one(shared_pair: Pair) -> None:
    for path, allowed in ALLOWED.items():
        target = path.replace("{conversation_id}", shared_pair.conversation_id).replace("{user_id}", shared_pair.ben.id)
        for method in METHODS:
            if method in allowed.split(", "):
                continue
            answer = await ask(shared_pair.service.app, method, target, [("accept", "text/html")])
            assert (answer.status, answer.header("allow")) == (405, allowed), (method, path)
            assert answer.json()["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize("odd", ["{path}/", "/{path}", "{path}//", "{path}/x/y", "{path}%2F", "/V1{path}"])
async def test_a_route_that_is_not_there_is_404_and_never_a_redirect(shared_pair: Pair, odd: str) -> None:
    for path in ALLOWED:
        for method in ("GET", "POST", "HEAD", "OPTIONS"):
            target = odd.replace("{path}", path.replace("{", "").replace("}", ""))
            answer = await ask(shared_pair.service.app, method, target)
            assert answer.status == 404, (method, target, answer.body)
            assert answer.json() == {"error": {"code": "not_found", "message": "There is no such route."}}
            assert answer.header("location") is None


@pytest.mark.parametrize(
    "target",
    ["/", "", "//", "/v1", "/v1/", "/v2/users/me", "/v1/../v1/server", "/.git/config", "/redoc", "/favicon.ico", "*"],
)
async def test_nothing_lives_elsewhere(shared_pair: Pair, target: str) -> None:
    answer = await ask(shared_pair.service.app, "GET", target)
    assert (answer.status, answer.json()["error"]["code"]) == (404, "not_found")
