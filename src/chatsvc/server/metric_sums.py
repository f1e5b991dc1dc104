"""Metrics of several processes as if they were one.

Each counts in its own memory, which costs a request nothing more than it does alone, and tells its counts when it is
asked. prometheus_client's own way, files that all map, makes each count twice as dear, knows no gauge that is asked at
the scrape, and needs a directory that outlives nobody.
"""

import operator
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.registry import Collector

Counts = list[Any]
"""Families as JSON has them: [name, documentation, type, [[name of the sample, labels, value], …]]."""


_NOT_SUMMED: dict[str, Callable[[float, float], float]] = {
    "chatsvc_build_info": max,  # 1, as everywhere
    "chatsvc_replica_lag_seconds": max,
    "process_start_time_seconds": min,
}


def counts_of(registry: CollectorRegistry) -> Counts:
    return [
        [family.name, family.documentation, family.type, [[s.name, s.labels, s.value] for s in family.samples]]
        for family in registry.collect()
    ]


def summed(parts: Iterable[Counts]) -> Counts:
    """Sample by sample; of the times at which something was created or started the first, of lags the longest."""
    families: dict[str, tuple[list[Any], dict[Any, list[Any]]]] = {}
    for name, documentation, kind, samples in (family for part in parts for family in part):
        _, sums = families.setdefault(name, ([name, documentation, kind], {}))
        for sample, labels, value in samples:
            known = sums.setdefault((sample, *labels.items()), [sample, labels, None])
            if known[2] is None:
                known[2] = value
            else:
                known[2] = _join(sample)(known[2], value)
    return [[*family, list(sums.values())] for family, sums in families.values()]


def _join(sample: str) -> Callable[[float, float], float]:
    return min if sample.endswith("_created") else _NOT_SUMMED.get(sample, operator.add)


def without_gauges(counts: Counts) -> Counts:
    """What of a process stays true when it has ended."""
    return [family for family in counts if family[2] != "gauge"]


class Told(Collector):
    """Counts, as prometheus_client collects them."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        for name, documentation, kind, samples in self._counts:
            family = Metric(name, documentation, kind)
            for sample, labels, value in samples:
                family.add_sample(sample, labels, value)
            yield family


def render(counts: Counts) -> str:
    """The text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(Told(counts))
    return generate_latest(registry).decode()
