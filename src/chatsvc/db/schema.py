"""The schema's revision: bringing it up to date, and telling whether it serves this version.

Alembic is imported only where something is to be migrated, or explained: it would be a tenth of every start.
"""

import asyncio
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chatsvc.db.engines import make_engine
from chatsvc.db.oldest_code import allows
from chatsvc.db.reading import ReadSession
from chatsvc.db.urls import DatabaseUrl
from chatsvc.settings import Settings

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

R = TypeVar("R")
# A big table takes its time, and so does whoever migrates before: neither is worth giving up for.
_PATIENT = {"statement_timeout_seconds": 86_400.0, "lock_timeout_seconds": 3_600.0}
# On Postgres all requests for a table queue behind a migration that waits for it, itself behind one long reader; and
# where it alters several tables, it may meet a request that took them the other way round. It steps back before they
# give up, and before the second after which Postgres ends one of the two, and tries again.
_LOCK_SECONDS = 0.8
_PAUSE_SECONDS = 1.0
_IN_THE_WAY = {"55P03", "40P01"}  # lock_not_available, deadlock_detected
_ADVISORY_KEY = 0x63686174  # "chat": one migration at a time, however many replicas start together


class SchemaMismatch(RuntimeError):
    """The schema does not serve this version; the message says what to do."""


def scripts_directory() -> Path:
    """migrations/ of the installed package, or of the checkout."""
    inside = Path(__file__).resolve().parents[1] / "migrations"
    return inside if inside.is_dir() else Path(__file__).resolve().parents[3] / "migrations"


def alembic_config(connection: Connection | None = None) -> "Config":
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(scripts_directory()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@cache
def revisions() -> tuple[str, ...]:
    """All that this version of the code knows, in order, as the files are named."""
    return tuple(sorted(path.name.partition("_")[0] for path in (scripts_directory() / "versions").glob("[0-9]*.py")))


def newest_revision() -> str:
    """The revision that this version of the code was written for."""
    return revisions()[-1]


def is_newer(revision: str) -> bool:
    """Made by a version that comes after this one."""
    return revision != "" and revision not in revisions()


async def migrate(
    url: DatabaseUrl, settings: Settings, revision: str = "head", *, on_step: Callable[[], None] = lambda: None
) -> tuple[str, str]:
    """Bring the schema to `revision`; gives the revisions before and after. Safe to run by many at once, and again.

    To a newer schema that lets this version run, nothing is done. `on_step` is called after each revision. Raises
    SchemaMismatch.
    """

    def run(connection: Connection) -> tuple[str, str]:
        before = _revision_of(connection)
        if revision == "head" and (before == newest_revision() or is_newer(before)):
            _require(connection)
            return before, before
        from alembic import command  # noqa: PLC0415

        config = alembic_config(connection)
        config.attributes["on_step"] = on_step
        (command.downgrade if _is_older(revision, before) else command.upgrade)(config, revision)
        return before, _revision_of(connection)

    return await in_migration(url, settings, run)


async def in_migration(url: DatabaseUrl, settings: Settings, run: Callable[[Connection], R]) -> R:
    """Run a function in one transaction that may alter tables, alone among all that migrate this database.

    Run again, whole, for as long as others are in its way on Postgres: an hour at most.
    """
    engine = make_engine(url, settings.model_copy(update=_PATIENT), read_only=False)
    if url.path:
        _switch_off_foreign_keys(engine)
    give_up = time.monotonic() + _PATIENT["lock_timeout_seconds"]
    try:
        while True:
            try:
                return await _one_attempt(engine, url, run)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in _IN_THE_WAY or time.monotonic() > give_up:
                    raise
            await asyncio.sleep(_PAUSE_SECONDS)
    finally:
        await engine.dispose()


async def _one_attempt(engine: AsyncEngine, url: DatabaseUrl, run: Callable[[Connection], R]) -> R:
    async with engine.begin() as connection:
        if not url.path:
            await _wait_for_turn(connection)
        result = await connection.run_sync(run)
        if url.path and (broken := (await connection.execute(text("PRAGMA foreign_key_check"))).all()):
            raise RuntimeError(f"the migration would leave {len(broken)} rows without their parents: nothing changed")
        return result


async def require_serving(connection: AsyncConnection) -> None:
    """Raise SchemaMismatch, and say what to do, unless the schema is the one of this version, or lets it run."""
    await connection.run_sync(_require)


async def schema_serves(session: ReadSession) -> None:
    """The same as a query, for a process that runs already."""
    await require_serving(session.connection)


def _require(connection: Connection) -> None:
    revision = _revision_of(connection)
    if revision == newest_revision():
        return
    if is_newer(revision):
        if allows(connection, newest_revision()):
            return
        raise SchemaMismatch(
            f"the database's schema ({revision}) was made by a newer chatsvc, and no longer serves this one "
            f"({newest_revision()}): run that version, or restore a backup"
        )
    raise SchemaMismatch(
        f"the database's schema is at {revision or 'nothing'}, this version needs {newest_revision()}: "
        "run `chatsvc migrate` first"
    )


def _scripts() -> "ScriptDirectory":
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    return ScriptDirectory.from_config(alembic_config())


def _is_older(revision: str, current: str) -> bool:
    if revision == "base" or revision.startswith("-"):
        return True
    if revision == "head" or revision.startswith("+") or not current:
        return False
    return revision in {s.revision for s in _scripts().iterate_revisions(current, "base")} and revision != current


def _revision_of(connection: Connection) -> str:
    """As alembic keeps it."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def _switch_off_foreign_keys(engine: AsyncEngine) -> None:
    """In batch mode a table is dropped and made again: with foreign keys on, that deletes every child row."""

    @event.listens_for(engine.sync_engine, "connect")
    def _pragma(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.close()


async def _wait_for_turn(connection: AsyncConnection) -> None:
    await connection.execute(
        text("SELECT set_config('lock_timeout', '0', true), set_config('statement_timeout', '0', true)")
    )
    if (encoding := (await connection.execute(text("SHOW server_encoding"))).scalar_one()) != "UTF8":
        raise SchemaMismatch(f"the database's encoding is {encoding}: chatsvc needs one that was created with UTF8")
    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_KEY})
    limit = str(int(_LOCK_SECONDS * 1000))
    await connection.execute(text("SELECT set_config('lock_timeout', :limit, true)"), {"limit": limit})
