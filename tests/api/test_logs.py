"""What a real server writes into its log: every line JSON, a request's lines under its id, and no secret ever."""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest

from tests.support.databases import run_once
from tests.support.processes import ServerProcess, served

# Each is looked for in the log, whatever happens.
PASSWORD, NEW_PASSWORD, WRONG = "secret-password-1", "secret-password-2", "secret-password-3"
CONTENT, REFUSED_CONTENT = "secret-content-1", "secret-content-2"
SECRETS = (PASSWORD, NEW_PASSWORD, WRONG, CONTENT, REFUSED_CONTENT, "secret-of-the-url", "secret-query", "$argon2")


@dataclass
class Tour:
    """What was done at one server, and what came of it."""

    server: ServerProcess
    client: httpx2.Client
    database_url: str
    answers: list[httpx2.Response] = field(default_factory=list)

    def call(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.answers.append(self.client.request(method, path, json=body, headers=headers))
        return self.answers[-1].json().get("data")

    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.server.output.read_text().splitlines()]

    def secrets(self) -> set[str]:
        """The planted ones, and every token and key that there was."""
        keys = (self.server.output.parent / "data" / "jwt.keys").read_text().strip()
        told = " ".join(answer.text for answer in self.answers)
        tokens = re.findall(r'"(?:access|refresh)_token":"([^"]+)"', told)
        assert len(tokens) >= 8
        return {*SECRETS, *tokens, *(token.rpartition(".")[2] for token in tokens), keys.partition(":")[2]}


def _refuse_rows(url: str) -> None:
    """From now on the database refuses one user and one message: Postgres quotes the row when it says so."""
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            for table, when in (("users", "username = 'refused'"), ("messages", f"content = '{REFUSED_CONTENT}'")):
                event = f"CREATE TRIGGER refuse_{table} BEFORE INSERT ON {table} WHEN NEW.{when}"
                connection.execute(f"{event} BEGIN SELECT RAISE(ABORT, 'refused'); END")
        connection.close()
        return

    async def add_constraints() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute("ALTER TABLE users ADD CONSTRAINT refuse CHECK (username <> 'refused')")
        await connection.execute(f"ALTER TABLE messages ADD CONSTRAINT refuse CHECK (content <> '{REFUSED_CONTENT}')")
        await connection.close()

    run_once(add_constraints)


def _walk(tour: Tour) -> None:
    ana = tour.call("POST", "/v1/auth/register", {"username": "ana", "password": PASSWORD})
    ben = tour.call("POST", "/v1/auth/register", {"username": "ben", "password": PASSWORD})
    token, refresh = ana["tokens"]["access_token"], ana["tokens"]["refresh_token"]
    tour.call("POST", "/v1/auth/login", {"username": WRONG, "password": WRONG})
    tour.call("POST", "/v1/auth/login", {"username": "ana", "password": WRONG, "x": WRONG})
    tour.call("POST", "/v1/auth/login", {"username": "ana", "password": PASSWORD})
    tour.call("POST", "/v1/auth/refresh", {"refresh_token": refresh})
    conversation = tour.call("POST", "/v1/conversations/direct", {"other_user_id": ben["user"]["id"]}, token)["id"]
    path = f"/v1/conversations/{conversation}/messages"
    for content in (CONTENT, f"{CONTENT}\0"):
        tour.call("POST", path, {"client_message_id": uuid4().hex, "content": content}, token)
    tour.call("GET", "/v1/users/search?query=secret-query", token=token)
    tour.call("GET", f"/{CONTENT}", token=f"{token}x")
    change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    tour.call("POST", "/v1/auth/password", change, token)
    _refuse_rows(tour.database_url)
    tour.call("POST", path, {"client_message_id": "boom", "content": REFUSED_CONTENT}, token)
    tour.call("POST", "/v1/auth/register", {"username": "refused", "password": PASSWORD, "display_name": CONTENT})


@pytest.fixture
def tour(database_url: str, data_dir: Path) -> Iterator[Tour]:
    url = database_url.replace("//chatsvc@", "//chatsvc:secret-of-the-url@")
    settings = {"log_format": "json", "log_level": "debug", "rate_limits": "off"}
    with served(data_dir, database_url=url, **settings) as server:
        with httpx2.Client(base_url=server.address) as client:
            found = Tour(server, client, database_url)
            _walk(found)
        assert server.stop() == 0  # the line of a request is written when its answer has left
        yield found


def test_no_secret_reaches_the_log_and_a_crash_is_found_by_its_request_id(tour: Tour) -> None:
    assert [answer.status_code for answer in tour.answers[-2:]] == [500, 500]
    text = tour.server.output.read_text()
    assert [secret for secret in tour.secrets() if secret in text] == []
    lines = tour.lines()  # every one is JSON
    assert all("request_id" in line for line in lines if "route" in line)
    for answer in tour.answers:
        ours = [line for line in lines if line.get("request_id") == answer.headers["x-request-id"]]
        (told,) = [line for line in ours if line["event"] == "request"]
        assert told["status"] == answer.status_code
        crashes = [line for line in ours if line["event"] == "crash"]
        assert len(crashes) == (answer.status_code == 500)
    for line in lines:
        if line["event"] == "crash":
            assert "refuse" in line["exception"]
            assert "src/chatsvc/commands" in line["exception"]
    routes = {line["route"] for line in lines if line["event"] == "request"}
    assert "/v1/conversations/{conversation_id}/messages" in routes
    assert "unmatched" in routes


EVENT = """
import structlog
from pydantic import TypeAdapter
from chatsvc.logs import configure_logs
from chatsvc.settings import Settings

configure_logs(Settings(log_format={form!r}))

def fail(secret):
    try:
        TypeAdapter(int).validate_python(secret)
    except ValueError as error:
        raise RuntimeError("refused\\nDETAIL:  Failing row contains " + secret) from error

try:
    fail("secret-" + "of-a-local")
except RuntimeError as error:
    structlog.get_logger().exception("crash", password="secret-" + "word", error=repr(error))
"""


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_trace_shows_neither_locals_nor_the_values_that_an_error_is_about(form: str) -> None:
    done = subprocess.run([sys.executable, "-c", EVENT.format(form=form)], capture_output=True, text=True, check=True)
    assert "secret-" not in done.stdout + done.stderr
    for told in ("crash", "in fail", "pydantic_core", "int_parsing", "RuntimeError: refused"):
        assert told in done.stdout
