"""Who sends when: people at random moments (Poisson), or clients that ask again as soon as they are answered (wrk)."""

from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

from bench.scaling.cluster import Cluster, ServiceProcess
from bench.scaling.events import Process, Station
from bench.scaling.grouping import Message


@dataclass
class Answered:
    """`seconds` is how long each message took that was answered after the warm-up; `sent` and `done` count all."""

    after: float
    until: float
    seconds: list[float] = field(default_factory=list)
    sent: int = 0
    done: int = 0

    @property
    def rate(self) -> float:
        return len(self.seconds) / (self.until - self.after)

    def quantile(self, part: float) -> float:
        """Infinite when nothing was answered."""
        found = sorted(self.seconds)
        return found[min(len(found) - 1, int(part * len(found)))] if found else float("inf")


class Conversations:
    """So many, by Zipf's law: the one of rank r is written to in proportion to r ** -skew, but none more than `most`
    times the mean. Each lies on one of `nodes` by lot, each of its two people on one of `sender_nodes`."""

    def __init__(self, count: int, skew: float, most: float, nodes: int, sender_nodes: int, random: Random) -> None:
        self._random = random
        self._homes = [random.randrange(sender_nodes) for _ in range(2 * count)]
        self._sums = list(accumulate(shares(count, skew, most)))
        self._places = [random.randrange(nodes) for _ in range(count)]

    def message(self) -> Message:
        at = bisect(self._sums, self._random.random() * self._sums[-1])
        sender = 2 * at + self._random.randrange(2)
        return Message(at, self._places[at], sender, self._homes[sender])


def shares(count: int, skew: float, most: float) -> list[float]:
    """Of each conversation, in proportion."""
    plain = [(rank + 1) ** -skew for rank in range(count)]
    bound = most * sum(plain) / count
    return [min(one, bound) for one in plain]


def open_load(cluster: Cluster, rate: float, make: Callable[[], Message], random: Random, answered: Answered) -> None:
    """Messages at random moments, `rate` of them a second in the simulated part, whether answers come or not."""

    def arrivals() -> Process:
        while cluster.clock.now < answered.until:
            yield random.expovariate(rate)
            cluster.clock.begin(_send(cluster, make(), answered))

    cluster.clock.begin(arrivals())
    cluster.clock.run(answered.until)


def closed_load(
    cluster: Cluster, clients: int, asking: float, messages: Callable[[], Iterator[Message]], answered: Answered
) -> None:
    """For each process a program like wrk: one thread for all its clients, which takes `asking` seconds for a request.
    Each client sends the program's next message when it has the answer to its last."""

    def client(process: ServiceProcess, thread: Station, wanted: Iterator[Message]) -> Process:
        while True:
            yield from thread.serve(asking)
            yield from _timed(cluster, process.send(next(wanted)), answered)

    for process in cluster.processes:
        thread, wanted = Station(cluster.clock), messages()
        for _ in range(clients):
            cluster.clock.begin(client(process, thread, wanted))
    cluster.clock.run(answered.until)


def _send(cluster: Cluster, message: Message, answered: Answered) -> Process:
    return _timed(cluster, cluster.process_for(message).send(message), answered)


def _timed(cluster: Cluster, sending: Process, answered: Answered) -> Process:
    begun = cluster.clock.now
    answered.sent += 1
    yield from sending
    answered.done += 1
    if cluster.clock.now >= answered.after:
        answered.seconds.append(cluster.clock.now - begun)
