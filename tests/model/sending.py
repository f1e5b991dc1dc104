"""Section 4: sending, once for ever."""

from dataclasses import replace
from typing import Any

from tests.model.accounts import caller
from tests.model.answers import STATUS, Answer, check_error, must, new_id, same
from tests.model.state import State
from tests.model.talk_operations import Batch, Send
from tests.model.things import Json, wire
from tests.model.wellformed import in_path, is_content, is_item, is_key

MAX_BATCH = 100


def send(state: State, op: Send, answer: Answer) -> None:
    if not (is_key(op.client_message_id) and is_content(op.content)):
        return answer.must_be("invalid_request")
    sender, key = caller(state, op.access_token).id, op.client_message_id
    code, details = refusal(state, sender, in_path(op.conversation_id), key, op.content)
    if code is not None:
        return answer.must_be(code, details)
    if (sender, key) in state.keys:
        return same(answer.data(200), stored(state, sender, key), "the message sent before")
    return take(state, sender, in_path(op.conversation_id), key, op.content, answer.data(201))


def send_batch(state: State, op: Batch, answer: Answer) -> None:
    """Each item as if it were sent alone, in order."""
    if not 1 <= len(op.items) <= MAX_BATCH:
        return answer.must_be("invalid_request")
    data, sender = answer.data(), caller(state, op.access_token).id
    same(data.keys(), {"results"}, "the results")
    same(len(data["results"]), len(op.items), "the number of results")
    for item, result in zip(op.items, data["results"], strict=True):
        _one(state, sender, item, result)
    return None


def _one(state: State, sender: str, item: Any, result: Json) -> None:
    if not is_item(item):
        return _refused(result, "invalid_request", None)
    talk_id, key, content = item["conversation_id"].lower(), item["client_message_id"], item["content"]
    code, details = refusal(state, sender, talk_id, key, content)
    if code is not None:
        return _refused(result, code, details)
    same(result.keys(), {"status", "message"}, "a result")
    if (sender, key) in state.keys:
        same(result["status"], 200, "the status of an item")
        return same(result["message"], stored(state, sender, key), "the message sent before")
    same(result["status"], 201, "the status of an item")
    return take(state, sender, talk_id, key, content, result["message"])


def _refused(result: Json, code: str, details: Any) -> None:
    same((result.keys(), result["status"]), ({"status", "error"}, STATUS[code]), "a result")
    check_error(result["error"], code, details)


def refusal(state: State, sender: str, talk_id: str, key: str, content: str) -> tuple[str | None, Json | None]:
    """A replay is looked at before membership. None: the message is taken, or was."""
    if (sender, key) in state.keys:
        first = stored(state, sender, key)
        if (first["conversation_id"], first["content"]) == (talk_id, content):
            return None, None
        names = {"message_id": "id", "conversation_id": "conversation_id", "seq": "seq"}
        return "idempotency_conflict", {name: first[field] for name, field in names.items()}
    talk = state.talks.get(talk_id)
    return (None if talk and sender in talk.members else "conversation_not_found"), None


def stored(state: State, sender: str, key: str) -> Json:
    talk_id, seq = state.keys[sender, key]
    return state.talks[talk_id].messages[seq - 1]


def take(state: State, sender: str, talk_id: str, key: str, content: str, message: Any) -> None:
    """A new message: the next seq, exactly the content, the time of now. A clock that went back does not show."""
    must(isinstance(message, dict), "there is no message")
    talk = state.talks[talk_id]
    wanted = {
        "id": new_id(message.get("id"), state.ids),
        "conversation_id": talk_id,
        "sender_id": sender,
        "client_message_id": key,
        "seq": talk.head + 1,
        "content": content,
        "created_at": max(wire(state.now), talk.activity[0]),
    }
    same(message, wanted, "the message")
    state.talks[talk_id] = replace(talk, messages=(*talk.messages, message))
    state.keys[sender, key] = talk_id, talk.head + 1
