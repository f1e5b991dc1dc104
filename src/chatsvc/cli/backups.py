"""`chatsvc backup` and `chatsvc restore`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from chatsvc.cli.checking import check_database
from chatsvc.cli.progress import Bar
from chatsvc.cli.running import read_settings, refuse
from chatsvc.db.schema import SchemaMismatch
from chatsvc.db.server_lock import AlreadyServed
from chatsvc.db.urls import BadDatabaseUrl, primary_url
from chatsvc.settings import Settings

_OTHERS = "Postgres has tools of its own: see Backups in docs/operations.md"


def add_to(app: typer.Typer) -> None:
    """The commands of this module."""
    app.command("backup")(backup_command)
    app.command("restore")(restore_command)


def backup_command(file: Annotated[Path, typer.Argument(help="A new file.")]) -> None:
    """Write the SQLite database as it is now into a new file, while the service runs.

    Exit code 0: the file is whole and on disk; 2: there is none, and why.
    """
    from chatsvc.ops.backups import BackupRefused, back_up  # noqa: PLC0415 - the other commands do not need it

    path, progress = _file_of(read_settings()), Bar()
    try:
        back_up(path, file, progress)
    except (BackupRefused, OSError) as error:
        refuse(str(error))
    finally:
        progress.end()
    typer.echo(f"{path} is backed up in {file}, {file.stat().st_size:,} bytes")


def restore_command(file: Annotated[Path, typer.Argument(help="A backup.")]) -> None:
    """Put a backup in the place of the SQLite database, under a new sync epoch. The service must be stopped.

    Every phone then starts over, keeps its outbox, and sends again what the backup lacks. What was there is kept. Exit
    code 0: every promise holds; 1: one does not, and is printed; 2: nothing was changed, and why.
    """
    from chatsvc.ops.backups import BackupRefused, restore  # noqa: PLC0415

    settings, progress = read_settings(), Bar()
    path = _file_of(settings)
    try:
        epoch, kept = asyncio.run(restore(file, path, settings, progress))
    except (BackupRefused, SchemaMismatch, AlreadyServed, OSError) as error:
        refuse(str(error))
    finally:
        progress.end()
    typer.echo(f"{path} is restored from {file}, sync epoch {epoch}")
    if kept:
        typer.echo(f"what was there is kept in {kept}")
    check_database(settings)


def _file_of(settings: Settings) -> Path:
    try:
        path = primary_url(settings).path
    except BadDatabaseUrl as error:
        refuse(str(error))
    return path or refuse(_OTHERS)
