"""How many messages a second are carried before the answers come too late, by the nodes there are."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from statistics import NormalDist

from bench.scaling.cluster import Cluster, Size
from bench.scaling.designs import ONE_POSTGRES, Design
from bench.scaling.grouping import Message
from bench.scaling.load import Answered, Conversations, open_load, shares
from bench.scaling.prices import Prices

BOUND_SECONDS = 0.25
"""99 of 100 sends are answered within this, or it is too much."""
NODES = (1, 10, 100, 1_000)
CORES = 2
TALKS_PER_NODE = 10_000
SKEW, MOST = 0.8, 50.0
"""Zipf's exponent, and how many times the mean the busiest conversations have: people type only so fast."""
SIMULATED = 5
"""Nodes that stand for all: enough for three copies, and a divisor of 10, so that each stands for as many."""
_SERVICE_USE = 0.6
_STEPS = 8
_RANGE = 24
_WARM_UP, _SECONDS = 1.5, 1.5  # at its bound a node first falls behind, and then makes up for it by larger groups
_BUSY = 0.7


@dataclass(frozen=True)
class Carried:
    """`rate` of all nodes together, with the latency and what was in use at it; `group` messages in one transaction.

    Zero where even the smallest load is answered too late. `first` names what bounds.
    """

    design: str
    nodes: int
    rate: float
    p50_ms: float
    p99_ms: float
    group: float
    cores_used: float
    log_used: float
    service_used: float
    processes: int

    @property
    def first(self) -> str:
        used = {"cores of the node": self.cores_used, "the log": self.log_used, "the service": self.service_used}
        name = max(used, key=lambda one: used[one])
        return name if used[name] > _BUSY else "one transaction after the other"


def processes_for(prices: Prices, design: Design = ONE_POSTGRES) -> int:
    """Service processes for each node: as many as keep it busy at groups of eight while they are busy by so much."""
    group, checks = 8, 1 if design.checks else 0
    most = CORES / (prices.database(group) / group + checks * prices.check)
    work = prices.http + prices.service.at(group) / group + checks * prices.check_service
    return math.ceil(most * work / _SERVICE_USE)


def carried(design: Design, nodes: int, prices: Prices, seed: int = 1) -> Carried:
    """By so many nodes, people talking as SKEW and MOST tell."""
    simulated = min(nodes, SIMULATED)
    remembers = 0.0 if design.checks else math.inf
    size = Size(nodes, simulated, processes_for(prices, design), CORES, remembers)
    # A routed process serves one node: it has no messages for the others that the simulated ones stand for.
    places = simulated if design.routed else nodes
    random = Random(seed)
    talks = Conversations(TALKS_PER_NODE * simulated, SKEW, MOST, places, nodes, random)
    return _most(design, size, prices, talks.message, seed)


def hottest(name: str, prices: Prices, processes: int, seed: int = 1) -> Carried:
    """By one conversation alone, to which people send through so many service processes; its node has nothing else."""
    size = Size(processes=processes, cores=CORES, remembers=math.inf)
    return _most(Design(name), size, prices, lambda: Message(0, 0, 0, 0), seed)


def _most(design: Design, size: Size, prices: Prices, make: Callable[[], Message], seed: int) -> Carried:
    """By halving: the greatest load at which the bound holds and answers keep up with what arrives."""
    most = CORES * 64 / prices.database(64) * size.simulated  # nothing is cheaper than large groups
    least = most / _RANGE**2
    best: Carried | None = None
    for _ in range(_STEPS):
        rate = math.sqrt(least * most)
        tried, holds = _try(design, size, prices, make, rate, seed)
        if holds:
            least, best = rate, tried
        else:
            most = rate
    return best or replace(_try(design, size, prices, make, least, seed)[0], rate=0.0)


def _try(
    design: Design, size: Size, prices: Prices, make: Callable[[], Message], rate: float, seed: int
) -> tuple[Carried, bool]:
    random = Random(seed)
    cluster = Cluster(size, design, prices, random)
    answered = Answered(_WARM_UP, _WARM_UP + _SECONDS)
    open_load(cluster, rate, make, random, answered)
    cluster.clock.close()
    found = _told(design, cluster, answered)
    # By Little's law: with more than that on their way, either it takes too long or the queue grows.
    keeps_up = answered.sent - answered.done <= rate * BOUND_SECONDS / 2
    return found, keeps_up and found.p99_ms <= BOUND_SECONDS * 1_000


def _told(design: Design, cluster: Cluster, answered: Answered) -> Carried:
    size, seconds = cluster.size, answered.until
    groups = [one for process in cluster.processes for one in process.sends.values()]
    return Carried(
        design=design.name,
        nodes=size.nodes,
        rate=round(answered.rate * size.nodes / size.simulated / fullest(size.nodes)),
        p50_ms=round(answered.quantile(0.5) * 1_000, 2),
        p99_ms=round(answered.quantile(0.99) * 1_000, 2),
        group=round(sum(one.messages for one in groups) / max(1, sum(one.groups for one in groups)), 2),
        cores_used=round(max(node.cores.worked for node in cluster.nodes) / seconds / size.cores, 3),
        log_used=round(max(node.log.worked for node in cluster.nodes) / seconds, 3),
        service_used=round(max(process.loop.worked for process in cluster.processes) / seconds, 3),
        processes=size.processes * size.nodes,
    )


def fullest(nodes: int) -> float:
    """How much more than the mean the fullest of all nodes has to do, where conversations lie by lot.

    A node's load is a sum of independent shares, and the fullest of n stands at about the quantile 1 - 1/n of the
    normal distribution. The simulated nodes have their own lot: for one there is none.
    """
    if nodes == 1:
        return 1.0
    found = shares(TALKS_PER_NODE, SKEW, MOST)
    spread = math.sqrt(sum(one * one for one in found)) / sum(found)
    return 1 + NormalDist().inv_cdf(1 - 1 / nodes) * spread
