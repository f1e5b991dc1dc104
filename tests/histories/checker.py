"""Whether a history is one that the contract allows: what it breaks, in words."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import accumulate, groupby, pairwise

from tests.histories import reading_rules
from tests.histories.history import Final, History, Message
from tests.histories.known import Known, Name, name_of, shortly


def violations(history: History, final: Final, *, reads_may_lag: bool = False) -> list[str]:
    """Nothing, or each thing that a client was promised and did not get. `reads_may_lag`: queries ran on a replica."""
    known = Known(history, final)
    rules = [_gapless, _stored_once, _sent_by_somebody, _answers_hold, _created_once, _refused_is_absent]
    rules += [_in_real_time, _batches_in_order, reading_rules.agree, reading_rules.are_snapshots]
    rules += [] if reads_may_lag else [reading_rules.are_fresh]
    return [found for rule in rules for found in rule(known)]


def _gapless(known: Known) -> Iterator[str]:
    for key, messages in known.final.items():
        seqs = [message["seq"] for message in messages]
        if seqs != list(range(1, len(seqs) + 1)):
            yield f"gap: {key} has the seqs {shortly(seqs)}"


def _stored_once(known: Known) -> Iterator[str]:
    for name, times in Counter(name_of(m) for messages in known.final.values() for m in messages).items():
        if times > 1:
            yield f"twice: {name} is stored {times} times"


def _sent_by_somebody(known: Known) -> Iterator[str]:
    for name, message in known.stored.items():
        wanted = {(one.conversation_id, one.content) for one in known.attempts.get(name, [])}
        if (message["conversation_id"], message["content"]) not in wanted:
            yield f"from nowhere: nobody sent {message}"


def _answers_hold(known: Known) -> Iterator[str]:
    for name, attempts in known.attempts.items():
        answers = [one.message for one in attempts if one.message is not None]
        if any(answer != answers[0] for answer in answers):
            yield f"two answers: {name} was told {_different(answers)}"
        if answers and (stored := known.stored.get(name)) != answers[-1]:
            what = "lost" if stored is None else "changed"
            yield f"{what}: {name} was answered {answers[-1]}, and there is {stored}"


def _created_once(known: Known) -> Iterator[str]:
    for name, attempts in known.attempts.items():
        created = [one for one in attempts if one.status == 201]
        if len(created) > 1:
            yield f"created twice: {name} was answered 201 {len(created)} times"
        for one in attempts:
            others = (other for other in attempts if other.call != one.call and other.began < one.ended)
            if one.status == 200 and not any(others) and len([o for o in attempts if o.call == one.call]) == 1:
                yield f"known at once: {name} was answered 200 when it was sent for the first time"


def _refused_is_absent(known: Known) -> Iterator[str]:
    for name, attempts in known.attempts.items():
        if name in known.stored and all(one.outcome == "refused" for one in attempts):
            yield f"refused and done: {name} was refused with {attempts[0].status}, and is there"


def _in_real_time(known: Known) -> Iterator[str]:
    """Whoever begins to send after a seq was seen gets a higher one."""
    for key, messages in known.final.items():
        moments = known.seen.get(key, [])
        highest = list(accumulate((seq for _, seq in moments), max))
        for message in messages:
            before = bisect_left(moments, (known.begun(message), 0))
            if before and highest[before - 1] >= message["seq"]:
                yield f"out of order: seq {highest[before - 1]} of {key} was seen before {message} was begun"


def _batches_in_order(known: Known) -> Iterator[str]:
    """Two messages that were only ever sent in the same calls, one behind the other, stay so."""
    calls = {name: {one.call for one in attempts} for name, attempts in known.attempts.items()}
    for _, call in groupby(known.history.sent, key=lambda one: one.call):
        by_conversation: dict[str, list[Name]] = defaultdict(list)
        for name, place in dict.fromkeys((one.name, one.conversation_id) for one in call):
            by_conversation[place].append(name)
        for first, second in (pair for names in by_conversation.values() for pair in pairwise(names)):
            one, two = known.stored.get(first), known.stored.get(second)
            if calls[first] == calls[second] and one and two and one["seq"] > two["seq"]:
                yield f"batch out of order: {first} was sent before {second}: {one['seq']}, {two['seq']}"


def _different(answers: list[Message]) -> list[Message]:
    return [answer for at, answer in enumerate(answers) if answer not in answers[:at]]
