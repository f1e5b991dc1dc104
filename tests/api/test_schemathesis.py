"""Every operation against the OpenAPI document with every check of schemathesis, in process."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.python import asgi

from chatsvc.app import create_app
from tests.conftest import KINDS
from tests.support.databases import DatabaseKind
from tests.support.proof import Proof
from tests.support.service import PASSWORD, service_settings


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is answered has the same form on both; the small run takes one of them."""
    metafunc.parametrize("kind", KINDS if metafunc.config.option.deep else KINDS[:1], indirect=True, scope="session")


@pytest.fixture(scope="session")
def kind(request: pytest.FixtureRequest) -> DatabaseKind:
    found: DatabaseKind = request.getfixturevalue(request.param)
    return found


@dataclass
class Run:
    """What the operations answered, and what the checks have against it."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


@pytest.fixture
def client(database_url: str, data_dir: Path) -> Iterator[asgi.ASGIClient]:
    """The service on schemathesis' own loop: its checks call it again from there."""
    app = create_app(service_settings(database_url, data_dir))
    try:
        with asgi.get_client(cast("Any", app)) as found:
            yield found
    finally:
        asgi.shutdown_lifespans()


def _data(client: asgi.ASGIClient, path: str, body: Any, token: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = client.post(path, json=body, headers=headers)
    assert answer.ok, answer.text
    return answer.json()["data"]


def _configured(client: asgi.ASGIClient, proof: Proof) -> SchemathesisConfig:
    """Signed in as somebody who has a conversation and a second session; their ids are tried beside invented ones."""
    signing_in = {"username": "ana", "password": PASSWORD}
    ana = _data(client, "/v1/auth/register", signing_in)
    ben = _data(client, "/v1/auth/register", {"username": "ben", "password": PASSWORD})
    token = ana["tokens"]["access_token"]
    opened = _data(client, "/v1/conversations/direct", {"other_user_id": ben["user"]["id"]}, token)
    second, third = (_data(client, "/v1/auth/login", signing_in)["tokens"] for _ in range(2))
    known = {
        "conversation_id": opened["id"],
        "user_id": ben["user"]["id"],
        "session_id": second["session_id"],
        "body.other_user_id": ben["user"]["id"],
        "body.refresh_token": second["refresh_token"],
    }
    login = {f"body.{name}": {"dictionary": name, "probability": 0.7} for name in signing_in}
    refresh = {"body.refresh_token": {"dictionary": "third", "probability": 0.5}}  # of a session that nothing ends
    values = {**known, **signing_in, "third": third["refresh_token"]}
    return SchemathesisConfig.from_dict(
        {
            "seed": proof.seed,
            "generation": {
                "mode": "all",
                "max-examples": proof.depth(1, 150),
                "deterministic": not proof.deep,
                "no-shrink": True,
            },
            "phases": {"stateful": {"max-steps": 20, "generation": {"max-examples": 300}}} if proof.deep else {},
            "cache": {"enabled": False},
            "continue-on-failure": True,
            "headers": {"Authorization": f"Bearer {token}"},
            "dictionaries": {name: {"values": [value]} for name, value in values.items()},
            "parameters": {name: {"dictionary": name, "probability": 0.5} for name in known},
            "operations": [
                {"include-path": "/v1/auth/login", "parameters": login},
                {"include-path": "/v1/auth/refresh", "parameters": refresh},
            ],
        }
    )


def _by_contract(check: str, label: str, status: int, body: Any) -> bool:
    """Where the contract says more than an OpenAPI document can."""
    error = body.get("error", {})
    problems = {(problem["field"], problem["message"]) for problem in error.get("details") or () if status == 422}
    if check == "positive_data_acceptance":
        fields, messages = {problem[0] for problem in problems}, {problem[1] for problem in problems}
        return (
            # Cursors are opaque: no schema tells which ones decode.
            (label in {"GET /v1/conversations", "GET /v1/sync/bootstrap"} and fields == {"cursor"})
            # Two parameters that exclude each other.
            or (label == "GET /v1/conversations/{conversation_id}/messages" and fields == {"before_seq"})
            # JSON Schema takes 1.0 for an integer; the contract refuses it.
            or (label.endswith("/v1/sync/changes") and messages == {"must be an integer"})
        )
    if check == "negative_data_rejection" and label == "POST /v1/messages/batch":
        # A malformed item is 422 by itself, and spoils no other.
        return status == 200 and any(result["status"] == 422 for result in body["data"]["results"])
    return False


def _note(run: Run, event: events.ScenarioFinished) -> None:
    for case_id, checks in event.recorder.checks.items():
        label = event.recorder.cases[case_id].value.operation.label
        response = event.recorder.interactions[case_id].response
        assert response is not None
        run.answers[label, response.status_code] += 1
        for check in checks:
            run.checks[check.name] += 1
            if check.failure_info is None:
                continue
            body = json.loads(response.content or b"{}")
            if not _by_contract(check.name, label, response.status_code, body):
                told = f"{check.name}: {label}: {check.failure_info.failure} {response.status_code} {body}"
                run.failures.append(f"{told}\n{check.failure_info.code_sample}")


def _run(client: asgi.ASGIClient, proof: Proof) -> Run:
    document = client.get("/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document, config=_configured(client, proof))
    schema.app = client.app
    run = Run()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _note(run, event)
        elif isinstance(event, events.FatalError):
            raise event.exception
        elif isinstance(event, events.NonFatalError):
            run.failures.append(f"{event.label}: {event.value!r}")
    return run


@pytest.mark.proves("every answer is one that the OpenAPI document says")
def test_the_service_answers_as_its_document_says(client: asgi.ASGIClient, proof: Proof) -> None:
    run = _run(client, proof)
    assert not run.failures, f"{len(run.failures)} failures, the first:\n" + "\n\n".join(run.failures[:5])
    assert {
        "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
        "response_headers_conformance", "negative_data_rejection", "positive_data_acceptance",
        "missing_required_header", "unsupported_method", "allow_header_conformance", "use_after_free",
        "ensure_resource_availability", "ignored_auth", "object_level_authorization",
    } <= run.checks.keys()  # fmt: skip
    labels = {label for label, _ in run.answers}
    by_password = {"POST /v1/auth/password", "DELETE /v1/users/me"}
    assert labels - {label for label, status in run.answers if status < 300} <= by_password
    proof.note(f"{run.answers.total():,} answers, {run.checks.total():,} checks")
