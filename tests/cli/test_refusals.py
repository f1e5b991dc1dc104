"""What the command line says when something must be mended first: one line, exit code 2."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest

from tests.support.databases import DatabaseKind, run_once
from tests.support.processes import CHATSVC, chatsvc_environment, run_cli, served
from tests.support.service import running_service, service_settings


@pytest.mark.parametrize("command", ["serve", "migrate", "check", "prune"])
def test_a_database_that_does_not_exist(postgres_url: str, tmp_path: Path, command: str) -> None:
    done = run_cli(tmp_path, command, database_url=postgres_url.rpartition("/")[0] + "/not_there")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "not_there" in done.stderr


@pytest.mark.parametrize("command", ["serve", "migrate", "check"])
def test_a_file_that_is_no_database(tmp_path: Path, command: str) -> None:
    (tmp_path / "letter.db").write_text("Dear Sir or Madam, " * 500)
    done = run_cli(tmp_path / "data", command, database_url=f"sqlite:///{tmp_path}/letter.db")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run_cli(tmp_path, "serve", port=taken.getsockname()[1])
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_several_workers_on_sqlite(tmp_path: Path) -> None:
    done = run_cli(tmp_path, "serve", "--workers", "2")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "SQLite takes one server process" in done.stderr
    assert not list(tmp_path.iterdir())


def test_several_workers_on_a_schema_that_is_not_there(postgresql: DatabaseKind, tmp_path: Path) -> None:
    """Said once, however many workers there would be."""
    with postgresql.fresh(migrated=False) as url:
        done = run_cli(tmp_path, "serve", database_url=url, workers=3, log_format="json", port=0)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "run `chatsvc migrate` first" in done.stderr


def test_several_workers_on_a_port_that_is_taken(postgres_url: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run_cli(tmp_path, "serve", database_url=postgres_url, workers=2, port=port, log_format="json")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_a_database_of_another_encoding(postgresql: DatabaseKind, postgres_url: str, tmp_path: Path) -> None:
    url = postgres_url.rpartition("/")[0] + "/chatsvc_ascii"

    async def create() -> None:
        connection = await asyncpg.connect(postgres_url)
        await connection.execute("DROP DATABASE IF EXISTS chatsvc_ascii")
        options = "ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0"
        await connection.execute(f"CREATE DATABASE chatsvc_ascii {options}")
        await connection.close()

    run_once(create)
    done = run_cli(tmp_path, "migrate", database_url=url)
    postgresql.drop(url)
    assert done.returncode == 2
    assert "SQL_ASCII" in done.stderr


async def test_a_new_epoch_makes_every_phone_start_over(database_url: str, data_dir: Path) -> None:
    async with running_service(service_settings(database_url, data_dir)) as service:
        ana, ben = await service.register(), await service.register()
        conversation_id = await ana.open_direct(ben)
        await ana.send(conversation_id, "m1")
        before = (await ben.ok("GET", "/v1/sync/bootstrap"))["sync_epoch"]
        done = run_cli(data_dir, "epoch", "new", database_url=database_url)
        assert done.returncode == 0
        question = {"sync_epoch": before, "after_seq_by_conversation": {conversation_id: 1}}
        refused = await ben.call("POST", "/v1/sync/changes", question)
        assert refused.json()["error"]["code"] == "sync_epoch_changed"
        after = (await ben.ok("GET", "/v1/sync/bootstrap"))["sync_epoch"]
    assert refused.json()["error"]["details"] == {"sync_epoch": after}
    assert done.stdout == f"sync epoch {after}\n"


def test_a_log_whose_reader_is_gone_takes_no_request_with_it(tmp_path: Path) -> None:
    environment = chatsvc_environment(tmp_path / "data", port=0, log_level="info")
    process = subprocess.Popen([CHATSVC, "serve"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    while b"serving" not in process.stdout.readline():
        pass
    process.stdout.close()  # whatever is logged from now on goes nowhere
    time.sleep(0.3)
    process.terminate()
    assert process.wait(timeout=20) == 0


def test_what_a_reader_that_is_gone_did_not_take_does_not_spoil_the_exit_status() -> None:
    code = (
        "import sys; from chatsvc.logs import Unfailing as U; out = U(sys.stdout); input(); out.write('x'); out.flush()"
    )
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = [sys.executable, "-c", code]
    process = subprocess.Popen(command, env=buffered, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.close()
    process.stdin.write(b"\n")
    process.stdin.close()
    assert process.wait(timeout=20) == 0


def test_a_flood_of_unknown_fields_is_refused_quickly(tmp_path: Path) -> None:
    import json
    import urllib.error
    import urllib.request

    body = json.dumps({str(number): 1 for number in range(150_000)}).encode()
    with served(tmp_path / "data") as server:
        request = urllib.request.Request(server.address + "/v1/auth/login", data=body, method="POST")
        begun = time.monotonic()
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        seconds = time.monotonic() - begun
    assert refused.value.code == 422
    assert json.load(refused.value)["error"]["details"] == [{"field": "", "message": "has too many fields"}]
    assert seconds < 1.5
