"""What /metrics tells, read as Prometheus does."""

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.support.service import Service


async def scrape(service: Service) -> str:
    answer = await service.call("GET", "/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return answer.text


def samples_of(text: str) -> list[Sample]:
    return [sample for family in text_string_to_metric_families(text) for sample in family.samples]


def value_of(text: str, name: str, **labels: str) -> float:
    """The one sample of this name that has these labels."""
    (found,) = [s for s in samples_of(text) if s.name == name and labels.items() <= s.labels.items()]
    return float(found.value)
