"""Backups of an SQLite file: whole, made beside the server, and put back under a new history."""

import os
import random
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chatsvc.db.bulk import open_side
from chatsvc.db.server_lock import lock_for_serving
from chatsvc.db.urls import parse_database_url
from chatsvc.ops import backups
from chatsvc.ops.backups import BackupRefused, back_up
from tests.faults.people import with_phones
from tests.ops.conftest import MANY_ROWS, Said, fill, rows_in
from tests.support.databases import DatabaseKind
from tests.support.phone import over_http
from tests.support.processes import run_cli
from tests.support.service import running_service, service_settings


@pytest.fixture
def url(sqlite: DatabaseKind) -> Iterator[str]:
    with sqlite.fresh() as url:
        yield url


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


async def names_in(url: str) -> object:
    async with open_side(parse_database_url(url)) as side:
        return await side.value("SELECT group_concat(display_name) FROM users")


def found(folder: Path, pattern: str) -> list[Path]:
    return list(folder.glob(pattern))


def typed(data_dir: Path, url: str, *arguments: str) -> Said:
    done = run_cli(data_dir, *arguments, database_url=url)
    return done.returncode, done.stdout, done.stderr


async def test_a_backup_beside_the_server_is_whole_and_private(url: str, data_dir: Path, tmp_path: Path) -> None:
    await fill(url, data_dir)
    backup = tmp_path / "backup.db"
    async with running_service(service_settings(url, data_dir)) as service:
        ana, ben = await service.register(), await service.register()
        talk = await ana.open_direct(ben)
        assert (await ana.send(talk, "in-the-log-alone")).status_code == 201  # not yet in the file itself
        assert typed(data_dir, url, "backup", str(backup))[::2] == (0, "")
        assert (await ana.send(talk, "after-it")).status_code == 201
    held, now = await rows_in(f"sqlite:///{backup}"), await rows_in(url)
    assert held.pop("messages") + 1 == now.pop("messages")
    assert held == now
    assert backup.read_bytes()[18:20] == b"\x01\x01"  # no write-ahead log (sqlite.org/fileformat2.html, section 1.3)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert found(tmp_path, "*backup*") == [backup]


async def test_what_is_committed_while_a_backup_runs_is_not_in_it(
    url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it begin anew with each commit: it would never end beside a busy server."""
    monkeypatch.setattr(backups, "_PAGES_AT_ONCE", 1)
    await fill(url, data_dir)
    before, path, commits = await rows_in(url), path_of(url), 0
    with closing(sqlite3.connect(path, isolation_level=None)) as server:
        server.execute("PRAGMA journal_mode=WAL")

        class Busy:
            def start(self, what: str, count: int | None) -> None: ...

            def advance(self, count: int) -> None:  # noqa: ARG002
                nonlocal commits
                commits += 1
                server.execute(MANY_ROWS["sqlite"].format(1).replace("%012d', i", f"%012d', {commits}"))

        back_up(path, data_dir / "backup.db", Busy())
    assert commits > 10
    assert await rows_in(f"sqlite:///{data_dir / 'backup.db'}") == before
    assert (await rows_in(url))["auth_events"] == before["auth_events"] + commits


async def test_phones_that_are_ahead_of_a_restored_backup_end_equal(url: str, tmp_path: Path) -> None:
    data_dir, backup = tmp_path / "data", tmp_path / "backup.db"
    settings = service_settings(url, data_dir)
    with with_phones(tmp_path, random.Random(7)) as people:
        async with running_service(settings) as service:
            people.server = over_http(service.client)
            await people.arrive(3)
            await people.act(15)
            assert typed(data_dir, url, "backup", str(backup))[0] == 0
            await people.act(15)
            told = people.acknowledged()
        people.server = None
        await people.act(3)
        code, out, err = typed(data_dir, url, "restore", str(backup))
        assert (code, err) == (0, "")
        assert "every promise holds" in out
        async with running_service(settings) as service:
            people.server = over_http(service.client)
            await people.settle()
            await people.require_equal()
        assert [1 for name, message_id in people.acknowledged().items() if told.get(name, message_id) != message_id]


async def test_what_was_there_before_a_restore_is_kept(url: str, data_dir: Path, tmp_path: Path) -> None:
    await fill(url, data_dir)
    before, backup = await rows_in(url), tmp_path / "backup.db"
    assert typed(data_dir, url, "backup", str(backup))[0] == 0
    async with running_service(service_settings(url, data_dir)) as service:
        await service.register()
    after = await rows_in(url)
    code, out, _ = typed(data_dir, url, "restore", str(backup))
    (kept,) = found(path_of(url).parent, f"{path_of(url).name}.before-*")
    assert (code, str(kept) in out) == (0, True)
    assert await rows_in(url) == before
    assert await rows_in(f"sqlite:///{kept}") == after
    assert found(path_of(url).parent, ".*partial*") == []


async def test_a_restore_into_nothing_makes_the_database(sqlite_nothing: str, url: str, data_dir: Path) -> None:
    await fill(url, data_dir)
    backup = data_dir / "backup.db"
    assert typed(data_dir, url, "backup", str(backup))[0] == 0
    code, out, _ = typed(data_dir, sqlite_nothing, "restore", str(backup))
    assert (code, "is kept in" in out) == (0, False)
    assert await rows_in(sqlite_nothing) == await rows_in(url)


@pytest.fixture
def sqlite_nothing(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'not' / 'yet.db'}"


async def test_a_backup_of_what_was_moved_is_served_again(url: str, sqlite_nothing: str, data_dir: Path) -> None:
    backup = data_dir.parent / "backup.db"
    assert typed(data_dir, url, "copy", "--from", url, "--to", sqlite_nothing, "--final")[0] == 0
    assert typed(data_dir, url, "backup", str(backup))[0] == 0
    assert typed(data_dir, url, "restore", str(backup))[0] == 0
    async with running_service(service_settings(url, data_dir)) as service:
        assert (await service.call("GET", "/readyz")).is_success


async def test_nothing_is_changed_by_what_cannot_be_restored(url: str, data_dir: Path, tmp_path: Path) -> None:
    await fill(url, data_dir)
    good, damaged, other, newer = (tmp_path / f"{name}.db" for name in ("good", "damaged", "other", "newer"))
    assert typed(data_dir, url, "backup", str(good))[0] == 0
    size = good.stat().st_size
    damaged.write_bytes(good.read_bytes()[: size // 2] + b"\xff" * (size // 4) + good.read_bytes()[size * 3 // 4 :])
    other.write_bytes(b"not a database, but long enough to be read as one" * 100)
    newer.write_bytes(good.read_bytes())
    with closing(sqlite3.connect(newer, isolation_level=None)) as file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
        file.execute("UPDATE service_state SET oldest_code = '9999'")
    content = path_of(url).read_bytes()
    for backup, word in (
        (damaged, "damaged"),
        (other, "no database of chatsvc"),
        (newer, "newer"),
        (tmp_path, "no file"),
    ):
        code, _, err = typed(data_dir, url, "restore", str(backup))
        assert (code, word in err, "Traceback" in err) == (2, True, False), err
        assert path_of(url).read_bytes() == content
    assert found(path_of(url).parent, ".*partial*") == []


async def test_a_database_in_service_is_not_replaced(url: str, data_dir: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    assert typed(data_dir, url, "backup", str(backup))[0] == 0
    with closing(lock_for_serving(path_of(url))):
        code, _, err = typed(data_dir, url, "restore", str(backup))
    assert (code, "being served" in err) == (2, True)


async def test_a_backup_takes_no_files_place(url: str, data_dir: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    backup.write_text("precious")
    code, _, err = typed(data_dir, url, "backup", str(backup))
    assert (code, "is there already" in err) == (2, True)
    assert backup.read_text() == "precious"
    assert typed(data_dir, url, "backup", str(data_dir / "no" / "folder" / "b.db"))[0] == 2


def test_postgres_has_tools_of_its_own(postgresql: DatabaseKind, data_dir: Path) -> None:
    with postgresql.fresh() as url:
        for command in ("backup", "restore"):
            code, _, err = typed(data_dir, url, command, os.devnull)
            assert (code, "Postgres has tools of its own" in err) == (2, True)


async def test_the_log_of_a_database_that_is_gone_is_not_replayed_into_another(url: str, data_dir: Path) -> None:
    """A write-ahead log beside a file that it is not of damages it (sqlite.org/howtocorrupt.html, section 1.4)."""
    await fill(url, data_dir)
    path, backup, stale = path_of(url), data_dir / "backup.db", data_dir / "stale"
    assert typed(data_dir, url, "backup", str(backup))[0] == 0
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("PRAGMA journal_mode=WAL")
        file.execute("UPDATE users SET display_name = 'of another history'")
        shutil.copyfile(f"{path}-wal", stale)
    path.unlink()
    shutil.copyfile(stale, f"{path}-wal")
    assert typed(data_dir, url, "restore", str(backup))[0] == 0
    assert await names_in(url) == await names_in(f"sqlite:///{backup}")


async def test_two_backups_to_one_name_make_one_whole_file(url: str, data_dir: Path) -> None:
    """The second begins while the first writes; one of them is told that the name is taken."""
    await fill(url, data_dir)
    backup, begun = data_dir / "backup.db", list[str]()

    class Twice:
        def start(self, what: str, count: int | None) -> None:  # noqa: ARG002
            if not begun:
                begun.append(what)
                back_up(path_of(url), backup, Twice())

        def advance(self, count: int) -> None: ...

    with pytest.raises(BackupRefused, match="is there already"):
        back_up(path_of(url), backup, Twice())
    assert await rows_in(f"sqlite:///{backup}") == await rows_in(url)
    assert found(data_dir, ".*partial*") == []


async def test_a_database_that_somebody_reads_is_not_replaced(
    url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "_PATIENCE_SECONDS", 0.1)
    await fill(url, data_dir)
    backup = data_dir / "backup.db"
    assert typed(data_dir, url, "backup", str(backup))[0] == 0
    with closing(sqlite3.connect(path_of(url), isolation_level=None)) as reader:
        reader.execute("PRAGMA journal_mode=WAL")
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM users").fetchone()
        code, _, err = typed(data_dir, url, "restore", str(backup))
    assert (code, "in use" in err, "Traceback" in err) == (2, True, False), err
    assert found(path_of(url).parent, f"{path_of(url).name}.before-*") == []


async def test_a_damaged_database_is_replaced_and_kept_as_it_was(url: str, data_dir: Path) -> None:
    await fill(url, data_dir)
    path, backup = path_of(url), data_dir / "backup.db"
    assert typed(data_dir, url, "backup", str(backup))[0] == 0
    path.write_bytes(b"overwritten" * 1_000)
    assert typed(data_dir, url, "restore", str(backup))[0] == 0
    assert await rows_in(url) == await rows_in(f"sqlite:///{backup}")
    (kept,) = found(path.parent, f"{path.name}.before-*")
    assert kept.read_bytes() == b"overwritten" * 1_000


async def test_a_file_with_half_of_the_tables_is_refused(url: str, data_dir: Path, tmp_path: Path) -> None:
    backup = tmp_path / "half.db"
    with closing(sqlite3.connect(backup, isolation_level=None)) as file:
        file.execute("CREATE TABLE alembic_version (version_num text)")
        file.execute("INSERT INTO alembic_version VALUES ('0001')")
    content = path_of(url).read_bytes()
    code, _, err = typed(data_dir, url, "restore", str(backup))
    assert (code, "no such table" in err, "Traceback" in err) == (2, True, False), err
    assert path_of(url).read_bytes() == content


async def test_a_database_whose_index_misses_a_row_is_not_backed_up(url: str, data_dir: Path) -> None:
    """Every page can be read, and yet it is not whole."""
    await fill(url, data_dir)
    path, backup, index = path_of(url), data_dir / "backup.db", "ix_users_display_name_folded"
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        known = file.execute("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema WHERE name = ?", (index,))
        entry = known.fetchone()
        file.execute("PRAGMA writable_schema=ON")
        file.execute("DELETE FROM sqlite_schema WHERE name = ?", (index,))
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("UPDATE users SET display_name_folded = 'seen by no index'")
        file.execute("PRAGMA writable_schema=ON")
        file.execute("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)", entry)
    code, _, err = typed(data_dir, url, "backup", str(backup))
    assert (code, "is damaged" in err, backup.exists()) == (2, True, False), err
