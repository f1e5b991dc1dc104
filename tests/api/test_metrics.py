"""What Prometheus is told: templates of routes, never an id; on the port that is set."""

import re
from pathlib import Path
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from chatsvc.api.routes import ROUTES
from chatsvc.errors import ChatError
from tests.api.conftest import Pair
from tests.support.postgres import free_port
from tests.support.raw_http import ask
from tests.support.scraping import scrape, value_of
from tests.support.service import PASSWORD, running_service, service_settings

TEMPLATES = {route.path for route in ROUTES} | {"unmatched"}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")


async def test_labels_are_templates_and_never_ids(pair: Pair) -> None:
    await pair.ana.send(pair.conversation_id, "k")
    await pair.ana.send(pair.conversation_id, "k")
    for method in ("GET", "DELETE", "PUT", "X" * 50, "BREW"):
        for path in (f"/v1/users/{pair.ben.id}", f"/v1/conversations/{pair.conversation_id}/messages", "/v1/none/a1"):
            await pair.ana.call(method, path)
    await pair.ana.call("GET", f"/v1/conversations/{pair.conversation_id}/nothing")
    await ask(pair.service.app, "GET", f"/v1/users/{pair.ben.id}", [("authorization", "Bearer x")])
    text = await scrape(pair.service)
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    assert {sample.labels["route"] for sample in samples if "route" in sample.labels} <= TEMPLATES
    methods = {sample.labels["method"] for sample in samples if "method" in sample.labels}
    assert methods <= {"GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS", "other"}
    assert not UUID.search(text)
    assert value_of(text, "chatsvc_messages_total", result="created") == 1
    assert value_of(text, "chatsvc_messages_total", result="replayed") == 1
    answered = "chatsvc_request_seconds_count"
    assert value_of(text, answered, route="/v1/users/{user_id}", status="200", method="GET") == 1
    assert value_of(text, answered, route="/v1/users/{user_id}", status="401", method="GET") == 1
    assert value_of(text, "chatsvc_requests_in_flight") == 1  # this very one


async def test_a_crash_and_a_limit_are_counted(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pair.service.inside, "liveness", None)
    await pair.ana.call("GET", "/v1/users/me")
    text = await scrape(pair.service)
    assert value_of(text, "chatsvc_request_seconds_count", route="/v1/users/me", status="500") == 1
    assert value_of(text, "chatsvc_refusals_total", code="internal_error") == 1


async def test_refusals_are_counted_by_code_whoever_refuses(pair: Pair) -> None:
    small = await scrape(pair.service)
    assert {value_of(small, "chatsvc_refusals_total", code=error.code) for error in ChatError.__subclasses__()} == {0}
    parent = pair.ana.tokens["refresh_token"]
    child = (await pair.ana.refresh(parent)).json()["data"]["tokens"]["refresh_token"]
    await pair.ana.refresh(child)
    for _ in range(2):  # the second time there is no session left to end
        await pair.ana.refresh(parent)
    await pair.ana.call("GET", "/nowhere")
    await pair.ana.call("PUT", "/v1/users/me")
    await pair.service.call("POST", "/v1/auth/login", {"username": 1})
    large = {"username": "x" * (pair.service.inside.settings.max_body_bytes + 1)}
    await pair.service.call("POST", "/v1/auth/login", large)
    text = await scrape(pair.service)
    for code in ("refresh_token_reused", "refresh_token_invalid", "not_found", "method_not_allowed"):
        assert value_of(text, "chatsvc_refusals_total", code=code) == 1, code
    assert value_of(text, "chatsvc_refusals_total", code="invalid_request") == 1
    assert value_of(text, "chatsvc_refusals_total", code="payload_too_large") == 1


async def test_refusals_of_limits_are_counted(database_url: str, data_dir: Path) -> None:
    settings = service_settings(database_url, data_dir, rate_limits="on", limit_register="1/60")
    async with running_service(settings) as service:
        for username in ("ana", "ben", "carla"):
            await service.call("POST", "/v1/auth/register", {"username": username, "password": PASSWORD})
        assert value_of(await scrape(service), "chatsvc_rate_limited_total", limit="register") == 2


async def test_metrics_that_are_off_are_no_route(database_url: str, data_dir: Path) -> None:
    async with running_service(service_settings(database_url, data_dir, metrics="off")) as service:
        answer = await service.call("GET", "/metrics")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def _get(address: str) -> str:
    """Blocks this thread's loop, which it does not need: prometheus_client serves on a thread of its own."""
    with urlopen(address, timeout=5) as answer:
        return str(answer.read().decode())


async def test_metrics_on_a_port_of_their_own_are_nowhere_else_and_as_complete(
    database_url: str, data_dir: Path
) -> None:
    port = free_port()
    async with running_service(service_settings(database_url, data_dir, metrics_port=port)) as service:
        assert (await service.call("GET", "/metrics")).status_code == 404
        text = _get(f"http://127.0.0.1:{port}/metrics")
        assert value_of(text, "chatsvc_password_hashing", state="running") == 0
        assert value_of(text, "chatsvc_password_hashing", state="waiting") == 0
        assert value_of(text, "chatsvc_request_seconds_count", route="/metrics", status="404") == 1
    with pytest.raises(OSError, match="refused"):
        _get(f"http://127.0.0.1:{port}/metrics")
