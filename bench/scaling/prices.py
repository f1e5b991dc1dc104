"""What work costs in the simulation, in seconds: what was measured, and what is assumed of disk and network."""

from dataclasses import dataclass, replace
from statistics import median

from bench.scaling.costs import Line, Measured
from bench.scaling.served import HOT, POLLS

_CHECK = "session check"


@dataclass(frozen=True)
class Prices:
    """CPU of one transaction of a group: `service` the handler's, `lock`, `look` and `write` those of its statements on
    Postgres, `key` that of reserving keys. `check` and `check_service` are what asking whether a session lives takes,
    `http` what each request adds. `sync`, `delay` and `standby` are those of a commit, `round_trip` that of the network
    between the service and the database."""

    service: Line
    http: float
    lock: Line
    look: Line
    write: Line
    key: Line
    check: float
    check_service: float
    sync: float
    delay: float = 0.0
    standby: float = 0.0
    round_trip: float = 0.0

    def database(self, size: float) -> float:
        """A whole group's, on its node."""
        return self.lock.at(size) + self.look.at(size) + self.write.at(size)

    def on_disk(self, sync: float, delay: float = 0.0) -> "Prices":
        return replace(self, sync=sync, delay=delay)

    def stretched(self, service: float, database: float) -> "Prices":
        """Where work takes so much longer than its CPU time."""
        return replace(
            self,
            service=self.service.times(service),
            http=self.http * service,
            lock=self.lock.times(database),
            look=self.look.times(database),
            write=self.write.times(database),
            key=self.key.times(database),
            check=self.check * database,
            check_service=self.check_service * service,
        )


def measured_prices(measured: Measured) -> Prices:
    """What HTTP adds is what a whole request costs, less the handler's part: of one sender, whose session is checked
    so seldom that it adds nothing.

    A message that is sent again costs the lock and the look, half each; what a new one costs more is the write.
    """
    service = measured.line("send", lambda one: one.service_ms / 1_000)
    send = measured.line("send", lambda one: one.postgres_ms / 1_000)
    again = measured.line("send again", lambda one: one.postgres_ms / 1_000)
    sends = [run for run in measured.runs if run.name == HOT]
    if not sends:
        raise ValueError("the service was not measured under HTTP")
    handler = [service.at(run.messages_per_commit) / run.messages_per_commit for run in sends]
    return Prices(
        service=service,
        http=max(0.0, median(run.service_ms / 1_000 - part for run, part in zip(sends, handler, strict=True))),
        lock=again.times(0.5),
        look=again.times(0.5),
        write=Line(max(0.0, send.fixed - again.fixed), max(0.0, send.each - again.each)),
        key=measured.line("key first", lambda one: one.postgres_ms / 1_000),
        check=measured.middle(_CHECK, 1, lambda one: one.postgres_ms / 1_000),
        check_service=measured.middle(_CHECK, 1, lambda one: one.service_ms / 1_000),
        sync=measured.facts["quick_sync_ms"] / 1_000,
    )


def poll_seconds(measured: Measured) -> tuple[float, float]:
    """CPU of the service for one poll over HTTP with nothing new, and of Postgres."""
    polls = [run for run in measured.runs if run.name == POLLS]
    return median(run.service_ms for run in polls) / 1_000, median(run.postgres_ms for run in polls) / 1_000
