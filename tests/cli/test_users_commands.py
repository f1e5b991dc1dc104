"""People's affairs, as an operator types them beside a running service."""

import json
import stat
from pathlib import Path

import pytest

from tests.commands.signing_in import code
from tests.support.processes import run_cli
from tests.support.service import Service


@pytest.fixture
def typed(database_url: str, data_dir: Path) -> "Typed":
    return Typed(database_url, data_dir)


class Typed:
    """`chatsvc users …` on the database of the test."""

    def __init__(self, database_url: str, data_dir: Path) -> None:
        self._database_url, self._data_dir = database_url, data_dir

    def __call__(self, *arguments: str, expected: int = 0, stdin: str | None = None) -> str:
        done = run_cli(self._data_dir, "users", *arguments, stdin=stdin, database_url=self._database_url)
        assert done.returncode == expected, done.stderr
        return done.stderr if expected else done.stdout


async def logs_in(service: Service, password: str) -> str:
    return code(await service.call("POST", "/v1/auth/login", {"username": "ana", "password": password}))


async def test_everybody_is_listed_with_their_state(service: Service, typed: Typed) -> None:
    for name in ("cleo", "ana", "ben"):
        await service.newcomer(name, f"The one called {name}")
    typed("disable", "ben")
    typed("delete", "cleo", "--yes")
    rows = [line.split(maxsplit=3) for line in typed("list").splitlines()]
    assert [row[1] for row in rows] == ["active", "disabled", "deleted"]
    assert [row[0] for row in rows][:2] == ["ana", "ben"]
    assert [row[3] for row in rows] == ["The one called ana", "The one called ben", "Deleted user"]
    told = [json.loads(line) for line in typed("list", "--json").splitlines()]
    assert [one["username"] for one in told] == [row[0] for row in rows]


async def test_somebody_is_shown_by_name_and_by_id(service: Service, typed: Typed) -> None:
    ana, ben = await service.newcomer("ana"), await service.newcomer("ben")
    talk = await ana.open_direct(ben)
    for number in range(3):
        await (ben if number else ana).send(talk, f"{number}")
    for who in ("ana", "ANA", ana.id, ana.id.upper()):
        told = json.loads(typed("show", who, "--json"))
        assert {name: told[name] for name in ("id", "state", "sessions", "conversations", "messages", "sent")} == {
            "id": ana.id,
            "state": "active",
            "sessions": 1,
            "conversations": 1,
            "messages": 3,
            "sent": 1,
        }
    assert f"id            {ana.id}\n" in typed("show", "ana")


async def test_disabled_and_enabled_again(service: Service, typed: Typed) -> None:
    await service.register("ana")
    assert typed("disable", "ana") == "ana is disabled\n"
    assert typed("disable", "ana") == "ana is disabled already\n"
    assert await logs_in(service, "correct horse battery") == "invalid_credentials"
    assert typed("enable", "ana") == "ana is enabled\n"
    assert typed("enable", "ana") == "ana is not disabled\n"
    assert await logs_in(service, "correct horse battery") == "ok"


async def test_a_new_password_is_the_password(service: Service, typed: Typed) -> None:
    ana = await service.register("ana")
    printed = typed("reset-password", "ana").strip().rpartition(" ")[2]
    assert await logs_in(service, printed) == "ok"
    assert code(await ana.refresh()) == "refresh_token_invalid"
    told = typed("reset-password", "ana", "--stdin", stdin="e\u0301t\u00e9 de mes vingt ans\n")
    assert told == "ana is signed out everywhere\n"
    assert await logs_in(service, "\u00e9te\u0301 de mes vingt ans") == "ok"  # one spelling of many
    assert "8 to 128" in typed("reset-password", "ana", "--stdin", stdin="short\n", expected=2)


async def test_an_export_is_what_the_person_gets(service: Service, typed: Typed, tmp_path: Path) -> None:
    ana, ben = await service.newcomer("ana"), await service.newcomer("ben")
    await ana.send(await ana.open_direct(ben), "1", "hello")
    file = tmp_path / "ana.json"
    assert typed("export", "ana", str(file)) == ""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text()) == (await ana.call("GET", "/v1/users/me/export")).json()["data"]
    assert json.loads(typed("export", "ana")) == json.loads(file.read_text())
    assert "exists" in typed("export", "ana", str(file), expected=2)
    typed("export", "nobody", str(tmp_path / "nobody.json"), expected=2)
    assert not (tmp_path / "nobody.json").exists()


async def test_deleting_asks_first(service: Service, typed: Typed) -> None:
    ana = await service.register("ana")
    typed("delete", "ana", stdin="n\n", expected=1)
    assert await logs_in(service, "correct horse battery") == "ok"
    assert typed("delete", "ana", stdin="y\n").endswith("ana is deleted\n")
    assert await logs_in(service, "correct horse battery") == "invalid_credentials"
    assert "is deleted already" in typed("delete", ana.id, "--yes")
    assert "no such user" in typed("enable", ana.id, expected=2)


def test_nobody_is_a_refusal(typed: Typed) -> None:
    for command in (("show",), ("disable",), ("enable",), ("reset-password",), ("export",), ("delete", "--yes")):
        assert "no such user" in typed(*command, "nobody", expected=2)
