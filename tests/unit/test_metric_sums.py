"""Counts of several processes, added up."""

import json

from prometheus_client.parser import text_string_to_metric_families

from chatsvc.api.metrics import Metrics
from chatsvc.server.metric_sums import Counts, counts_of, render, summed, without_gauges


def _counted(*requests: tuple[str, float], in_flight: int = 0) -> Counts:
    """What a process with these requests, by route and seconds, tells over its channel."""
    metrics = Metrics()
    for route, seconds in requests:
        metrics.observe("GET", route, 200, seconds)
    metrics.in_flight.inc(in_flight)
    counts: Counts = json.loads(json.dumps(counts_of(metrics.registry)))
    return counts


def _samples(counts: Counts) -> dict[tuple[str, frozenset[str]], float]:
    families = text_string_to_metric_families(render(counts))
    return {(s.name, frozenset(s.labels.values())): s.value for family in families for s in family.samples}


def _without_moving(text: str) -> list[str]:
    """The processor time and the memory of this process are others at each look."""
    return [line for line in text.splitlines() if not line.startswith("process_")]


def test_one_process_alone_tells_what_it_would_have_told_itself() -> None:
    metrics = Metrics()
    metrics.observe("GET", "/a", 200, 0.004)
    metrics.watch_hashing(lambda: 2, lambda: 3)
    alone, of_one = metrics.render().decode(), render(summed([counts_of(metrics.registry)]))
    assert _without_moving(of_one) == _without_moving(alone)


def test_samples_of_the_same_labels_are_added_and_others_stand_beside_them() -> None:
    one = _counted(("/a", 0.004), ("/a", 3), in_flight=2)
    sums = _samples(summed([one, _counted(("/b", 0.004), ("/a", 0.004), in_flight=1), []]))
    assert sums["chatsvc_request_seconds_count", frozenset({"GET", "/a", "200"})] == 3
    assert sums["chatsvc_request_seconds_sum", frozenset({"GET", "/a", "200"})] == 3.008
    assert sums["chatsvc_request_seconds_bucket", frozenset({"GET", "/a", "200", "0.005"})] == 2
    assert sums["chatsvc_request_seconds_bucket", frozenset({"GET", "/a", "200", "+Inf"})] == 3
    assert sums["chatsvc_request_seconds_count", frozenset({"GET", "/b", "200"})] == 1
    assert sums["chatsvc_requests_in_flight", frozenset()] == 3


def test_of_lags_the_longest_counts_of_starts_the_first_and_a_build_is_one() -> None:
    def told(lag: float, start: float) -> Counts:
        values = {"chatsvc_replica_lag_seconds": lag, "process_start_time_seconds": start, "chatsvc_build_info": 1.0}
        return [[name, "", "gauge", [[name, {}, value]]] for name, value in values.items()]

    sums = {name: value for (name, _), value in _samples(summed([told(3, 20), told(5, 10), told(4, 30)])).items()}
    assert sums["chatsvc_replica_lag_seconds"] == 5
    assert sums["process_start_time_seconds"] == 10
    assert sums["chatsvc_build_info"] == 1


def test_a_series_is_as_old_as_the_oldest_of_its_parts() -> None:
    parts = [_counted(("/a", 1)), _counted(("/a", 1))]
    created = ("chatsvc_request_seconds_created", frozenset({"GET", "/a", "200"}))
    assert _samples(summed(parts))[created] == min(_samples(part)[created] for part in parts)


def test_of_a_process_that_ended_the_counters_stay_and_the_gauges_go() -> None:
    gone = without_gauges(_counted(("/a", 1), in_flight=2))
    sums = _samples(summed([gone, _counted(("/a", 1), in_flight=1)]))
    assert sums["chatsvc_request_seconds_count", frozenset({"GET", "/a", "200"})] == 2
    assert sums["chatsvc_requests_in_flight", frozenset()] == 1


def test_adding_up_leaves_its_parts_as_they_are() -> None:
    part = _counted(("/a", 1))
    before = json.dumps(part)
    summed([part, part])
    assert json.dumps(part) == before
