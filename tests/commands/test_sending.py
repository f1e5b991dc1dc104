"""One message at a time: seqs without gaps, content as it was sent, the conversation moved on."""

from uuid import UUID

from tests.commands.sending import Talk, item, results, seqs
from tests.support.service import Service

CONTENTS = [
    "plain",
    " leading and trailing \t",
    "line\r\nline\rline\n\n",
    "".join(map(chr, range(1, 32))) + "\x7f\x80\x9f",
    "\ufeffbom \ufffe\uffff\U0010ffff \u2028\u2029",
    "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}\u200d\N{BOY} \N{WAVING WHITE FLAG}\ufe0f\u200d\N{RAINBOW}",
    "\u202eright to left\u202c \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \u2067x\u2069",
    "e\u0301 is not \u00e9, nor is \u212b \u00c5",
    "\U0001f600" * 4_000,
    '"quoted" \\ back\\u0000slash {} [] \' ; DROP TABLE messages; -- %s :name $1 ?',
    "0",
    "null",
    "\x1c",
]


async def test_a_message_has_what_was_sent_and_its_place(service: Service, talk: Talk) -> None:
    answer = await talk.ana.send(talk.id, "~one!", "hi")
    assert answer.status_code == 201
    message = answer.json()["data"]
    assert UUID(message.pop("id")).version == 7
    assert message == {
        "conversation_id": talk.id,
        "sender_id": talk.ana.id,
        "client_message_id": "~one!",
        "seq": 1,
        "content": "hi",
        "created_at": "2026-11-23T12:00:00.000Z",
    }


async def test_seqs_have_no_gap_whatever_was_refused_between(service: Service, talk: Talk) -> None:
    stranger = await service.newcomer()
    expected = [
        (talk.ana, "a", "hello", 201),
        (talk.ben, "a", "hello", 201),
        (talk.ana, "b", " \u2003", 422),
        (stranger, "c", "hello", 404),
        (talk.ana, "a", "other", 409),
        (talk.ana, "a", "hello", 200),
        (talk.ben, "b", "x" * 4_001, 422),
        (talk.ben, "b", "x" * 4_000, 201),
        (talk.ana, "b", "hello", 201),
    ]
    for sender, key, content, status in expected:
        assert (await sender.send(talk.id, key, content)).status_code == status
    assert await seqs(talk.ben, talk.id) == [1, 2, 3, 4]


async def test_content_is_kept_and_given_back_exactly(service: Service, talk: Talk) -> None:
    for at, content in enumerate(CONTENTS):
        sent = await talk.ana.send(talk.id, f"k{at}", content)
        assert (sent.status_code, sent.json()["data"]["content"]) == (201, content)
    batch = await talk.ben.batch([item(talk.id, f"b{at}", content) for at, content in enumerate(CONTENTS)])
    assert [result["message"]["content"] for result in results(batch)] == CONTENTS

    stored = await talk.ben.history(talk.id)
    assert [message["content"] for message in stored] == CONTENTS * 2
    assert (await talk.ben.changes({talk.id: 0}))["conversations"][talk.id]["messages"] == stored
    bootstrap = await talk.ben.bootstrap("?messages_per_conversation=100")
    assert bootstrap["conversations"][0]["messages"] == stored
    again = [await talk.ana.send(talk.id, f"k{at}", content) for at, content in enumerate(CONTENTS)]
    assert [answer.status_code for answer in again] == [200] * len(CONTENTS)
    assert [answer.json()["data"] for answer in again] == stored[: len(CONTENTS)]


async def test_the_preview_is_the_first_120_characters_of_the_newest(service: Service, talk: Talk) -> None:
    long = ["short", "x" * 120, "x" * 121, "\U0001f600" * 121, "e\u0301" * 100, "\r\n" * 60 + "x" * 9]
    for at, content in enumerate(long):
        await talk.ana.batch([item(talk.id, f"{at}", "before"), item(talk.id, f"{at}-newest", content)])
        (conversation,) = (await talk.ben.ok("GET", "/v1/conversations"))["conversations"]
        assert conversation["last_message_preview"] == content[:120]


async def test_a_conversation_without_messages_has_no_preview(service: Service, talk: Talk) -> None:
    (conversation,) = (await talk.ben.ok("GET", "/v1/conversations"))["conversations"]
    assert (conversation["last_message_preview"], conversation["last_message_at"]) == (None, None)
    assert conversation["updated_at"] == conversation["created_at"]
    assert conversation["head_seq"] == 0


async def test_a_conversation_is_as_new_as_its_newest_message(service: Service, talk: Talk) -> None:
    for key in ("one", "two", "three"):
        service.clock.advance(seconds=61.2345678)
        sent = (await talk.ben.send(talk.id, key)).json()["data"]
    (conversation,) = (await talk.ana.ok("GET", "/v1/conversations"))["conversations"]
    assert conversation["updated_at"] == conversation["last_message_at"] == sent["created_at"]
    assert conversation["head_seq"] == sent["seq"] == 3
    assert sent["created_at"] == "2026-11-23T12:03:03.703Z"


async def test_a_clock_that_goes_back_does_not_take_messages_back(service: Service, talk: Talk) -> None:
    first = (await talk.ana.send(talk.id, "one")).json()["data"]
    service.clock.advance(hours=-3)
    batch = results(await talk.ana.batch([item(talk.id, "two", "2"), item(talk.id, "three", "3")]))
    times = [first["created_at"], *(result["message"]["created_at"] for result in batch)]
    assert times == [first["created_at"]] * 3
    service.clock.advance(hours=3, milliseconds=1)
    assert (await talk.ben.send(talk.id, "four")).json()["data"]["created_at"] == "2026-11-23T12:00:00.001Z"
    (conversation,) = (await talk.ana.ok("GET", "/v1/conversations"))["conversations"]
    assert conversation["updated_at"] == "2026-11-23T12:00:00.001Z"
    assert [message["seq"] for message in await talk.ana.history(talk.id)] == [1, 2, 3, 4]
