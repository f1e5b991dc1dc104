"""The simulation of many nodes, small: it loses nothing, repeats itself, and its lines bend where they must."""

import math
from dataclasses import replace
from itertools import count
from random import Random

import pytest

from bench.scaling.capacity import BOUND_SECONDS, Carried, fullest, hottest
from bench.scaling.cluster import Cluster, Size
from bench.scaling.costs import Line, fitted
from bench.scaling.designs import CONSENSUS, KEYS_FIRST, MIXED, ONE_POSTGRES, ROUTED, UNROUTED, Design
from bench.scaling.grouping import Message
from bench.scaling.load import Answered, Conversations, closed_load, open_load, shares
from bench.scaling.prices import Prices

# Dear, so that little has to be simulated: a node carries some hundred messages a second.
PRICES = Prices(
    service=Line(0.004, 0.0004), http=0.002, lock=Line(0.004, 0.0002), look=Line(0.004, 0.0002),
    write=Line(0.004, 0.001), key=Line(0.005, 0.0002), check=0.001, check_service=0.001, sync=0.002, round_trip=0.0005,
)  # fmt: skip
DESIGNS = (ONE_POSTGRES, MIXED, UNROUTED, ROUTED, KEYS_FIRST, *CONSENSUS)


def run(design: Design, rate: float = 150, seed: int = 1, nodes: int = 3) -> tuple[Cluster, Answered]:
    """A second of messages, and all of their answers."""
    random = Random(seed)
    cluster = Cluster(Size(nodes, 3, processes=2, cores=2), design, PRICES, random)
    talks = Conversations(200, 0.8, 50, nodes, nodes, random)
    answered = Answered(0.0, 1.0)
    open_load(cluster, rate, talks.message, random, answered)
    return cluster, answered


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_what_arrives_is_answered_or_still_waiting(design: Design) -> None:
    cluster, answered = run(design, rate=600)
    assert 0 < answered.done < answered.sent
    cluster.clock.run(60)
    assert answered.done == answered.sent == len(answered.seconds)
    assert sum(one.messages for process in cluster.processes for one in process.sends.values()) == answered.sent


def test_one_seed_gives_one_history() -> None:
    one, again, other = (run(ROUTED, seed=seed)[1].seconds for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_two_phases_sync_more_often_than_one() -> None:
    single, mixed = (sum(node.log.syncs for node in run(design)[0].nodes) for design in (UNROUTED, MIXED))
    assert mixed > single


def test_a_key_that_is_reserved_first_is_a_commit_more() -> None:
    plain, first = run(ROUTED, rate=20), run(KEYS_FIRST, rate=20)
    assert min(first[1].seconds) > min(plain[1].seconds) + PRICES.key.fixed + PRICES.sync


def test_clients_that_ask_again_fill_the_groups() -> None:
    cluster = Cluster(Size(processes=1, remembers=math.inf), ONE_POSTGRES, PRICES, Random(1))
    answered = Answered(1.0, 4.0)
    closed_load(cluster, 16, 0.0, lambda: (Message(at % 100, 0, at % 100, 0) for at in count()), answered)
    cluster.clock.close()
    (groups,) = cluster.processes[0].sends.values()
    assert 8 < groups.messages / groups.groups <= 16
    assert answered.quantile(0.5) * answered.rate == pytest.approx(16, rel=0.1)  # Little's law


def test_a_session_is_asked_for_again_when_the_answer_is_old() -> None:
    asked = []
    for remembers in (0.0, 0.5, math.inf):
        cluster = Cluster(Size(processes=1, remembers=remembers), ONE_POSTGRES, PRICES, Random(1))
        answered = Answered(0.0, 2.0)
        closed_load(cluster, 1, 0.0, lambda: (Message(0, 0, at % 2, 0) for at in count()), answered)
        cluster.clock.close()
        work = cluster.nodes[0].cores.worked - answered.done * PRICES.database(1)
        asked.append(round(work / PRICES.check))
        assert answered.done > 20
    often, sometimes, never = asked
    assert often > 20
    assert sometimes < often / 2
    assert never < sometimes - 5  # what is left is the transaction that was cut off


def test_what_is_carried_is_carried_for_longer_too() -> None:
    """A queue that grows slowly is no capacity."""
    slow = replace(PRICES, standby=0.05)
    found = hottest("slow", slow, 2)
    assert 0 < found.p99_ms <= BOUND_SECONDS * 1_000
    cluster = Cluster(Size(processes=2, remembers=math.inf), ONE_POSTGRES, slow, Random(2))
    answered = Answered(1.0, 8.0)
    open_load(cluster, 0.95 * found.rate, lambda: Message(0, 0, 0, 0), Random(2), answered)
    cluster.clock.close()
    assert answered.quantile(0.99) < 2 * BOUND_SECONDS


def test_one_conversation_takes_one_transaction_at_a_time() -> None:
    """From many processes, and with a slow commit: no more transactions than commits fit into a second."""
    slow = hottest("slow", replace(PRICES, standby=0.02), 8)
    assert 0 < slow.rate <= 1.05 * slow.group / (0.02 + PRICES.look.fixed + PRICES.write.fixed)
    assert slow.first == "one transaction after the other"


def test_nothing_is_carried_where_even_one_message_is_too_late() -> None:
    assert hottest("far", replace(PRICES, round_trip=0.1), 1).rate == 0


def test_routing_keeps_groups_as_large_as_on_one_node_and_nothing_else_does() -> None:
    def group(design: Design, size: Size) -> float:
        random = Random(1)
        cluster = Cluster(size, design, PRICES, random)
        talks = Conversations(600, 0, 50, size.simulated if design.routed else size.nodes, size.nodes, random)
        open_load(cluster, 400 * size.simulated, talks.message, random, Answered(0.0, 1.0))
        cluster.clock.close()
        groups = [one for process in cluster.processes for one in process.sends.values()]
        return sum(one.messages for one in groups) / sum(one.groups for one in groups)

    one = group(ONE_POSTGRES, Size(1, 1, processes=2))
    assert one > 5
    assert group(ROUTED, Size(100, 3, processes=2)) == pytest.approx(one, rel=0.4)
    assert group(UNROUTED, Size(100, 3, processes=2)) < one / 2


def test_nobody_has_more_than_the_bound() -> None:
    found = shares(1_000, 0.8, 50)
    plain = [rank**-0.8 for rank in range(1, 1_001)]
    assert found[0] == 50 * sum(plain) / 1_000 < plain[0]
    assert found[500:] == plain[500:]
    assert 1 == fullest(1) < fullest(10) < fullest(1_000) < 2


def test_a_line_goes_through_its_points() -> None:
    line = fitted((size, 3 + 0.5 * size) for size in (1, 8, 64))
    assert line.fixed == pytest.approx(3)
    assert line.each == pytest.approx(0.5)
    assert fitted([(1, 2.0)]) == Line(2.0, 0)
    assert fitted([]) == Line(0, 0)


def test_what_is_used_most_bounds() -> None:
    used = {"cores_used": 0.9, "log_used": 0.2, "service_used": 0.5}
    one = Carried("", 1, 1, 1, 1, 1, processes=1, **used)
    assert one.first == "cores of the node"
