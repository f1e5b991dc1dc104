"""What the service has set itself, and whether a run met it. Computed from the results, never typed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from bench.figures import BUSY, FLOOR
from bench.results import Measurement, Results, Spread, Value, ratio, spread, spread_of
from bench.sending import BATCH

NAMES = {"sqlite": "SQLite", "postgresql": "Postgres"}
READS = ("changes-idle", "changes-50", "bootstrap", "history")
WRITES = ("send", "send-32", "batch")


def growth(call: str) -> str:
    """The name of a figure where the database grows."""
    return f"growth-{call}"


@dataclass(frozen=True)
class Target:
    """`least` must be reached and `aim` is hoped for; `at_most` when less is better. Without them it is reported."""

    what: str
    value: Callable[[Results], Spread | None]
    least: float | None
    aim: float | None = None
    unit: str = "×"
    at_most: bool = False

    def verdict(self, found: Spread | None) -> str:
        if found is None:
            return "not measured"
        if self.least is None:
            return "reported"
        if self.aim is not None and self._reaches(found.median, self.aim):
            return "aim met"
        return "met" if self._reaches(found.median, self.least) else "**not met**"

    def _reaches(self, value: float, bound: float) -> bool:
        return value <= bound if self.at_most else value >= bound


def targets(results: Results) -> list[Target]:
    """In the order of the page. Two worker processes are held to a bound on four cores or more."""
    found = [target for kind in NAMES for target in _speed(kind)]
    found.append(_tail("the floor itself, for what is the machine's", FLOOR, None, None))
    found.append(_workers(results.facts.get("cores") or 0))
    return [*found, *(target for kind in NAMES for target in _growing(results, kind))]


def _speed(kind: str) -> Iterator[Target]:
    postgres, name = kind == "postgresql", NAMES[kind]
    us, plain = f"service/{kind}", f"baseline/{kind}"
    yield Target(
        f"durable sends, 32 connections, {name}, one process, to the floor",
        lambda r: to_floor(r, "sends", us), *((0.65, 0.85) if postgres else (0.60, 0.75)),
    )  # fmt: skip
    yield Target(
        f"messages/s in batches of 100, {name}, to the floor's requests/s",
        lambda r: to_floor(r, "batch", us, times=BATCH), *((6, 10) if postgres else (4, 6)),
    )  # fmt: skip
    yield Target(
        f"one send alone on an idle server, {name}: how much sooner than the plain baseline (p50)",
        lambda r: ratio(r.of("sends", plain, 1), r.of("sends", us, 1), p50), 2, 3,
    )  # fmt: skip
    yield Target(
        f"`changes` with nothing new, 32 users with 100 conversations, {name}, to the floor",
        lambda r: to_floor(r, "changes-idle", us), 0.45, 0.65,
    )  # fmt: skip
    yield Target(
        f"`changes` with 50 new messages, {name}, to the floor answering 50 ready-made ones",
        lambda r: to_floor(r, "changes-50", us), 0.35, 0.45 if postgres else 0.55,
    )  # fmt: skip
    yield Target(
        f"bootstrap of 100 conversations × 20 messages, {name}: CPU of the server a call",
        lambda r: spread_of(r.of("bootstrap", us, 1), cpu), 60, 30, " ms", at_most=True,
    )  # fmt: skip
    yield Target(f"resident memory after all of this, {name}", lambda r: _memory(r, us), 110, 90, " MB", at_most=True)
    yield _tail(name, us, 4, 2.5)


def _tail(name: str, subject: str, least: float | None, aim: float | None) -> Target:
    def tail(results: Results) -> Spread | None:
        return spread(one.p99_ms / one.p50_ms for one in results.of("sends", subject, BUSY).values())

    return Target(f"sends at 32 connections, {name}: p99 over p50", tail, least, aim, at_most=True)


def _workers(cores: int) -> Target:
    def gain(results: Results) -> Spread | None:
        one, two = (results.of("workers", f"workers-{count}/postgresql", BUSY) for count in (1, 2))
        return ratio(two, one, rate)

    return Target("two worker processes on Postgres to one", gain, 1.6 if cores >= 4 else None)


def _growing(results: Results, kind: str) -> Iterator[Target]:
    us, name = f"service/{kind}", NAMES[kind]
    sizes = sizes_of(results, us)
    compared = f"{short(sizes[-1])} messages to {short(sizes[0])}" if len(sizes) > 1 else "5M messages to 10k"
    for calls, what, least, aim in ((READS, "reads", 1.2, 1.05), (WRITES, "sends", 1.5, 1.2)):
        for value, how in ((all_cpu, "CPU a call"), (p50, "p50")):
            title = f"{what}, {name}, {compared}: {how} of the call that grew most"
            yield Target(title, partial(_worst, subject=us, calls=calls, value=value), least, aim, at_most=True)


def to_floor(
    results: Results, figure: str, subject: str, connections: int = BUSY, *, times: float = 1
) -> Spread | None:
    """Requests a second, to those of the floor in the same round; each may be worth several."""
    return ratio(results.of(figure, subject, connections), results.of(figure, FLOOR, connections), rate, times=times)


def grown(results: Results, call: str, subject: str, value: Value) -> Spread | None:
    """The cost of a call at the largest size to that at the smallest."""
    sizes, name = sizes_of(results, subject), growth(call)
    if len(sizes) < 2:
        return None
    connections = BUSY if call.endswith(f"-{BUSY}") else 1
    small, large = (results.of(name, subject, connections, size) for size in (sizes[0], sizes[-1]))
    return ratio(large, small, value)


def _worst(results: Results, *, subject: str, calls: tuple[str, ...], value: Value) -> Spread | None:
    found = [one for call in calls if (one := grown(results, call, subject, value)) is not None]
    return max(found, key=lambda one: one.median, default=None)


def sizes_of(results: Results, subject: str) -> list[int]:
    return sorted({one.size for one in results.measurements if one.size and one.subject == subject})


def short(size: int) -> str:
    """10k, 1M."""
    return f"{size / 1e6:g}M" if size >= 1_000_000 else f"{size / 1e3:g}k"


def _memory(results: Results, subject: str) -> Spread | None:
    return spread([results.memory[subject]] if subject in results.memory else [])


def rate(one: Measurement) -> float:
    return one.rate


def p50(one: Measurement) -> float:
    return one.p50_ms


def p99(one: Measurement) -> float:
    return one.p99_ms


def cpu(one: Measurement) -> float:
    return one.cpu_ms


def all_cpu(one: Measurement) -> float:
    return one.all_cpu_ms
