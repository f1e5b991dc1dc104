"""How large groups grow, and how many run at a time, on each database."""

import pytest

from chatsvc.db.groups import Groups
from tests.db.running_groups import Running, answers, submit, turns


@pytest.mark.parametrize(("database", "expected"), [("sqlite", ["a", "bcde"]), ("postgresql", ["a", "bc", "de"])])
async def test_a_crowd_of_polls_is_divided_on_postgres(running: Running, database: str, expected: list[str]) -> None:
    """This process answers one part of it while Postgres works on the next."""
    groups = Groups(sqlite=database == "sqlite")
    callers = submit(groups.of_queries("changes", running), "a")
    await turns()
    callers += submit(groups.of_queries("changes", running), "bcde", weight=100)
    await turns()
    running.gate.set()
    assert await answers(callers) == list("ABCDE")
    assert running.groups == expected


@pytest.mark.parametrize(("database", "expected"), [("sqlite", ["a"]), ("postgresql", ["a", "b"])])
async def test_a_full_group_of_commands_waits_for_sqlites_one_writer(
    running: Running, database: str, expected: list[str]
) -> None:
    groups = Groups(sqlite=database == "sqlite")
    callers = submit(groups.of_commands("send", running), "a")
    await turns()
    callers += submit(groups.of_commands("send", running), "b", weight=1_000)
    await turns()
    assert running.groups == expected
    running.gate.set()
    assert await answers(callers) == ["A", "B"]


async def test_what_the_replica_is_asked_is_not_mixed_with_what_the_primary_is(running: Running) -> None:
    groups = Groups(sqlite=False)
    callers = submit(groups.of_queries("changes", running), "a") + submit(
        groups.of_the_replica("changes", running), "b"
    )
    await turns()
    assert running.groups == ["a", "b"]
    running.gate.set()
    await answers(callers)
    await groups.finish()
