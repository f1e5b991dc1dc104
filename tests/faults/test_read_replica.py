"""Query handlers on a real streaming replica that lags: it may be late, and never more than that."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.databases import DatabaseKind, postgres_kind
from tests.support.replication import Replicated, replicated_postgres
from tests.support.service import Service, running_service, service_settings


@pytest.fixture(scope="module")
def servers() -> Iterator[Replicated]:
    with replicated_postgres() as both:
        yield both


@pytest.fixture(scope="module")
def kind(servers: Replicated) -> DatabaseKind:
    return postgres_kind(servers.primary.url(), "replica")


@pytest.fixture
async def replicated(servers: Replicated, database_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    url = database_url
    await servers.catch_up()
    reading = servers.standby.url(url.rpartition("/")[2])
    settings = {"read_database_url": reading, "replica_max_lag_seconds": 0}  # it is used, however late
    async with running_service(service_settings(url, tmp_path / "data", **settings)) as service:
        yield service
        await servers.resume()


async def test_a_late_replica_is_only_late(replicated: Service, servers: Replicated) -> None:
    ana, ben = await replicated.register(), await replicated.register()
    conversation_id = await ana.open_direct(ben)
    for number in (1, 2, 3):
        await ana.send(conversation_id, f"m{number}")
    await servers.catch_up()
    await servers.pause()
    for number in (4, 5):
        await ana.send(conversation_id, f"m{number}")

    late = await ben.ok("POST", "/v1/sync/changes", {"after_seq_by_conversation": {conversation_id: 2}})
    assert [m["seq"] for m in late["conversations"][conversation_id]["messages"]] == [3]
    page = await ben.ok("GET", f"/v1/conversations/{conversation_id}/messages?after_seq=3")
    assert page == {"messages": [], "has_more": False}

    await servers.resume()
    await servers.catch_up()
    caught_up = await ben.ok("POST", "/v1/sync/changes", {"after_seq_by_conversation": {conversation_id: 3}})
    assert [m["seq"] for m in caught_up["conversations"][conversation_id]["messages"]] == [4, 5]


async def test_what_would_make_a_client_drop_something_is_asked_of_the_primary(
    replicated: Service, servers: Replicated
) -> None:
    ana = await replicated.register()
    await servers.catch_up()
    await servers.pause()
    ben = await replicated.register()
    conversation_id = await ana.open_direct(ben)
    for number in (1, 2):
        await ana.send(conversation_id, f"m{number}")

    start = await ben.ok("GET", "/v1/sync/bootstrap")  # the replica does not know that ben exists
    assert start["conversations"][0]["head_seq"] == 2
    ahead = {"sync_epoch": start["sync_epoch"], "after_seq_by_conversation": {conversation_id: 2}}
    assert (await ben.ok("POST", "/v1/sync/changes", ahead))["conversations"] == {}  # neither gone nor reset
    behind = {"after_seq_by_conversation": {conversation_id: 1}}
    item = (await ben.ok("POST", "/v1/sync/changes", behind))["conversations"][conversation_id]
    assert (item["status"], [m["seq"] for m in item["messages"]]) == ("ok", [2])
    history = await ana.ok("GET", f"/v1/conversations/{conversation_id}/messages")
    assert len(history["messages"]) == 2
    assert (await ana.ok("GET", f"/v1/users/{ben.id}"))["id"] == ben.id


async def test_a_cursor_ahead_of_a_late_replica_is_not_reset(replicated: Service, servers: Replicated) -> None:
    ana, ben = await replicated.register(), await replicated.register()
    conversation_id = await ana.open_direct(ben)
    await ana.send(conversation_id, "m1")
    await servers.catch_up()
    await servers.pause()
    for number in (2, 3):
        await ana.send(conversation_id, f"m{number}")
    answer = await ana.ok("POST", "/v1/sync/changes", {"after_seq_by_conversation": {conversation_id: 3}})
    assert answer["conversations"] == {}


async def test_an_ended_session_is_refused_whatever_the_replica_knows(replicated: Service, servers: Replicated) -> None:
    ana = await replicated.register()
    await servers.catch_up()
    await servers.pause()
    assert (await ana.call("DELETE", f"/v1/auth/sessions/{ana.tokens['session_id']}")).status_code == 200
    assert (await ana.call("GET", "/v1/users/me")).json()["error"]["code"] == "access_token_invalid"
