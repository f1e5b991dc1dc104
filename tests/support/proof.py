"""Tests that prove a promise: they run small in `make test` and deep in `make prove`, and say what they looked at.

`@pytest.mark.proves("the property, in words")` marks one. Its fixture `proof` tells how deep to go and holds the
randomness; what was looked at is noted there, for the table. One seed drives Hypothesis and every `proof.random`.
"""

import random
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.support.proof_table import Table

T = TypeVar("T")


@dataclass
class Proof:
    """How deep this test goes, its own randomness, and what it tells the table."""

    deep: bool
    seed: int
    random: random.Random
    database: str = "both"
    looked_at: str = ""

    def depth(self, small: T, deep: T) -> T:
        """One value for `make test`, another for `make prove`."""
        return deep if self.deep else small

    def note(self, looked_at: str) -> None:
        """What the table says: "4,100 steps", "20 kills, 3,000 messages". Whoever proves something notes it."""
        self.looked_at = looked_at

    def settings(self, *, examples: tuple[int, int], steps: tuple[int, int]) -> settings:
        """For a state machine: (small, deep) numbers of runs, and of steps in each."""
        return settings(
            max_examples=self.depth(*examples),
            stateful_step_count=self.depth(*steps),
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
            phases=(Phase.generate, Phase.shrink),
        )


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("proof")
    group.addoption("--deep", action="store_true", help="go as deep as `make prove` does")
    group.addoption("--record", metavar="PAGE", help="put the table into this page, between its two marks")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "proves(property): a promise that `make prove` looks at in depth")
    if config.option.hypothesis_seed is None:
        one_for_all = getattr(config, "workerinput", {}).get("seed")
        config.option.hypothesis_seed = one_for_all or str(random.SystemRandom().randrange(2**32))
    config.pluginmanager.register(Table(config.option.record, config.option.hypothesis_seed), "proof-table")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """A worker is about to start."""
    node.workerinput["seed"] = node.config.option.hypothesis_seed


def pytest_report_header(config: pytest.Config) -> str:
    return f"seed: {config.option.hypothesis_seed}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A proof goes over the same lines again and again: it is not measured, which would nearly double what it takes."""
    for item in items:
        if item.get_closest_marker("proves"):
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture
def proof(request: pytest.FixtureRequest) -> Iterator[Proof]:
    marker, option = request.node.get_closest_marker("proves"), request.config.option
    assert marker is not None, "a test that asks for `proof` is marked with what it proves"
    own = random.Random(f"{option.hypothesis_seed} {request.node.nodeid}")
    proof = Proof(option.deep, int(option.hypothesis_seed), own)
    if callspec := getattr(request.node, "callspec", None):
        proof.database = callspec.params.get("kind", proof.database)
    yield proof
    failed = getattr(request.node, "proof_failed", False)
    silent = not (failed or proof.looked_at)
    told = {"proves": marker.args[0], "database": proof.database, "looked at": proof.looked_at}
    request.node.user_properties += [*told.items(), ("result", "FAILED" if failed or silent else "held")]
    assert not silent, "a proof that says nothing of what it looked at"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call":
        item.user_properties.append(("seconds", call.duration))
    if report.failed and item.get_closest_marker("proves"):
        item.proof_failed = True  # type: ignore[attr-defined]
        target = "prove" if item.config.option.deep else "test"
        again = f"make {target} ARGS='{item.nodeid} --hypothesis-seed={item.config.option.hypothesis_seed}'"
        report.sections.append(("to repeat it", again))
    return report
