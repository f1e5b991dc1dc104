"""What an operator types."""

import json
import sqlite3
import stat
import subprocess
from pathlib import Path

import pytest

from chatsvc import __version__
from chatsvc.db.schema import newest_revision
from chatsvc.security.keys import parse_keys
from tests.support.databases import DatabaseKind
from tests.support.processes import CHATSVC, run_cli, served, start_server
from tests.support.service import running_service, service_settings


def test_help_names_every_command(tmp_path: Path) -> None:
    told = run_cli(tmp_path, "--help").stdout
    for command in ("serve", "migrate", "prune", "check", "copy", "verify", "openapi", "keys"):
        assert command in told


def test_migrate_makes_the_schema_and_then_has_nothing_to_do(kind: DatabaseKind, tmp_path: Path) -> None:
    with kind.fresh(migrated=False) as url:
        first = run_cli(tmp_path, "migrate", database_url=url)
        again = run_cli(tmp_path, "migrate", database_url=url)
    assert (first.returncode, first.stdout) == (0, f"schema empty -> {newest_revision()}\n")
    assert (again.returncode, again.stdout) == (0, f"schema {newest_revision()}: nothing to do\n")


def test_a_postgres_schema_that_is_behind_is_not_served(postgresql: DatabaseKind, tmp_path: Path) -> None:
    with postgresql.fresh(migrated=False) as url:
        done = run_cli(tmp_path, "serve", database_url=url)
    assert done.returncode == 2
    assert "run `chatsvc migrate` first" in done.stderr


async def test_check_says_that_every_promise_holds(database_url: str, data_dir: Path) -> None:
    async with running_service(service_settings(database_url, data_dir)) as service:
        ana, ben = await service.register(), await service.register()
        conversation_id = await ana.open_direct(ben)
        for number in range(5):
            assert (await ana.send(conversation_id, f"m{number}", "x" * 200)).status_code == 201
        done = run_cli(data_dir, "check", database_url=database_url)  # beside the running service
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "2 users, 1 conversations, 5 messages\nevery promise holds\n"


@pytest.mark.parametrize(
    ("damage", "promise"),
    [
        ("DELETE FROM messages WHERE seq = 2", "seqs are not 1, 2, 3"),
        ("UPDATE conversation_counters SET next_seq = 9", "seqs are not 1, 2, 3"),
        ("UPDATE conversations SET last_message_preview = 'other'", "preview or activity"),
        ("UPDATE messages SET created_at = '2020-01-01T00:00:00.000Z' WHERE seq = 2", "times go back"),
        ("DELETE FROM conversation_members", "a sender is not a member"),
        ("DELETE FROM conversation_counters", "a conversation has no counter"),
        ("DELETE FROM conversations", "messages belong to no conversation"),
        ("DELETE FROM sessions", "a refresh token belongs to no session"),
        ("DELETE FROM service_state", "sync epoch"),
    ],
)
async def test_check_finds_what_was_damaged(sqlite: DatabaseKind, data_dir: Path, damage: str, promise: str) -> None:
    with sqlite.fresh() as url:
        async with running_service(service_settings(url, data_dir)) as service:
            ana, ben = await service.register(), await service.register()
            conversation_id = await ana.open_direct(ben)
            for number in range(3):
                assert (await ana.send(conversation_id, f"m{number}")).status_code == 201
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            connection.execute(damage)
        connection.close()
        done = run_cli(data_dir, "check", database_url=url)
    assert done.returncode == 1
    assert promise in done.stderr


def test_prune_runs_beside_the_server(tmp_path: Path) -> None:
    with served(tmp_path / "data"):
        done = run_cli(tmp_path / "data", "prune")
    assert done.returncode == 0
    assert done.stdout == "removed 0 refresh tokens, 0 sessions, 0 audit rows, 0 rate limits\n"


def test_a_new_key_is_fit_for_the_settings(tmp_path: Path) -> None:
    printed = [run_cli(tmp_path, "keys", "new").stdout.strip() for _ in range(2)]
    assert printed[0] != printed[1]
    assert len(parse_keys(",".join(printed)).pairs) == 2


def test_openapi_is_printed_without_a_database(tmp_path: Path) -> None:
    document = json.loads(run_cli(tmp_path / "nothing", "openapi").stdout)
    assert "/v1/messages/batch" in document["paths"]
    assert not (tmp_path / "nothing").exists()


def test_a_second_server_on_the_same_file_is_refused(tmp_path: Path) -> None:
    with served(tmp_path / "data") as first:
        second = start_server(tmp_path / "data")
        assert second.process.wait(timeout=20) == 2
    assert f"is being served by another process (pid {first.process.pid})" in second.output.read_text()


def test_a_restart_keeps_the_key_to_itself_and_logs_nobody_out(tmp_path: Path) -> None:
    key = tmp_path / "data" / "jwt.keys"
    with served(tmp_path / "data") as server:
        assert server.get("/healthz")[0] == 200
        first = key.read_text()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    with served(tmp_path / "data"):
        assert key.read_text() == first


def test_bad_settings_are_named_and_never_shown(tmp_path: Path) -> None:
    done = run_cli(tmp_path, "serve", port="eighty", jwt_keys="main:short-secret", env="production")
    assert done.returncode == 2
    assert "CHATSVC_PORT" in done.stderr
    weak = run_cli(tmp_path, "serve", jwt_keys="main:short-secret", env="production")
    assert weak.returncode == 2
    assert "CHATSVC_JWT_KEYS" in weak.stderr
    assert "short-secret" not in done.stderr + weak.stderr


def test_a_database_that_is_away_is_said_in_one_line(tmp_path: Path) -> None:
    for command in ("serve", "migrate", "check", "prune"):
        done = run_cli(tmp_path, command, database_url="postgresql://someone:hidden@127.0.0.1:1/chat")
        assert done.returncode == 2, command
        assert done.stderr.count("\n") == 1
        assert "hidden" not in done.stderr


def test_the_command_is_installed_beside_the_interpreter() -> None:
    done = subprocess.run([CHATSVC, "version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"{__version__}\n"
