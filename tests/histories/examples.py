"""Histories in small: those that the contract allows, and one for each way to break it."""

from dataclasses import replace
from typing import Any

from tests.histories.history import Message, Read, Sent

TALK = "talk"


def message(seq: int, key: str, sender: str = "ana", **changes: Any) -> Message:
    made = {"id": f"id-{key}", "conversation_id": TALK, "sender_id": sender, "client_message_id": key, "seq": seq}
    return {**made, "content": f"{key}!", "created_at": f"time {seq}", **changes}


def sent(key: str, began: float, ended: float, told: Message | None = None, **changes: Any) -> Sent:
    one = Sent("c", int(began * 1000), "ana", TALK, key, f"{key}!", began, ended)
    answer = {"outcome": "answered", "status": 201, "message": told} if told else {}
    return replace(one, **{**answer, **changes})


def read(began: float, ended: float, *messages: Message, **changes: Any) -> Read:
    return replace(Read("r", TALK, began, ended, messages), **changes)


A, B, C = message(1, "a"), message(2, "b"), message(3, "c")
ALL = {TALK: [A, B, C]}
ONE_BY_ONE = [sent("a", 0, 1, A), sent("b", 2, 3, B), sent("c", 4, 5, C)]
LOST = sent("c", 6, 7)
ELSEWHERE = message(1, "d", conversation_id="elsewhere")
TWO = {**ALL, "elsewhere": [ELSEWHERE]}


def elsewhere(began: float, ended: float) -> Sent:
    return sent("d", began, ended, ELSEWHERE, conversation_id="elsewhere")


def there(began: float, ended: float, *messages: Message, **changes: Any) -> Read:
    return read(began, ended, *messages, conversation_id="elsewhere", **changes)


GOOD: dict[str, tuple[list[Sent], list[Read], dict[str, list[Message]]]] = {
    "one after another": (ONE_BY_ONE, [], ALL),
    "at once, in any order": ([sent("a", 0, 9, A), sent("b", 0.1, 9, B), sent("c", 0.2, 9, C)], [], ALL),
    "at once, the other way round": ([sent("c", 0, 9, C), sent("b", 0.1, 9, B), sent("a", 0.2, 9, A)], [], ALL),
    "of unknown outcome, and there": ([*ONE_BY_ONE[:2], LOST], [], ALL),
    "of unknown outcome, and not there": ([*ONE_BY_ONE[:2], LOST], [], {TALK: [A, B]}),
    "unknown, then known": ([*ONE_BY_ONE[:2], LOST, sent("c", 8, 9, C, status=200)], [], ALL),
    "unknown, then new": ([*ONE_BY_ONE[:2], LOST, sent("c", 8, 9, C)], [], ALL),
    "late, by an attempt that came first": (
        [sent("c", 0, 1), sent("a", 2, 3, A), sent("b", 4, 5, B), sent("c", 6, 7, C, status=200)], [],
        ALL,
    ),
    "early, by an attempt that came first": (
        [sent("a", 0, 0.5), sent("b", 2, 3, B), sent("c", 4, 5, C), sent("a", 6, 7, A, status=200)], [], ALL,
    ),
    "twice at once": ([*ONE_BY_ONE[:2], sent("c", 6, 8, C), sent("c", 6.5, 7, C, status=200)], [], ALL),
    "refused, and not there": ([*ONE_BY_ONE, sent("d", 6, 7, outcome="refused", status=404)], [], ALL),
    "refused at first": (
        [*ONE_BY_ONE[:2], sent("c", 3, 4, outcome="refused", status=429), sent("c", 4, 5, C)], [], ALL,
    ),
    "read as it grew": (
        ONE_BY_ONE,
        [
            read(0, 0.1, first=1, head=0), read(0.1, 0.2, A, first=1, last=1, head=1), read(1.1, 1.2, A, head=1),
            read(2.1, 2.2, A, B), read(3.1, 3.2, head=2), read(6, 7, B, C, first=2, last=3, head=3),
            read(6, 7, A, first=1), read(6, 7, last=0),
        ],
        ALL,
    ),
    "one answer at one moment": (
        [*ONE_BY_ONE, elsewhere(6, 7)], [read(6.5, 8, head=3, call=1), there(6.5, 8, ELSEWHERE, head=1, call=1)], TWO,
    ),
    "one answer, too early for either": (
        [*ONE_BY_ONE, elsewhere(6, 7)], [read(3, 8, head=2, call=1), there(3, 8, head=0, call=1)], TWO,
    ),
    "one answer, and what overlapped what it misses": (
        [*ONE_BY_ONE[:2], sent("c", 4, 6.5, C), elsewhere(6, 7)],
        [read(3, 8, head=2, call=1), there(3, 8, ELSEWHERE, head=1, call=1)], TWO,
    ),
    "one answer that leaves out what is held": (
        [*ONE_BY_ONE, elsewhere(6, 7)], [read(3, 8, B, head=2, call=1), there(3, 8, head=1, call=1)], TWO,
    ),
    "one answer before everything": ([*ONE_BY_ONE], [read(0, 8, head=0, call=1), there(0, 8, head=0, call=1)], ALL),
    "two answers that saw different things": (
        [*ONE_BY_ONE, elsewhere(6, 7)], [read(3, 8, head=2, call=1), there(3, 8, ELSEWHERE, head=1, call=2)], TWO,
    ),
    "a read that overlaps a send misses it": (ONE_BY_ONE, [read(4.5, 6, A, B, first=1, head=2)], ALL),
    "a batch in its order": ([sent("a", 0, 1, A), *(sent(k, 2, 3, m) for k, m in (("b", B), ("c", C)))], [], ALL),
    "a batch of which one was sent before": (
        [sent("c", 0, 9), sent("b", 2, 3, message(3, "b")), sent("c", 2, 3, message(2, "c"), status=200),
         sent("a", 0, 1, A)],
        [], {TALK: [A, message(2, "c"), message(3, "b")]},
    ),
    "a batch that holds one twice": (
        [sent("a", 0, 1, A), sent("b", 2, 3, B), sent("c", 2, 3, C), sent("b", 2, 3, B, status=200)], [], ALL,
    ),
}  # fmt: skip

BAD: dict[str, tuple[str, list[Sent], list[Read], dict[str, list[Message]]]] = {
    "a hole": ("gap", [sent("a", 0, 1, A), sent("c", 0, 1, C)], [], {TALK: [A, C]}),
    "not from 1": ("gap", [sent("b", 0, 1, B)], [], {TALK: [B]}),
    "one seq twice": ("gap", ONE_BY_ONE, [], {TALK: [A, B, {**C, "seq": 2}]}),
    "stored twice": ("twice", [*ONE_BY_ONE[:2]], [], {TALK: [A, B, {**A, "seq": 3}]}),
    "stored in two conversations": ("twice", ONE_BY_ONE, [], {**ALL, "other": [{**A, "conversation_id": "other"}]}),
    "sent by nobody": ("from nowhere", ONE_BY_ONE[:2], [], ALL),
    "of another sender": ("from nowhere", ONE_BY_ONE, [], {TALK: [A, B, {**C, "sender_id": "ben"}]}),
    "with other content": ("from nowhere", ONE_BY_ONE, [], {TALK: [A, B, {**C, "content": "?"}]}),
    "acknowledged and lost": ("lost", ONE_BY_ONE, [], {TALK: [A, B]}),
    "acknowledged and all lost": ("lost", ONE_BY_ONE, [], {TALK: []}),
    "acknowledged with another id": ("changed", ONE_BY_ONE, [], {TALK: [A, B, {**C, "id": "another"}]}),
    "acknowledged with another time": ("changed", ONE_BY_ONE, [], {TALK: [A, B, {**C, "created_at": "later"}]}),
    "acknowledged with another seq": ("changed", ONE_BY_ONE, [], {TALK: [A, {**C, "seq": 2}, {**B, "seq": 3}]}),
    "two answers for one key": (
        "two answers", [*ONE_BY_ONE, sent("c", 6, 7, {**C, "id": "another"}, status=200)], [], ALL,
    ),
    "created twice": ("created twice", [*ONE_BY_ONE, sent("c", 6, 7, C)], [], ALL),
    "known when it was new": ("known at once", [*ONE_BY_ONE[:2], sent("c", 4, 5, C, status=200)], [], ALL),
    "refused and done": (
        "refused and done", [*ONE_BY_ONE[:2], sent("c", 4, 5, outcome="refused", status=404)], [], ALL,
    ),
    "out of order": ("out of order", [sent("b", 0, 1, B), sent("a", 2, 3, A), sent("c", 4, 5, C)], [], ALL),
    "out of order, far apart": ("out of order", [sent("c", 0, 1, C), sent("a", 2, 9, A), sent("b", 0, 9, B)], [], ALL),
    "behind what was read before": (
        "out of order", [sent("b", 0, 9, B), sent("a", 2, 9, A), sent("c", 2.5, 9, C)], [read(0.5, 1, head=2)], ALL,
    ),
    "unknown, but begun too late": ("out of order", [sent("b", 0, 1, B), sent("c", 4, 5, C), sent("a", 6, 7)], [], ALL),
    "a batch turned round": (
        "batch out of order", [sent("a", 0, 1, A), sent("c", 2, 3, C), sent("b", 2, 3, B)], [], ALL,
    ),
    "a read with a hole": ("hole in a read", ONE_BY_ONE, [read(6, 7, A, C)], ALL),
    "a read that begins too late": ("hole in a read", ONE_BY_ONE, [read(6, 7, B, C, first=1)], ALL),
    "a read of another message": ("not there", ONE_BY_ONE, [read(6, 7, {**A, "content": "?"})], ALL),
    "a read of what was undone": ("not there", ONE_BY_ONE[:2], [read(6, 7, A, B, C)], {TALK: [A, B]}),
    "a head that was undone": ("not there", ONE_BY_ONE, [read(6, 7, head=4)], ALL),
    "older than what was answered": ("stale", ONE_BY_ONE, [read(6, 7, A, B, head=2)], ALL),
    "older than what was read": (
        "stale", [*ONE_BY_ONE[:2], LOST], [read(8, 9, C, head=3), read(10, 11, A, B, head=2)], ALL,
    ),
    "empty, and it is not": ("stale", ONE_BY_ONE, [read(6, 7, first=1, head=0)], ALL),
    "one answer at two moments": (
        "no snapshot", [*ONE_BY_ONE, elsewhere(6, 7)],
        [read(3, 8, head=2, call=1), there(3, 8, ELSEWHERE, head=1, call=1)], TWO,
    ),
    "cut short": ("cut short", ONE_BY_ONE, [read(6, 7, A, first=1, last=2)], ALL),
    "cut off": ("cut short", ONE_BY_ONE, [read(6, 7, last=2)], ALL),
}  # fmt: skip
