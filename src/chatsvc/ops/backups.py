"""Backups of an SQLite file: made while it is served, and put back under a new history.

Postgres has tools of its own for both.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy.exc import DBAPIError

from chatsvc.db.schema import migrate
from chatsvc.db.server_lock import lock_for_serving
from chatsvc.db.urls import DatabaseUrl
from chatsvc.fsync import fsync
from chatsvc.ops.progress import Progress
from chatsvc.settings import Settings

_PAGES_AT_ONCE = 2_000
_PATIENCE_SECONDS = 30
_ENDS = ("-wal", "-shm", "-journal")


class BackupRefused(RuntimeError):
    """Nothing was changed; the message says why."""


def back_up(path: Path, to: Path, progress: Progress) -> None:
    """Write the database as it is at this moment into a new file, whole and on disk, or not at all.

    It may be served meanwhile: neither waits for the other. Raises BackupRefused.
    """
    if any(place.exists() for place in (to, *_companions(to))):
        raise BackupRefused(f"{to} is there already")
    with _partial(to) as partial:
        _copy(path, partial, progress)
        fsync(partial)
        try:
            os.link(partial, to)  # in one step, and never over another file
        except FileExistsError as error:
            raise BackupRefused(f"{to} is there already") from error


async def restore(backup: Path, path: Path, settings: Settings, progress: Progress) -> tuple[UUID, Path | None]:
    """Put a backup in the place of a database that is out of service, under a new sync epoch and this version's schema.

    Gives the epoch, and the file under which the database that was there is kept. Every phone then starts over, keeps
    its outbox, and sends again what the backup lacks. Raises BackupRefused, SchemaMismatch and AlreadyServed.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with closing(lock_for_serving(path)), _partial(path) as partial:
        _copy(backup, partial, progress)
        try:
            await migrate(DatabaseUrl(path=partial), settings)
            epoch = _under_a_new_epoch(partial)
        except (DBAPIError, sqlite3.Error) as error:
            raise BackupRefused(f"{backup} is no database of chatsvc: {getattr(error, 'orig', error)}") from error
        fsync(partial)
        kept = _set_aside(path)
        partial.replace(path)
    return epoch, kept


@contextmanager
def _partial(path: Path) -> Iterator[Path]:
    """A file beside the one that it is going to be. The block puts it there; that it is there is on disk at the end."""
    partial = path.with_name(f".{path.name}.{uuid4().hex}.partial")
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        yield partial
        fsync(path.parent)
    finally:
        for left in (partial, *_companions(partial)):
            left.unlink(missing_ok=True)


def _copy(source: Path, target: Path, progress: Progress) -> None:
    """Page by page from one snapshot, looked at afterwards."""
    with closing(_opened(source)) as reading, closing(_opened(target)) as writing:
        try:
            # The snapshot stays as it is; without it the copy would begin anew with each commit of the server.
            reading.execute("BEGIN")
            reading.execute("SELECT version_num FROM alembic_version").fetchone()
            (total,) = reading.execute("PRAGMA page_count").fetchone()
            progress.start(f"copying {source.name}", total)
            left = total

            def told(_status: int, remaining: int, _total: int) -> None:
                nonlocal left
                progress.advance(left - remaining)
                left = remaining

            reading.backup(writing, pages=_PAGES_AT_ONCE, progress=told)
            writing.execute("PRAGMA synchronous=FULL")
            writing.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
            progress.start("looking through it", 1)
            (found,) = writing.execute("PRAGMA integrity_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            raise BackupRefused(f"{source} is no database of chatsvc, or is damaged: {error}") from error
    if found != "ok":
        raise BackupRefused(f"{source} is damaged: {found}")


def _under_a_new_epoch(path: Path) -> UUID:
    epoch = uuid4()
    with closing(_opened(path)) as connection:
        # Whoever restores a database that was moved means to serve it.
        connection.execute("UPDATE service_state SET sync_epoch = ?, moved_at = NULL", (str(epoch),))
        connection.execute("PRAGMA journal_mode=DELETE")
    return epoch


def _set_aside(path: Path) -> Path | None:
    """Give the database that is there a further name; nothing stays beside its place that belonged to it.

    A write-ahead log would be replayed into whatever takes the place (sqlite.org/howtocorrupt.html, section 1.4). What
    cannot be folded into a damaged database is kept with it.
    """
    kept = path.with_name(f"{path.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    if path.exists():
        with closing(_opened(path)) as connection:
            try:
                connection.execute("PRAGMA journal_mode=DELETE")  # folds the log in, and removes it
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                    raise BackupRefused(f"{path} is in use by another process") from error
        os.link(path, kept)  # it keeps its own name too, until the other one takes it
    for left, end in zip(_companions(path), _ENDS, strict=True):
        if left.exists():
            left.rename(kept.with_name(kept.name + end))
    return kept if kept.exists() else None


def _opened(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise BackupRefused(f"there is no file {path}")
    return sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE_SECONDS)


def _companions(path: Path) -> list[Path]:
    """What SQLite keeps beside a file while it is open."""
    return [path.with_name(path.name + end) for end in _ENDS]
