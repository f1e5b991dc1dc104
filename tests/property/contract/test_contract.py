"""Whatever is asked, by whomever, alone or at once: a model of the contract in plain Python judges every answer."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis.stateful import run_state_machine_as_test

from chatsvc.queries import budget
from tests.property.contract.machine import LIMITED_BEYOND
from tests.property.contract.rules import Contract
from tests.support.databases import DatabaseKind
from tests.support.proof import Proof
from tests.support.service import Clock, running_service, service_settings

SEEN_WHEN_DEEP = {
    *("contested", "open outcomes", "joined", "ok", "limited", "reset", "gone", "more"),
    *("item 200", "item 201", "item 404", "item 409", "item 422"),
    *("Register 409 username_taken", "Register 422 invalid_request", "LogIn 401 invalid_credentials"),
    *("Refresh 401 refresh_token_reused", "Refresh 401 refresh_token_invalid", "Refresh 401 refresh_token_expired"),
    *("Me 401 access_token_invalid", "Me 401 access_token_expired", "LogOut 200 ok"),
    *("EndSession 200 ok", "EndSession 404 session_not_found"),
    *("ChangePassword 200 ok", "ChangePassword 401 invalid_credentials"),
    *("OneUser 404 user_not_found", "Search 200 ok", "Search 422 invalid_request", "Rename 200 ok"),
    *("OpenDirect 201 ok", "OpenDirect 200 ok", "OpenDirect 400 cannot_message_self", "OpenDirect 404 user_not_found"),
    *("History 404 conversation_not_found", "History 422 invalid_request", "ListTalks 422 invalid_request"),
    *("Send 201 ok", "Send 200 ok", "Send 409 idempotency_conflict", "Send 404 conversation_not_found"),
    *("Bootstrap 409 sync_epoch_changed", "Changes 409 sync_epoch_changed", "Changes 422 invalid_request"),
}


@pytest.mark.timeout(1_500)  # what fails is made smaller for up to five minutes
@pytest.mark.proves("every answer is one that a model of the contract allows, also when requests run at once")
def test_every_answer_is_one_that_the_contract_allows(
    proof: Proof, kind: DatabaseKind, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "LIMITED_BEYOND", LIMITED_BEYOND)  # so that runs of this size cross it

    with kind.fresh() as url, asyncio.Runner() as runner:
        clock = Clock()
        opened = running_service(service_settings(url, data_dir), clock)

        class Here(Contract):
            seen: ClassVar[Counter[str]] = Counter()
            runs = 0
            began_at = clock.moment

        Here.runner, Here.service = runner, runner.run(opened.__aenter__())
        try:
            run_state_machine_as_test(Here, settings=proof.settings(examples=(4, 60), steps=(14, 80)))
        finally:
            runner.run(opened.__aexit__(None, None, None))
    seen = Here.seen
    if proof.deep:
        assert seen["steps"] >= 3_000
        never = sorted(name for name in SEEN_WHEN_DEEP if not seen[name])
        assert not never
    proof.note(
        f"{seen['steps']:,} steps, {seen['requests']:,} requests; {seen['groups']:,} groups at once, "
        f"{seen['contested']} of them contested; {seen['Refresh 401 refresh_token_reused']} thefts, "
        f"{seen['limited']} limited, {seen['reset']} reset, {seen['gone']} gone, "
        f"{seen['Send 200 ok'] + seen['item 200']} replays, "
        f"{seen['Send 409 idempotency_conflict'] + seen['item 409']} conflicts"
    )
