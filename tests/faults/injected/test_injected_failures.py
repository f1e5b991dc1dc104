"""A failure before any statement of any command, and at its COMMIT: done whole or not at all, and never twice."""

import asyncio
import inspect
import pkgutil
from importlib import import_module
from itertools import product

import pytest

from chatsvc import commands
from tests.commands.sending import a_talk
from tests.faults.injected.injecting import (
    OnPurpose,
    at_commit,
    at_statement,
    cancelling,
    defect,
    full,
    lost,
    lost_after_the_commit,
    undone,
)
from tests.faults.injected.scenarios import SCENARIOS
from tests.faults.injected.stages import points
from tests.support.proof import Proof
from tests.support.service import Service


def test_every_command_has_a_scenario() -> None:
    found = set()
    for module in pkgutil.iter_modules(commands.__path__):
        handler = getattr(import_module(f"{commands.__name__}.{module.name}"), module.name, None)
        if inspect.iscoroutinefunction(handler):
            found.add(handler)
    assert len(found) > 10
    assert {scenario.handler for scenario in SCENARIOS} == found


@pytest.mark.proves("a command that fails between any two statements has done nothing, and works the next time")
async def test_a_defect_leaves_nothing(service: Service, proof: Proof) -> None:
    failures, cases = 0, set()
    async for stage, numbers in points(service, proof, scenarios=18, statements=2):
        cases.add(stage.scenario.name)
        for number in numbers:
            where = f"{stage.scenario.name}, statement {number} of {stage.statements}"
            with stage.disturbed(number, defect), pytest.raises(OnPurpose):
                await stage.run()
            assert await stage.dump() == stage.before, where
            with stage.disturbed(number, full):
                assert await stage.run() == "try_again", where
            assert await stage.dump() == stage.before, where
            failures += 2
        assert await stage.told(await stage.run()) == stage.once, stage.scenario.name
    proof.note(f"{failures} failures at the statements and COMMITs of {len(cases)} cases")


@pytest.mark.proves("a command whose transaction the database undid is run again, and counts once")
async def test_what_the_database_undid_is_run_again(service: Service, proof: Proof) -> None:
    failures, cases = 0, set()
    async for stage, numbers in points(service, proof, scenarios=6, statements=2):
        cases.add(stage.scenario.name)
        for number, fault in product(numbers, (lost, undone)):
            if fault is lost and number > stage.statements:
                continue  # then nobody knows whether it was committed: the next test
            with stage.disturbed(number, fault):
                answer = await stage.run()
            assert await stage.told(answer) == stage.once, f"{stage.scenario.name}, {fault.__name__} at {number}"
            await stage.reset()
            failures += 1
    proof.note(f"{failures} lost connections and deadlocks in {len(cases)} cases")


@pytest.mark.proves("a COMMIT of unknown outcome is never run again by the service; the client's repetition is right")
async def test_only_the_client_repeats_what_may_have_been_done(service: Service, proof: Proof) -> None:
    unknown, cases = 0, set()
    async for stage, _ in points(service, proof, scenarios=6, statements=1):
        cases.add(stage.scenario.name)
        for fault, then in ((lost, stage.once), (lost_after_the_commit, stage.twice)):
            with at_commit(stage.writer, fault):
                assert await stage.run() == "try_again", stage.scenario.name
            done = fault is lost_after_the_commit
            assert (await stage.dump() != stage.before) == done, stage.scenario.name
            assert await stage.told(await stage.run(again=done)) == then, f"{stage.scenario.name}, {fault.__name__}"
            await stage.reset()
            unknown += 1
    proof.note(f"{unknown} COMMITs without an answer in {len(cases)} cases, every other one done")


@pytest.mark.proves("a command whose caller goes away is done whole or not at all, and the service goes on")
async def test_a_caller_who_goes_away_leaves_nothing_half_done(service: Service, proof: Proof) -> None:
    cancelled, cases = 0, set()
    async for stage, numbers in points(service, proof, scenarios=6, statements=2):
        cases.add(stage.scenario.name)
        nothing = stage.before
        for number in numbers:
            where = f"{stage.scenario.name}, cancelled at {number}"
            task = asyncio.create_task(stage.run())
            with stage.disturbed(number, cancelling(task)):
                await asyncio.wait({task})
                assert task.cancelled(), where
                left = await stage.dump()
            if left == nothing:
                await stage.run()
            told = await stage.told(stage.once[0])
            assert told == stage.once, where
            await stage.reset()
            cancelled += 1
    proof.note(f"{cancelled} callers gone in {len(cases)} cases")


async def test_what_a_client_sees_of_each_failure(service: Service) -> None:
    talk, writer = await a_talk(service), service.inside.db.engines.writer
    for number in range(1, 4):
        with at_statement(writer, number, defect):
            assert (await talk.ana.send(talk.id, f"{number}")).status_code == 500
        assert (await talk.ben.send(talk.id, f"{number}")).json()["data"]["seq"] == 2 * number - 1
        with at_statement(writer, number, lost):
            sent = await talk.ana.send(talk.id, f"{number}")
        assert (sent.status_code, sent.json()["data"]["seq"]) == (201, 2 * number)
    with at_commit(writer, lost_after_the_commit):
        unknown = await talk.ana.send(talk.id, "unknown")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (503, "try_again")
    assert int(unknown.headers["Retry-After"]) >= 1
    again = await talk.ana.send(talk.id, "unknown")
    assert (again.status_code, again.json()["data"]["seq"]) == (200, 7)
