"""Does the simulation foretell what ran? Each run of wrk again, simulated on a machine as it was in that run."""

from dataclasses import dataclass
from itertools import cycle
from random import Random

from bench.scaling.cluster import Cluster, Size
from bench.scaling.costs import Run
from bench.scaling.designs import ONE_POSTGRES
from bench.scaling.grouping import Message
from bench.scaling.load import Answered, closed_load
from bench.scaling.prices import Prices
from bench.scaling.served import HOT
from chatsvc.settings import Settings

_SECONDS, _WARM_UP = 6.0, 2.0
_SENDERS = 100
_REMEMBERS: float = Settings.model_fields["session_check_seconds"].default


@dataclass(frozen=True)
class Foretold:
    """As in `Run`."""

    rate: float
    p50_ms: float
    p99_ms: float
    messages_per_commit: float


def foretold(run: Run, prices: Prices, cores: int) -> Foretold:
    """From the costs of other measurements, and from this run only what the machine was like: how long a sync took, and
    how much the processes had to wait for a core."""
    here = prices.stretched(run.service_stretch, run.postgres_stretch)
    here = here.on_disk(run.sync_ms / 1_000, run.delay_ms / 1_000)
    cluster = Cluster(Size(processes=run.servers, cores=cores, remembers=_REMEMBERS), ONE_POSTGRES, here, Random(1))
    senders = 1 if run.name == HOT else _SENDERS
    answered = Answered(_WARM_UP, _WARM_UP + _SECONDS)
    asking = run.client_ms * run.client_stretch / 1_000
    closed_load(cluster, run.connections, asking, lambda: map(_message, cycle(range(senders))), answered)
    cluster.clock.close()
    groups = [one for process in cluster.processes for one in process.sends.values()]
    return Foretold(
        rate=round(answered.rate, 1),
        p50_ms=round(answered.quantile(0.5) * 1_000, 3),
        p99_ms=round(answered.quantile(0.99) * 1_000, 3),
        messages_per_commit=round(sum(one.messages for one in groups) / sum(one.groups for one in groups), 2),
    )


def _message(sender: int) -> Message:
    """Each sender has a conversation of their own."""
    return Message(sender, 0, sender, 0)
