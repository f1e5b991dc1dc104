"""A counter that is wrong is a defect to be told, and never a reason to try for ever or to lose a message."""

from sqlalchemy import text

from chatsvc.db import Tx
from tests.support.service import Service


async def _set_counter_back(tx: Tx, _command: None) -> None:
    await tx.connection.execute(text("UPDATE conversation_counters SET next_seq = 1"))


async def test_a_seq_that_is_taken_is_a_crash_and_not_try_again(service: Service) -> None:
    ana, ben = await service.register(), await service.register()
    conversation_id = await ana.open_direct(ben)
    first = await ana.send(conversation_id, "m1")
    await service.inside.db.execute(_set_counter_back, None)
    # A bare ON CONFLICT DO NOTHING would take this for a key that somebody else has just committed.
    assert (await ana.send(conversation_id, "m2")).status_code == 500
    assert (await ana.send(conversation_id, "m1")).json() == first.json()
    assert (await ben.ok("GET", "/v1/conversations"))["conversations"][0]["last_message_preview"] == "hello"
