"""The part of the page about a database of one size."""

from collections.abc import Iterator

from bench.figures import BUSY, EVERYWHERE, FLOOR
from bench.results import Results, spread_of
from bench.sending import BATCH
from bench.tables import MISSING, between, middle, table
from bench.targets import NAMES, cpu, p50, p99, rate, to_floor

_READS = {
    "changes-idle": "`changes`, nothing new, 32 users with 100 conversations",
    "changes-idle-1000": "`changes`, nothing new, 8 users with 1,000 conversations",
    "changes-1": "`changes`, 1 new message",
    "changes-50": "`changes`, 50 new messages in one conversation",
    "changes-50-in-10": "`changes`, 50 new messages, 5 in each of 10 conversations",
    "batch": "batch of 100 messages",
    "bootstrap": "bootstrap of 100 conversations × 20 messages, one after the other",
    "logins": "login (Argon2id), 8 at once",
}
_OTHERS = (
    f"{BUSY} connections, unless the line says otherwise. A batch counts as one request; the floor of `changes` with "
    "50 new messages answers 50 ready-made ones to the same question, that of all others is the floor's send."
)
_CONNECTIONS = {"bootstrap": 1, "logins": 8}


def speed_section(results: Results) -> str:
    return "\n\n".join((
        "## Durable sends",
        "One message a request, by a hundred senders in turn, each in a conversation of their own.",
        table(("connections", "server", "sends/s", "to the floor", "p50 ms", "p99 ms", "CPU ms"), _sends(results)),
        *_picture(results),
        "## Reads, batches, logins",
        _OTHERS,
        table(("what", "server", "requests/s", "to the floor", "p50 ms", "p99 ms", "CPU ms"), _others(results)),
        f"Messages a second in batches: {_batches(results)}.",
        "## Processes and memory",
        table(("Postgres, sends, 32 connections, nothing pinned", "sends/s", "p50 ms", "p99 ms"), _workers(results)),
        table(("resident memory after the run", "MB"), _memory(results)),
    ))  # fmt: skip


def _picture(results: Results) -> Iterator[str]:
    if any(one.figure == "sends" for one in results.measurements):
        yield "![Durable sends a second against connections](performance/throughput.svg)"


def _sends(results: Results) -> Iterator[tuple[str, ...]]:
    baselines, services = ([f"{name}/{kind}" for kind in NAMES] for name in ("baseline", "service"))
    for connections in EVERYWHERE:
        for subject in (FLOOR, *baselines, *services):
            found = results.of("sends", subject, connections)
            relative = between(to_floor(results, "sends", subject, connections)) if subject != FLOOR else "1"
            numbers = [middle(spread_of(found, value)) for value in (p50, p99, cpu)]
            if connections > BUSY:
                numbers[-1] = "–"  # what wrk leaves behind when it stops is too much of it
            yield (str(connections), titled(subject), middle(spread_of(found, rate)), relative, *numbers)


def _others(results: Results) -> Iterator[tuple[str, ...]]:
    for figure, title in _READS.items():
        connections = _CONNECTIONS.get(figure, BUSY)
        for kind in NAMES:
            found = results.of(figure, f"service/{kind}", connections)
            relative = to_floor(results, figure, f"service/{kind}", connections)
            numbers = (middle(spread_of(found, value)) for value in (p50, p99, cpu))
            told = "–" if figure in _CONNECTIONS else between(relative)
            yield (title, NAMES[kind], middle(spread_of(found, rate)), told, *numbers)


def _batches(results: Results) -> str:
    found = {NAMES[kind]: results.of("batch", f"service/{kind}", BUSY) for kind in NAMES}
    told = (f"{name} {middle(spread_of(seen, lambda one: BATCH * one.rate))}" for name, seen in found.items())
    return ", ".join(told)


def _workers(results: Results) -> Iterator[tuple[str, ...]]:
    for count in (1, 2):
        found = results.of("workers", f"workers-{count}/postgresql", BUSY)
        numbers = (middle(spread_of(found, value)) for value in (rate, p50, p99))
        yield (f"{count} worker process{'' if count == 1 else 'es'}", *numbers)


def _memory(results: Results) -> Iterator[tuple[str, ...]]:
    for subject, megabytes in sorted(results.memory.items()):
        yield (titled(subject), f"{megabytes:.0f}")
    if not results.memory:
        yield ("the service", MISSING)


def titled(subject: str) -> str:
    """`service/sqlite` as people say it."""
    name, _, kind = subject.partition("/")
    known = {"service": "the service", "baseline": "the plain baseline", FLOOR: "the floor"}
    who = known.get(name) or f"the service, worker processes: {name.rpartition('-')[2]}"
    return f"{who}, {NAMES[kind]}" if kind else who
