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


def test_one_process_alone_tells_what_it_would_have_told_itself() -> None:
    metrics = Metrics()
    metrics.observe("GET", "/a", 200, 0.004)
    metrics.watch_hashing(lambda: 2, lambda: 3)
    assert render(summed([counts_of(metrics.registry)])) == metrics.render().decode()


def test_samples_of_the_same_labels_are_added_and_others_stand_beside_them() -> None:
    one = _counted(("/a", 0.004), ("/a", 3), in_flight=2)
    sums = _samples(summed([one, _counted(("/b", 0.004), ("/a", 0.004), in_flight=1), []]))
    assert sums["chatsvc_request_seconds_count", frozenset({"GET", "/a", "200"})] == 3
    assert sums["chatsvc_request_seconds_sum", frozenset({"GET", "/a", "200"})] == 3.008
    assert sums["chatsvc_request_seconds_bucket", frozenset({"GET", "/a", "200", "0.005"})] == 2
    assert sums["chatsvc_request_seconds_bucket", frozenset({"GET", "/a", "200", "+Inf"})] == 3
    assert sums["chatsvc_request_seconds_count", frozenset({"GET", "/b", "200"})] == 1
    assert sums["chatsvc_requests_in_flight", frozenset()] == 3


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
