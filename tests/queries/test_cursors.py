"""Cursors of pages: opaque, without authority, and a 422 where the service did not make them."""

import base64
import json
from datetime import UTC, datetime
from uuid import UUID, uuid4

from chatsvc.queries.cursors import ActivityCursor, encode_cursor
from tests.commands.signing_in import code
from tests.support.service import Device, Service


async def three(service: Service) -> tuple[Device, list[str]]:
    """A reader with three conversations."""
    reader, *others = [await service.newcomer() for _ in range(4)]
    return reader, [await reader.open_direct(other) for other in others]


async def test_a_cursor_of_another_epoch_is_a_conflict(service: Service) -> None:
    reader, _ = await three(service)
    page = await reader.bootstrap("?limit=1")
    other = ActivityCursor(datetime(2026, 11, 23, tzinfo=UTC), uuid4(), uuid4())
    answer = await reader.call("GET", f"/v1/sync/bootstrap?cursor={encode_cursor(other)}")
    assert (answer.status_code, code(answer)) == (409, "sync_epoch_changed")
    assert answer.json()["error"]["details"] == {"sync_epoch": page["sync_epoch"]}
    foreign = await service.newcomer()  # a cursor has no authority
    assert (await foreign.bootstrap(f"?cursor={page['next_cursor']}"))["conversations"] == []


def encoded(fields: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).rstrip(b"=").decode()


async def test_a_cursor_that_does_not_decode_is_refused(service: Service) -> None:
    reader, talks = await three(service)
    mine: str = (await reader.bootstrap("?limit=1"))["next_cursor"]
    theirs: str = (await reader.ok("GET", "/v1/conversations?limit=1"))["next_cursor"]
    now, epoch = "2026-11-23T12:00:00.000Z", str(uuid4())
    garbage = [
        "",
        "x",
        "\u00e9",
        mine[:-1],
        mine + "A",
        mine + "==",
        mine.swapcase(),
        f" {mine}",
        "A" * 1_025,
        encoded([]),
    ]
    garbage += [encoded([now, "x", epoch]), encoded([now, talks[0], "x"]), encoded([now, talks[0], epoch, 1])]
    garbage += [encoded({now: 1}), encoded(7), encoded(None), encoded([None] * 3), encoded("x" * 500)]
    for moment in ("0001-01-01T00:00:00.000+14:00", "9999-12-31T23:59:59.999-14:00", "2026-11-23", "12:00", now[:-1]):
        garbage.append(encoded([moment, talks[0], epoch]))
    for path, bad in (("/v1/sync/bootstrap", [*garbage, theirs]), ("/v1/conversations", [*garbage, mine])):
        for cursor in bad:
            answer = await reader.call("GET", path, params={"cursor": cursor})
            assert (answer.status_code, code(answer)) == (422, "invalid_request"), cursor
            assert answer.json()["error"]["details"][0]["field"] == "cursor"


async def test_a_cursor_at_the_edge_of_the_calendar_is_a_cursor(service: Service) -> None:
    reader, talks = await three(service)
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
    for moment, expected in ((first, 0), (last, 3)):
        cursor = encode_cursor(ActivityCursor(moment, UUID(talks[0])))
        page = await reader.ok("GET", f"/v1/conversations?cursor={cursor}")
        assert len(page["conversations"]) == expected
