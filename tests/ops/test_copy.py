"""A copy of everything into another database: all of it or nothing, and phones do not notice."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from chatsvc.db.bulk import TABLES, open_side
from chatsvc.db.urls import parse_database_url
from chatsvc.ops.transfer import TransferRefused, compare, copy, copying, verify
from chatsvc.settings import Settings
from tests.ops.conftest import EVERY_DIRECTION, Said, fill, rows_in
from tests.support.databases import DatabaseKind
from tests.support.processes import run_cli
from tests.support.service import Device, running_service, service_settings


class Quiet:
    """Progress that nobody looks at; `until` steps are allowed."""

    def __init__(self, until: int | None = None) -> None:
        self.left = until

    def start(self, what: str, count: int | None) -> None:  # noqa: ARG002
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise ConnectionError(what)

    def advance(self, count: int) -> None: ...


def copied(data_dir: Path, source: str, target: str, *options: str) -> Said:
    done = run_cli(data_dir, "copy", "--from", source, "--to", target, *options)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("kinds", EVERY_DIRECTION, indirect=True)
async def test_phones_go_on_after_the_swap(source: str, target: str, data_dir: Path) -> None:
    async with running_service(service_settings(source, data_dir)) as service:
        ana, ben = await service.register(), await service.register()
        conversation = await ana.open_direct(ben)
        first = (await ana.send(conversation, "first", "\\N\t\n\U0001f600")).json()["data"]
        spent = ben.tokens["refresh_token"]
        ben.tokens = (await ben.refresh()).json()["data"]["tokens"]
        before = await ana.bootstrap()
    code, out, err = copied(data_dir, source, target)
    assert (code, err) == (0, "")
    assert "both hold the same" in out
    assert "every promise holds" in out
    async with running_service(service_settings(target, data_dir)) as service:
        ana, ben = (Device(service, one.user, one.tokens) for one in (ana, ben))
        held = {conversation: 1}
        told = await ana.changes(held, sync_epoch=before["sync_epoch"])
        assert told["conversations"] == {}
        assert (await ana.bootstrap())["conversations"] == before["conversations"]
        again = await ana.send(conversation, "first", "\\N\t\n\U0001f600")
        assert (again.status_code, again.json()["data"]) == (200, first)
        assert (await ben.send(conversation, "second")).json()["data"]["seq"] == 2
        assert (await ben.refresh(spent)).status_code == 200  # its answer may have been lost
        assert (await ben.refresh()).status_code == 200


async def test_a_target_with_somebody_in_it_is_refused_and_left_alone(source: str, target: str, data_dir: Path) -> None:
    await fill(source, data_dir)
    run_cli(data_dir, "migrate", database_url=target)
    async with running_service(service_settings(target, data_dir)) as service:
        await service.register()
    before = await rows_in(target)
    code, _, err = copied(data_dir, source, target)
    assert (code, "not empty" in err) == (2, True)
    assert await rows_in(target) == before


@pytest.mark.parametrize(
    ("other", "revision", "what_helps"),
    [("source", "0001", "run `chatsvc migrate`"), ("target", "9999", "version that made it")],
)
async def test_a_schema_of_another_version_is_refused(
    source: str, target: str, data_dir: Path, other: str, revision: str, what_helps: str
) -> None:
    """A newer one too, which lets this version serve it: what it holds beside would be left behind."""
    run_cli(data_dir, "migrate", database_url=target)
    async with open_side(parse_database_url({"source": source, "target": target}[other]), to_fill=True) as side:
        await side.execute(f"UPDATE alembic_version SET version_num = '{revision}'")
    code, _, err = copied(data_dir, source, target)
    assert (code, f"the {other}'s schema is at {revision}" in err, what_helps in err) == (2, True, True), err


@pytest.mark.parametrize("kinds", EVERY_DIRECTION, indirect=True)
async def test_cut_off_at_any_step_it_leaves_the_target_empty(source: str, target: str, data_dir: Path) -> None:
    await fill(source, data_dir)
    urls, settings = (parse_database_url(source), parse_database_url(target)), Settings()
    steps = 2 * len(TABLES)
    for until in range(steps):
        with pytest.raises(ConnectionError):
            await copy(*urls, settings, Quiet(until))
        assert set((await rows_in(target)).values()) <= {0, 1}
        assert sum((await rows_in(target)).values()) == 1  # what the schema brings along
    await copy(*urls, settings, Quiet(steps))
    assert await rows_in(target) == await rows_in(source)


async def test_what_did_not_arrive_as_it_was_is_not_committed(
    source: str, target: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(source, data_dir)
    changed: Callable[[bytes], bytes] = lambda line: line.replace(b"hello", b"hellO")  # noqa: E731

    async def counted(lines: AsyncIterator[list[bytes]], _progress: Any) -> AsyncIterator[list[bytes]]:
        async for some in lines:
            yield [changed(line) for line in some]

    monkeypatch.setattr(copying, "_counted", counted)
    code, _, err = copied(data_dir, source, target, "--final")
    assert code == 1
    assert "DIFFERS: messages" in err
    assert (await rows_in(target))["messages"] == 0
    async with open_side(parse_database_url(source)) as side:
        assert await side.value("SELECT moved_at FROM service_state") is None


async def test_the_final_copy_marks_the_source_and_it_is_not_served_again(
    source: str, target: str, data_dir: Path
) -> None:
    await fill(source, data_dir)
    assert copied(data_dir, source, target, "--final")[0] == 0
    served = run_cli(data_dir, "serve", "--port", "0", database_url=source)
    assert (served.returncode, "moved to another one" in served.stderr) == (2, True)
    code, _, err = copied(data_dir, source, target)
    assert (code, "moved already" in err) == (2, True)
    assert run_cli(data_dir, "verify", "--from", source, "--to", target).returncode == 0


async def test_a_source_in_service_is_copied_in_a_rehearsal_alone(source: str, target: str, data_dir: Path) -> None:
    await fill(source, data_dir)
    async with running_service(service_settings(source, data_dir)):
        code, _, err = copied(data_dir, source, target)
        assert (code, "is being served" in err) == (2, True)
        assert copied(data_dir, source, target, "--rehearse", "--final")[0] == 2
        assert copied(data_dir, source, target, "--rehearse")[0] == 0


@pytest.mark.parametrize("kinds", ["postgresql-sqlite"], indirect=True)
async def test_a_server_that_begins_meanwhile_is_seen(
    source: str, target: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it takes would be left behind. A file is locked instead."""
    await fill(source, data_dir)
    places = parse_database_url(source), parse_database_url(target)
    serving: list[asyncpg.Connection] = []

    async def compare_beside_a_server(*sides: Any) -> Any:
        serving.append(await asyncpg.connect(source, server_settings={"application_name": "chatsvc"}))
        return await compare(*sides)

    monkeypatch.setattr(copying, "compare", compare_beside_a_server)
    with pytest.raises(TransferRefused, match="is being served"):
        await copy(*places, Settings(), Quiet(), final=True)
    assert (await rows_in(target))["users"] == 0
    await serving.pop().close()
    await copy(*places, Settings(), Quiet(), rehearse=True)
    await serving.pop().close()
    with pytest.raises(TransferRefused, match="is being served"):
        await verify(*places, Quiet(), final=True)
    await serving.pop().close()
    async with open_side(places[0]) as side:
        assert await side.value("SELECT moved_at FROM service_state") is None


@pytest.mark.parametrize("kinds", ["sqlite-sqlite", "sqlite-postgresql"], indirect=True)
async def test_a_row_may_come_before_the_one_that_it_names(source: str, target: str, data_dir: Path) -> None:
    await fill(source, data_dir)
    with closing(sqlite3.connect(str(parse_database_url(source).path), isolation_level=None)) as file:
        moved = file.execute("UPDATE refresh_tokens SET rowid = rowid + 1000 WHERE parent_id IS NULL").rowcount
    assert moved
    assert copied(data_dir, source, target)[0] == 0


@pytest.mark.parametrize("odd", ["x'00ff'", "'a' || char(0)"])
@pytest.mark.parametrize("kinds", ["sqlite-postgresql"], indirect=True)
async def test_what_no_column_holds_stops_the_copy(source: str, target: str, data_dir: Path, odd: str) -> None:
    """SQLite takes a value of any type, and a NUL in a text, from whoever opens the file by hand."""
    await fill(source, data_dir)
    with closing(sqlite3.connect(str(parse_database_url(source).path), isolation_level=None)) as file:
        file.execute(f"UPDATE users SET password_hash = {odd} WHERE id = (SELECT min(id) FROM users)")
    code, _, err = copied(data_dir, source, target)
    assert (code, "copying users" in err, "Traceback" in err) == (1, True, False), err
    assert (await rows_in(target))["users"] == 0


def test_what_cannot_be_meant_is_said(sqlite: DatabaseKind, data_dir: Path) -> None:
    with sqlite.fresh() as one, sqlite.fresh(migrated=False) as other:
        for source, target, word in (
            (one, one, "same database"),
            (other, one, "no file"),
            ("mysql://x", one, "a database URL begins with"),
            (one, "sqlite:///:memory:", "must name a file"),
        ):
            code, _, err = copied(data_dir, source, target)
            assert (code, word in err) == (2, True), err
