"""The transaction of a group: in one node, in two phases over several, or by consensus of three.

Each statement is a trip there and back, and a turn of the service's event loop before it; the rows are held from the
first statement to the end of the commit.
"""

from collections.abc import Iterable

from bench.scaling.database_node import Node
from bench.scaling.designs import Consensus
from bench.scaling.events import Clock, Process, Station, all_of
from bench.scaling.grouping import Message
from bench.scaling.prices import Prices

_TURNS = 4  # of the loop: before each of three statements, and after the commit
_COMMITTING = 0.1
"""Of the CPU of writing: what COMMIT itself takes, and each phase of a two-phase commit again. Assumed."""


def in_one_node(prices: Prices, loop: Station, node: Node, group: list[Message]) -> Process:
    size, rows = len(group), {message.conversation for message in group}
    turn = prices.service.at(size) / _TURNS
    yield from _statement(prices, loop, turn, node, prices.lock.at(size))
    yield from node.rows.take(rows)
    yield from _statement(prices, loop, turn, node, prices.look.at(size))
    yield from _statement(prices, loop, turn, node, prices.write.at(size) * (1 - _COMMITTING))
    yield prices.round_trip / 2
    yield from node.cores.serve(prices.write.at(size) * _COMMITTING)
    yield from node.log.flush()
    node.rows.release(rows)
    yield prices.round_trip / 2
    yield from loop.serve(turn)


def reserving(prices: Prices, loop: Station, node: Node, size: int) -> Process:
    """The rows of keys: two trips, the loop's work for a statement each, and a commit of their own."""
    turn = prices.service.fixed / _TURNS
    yield from _statement(prices, loop, turn, node, prices.key.at(size) * (1 - _COMMITTING))
    yield prices.round_trip
    yield from node.cores.serve(prices.key.at(size) * _COMMITTING)
    yield from node.log.flush()
    yield from loop.serve(turn)


def checking(prices: Prices, loop: Station, node: Node) -> Process:
    """Whether a session lives: a snapshot for one statement, ended in a trip of its own."""
    yield from _statement(prices, loop, prices.check_service, node, prices.check)
    yield prices.round_trip


def in_two_phases(clock: Clock, prices: Prices, loop: Station, nodes: dict[int, tuple[Node, list[Message]]]) -> Process:
    """Every node does its part of every statement; then all prepare, one keeps the decision, and all commit.

    Row locks are taken node by node in one order, as they must be where one statement cannot lock on several nodes.
    """
    parts = [nodes[key] for key in sorted(nodes)]
    turn = prices.service.at(sum(len(group) for _, group in parts)) / _TURNS
    held = [(node, {message.conversation for message in group}) for node, group in parts]
    for (node, group), (_, rows) in zip(parts, held, strict=True):
        yield from _statement(prices, loop, turn / len(parts), node, prices.lock.at(len(group)))
        yield from node.rows.take(rows)
    for line in (prices.look, prices.write):
        yield from loop.serve(turn)
        yield prices.round_trip
        yield from all_of(clock, (node.cores.serve(line.at(len(group))) for node, group in parts))
    if len(parts) > 1:
        yield prices.round_trip
        yield from all_of(clock, (_durable(prices, node, len(group)) for node, group in parts))
        yield from parts[0][0].log.flush()
    yield prices.round_trip
    yield from all_of(clock, (_durable(prices, node, len(group)) for node, group in parts))
    for node, rows in held:
        node.rows.release(rows)
    yield from loop.serve(turn)


def by_consensus(
    clock: Clock,
    prices: Prices,
    loop: Station,
    consensus: Consensus,
    nodes: list[Node],
    group: list[Message],
) -> Process:
    """`nodes` are the three with copies, the leader first. Its share of the work is a third, and so are the others'.

    The commit is one round; the rows are free after one more, when the answer is on its way already.
    """
    leader, size, rows = nodes[0], len(group), {message.conversation for message in group}
    share = consensus.work / len(nodes)
    turn = prices.service.at(size) / _TURNS
    yield from _statement(prices, loop, turn, leader, prices.lock.at(size) * share)
    yield from leader.rows.take(rows)
    if consensus.locks_are_copied:
        yield from _agreed(clock, consensus, nodes)
    yield from _statement(prices, loop, turn, leader, prices.look.at(size) * share)
    yield from _statement(prices, loop, turn, leader, prices.write.at(size) * share)
    for other in nodes[1:]:
        clock.begin(other.cores.serve(prices.database(size) * share))
    yield prices.round_trip / 2
    yield from _agreed(clock, consensus, nodes)
    clock.begin(_let_go(clock, consensus, nodes, rows))
    yield prices.round_trip / 2
    yield from loop.serve(turn)


def _statement(prices: Prices, loop: Station, turn: float, node: Node, work: float) -> Process:
    yield from loop.serve(turn)
    yield prices.round_trip
    yield from node.cores.serve(work)


def _durable(prices: Prices, node: Node, size: int) -> Process:
    yield from node.cores.serve(prices.write.at(size) * _COMMITTING)
    yield from node.log.flush()


def _agreed(clock: Clock, consensus: Consensus, nodes: list[Node]) -> Process:
    """On the leader's disk and on that of one more."""
    yield from all_of(clock, (nodes[0].log.flush(), _copied(consensus, nodes[1])))


def _copied(consensus: Consensus, node: Node) -> Process:
    yield consensus.round_trip
    yield from node.log.flush()


def _let_go(clock: Clock, consensus: Consensus, nodes: list[Node], rows: Iterable[int]) -> Process:
    yield from _agreed(clock, consensus, nodes)
    nodes[0].rows.release(rows)
