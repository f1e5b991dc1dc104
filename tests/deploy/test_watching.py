"""The dashboard and the alerts name what a running service exposes, and nothing else."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import yaml  # type: ignore[import-untyped]
from prometheus_client.samples import Sample

from chatsvc.api.metrics import Metrics
from chatsvc.commands.prune import Pruned
from tests.deploy.files import ROOT
from tests.deploy.promql import FROM_PROMETHEUS, Exposed
from tests.support.databases import DatabaseKind
from tests.support.scraping import samples_of, scrape
from tests.support.service import PASSWORD, running_service, service_settings

DASHBOARD: dict[str, Any] = json.loads((ROOT / "deploy/grafana-dashboard.json").read_text())
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
GRAPHS = [panel for panel in PANELS if panel["type"] != "row"]
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((ROOT / "deploy/alerts.yaml").read_text())["groups"] for rule in group["rules"]
]
ONLY_WITH_A_REPLICA = {"chatsvc_replica_lag_seconds"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def exposed(sqlite: DatabaseKind, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Exposed]:
    """Of a service to which everything has happened once: what is counted by label is not there before."""
    with sqlite.fresh() as url:
        settings = service_settings(url, tmp_path_factory.mktemp("data"), rate_limits="on", limit_register="1/3600")
        async with running_service(settings) as service:
            for username in ("ana", "ben"):  # the second one is refused
                await service.call("POST", "/v1/auth/register", {"username": username, "password": PASSWORD})
            ana, ben = await service.newcomer(), await service.newcomer()
            await ana.send(await ana.open_direct(ben), "k")
            await service.call("GET", "/readyz")
            await service.call("GET", "/healthz")
            service.inside.metrics.count_pruned(Pruned(0, 0, 0, 0, more=False))
            service.inside.draining = True
            await service.call("GET", "/readyz")
            await scrape(service)
            by_name: dict[str, list[Sample]] = defaultdict(list)
            for sample in samples_of(await scrape(service)):
                by_name[sample.name].append(sample)
            for name in ONLY_WITH_A_REPLICA:
                assert name not in by_name
                by_name[name] = []
            yield Exposed(by_name)


def test_everything_that_there_is_was_seen_here(exposed: Exposed) -> None:
    families = {family.name for family in Metrics().registry.collect()}
    seen = {re.sub(r"_(total|bucket|count|sum|created)$", "", name) for name in exposed.samples}
    assert families <= seen


@pytest.mark.parametrize("panel", GRAPHS, ids=lambda panel: panel["title"])
def test_a_panel_shows_what_there_is(panel: dict[str, Any], exposed: Exposed) -> None:
    assert panel["targets"]
    for target in panel["targets"]:
        assert not exposed.problems(target["expr"].replace("$__rate_interval", "1m"))
        assert target["datasource"] == panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        named = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
        assert all(re.search(rf"\b{label}\b", target["expr"].partition("{")[0]) for label in named)
    assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
    assert panel["fieldConfig"]["defaults"]["unit"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_looks_at_what_there_is_and_says_what_to_do(rule: dict[str, Any], exposed: Exposed) -> None:
    assert not exposed.problems(rule["expr"])
    assert not exposed.unknown_selectors(rule["annotations"]["description"])
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert re.fullmatch(r"\d+[mh]", rule.get("for", "0m"))
    assert set(rule["annotations"]) == {"summary", "description"}
    assert len(rule["annotations"]["description"]) > 80
    told = set(re.findall(r"\$labels\.(\w+)", "".join(rule["annotations"].values())))
    assert told <= _labels_left(rule["expr"], exposed)
    assert set(re.findall(r"`chatsvc ([a-z ]+)`", rule["annotations"]["description"])) <= {"migrate", "epoch new"}


def test_names_and_places_are_given_once() -> None:
    for field in ("id", "title"):
        assert max(Counter(panel[field] for panel in PANELS).values()) == 1
    assert max(Counter(rule["alert"] for rule in RULES).values()) == 1
    taken = Counter(
        (x, y)
        for place in (panel["gridPos"] for panel in PANELS)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    )
    assert max(taken.values()) == 1
    assert max(x for x, _ in taken) < 24


def test_the_data_source_is_chosen_where_it_is_imported() -> None:
    variables = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}
    assert set(variables) == {"datasource", *FROM_PROMETHEUS}
    assert variables["datasource"]["type"] == "datasource"
    assert "__inputs" not in DASHBOARD


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("rate(chatsvc_nothing_total[5m])", "there is no chatsvc_nothing_total"),
        ("chatsv_requests_in_flight", "chatsv_requests_in_flight is no word"),
        ('chatsvc_pool_size{puddle="writer"}', "has no label puddle"),
        ('chatsvc_pool_size{pool="wrter"}', "no pool of chatsvc_pool_size is wrter"),
        ('chatsvc_request_seconds_count{route!~"/readyz|/healthy"}', "is /healthy"),
        ("sum by (pol) (chatsvc_pool_size)", "has the label pol"),
        ("rate(chatsvc_pool_size[5m])", "chatsvc_pool_size only grows"),
        ("histogram_quantile(0.9, sum by (route) (rate(chatsvc_request_seconds_bucket[5m])))", "by le"),
        ("rate(chatsvc_request_seconds[5m])", "there is no chatsvc_request_seconds"),
    ],
)
def test_what_is_not_there_is_found(expression: str, problem: str, exposed: Exposed) -> None:
    assert any(problem in found for found in exposed.problems(expression)), exposed.problems(expression)


def _labels_left(expression: str, exposed: Exposed) -> set[str]:
    """What an alert can say: the labels that are grouped by, or those of its metric."""
    if grouped := re.findall(r"\bby \(([^)]*)\)", expression):
        return {label.strip() for label in grouped[0].split(",")}
    (first, *_) = re.findall(r"\b(?:chatsvc|process)_\w+|\bup\b", expression)
    return set(exposed.labels(first))
