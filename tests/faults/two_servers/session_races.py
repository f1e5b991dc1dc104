"""Names, tokens and passwords asked of two servers at the same moment."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from uuid import uuid4

from tests.faults.two_servers.racing import Two, statuses
from tests.histories.asking import Answer
from tests.support.service import PASSWORD


async def one_name_registered_at_both(two: Two) -> None:
    body = {"username": f"r{uuid4().hex[:12]}", "password": PASSWORD}
    request = ("POST", "/v1/auth/register", body, None)
    answers = await two.race(request, request)
    assert statuses(answers) == [201, 409], answers
    assert {answer.code for answer in answers} == {"", "username_taken"}


async def one_refresh_token_at_both(two: Two) -> None:
    """Both get a successor, and a successor of one of them is good at both again; the other one is spent by then."""
    token = await two.session((await two.acquainted())[0])
    request = ("POST", "/v1/auth/refresh", {"refresh_token": token}, None)
    siblings = successors(await two.race(request, request))
    request = ("POST", "/v1/auth/refresh", {"refresh_token": siblings[0]}, None)
    grandchildren = successors(await two.race(request, request))
    assert len({token, *siblings, *grandchildren}) == 5
    spent = await two.ask("POST", "/v1/auth/refresh", {"refresh_token": two.random.choice([token, siblings[1]])})
    assert (spent.status, spent.code) == (401, "refresh_token_reused")
    ended = await two.ask("POST", "/v1/auth/refresh", {"refresh_token": grandchildren[0]})
    assert (ended.status, ended.code) == (401, "refresh_token_invalid")


async def two_siblings_at_both(two: Two) -> None:
    """One of them is used first; the other one was stolen then, and ends the session."""
    token = await two.session((await two.acquainted())[1])
    request = ("POST", "/v1/auth/refresh", {"refresh_token": token}, None)
    siblings = successors(await two.race(request, request))
    requests = [("POST", "/v1/auth/refresh", {"refresh_token": sibling}, None) for sibling in siblings]
    answers = await two.race(requests[0], requests[1])
    assert sorted(answer.code for answer in answers) == ["", "refresh_token_reused"], answers


async def refresh_against_logout(two: Two) -> None:
    token = await two.session((await two.acquainted())[2])
    body = {"refresh_token": token}
    refreshed, left = await two.race(("POST", "/v1/auth/refresh", body, None), ("POST", "/v1/auth/logout", body, None))
    assert left.status == 200, left
    assert refreshed.code in {"", "refresh_token_invalid"}, refreshed
    held = [token, *([refreshed.data["tokens"]["refresh_token"]] if refreshed.ok else [])]
    for one in held:
        assert (await two.ask("POST", "/v1/auth/refresh", {"refresh_token": one})).code == "refresh_token_invalid"


async def two_passwords_at_once(two: Two) -> None:
    """Of one session: who comes second does not have the current password any more."""
    ana = await two.person()
    words = [f"a better one {number}" for number in range(2)]
    bodies = [{"current_password": PASSWORD, "new_password": word} for word in words]
    requests = [("POST", "/v1/auth/password", body, ana) for body in bodies]
    answers = await two.race(requests[0], requests[1])
    assert sorted(answer.code for answer in answers if answer.code != "try_again")[:1] == [""], answers
    assert {answer.code for answer in answers} <= {"", "invalid_credentials", "try_again"}, answers
    won = [answer.ok for answer in answers]
    assert sum(won) == 1, answers
    for word, good in zip(words, won, strict=True):
        login = await two.ask("POST", "/v1/auth/login", {"username": ana.username, "password": word})
        assert login.ok == good, login


async def an_ended_session_is_refused_everywhere(two: Two) -> float:
    """Ended at one server, while the other one has just seen it alive; gives how many seconds it was let in."""
    ana = await two.person()
    here, there = two.random.sample(two.addresses, 2)
    assert (await two.asking.ask("GET", f"{there}/v1/users/me", by=ana)).ok
    path = f"{here}/v1/auth/sessions/{ana.tokens['session_id']}"
    assert (await two.asking.ask("DELETE", path, by=ana)).ok
    began, let_in = time.monotonic(), 0.0
    while time.monotonic() < began + 10:
        asked = time.monotonic() - began
        answer = await two.asking.ask("GET", f"{there}/v1/users/me", by=ana)
        if not answer.ok:
            assert answer.code == "access_token_invalid"
            break
        assert asked <= 5, f"a session that ended {asked:.1f} seconds ago was let in"
        let_in = asked
        await asyncio.sleep(0.1)
    return let_in


def successors(answers: Sequence[Answer]) -> list[str]:
    assert statuses(answers) == [200, 200], answers
    return [answer.data["tokens"]["refresh_token"] for answer in answers]


RACES: list[Callable[[Two], Awaitable[None]]] = [
    one_name_registered_at_both,
    one_refresh_token_at_both,
    two_siblings_at_both,
    refresh_against_logout,
    two_passwords_at_once,
]
