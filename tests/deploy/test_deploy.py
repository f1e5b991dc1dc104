"""What the compose files promise. Nothing is started."""

import os
import re
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from chatsvc.settings import Settings
from tests.deploy.files import CADDYFILE, COMPOSE, DOCKERFILE, ENV_EXAMPLE, PINNED, in_caddyfile, seconds

GIVEN = {
    "SITE_ADDRESS": "chat.example.com",
    "POSTGRES_PASSWORD": "8d1f0a6c3b5e4972",
    "CHATSVC_JWT_KEYS": "k1:q7Vx2JmLr9TzKd4WcYb8NhPs6FgUa3Ee",
}
Services = dict[str, dict[str, Any]]


@pytest.fixture(params=COMPOSE)
def compose(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE[request.param])
    return found


@pytest.fixture
def services(compose: dict[str, Any]) -> Services:
    found: Services = compose["services"]
    return found


def service_settings(services: Services, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in [name for name in os.environ if name.startswith("CHATSVC_")]:
        monkeypatch.delenv(name)
    for name, value in services["chatsvc"]["environment"].items():
        monkeypatch.setenv(name, re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: GIVEN[found[1]], value))
    return Settings()


def test_only_the_proxy_publishes_a_port_and_only_for_tls(services: Services) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert list(published) == ["proxy"]
    assert [entry.rpartition(":")[2] for entry in published["proxy"]] == ["443"]
    assert not any("network_mode" in service or service.get("privileged") for service in services.values())


@pytest.mark.parametrize("text", COMPOSE.values(), ids=COMPOSE)
def test_no_secret_has_a_default(text: str) -> None:
    code = re.sub(r"#.*", "", text)
    uses = re.findall(r"\$\{?(?:POSTGRES_PASSWORD|CHATSVC_JWT_KEYS)(..)", code)
    assert uses
    assert set(uses) == {":?"}
    assert "HOST_AUTH_METHOD" not in code
    for name in ("POSTGRES_PASSWORD", "CHATSVC_JWT_KEYS"):
        assert re.search(rf"^{name}=$", ENV_EXAMPLE, re.MULTILINE)


def test_production_starts_with_what_compose_sets(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = service_settings(services, monkeypatch)
    assert settings.production
    assert settings.metrics_port is not None  # on the server's own port, the proxy would show it to everybody


def test_the_kill_comes_after_drain_and_shutdown(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = service_settings(services, monkeypatch)
    assert seconds(services["chatsvc"]["stop_grace_period"]) > settings.drain_seconds + settings.shutdown_seconds


def test_trusted_is_the_network_that_only_proxy_and_service_share(
    compose: dict[str, Any], services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    subnets = [entry["subnet"] for entry in compose["networks"]["front"]["ipam"]["config"]]
    assert service_settings(services, monkeypatch).trusted_proxies == subnets
    shared = {name for name, service in services.items() if "front" in service["networks"]}
    assert shared - {"second"} == {"chatsvc", "proxy"}


def test_nothing_but_the_proxy_reaches_outside(compose: dict[str, Any], services: Services) -> None:
    open_networks = {name for name, network in compose["networks"].items() if not (network or {}).get("internal")}
    assert {name for name, service in services.items() if open_networks & set(service["networks"])} == {"proxy"}


def test_ours_run_without_rights_on_a_read_only_root(services: Services) -> None:
    for name, service in services.items():
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert name == "db" or (service["read_only"] is True and service["cap_drop"] == ["ALL"])


def test_a_replica_starts_after_the_migration() -> None:
    services = yaml.safe_load(COMPOSE["compose.yaml"])["services"]
    assert services["migrate"]["command"] == ["chatsvc", "migrate"]
    assert services["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert services["chatsvc"]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert services["chatsvc"]["environment"]["CHATSVC_RATE_LIMIT_STORE"] == "database"


def test_the_second_replica_is_as_the_first_and_the_example_puts_the_proxy_before_both() -> None:
    services = yaml.safe_load(COMPOSE["compose.yaml"])["services"]
    assert services["second"] == {**services["chatsvc"], "profiles": ["second"]}
    wanted = dict(re.findall(r"^#(COMPOSE_PROFILES|UPSTREAMS)=(.+)$", ENV_EXAMPLE, re.MULTILINE))
    assert wanted == {"COMPOSE_PROFILES": "second", "UPSTREAMS": "chatsvc:8000 second:8000"}
    assert services["proxy"]["environment"]["UPSTREAMS"] == "${UPSTREAMS:-chatsvc:8000}"


def test_every_setting_that_is_named_exists() -> None:
    texts = (DOCKERFILE, CADDYFILE, ENV_EXAMPLE, *COMPOSE.values())
    named = {name for text in texts for name in re.findall(r"\bCHATSVC_[A-Z]\w*", text)}
    assert named
    assert named <= {f"CHATSVC_{field.upper()}" for field in Settings.model_fields}


def test_every_variable_of_compose_is_in_the_example() -> None:
    needed = {name for text in COMPOSE.values() for name in re.findall(r"\$\{(\w+)", text)}
    assert needed <= set(re.findall(r"^#?(\w+)=", ENV_EXAMPLE, re.MULTILINE))


def test_their_images_are_pinned_by_a_tag(services: Services) -> None:
    images = [service["image"] for service in services.values() if "build" not in service]
    assert all(PINNED.fullmatch(image) for image in images), images


def test_a_restart_is_noticed_while_it_drains_and_waited_for(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    drain = service_settings(services, monkeypatch).drain_seconds
    assert in_caddyfile("health_interval") < drain < in_caddyfile("lb_try_duration")
