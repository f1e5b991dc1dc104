"""`chatsvc copy` and `chatsvc verify`."""

import asyncio
import sqlite3
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from chatsvc.cli.checking import check_database
from chatsvc.cli.progress import Bar
from chatsvc.cli.running import read_settings, refuse
from chatsvc.db.schema import SchemaMismatch
from chatsvc.db.urls import BadDatabaseUrl, DatabaseUrl, parse_database_url
from chatsvc.server.refusals import DATABASE_ERRORS, said
from chatsvc.settings import Settings

if TYPE_CHECKING:
    from chatsvc.ops.transfer import Difference
    from chatsvc.ops.transfer.comparing import Fingerprint

R = TypeVar("R")
_From = Annotated[str, typer.Option("--from", help="URL of the database that is read.")]
_To = Annotated[str, typer.Option("--to", help="URL of the other one.")]


def add_to(app: typer.Typer) -> None:
    """The commands of this module."""
    app.command("copy")(copy_command)
    app.command("verify")(verify_command)


def copy_command(
    source: _From,
    target: _To,
    *,
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="Copy a source that is being served, to try it.")
    ] = False,
    final: Annotated[bool, typer.Option("--final", help="Mark the source as moved: it is not served again.")] = False,
) -> None:
    """Copy everything into an empty database of either kind, in one transaction, compared before it is committed.

    Tokens, sessions and the sync epoch come along: phones go on without noticing. Exit code 0: all is there and the
    same, and every promise holds; 1: something differs, and the target is empty, or a promise does not hold, as in the
    source; both are printed; 2: the state of a database is not one for it, and the target is empty.
    """
    if rehearse and final:
        refuse("--final moves a database, --rehearse does not")
    from chatsvc.ops.transfer import CopyDiffers, copy  # noqa: PLC0415 - the other commands do not need it

    places = _read(source), _read(target)
    if places[0] == places[1]:
        refuse("the source and the target are the same database")
    progress = Bar()
    work = copy(*places, _on(target), progress, rehearse=rehearse, final=final)
    try:
        _report(_run(work, progress, "; the target is as it was, or whole: `chatsvc verify` tells"), [])
    except CopyDiffers as error:
        _report(error.copied, error.differences)
    typer.echo(f"copied {places[0].place} to {places[1].place}")
    if final:
        typer.echo(f"{places[0].place} is marked as moved, and is not served again")
    check_database(_on(target))


def verify_command(
    source: _From,
    target: _To,
    *,
    final: Annotated[bool, typer.Option("--final", help="Mark the source as moved, if both hold the same.")] = False,
) -> None:
    """Compare two databases by content: the number of rows of every table, and a hash over all that is in them.

    Both may be in service; what is written meanwhile is a difference. Exit code 0: the same; 1: something differs, and
    is printed.
    """
    from chatsvc.ops.transfer import verify  # noqa: PLC0415 - the other commands do not need it

    progress = Bar()
    _report(*_run(verify(_read(source), _read(target), progress, final=final), progress))
    check_database(_on(target))


def _read(url: str) -> DatabaseUrl:
    try:
        return parse_database_url(url)
    except BadDatabaseUrl as error:
        refuse(str(error))


def _run(work: Coroutine[Any, Any, R], progress: Bar, then: str = "") -> R:
    from chatsvc.ops.transfer import TransferRefused  # noqa: PLC0415

    try:
        return asyncio.run(work)
    except (TransferRefused, SchemaMismatch, FileNotFoundError) as error:
        refuse(str(error))
    except (*DATABASE_ERRORS, sqlite3.Error, ValueError) as error:
        typer.echo(f"chatsvc: while {progress.what or 'beginning'}: {said(error)}{then}", err=True)
        raise typer.Exit(1) from None
    finally:
        progress.end()


def _report(found: "dict[str, Fingerprint]", differences: "list[Difference]") -> None:
    for table, ours in found.items():
        typer.echo(f"{table:24}{ours.rows:>12,} rows  {ours.digest[:16]}")
    for one in differences:
        counts = f"{one.source.rows} rows and {one.target.rows}"
        typer.echo(f"DIFFERS: {one.table} ({counts}): {one.rows} not the same: {', '.join(one.keys)}", err=True)
    if differences:
        raise typer.Exit(1)
    typer.echo("both hold the same")


def _on(url: str) -> Settings:
    return read_settings(database_url=url, read_database_url="")
