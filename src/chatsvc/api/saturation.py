"""How full the queues and pools are, read when Prometheus asks: requests pay nothing for it. See docs/operations.md."""

from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import QueuePool

from chatsvc.db import Database
from chatsvc.db.grouping import GroupCounts
from chatsvc.security.hashing_pool import HashingPool


class Saturation(Collector):
    """Collected by whichever thread serves the scrape: it only reads numbers."""

    def __init__(self, db: Database, hashing: HashingPool) -> None:
        self._db = db
        self._hashing = hashing

    def collect(self) -> Iterator[Metric]:
        yield from self._queues()
        yield from self._pools()
        yield from self._troubles()
        lag = GaugeMetricFamily("chatsvc_replica_lag_seconds", "How far the replica is behind the primary")
        if (seconds := self._db.replica.lag_seconds) is not None:
            lag.add_metric([], seconds)
        yield lag

    def _queues(self) -> Iterator[Metric]:
        groups = self._db.groups
        waiting = GaugeMetricFamily("chatsvc_queue_waiting", "What waits for its group to run", labels=["queue"])
        refused = CounterMetricFamily("chatsvc_queue_refusals", "Refused as too much waited", labels=["queue"])
        sizes = HistogramMetricFamily("chatsvc_group_units", "Units that ran in one group", labels=["queue"])
        for queue, counts in groups.counts.items():
            waiting.add_metric([queue], groups.waiting(queue))
            refused.add_metric([queue], counts.refused)
            sizes.add_metric([queue], _cumulative(counts), counts.units)
        refused.add_metric(["hashing"], self._hashing.refused)
        yield from (waiting, refused, sizes)

    def _pools(self) -> Iterator[Metric]:
        engines = self._db.engines
        in_use = GaugeMetricFamily("chatsvc_pool_connections", "Connections in use", labels=["pool"])
        most = GaugeMetricFamily("chatsvc_pool_size", "Connections that may be in use", labels=["pool"])
        for name, engine in (("writer", engines.writer), ("reader", engines.reader), ("replica", engines.replica)):
            if engine is not None and isinstance(engine.pool, QueuePool):
                in_use.add_metric([name], engine.pool.checkedout())
                most.add_metric([name], engine.pool.size())
        yield from (in_use, most)

    def _troubles(self) -> Iterator[Metric]:
        labels = ["database", "failure"]
        failures = CounterMetricFamily("chatsvc_database_failures", "Attempts that a database ended", labels=labels)
        retries = CounterMetricFamily("chatsvc_transaction_retries", "Transactions run again", labels=["reason"])
        for key, count in self._db.counts.failures.items():
            failures.add_metric(key, count)
        for reason, count in self._db.counts.retries.items():
            retries.add_metric([reason], count)
        yield from (failures, retries)


def _cumulative(counts: GroupCounts) -> list[tuple[str, float]]:
    """Buckets as Prometheus has them: each holds those below it."""
    total, buckets = 0, []
    for power, groups in enumerate(counts.groups_of_up_to):
        total += groups
        buckets.append((str(float(2**power)), float(total)))
    return [*buckets, ("+Inf", float(total))]
