"""A failure before any statement of any reading call: an answer for the client, and no connection left out."""

import asyncio
from urllib.parse import quote

import pytest

from chatsvc.api.routes import ROUTES
from tests.commands.sending import a_talk
from tests.faults.injected.injecting import at_statement, cancelling, counted, defect, full, lost, undone
from tests.faults.injected.stages import require_whole_pools
from tests.support.proof import Proof
from tests.support.service import Device, Service

Call = tuple[str, str, object]
ANSWERS = {defect: 500, full: 503, lost: 200, undone: 200}


def calls(conversation_id: str, user_id: str) -> dict[str, Call]:
    """One for each route that reads, by the route's own path."""
    history = f"/v1/conversations/{conversation_id}/messages"
    held = quote(f'{{"{conversation_id}": 1}}')
    return {
        "/v1/auth/sessions": ("GET", "/v1/auth/sessions", None),
        "/v1/users/me": ("GET", "/v1/users/me", None),
        "/v1/users/{user_id}": ("GET", f"/v1/users/{user_id}", None),
        "/v1/users/search": ("GET", "/v1/users/search?query=u", None),
        "/v1/conversations": ("GET", "/v1/conversations", None),
        "/v1/conversations/{conversation_id}/messages": ("GET", history, None),
        "/v1/sync/bootstrap": ("GET", "/v1/sync/bootstrap", None),
        "/v1/sync/changes": ("GET", f"/v1/sync/changes?after_seq_by_conversation={held}", None),
        "POST /v1/sync/changes": ("POST", "/v1/sync/changes", {"after_seq_by_conversation": {conversation_id: 1}}),
        "/readyz": ("GET", "/readyz", None),
    }


def test_every_route_that_reads_is_called() -> None:
    quiet = {"/healthz", "/metrics", "/openapi.json", "/v1/server"}  # they ask no database
    files = ("/docs", "/app")
    reading = {route.path for route in ROUTES if "GET" in (route.methods or ()) and not route.path.startswith(files)}
    written_while_read = {"/v1/users/me/export"}  # tests/api/test_export.py
    assert reading - quiet - written_while_read <= calls("", "").keys()


@pytest.mark.proves("a read that fails between any two statements answers, and leaves no connection out")
async def test_a_failed_read_leaves_nothing_behind(service: Service, proof: Proof) -> None:
    talk, reader = await a_talk(service), service.inside.db.engines.reader
    for number in range(3):
        await talk.ben.send(talk.id, f"{number}")
    failures = 0
    for path, call in calls(talk.id, talk.ben.id).items():
        with counted(reader) as seen:
            right = await talk.ana.call(*call)
        assert right.status_code == 200, right.text
        assert seen
        every = range(1, len(seen) + 1)
        for number in every if proof.deep else proof.random.sample(every, min(1, len(every))):
            for fault, status in ANSWERS.items():
                with at_statement(reader, number, fault):
                    answer = await talk.ana.call(*call)
                assert answer.status_code == status, f"{path}, {fault.__name__} at {number}"
                assert answer.json().keys() == {"data" if status == 200 else "error"}
                require_whole_pools(service)
                failures += 1
            await _goes_away(service, talk.ana, call, number)
            failures += 1
            assert (await talk.ana.call(*call)).json()["data"].keys() == right.json()["data"].keys()
    proof.note(f"{failures} failures in {len(calls('', ''))} calls")


async def _goes_away(service: Service, device: Device, call: Call, number: int) -> None:
    task = asyncio.create_task(device.call(*call))
    with at_statement(service.inside.db.engines.reader, number, cancelling(task)):
        await asyncio.wait({task})
        while running := service.inside.db._uncancelled._running:
            await asyncio.wait(running)
    assert task.cancelled()
    require_whole_pools(service)
