"""Growth: the same people and the same calls on ever larger databases. The cost of a call must stay."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.checkpoints import checkpoint
from bench.databases import Databases
from bench.figures import BOOTSTRAPS, BUSY
from bench.floor import READY_MADE
from bench.kinds import Kind, Maker
from bench.measuring import Cost, measure, measure_calls, verify
from bench.plans import plans_of
from bench.population import sized
from bench.reading import bootstraps, changes, history
from bench.results import Results
from bench.running import Plan, check, failed, say, tell
from bench.seeding import seed
from bench.sending import batches, sends
from bench.servers import Server, service
from bench.targets import growth
from bench.wrk import LoadFailed
from chatsvc.security.keys import new_key

_FIGURE = "growth"
_WARM_UP_SECONDS = 2


@dataclass(frozen=True)
class Call:
    """What is asked at every size: one after the other, or several at once."""

    name: str
    kind: Kind
    connections: int = 1
    calls: int = 0  # counted, where a call is so dear that wrk would see a few


def run_growth(plan: Plan, sizes: tuple[int, ...], databases: Databases, results: Results) -> None:
    """On each kind of database, all sizes are served at once and measured in turn: what drifts drifts for all."""
    for kind in plan.kinds:
        with ExitStack() as stack:
            served = [stack.enter_context(_served(kind, size, databases, results)) for size in sizes]
            for turn in range(1, plan.rounds + 1):
                for at in range(len(served[0].calls)):
                    for one in served:
                        _measure(one, one.calls[at], turn, plan.seconds, databases, results)
            urls = {one.size: one.server.database_url for one in served}
        for size, url in urls.items():
            results.checks[f"{_FIGURE}/{kind}/{size}"] = check(url)


@dataclass(frozen=True)
class Served:
    """A service on a database of one size, and what it is asked."""

    size: int
    server: Server
    calls: tuple[Call, ...]


@contextmanager
def _served(kind: str, size: int, databases: Databases, results: Results) -> Iterator[Served]:
    name = f"{_FIGURE}-{kind}-{size}"
    url = databases.new(kind, name)
    say(f"seeding {size:,} messages on {kind}")
    population, keys, folder = sized(size, datetime.now(UTC)), new_key("bench"), databases.folder / name
    folder.mkdir()
    seed(url, population, lambda step: say(f"  {step}"))
    calls = calls_of(Maker(population, keys, folder))
    asked = {call.name: call.kind.example for call in calls}
    # Before anybody serves it: an SQLite file has one server.
    results.plans.setdefault(kind, {})[str(size)] = plans_of(url, keys, asked)
    with service(f"service/{kind}", keys, folder, url) as server:
        _warm_up(server, calls, results)
        yield Served(size, server, calls)


def calls_of(maker: Maker) -> tuple[Call, ...]:
    """Reads first: they are asked of what was seeded, and of nothing that was sent meanwhile."""
    return (
        Call("changes-idle", changes(maker, "readers")),
        Call("changes-50", changes(maker, "readers", [READY_MADE])),
        Call("bootstrap", bootstraps(maker), calls=BOOTSTRAPS),
        Call("history", history(maker)),
        Call("send", sends(maker)),
        Call(f"send-{BUSY}", sends(maker), BUSY),
        Call("batch", batches(maker)),
    )


def _warm_up(server: Server, calls: tuple[Call, ...], results: Results) -> None:
    for call in calls:
        try:
            if call.kind.stores == 0:
                verify(server, call.kind)
            measure(server, call.kind, connections=call.connections, seconds=_WARM_UP_SECONDS)
        except (LoadFailed, RuntimeError) as error:
            failed(results, f"{growth(call.name)}, {server.name}, warming up: {error}")


def _measure(served: Served, call: Call, turn: int, seconds: float, databases: Databases, results: Results) -> None:
    server = served.server
    postgres = databases.postgres.process if server.name.endswith("postgresql") else None
    try:
        with _checkpoint_in(seconds / 2, server.database_url if call.kind.stores else ""):
            cost = _cost(server, call, seconds, postgres.pid if postgres else None)
    except LoadFailed as error:
        failed(results, f"{growth(call.name)}, {server.name}, {served.size:,} messages: {error}")
        return
    tell(results.add(growth(call.name), server.name, call.connections, turn, cost, served.size))


def _cost(server: Server, call: Call, seconds: float, beside: int | None) -> Cost:
    if call.calls:
        return measure_calls(server, call.kind, call.calls, beside=beside)
    return measure(server, call.kind, connections=call.connections, seconds=seconds, beside=beside)


@contextmanager
def _checkpoint_in(seconds: float, url: str) -> Iterator[None]:
    """In the middle of a run that writes: what a checkpoint costs is part of what a send costs."""
    if not url:
        yield
        return
    timer = threading.Timer(seconds, checkpoint, [url])
    timer.start()
    try:
        yield
    finally:
        timer.join()
