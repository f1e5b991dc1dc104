"""What a read may tell: nothing that is not there, nothing old, and all of it at one moment."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate
from math import inf

from tests.histories.history import Read
from tests.histories.known import Known, shortly


def agree(known: Known) -> Iterator[str]:
    for read in known.history.reads:
        seqs = [message["seq"] for message in read.messages]
        first = read.first if read.first is not None else (seqs[0] if seqs else 0)
        if seqs != list(range(first, first + len(seqs))):
            yield f"hole in a read: {read.client} was given {shortly(seqs)} of {read.conversation_id}, from {first}"
        for message in read.messages:
            if known.at.get((read.conversation_id, message["seq"])) != message:
                yield f"read what is not there: {read.client} was given {message}"
        if read.head is not None and read.head > len(known.final.get(read.conversation_id, ())):
            yield f"read what is not there: {read.client} was told of seq {read.head} of {read.conversation_id}"


def are_fresh(known: Known) -> Iterator[str]:
    for read in known.history.reads:
        if read.last is not None and [message["seq"] for message in read.messages[-1:]] != [read.last][: read.last]:
            yield f"cut short: a read of {read.client} ended with {read.messages[-1:]}, and not with seq {read.last}"
    for key, moments in known.seen.items():
        highest = list(accumulate((seq for _, seq in moments), max))
        for read in (read for read in known.history.reads if read.conversation_id == key and read.head is not None):
            before = bisect_left(moments, (read.began, 0))
            if before and highest[before - 1] > (read.head or 0):
                told = f"{read.client} was told that {read.head} is the newest of {key}"
                yield f"stale: {told}, after {highest[before - 1]} had been seen"


def are_snapshots(known: Known) -> Iterator[str]:
    """Whoever is told of a message is told of all that was seen before that message was begun, in the same answer."""
    latest_begun = {key: list(accumulate(map(known.begun, messages), max)) for key, messages in known.final.items()}
    unseen_until = {key: _first_seen_beyond(moments) for key, moments in known.seen.items()}
    answers: dict[int, list[Read]] = defaultdict(list)
    for read in known.history.reads:
        if read.call is not None and (read.head or 0) <= len(known.final.get(read.conversation_id, ())):
            answers[read.call].append(read)
    for reads in answers.values():
        # What an answer leaves out it does not tell: a late replica may not even have it.
        told = [(read.conversation_id, read.head) for read in reads if read.head and read.messages]
        begun, new = max(((latest_begun[key][head - 1], key) for key, head in told), default=(-inf, ""))
        for read in reads:
            beyond = unseen_until.get(read.conversation_id, [])[read.head or 0 :]
            if beyond and beyond[0] < begun:
                missed = f"{read.conversation_id} only to {read.head}"
                yield f"no snapshot: one answer told {read.client} of {missed}, and of something later in {new}"


def _first_seen_beyond(moments: list[tuple[float, int]]) -> list[float]:
    """For each seq from 0 on: when somebody first held one that is higher."""
    first = [inf] * max((seq for _, seq in moments), default=0)
    for ended, seq in moments:
        first[seq - 1] = min(first[seq - 1], ended)
    return list(accumulate(reversed(first), min))[::-1]
