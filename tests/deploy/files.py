"""The files of the image and its surroundings, and how to look into them."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
CADDYFILE = (ROOT / "deploy/Caddyfile").read_text()
ENV_EXAMPLE = (ROOT / "deploy/env.example").read_text()
COMPOSE = {name: (ROOT / name).read_text() for name in ("compose.yaml", "compose.sqlite.yaml")}
PINNED = re.compile(r"[\w./-]+:(?!latest)[\w.-]+(@sha256:[0-9a-f]{64})?")


def seconds(text: str) -> float:
    number, unit = re.fullmatch(r"(\d+)(ms|s|m)", text).groups()  # type: ignore[union-attr]
    return int(number) * {"ms": 0.001, "s": 1, "m": 60}[unit]


def in_caddyfile(name: str) -> float:
    found = re.search(rf"^\s*{name} (\S+)$", CADDYFILE, re.MULTILINE)
    assert found, name
    return seconds(found[1])


def compose_seconds(setting: str) -> float:
    """What compose.yaml gives the service."""
    found = re.search(rf'^\s*{setting}: "(\d+)"$', COMPOSE["compose.yaml"], re.MULTILINE)
    assert found, setting
    return float(found[1])


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.+)$", DOCKERFILE.replace("\\\n", " "), re.MULTILINE)
