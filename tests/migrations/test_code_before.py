"""The code before the newest migration, on a database that today's code has migrated: what a rolling deploy does."""

from pathlib import Path
from typing import Any

import httpx2
import pytest

from chatsvc.db import schema
from chatsvc.db.urls import DatabaseUrl
from tests.migrations.test_migrations import looked_at
from tests.support.older_code import commit_before, older_server, unpack
from tests.support.processes import wait_until_ready
from tests.support.service import PASSWORD


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    versions = schema.scripts_directory() / "versions"
    newest = next(versions.glob(f"{schema.newest_revision()}_*.py"))
    commit = commit_before(newest)
    if commit is None:
        pytest.skip("no git history here: a source archive, or a shallow clone")
    return unpack(commit, tmp_path_factory.mktemp("before"))


async def test_it_runs_on_the_new_schema_or_is_refused_as_declared(
    before: Path, url: DatabaseUrl, database_url: str, tmp_path: Path
) -> None:
    its_newest = max(path.name[:4] for path in (before / "migrations" / "versions").glob("[0-9]*.py"))
    assert its_newest < schema.newest_revision()
    (oldest_code,) = await looked_at(url, "SELECT oldest_code FROM service_state")
    settings = {"database_url": database_url, "rate_limits": "off", "session_check_seconds": 0}
    with older_server(before, tmp_path / "data", **settings) as server:
        if its_newest < oldest_code:
            assert server.process.wait(60) == 2
            assert "made by a newer chatsvc" in server.output.read_text()
            return
        wait_until_ready(server)
        with httpx2.Client(base_url=server.address, trust_env=False) as client:
            _use(client)
    assert await looked_at(url, "SELECT version_num FROM alembic_version") == [schema.newest_revision()]


def _use(client: httpx2.Client) -> None:
    """Every answer must be a success: people, a conversation, messages and their reading, a session's life."""

    def ok(method: str, path: str, body: object = None, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = client.request(method, path, json=body, headers=headers)
        assert answer.is_success, (path, answer.text)
        return answer.json()["data"]

    people: dict[str, Any] = {}
    for name in ("ana", "ben"):
        ok("POST", "/v1/auth/register", {"username": name, "password": PASSWORD})
        people[name] = ok("POST", "/v1/auth/login", {"username": name, "password": PASSWORD})
    ana, ben = (person["tokens"]["access_token"] for person in people.values())
    ben_id = ok("GET", "/v1/users/me", token=ben)["id"]
    opened = ok("POST", "/v1/conversations/direct", {"other_user_id": ben_id}, ana)["id"]
    message = {"client_message_id": "m1", "content": "hello"}
    ok("POST", f"/v1/conversations/{opened}/messages", message, ana)
    ok(
        "POST",
        "/v1/messages/batch",
        {"messages": [{**message, "client_message_id": "m2", "conversation_id": opened}]},
        ana,
    )
    changes = ok("POST", "/v1/sync/changes", {"after_seq_by_conversation": {opened: 1}}, ben)
    assert "m2" in str(changes)
    assert opened in str(ok("GET", "/v1/sync/bootstrap", token=ben))
    ok("PATCH", "/v1/users/me", {"display_name": "Ana B."}, ana)
    renewed = ok("POST", "/v1/auth/refresh", {"refresh_token": people["ana"]["tokens"]["refresh_token"]})
    ok("POST", "/v1/auth/logout", {"refresh_token": renewed["tokens"]["refresh_token"]})
