"""Service processes and database nodes, and the way of one message through both."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from bench.scaling.database_node import Log, Node
from bench.scaling.designs import Design, Keys
from bench.scaling.events import Clock, Process, Station
from bench.scaling.grouping import Groups, Message
from bench.scaling.prices import Prices
from bench.scaling.transactions import by_consensus, checking, in_one_node, in_two_phases, reserving

_COPIES = 3


@dataclass(frozen=True)
class Size:
    """`nodes` there are, of which `simulated` stand for all: what node n has to do, the one n modulo `simulated` does.

    The simulated part has its own share of the messages and `processes` service processes for each of its nodes; but
    a process's messages go to all `nodes`. For `remembers` seconds a process does not ask again whether a session
    lives; 0: it asks each time, as for people who write less often; infinite: never.
    """

    nodes: int = 1
    simulated: int = 1
    processes: int = 1
    cores: int = 2
    remembers: float = 0.0


class ServiceProcess:
    """One event loop, with a group commit for each node, or one for all."""

    def __init__(self, cluster: "Cluster") -> None:
        self.loop = Station(cluster.clock)
        self.sends: dict[int, Groups] = {}
        self._keys: dict[int, Groups] = {}
        self._asked: dict[int, float] = {}
        self._cluster = cluster

    def send(self, message: Message) -> Process:
        design, http = self._cluster.design, self._cluster.prices.http
        yield from self.loop.serve(http / 2)
        yield from self._check(message)
        if design.keys is Keys.FIRST:
            yield from self._groups(self._keys, message.sender_node, self._reserve).submit(message)
        place = message.node if design.by_node else 0
        yield from self._groups(self.sends, place, self._commit).submit(message)
        yield from self.loop.serve(http / 2)

    def _check(self, message: Message) -> Process:
        cluster, now = self._cluster, self._cluster.clock.now
        remembers = cluster.size.remembers
        if math.isinf(remembers) or now - self._asked.get(message.sender, -math.inf) < remembers:
            return
        self._asked[message.sender] = now
        yield from checking(cluster.prices, self.loop, cluster.host(message.sender_node))

    def _groups(self, found: dict[int, Groups], place: int, run: Callable[[list[Message]], Process]) -> Groups:
        if place not in found:
            found[place] = Groups(self._cluster.clock, self.loop, run)
        return found[place]

    def _reserve(self, group: list[Message]) -> Process:
        cluster = self._cluster
        return reserving(cluster.prices, self.loop, cluster.host(group[0].sender_node), len(group))

    def _commit(self, group: list[Message]) -> Process:
        cluster = self._cluster
        clock, prices, consensus = cluster.clock, cluster.prices, cluster.design.consensus
        if consensus is not None:
            copies = [cluster.host(group[0].node + at) for at in range(_COPIES)]
            return by_consensus(clock, prices, self.loop, consensus, copies, group)
        if cluster.design.by_node:
            return in_one_node(prices, self.loop, cluster.host(group[0].node), group)
        parts: dict[int, tuple[Node, list[Message]]] = {}
        for message in group:
            parts.setdefault(message.node, (cluster.host(message.node), []))[1].append(message)
        return in_two_phases(clock, prices, self.loop, parts)


class Cluster:
    """Everything of one simulation."""

    def __init__(self, size: Size, design: Design, prices: Prices, random: Random) -> None:
        self.clock = Clock()
        self.size, self.design, self.prices = size, design, prices
        self.nodes = [
            Node(self.clock, size.cores, Log(self.clock, prices.sync, prices.delay, prices.standby))
            for _ in range(size.simulated)
        ]
        self.processes = [ServiceProcess(self) for _ in range(size.processes * size.simulated)]
        self._random = random

    def host(self, node: int) -> Node:
        return self.nodes[node % len(self.nodes)]

    def process_for(self, message: Message) -> ServiceProcess:
        """Any of them; routed, any of those that serve the message's node."""
        if not self.design.routed:
            return self._random.choice(self.processes)
        first = message.node % len(self.nodes) * self.size.processes
        return self.processes[first + self._random.randrange(self.size.processes)]
