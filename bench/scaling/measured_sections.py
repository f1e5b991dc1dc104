"""Tables of what ran, and how well the simulation foretold it."""

from collections.abc import Iterator
from statistics import median

from bench.machine_section import postgres_settings
from bench.scaling.capacity import CORES
from bench.scaling.costs import Measured
from bench.scaling.prices import measured_prices, poll_seconds
from bench.scaling.simulated import Simulated
from bench.tables import number, table

POLLS_PER_MESSAGE = (1, 5, 20)


def costs_section(measured: Measured, _: Simulated) -> str:
    rows = [
        (
            f"{call}, {size} together" if size > 1 else call,
            number(measured.middle(call, size, lambda one: one.service_ms)),
            number(measured.middle(call, size, lambda one: one.postgres_ms)),
            number(measured.middle(call, size, lambda one: one.wal_bytes)),
            number(round(measured.middle(call, size, lambda one: one.syncs), 2)),
        )
        for call in dict.fromkeys(one.call for one in measured.costs)
        for size in measured.sizes(call)
    ]
    send = measured.line("send", lambda one: one.postgres_ms)
    service = measured.line("send", lambda one: one.service_ms)
    wal = measured.line("send", lambda one: one.wal_bytes)
    head = ("one transaction", "CPU of the service ms", "CPU of Postgres ms", "write-ahead log, bytes", "syncs")
    return (
        f"{table(head, rows)}\n\nThe lines through the sends: {number(send.fixed)} ms for a group and "
        f"{number(send.each)} ms for each message of it on Postgres, {number(service.fixed)} ms and "
        f"{number(service.each)} ms in the service, to which HTTP adds "
        f"{number(measured_prices(measured).http * 1_000)} ms a request; {number(wal.each)} bytes of log a message."
    )


def polls_section(measured: Measured, simulated: Simulated) -> str:
    """By the utilization law: of the cores is used the rate times the work."""
    one = simulated.carried[0]
    _, poll = poll_seconds(measured)
    prices = measured_prices(measured)
    send, check = prices.database(one.group) / one.group, prices.check
    used = one.cores_used * CORES

    def rows() -> Iterator[tuple[str, ...]]:
        for polls in POLLS_PER_MESSAGE:
            works = (send + check + polls * (poll + check), send + check + polls * check, send + check, send)
            yield f"{polls}", *(f"{used / work:,.0f}" for work in works)

    head = (
        "polls to a message",
        "all on the primary",
        "polls on replicas",
        "and no checks for polls",
        "no checks at all",
    )
    return (
        f"{table(head, rows())}\n\nMessages a second at the use of cores that one Postgres is simulated to reach. "
        f"On Postgres a poll with nothing new, of a hundred conversations, costs {number(poll * 1_000)} ms of CPU, a "
        f"check of a session {number(check * 1_000)} ms, a send {number(send * 1_000)} ms in a group of "
        f"{number(one.group)}."
    )


def foretold_section(measured: Measured, simulated: Simulated) -> str:
    runs = [run for run in measured.runs if run.messages_per_commit]
    pairs = list(zip(runs, simulated.foretold, strict=True))
    errors = [said.rate / run.rate - 1 for run, said in pairs]
    latency = [said.p50_ms / run.p50_ms - 1 for run, said in pairs]
    kinds = list(dict.fromkeys((run.name, run.servers, run.connections, run.delay_ms) for run in runs))

    def rows() -> Iterator[tuple[str, ...]]:
        for kind in kinds:
            of = [pair for pair in pairs if _kind(pair[0]) == kind]
            ran, told = (
                [median(getattr(pair[side], name) for pair in of) for name in ("rate", "p50_ms", "messages_per_commit")]
                for side in (0, 1)
            )
            name, servers, connections, delay = kind
            yield (
                f"{name}, {servers} × {connections} clients" + (f", {delay:g} ms more" if delay else ""),
                *(f"{number(seen)} / {number(said)}" for seen, said in zip(ran, told, strict=True)),
                f"{median(said.rate / run.rate - 1 for run, said in of):+.0%}",
            )

    head = ("ran / foretold, medians", "messages/s", "p50 ms", "in a group", "error of the rate")
    return (
        f"{table(head, rows())}\n\n"
        f"Over {len(pairs)} runs the rate was wrong by {_middle(errors)} in the median, by {_worst(errors)} at most, "
        f"the median latency by {_middle(latency)} and {_worst(latency)}. The service had to wait for its core "
        f"{number(min(run.service_stretch for run in runs) - 1)} to "
        f"{number(max(run.service_stretch for run in runs) - 1)} times as long as it ran."
    )


def machine_section(measured: Measured, _: Simulated) -> str:
    facts = measured.facts
    return (
        f"Measured on {facts['date']} at {facts['revision']}: {facts['cores']} cores ({facts['processor']}), "
        f"{facts['file_system']}, {facts['sync_ms']} ms for a write of 4 KiB and its sync in the "
        f"median ({facts['quick_sync_ms']} ms for the quickest tenth, which the simulation takes), load average "
        f"{facts['load_before']} before it began; Python {facts['python']}, Postgres "
        f"{postgres_settings(facts['postgres'])}. {facts['rounds']} rounds, {facts['seconds']} s for each run under "
        f"load, {facts['minutes']} minutes in all. At the end `chatsvc check` said: {facts['check']}."
    )


def _kind(run: object) -> tuple[object, ...]:
    return tuple(getattr(run, name) for name in ("name", "servers", "connections", "delay_ms"))


def _middle(errors: list[float]) -> str:
    return f"{median(map(abs, errors)):.0%}"


def _worst(errors: list[float]) -> str:
    return f"{max(map(abs, errors)):.0%}"
