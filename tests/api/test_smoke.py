"""Two people talk."""

from tests.support.service import Service


async def test_two_people_talk_and_one_catches_up(service: Service) -> None:
    ana, ben = await service.register("ana"), await service.register("ben")
    conversation_id = await ana.open_direct(ben)
    assert await ben.open_direct(ana) == conversation_id
    sent = await ana.send(conversation_id, "one", "hi")
    again = await ana.send(conversation_id, "one", "hi")
    assert (sent.status_code, again.status_code) == (201, 200)
    assert sent.json() == again.json()
    news = await ben.ok("POST", "/v1/sync/changes", {"after_seq_by_conversation": {conversation_id: 0}})
    assert news["conversations"][conversation_id]["messages"] == [sent.json()["data"]]
