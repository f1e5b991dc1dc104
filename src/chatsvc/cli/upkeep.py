"""`chatsvc migrate`, `chatsvc prune` and `chatsvc check`."""

import asyncio

import typer

from chatsvc.cli.checking import check_database
from chatsvc.cli.progress import Bar
from chatsvc.cli.running import read_settings, refuse, with_database
from chatsvc.db.schema import SchemaMismatch, is_newer, migrate, newest_revision
from chatsvc.db.urls import BadDatabaseUrl, primary_url
from chatsvc.server.refusals import DATABASE_ERRORS, said
from chatsvc.workers.pruning import prune_all


def add_to(app: typer.Typer) -> None:
    """The commands of this module."""
    app.command("migrate")(migrate_command)
    app.command("prune")(prune_command)
    app.command("check")(check_command)


def migrate_command() -> None:
    """Bring the database's schema up to this version. Safe to repeat, and to run from several machines at once."""
    settings, bar = read_settings(), Bar()
    bar.start("migrating", None)
    try:
        before, after = asyncio.run(migrate(primary_url(settings), settings, on_step=lambda: bar.advance(1)))
    except (SchemaMismatch, BadDatabaseUrl) as error:
        refuse(str(error))
    except DATABASE_ERRORS as error:
        refuse(f"the database does not answer: {said(error)}")
    finally:
        bar.end()
    if before == after:
        newer = f", newer than this version's {newest_revision()}, which may run on it" if is_newer(after) else ""
        typer.echo(f"schema {after}{newer}: nothing to do")
    else:
        typer.echo(f"schema {before or 'empty'} -> {after}")


def prune_command() -> None:
    """Remove spent tokens, ended sessions and old audit rows now; a running server does it every hour by itself."""
    settings, bar = read_settings(), Bar()
    bar.start("removing", None)
    try:
        pruned = with_database(settings, lambda db: prune_all(db, settings, lambda batch: bar.advance(batch.rows)))
    finally:
        bar.end()
    typer.echo(
        f"removed {pruned.refresh_tokens} refresh tokens, {pruned.sessions} sessions, {pruned.auth_events} audit rows, "
        f"{pruned.rate_limits} rate limits"
    )


def check_command() -> None:
    """Check that the contract's promises are true of this database: order without gaps, exactly once, nothing orphaned.

    It may run while the service does. Exit code 0: all hold; 1: one does not, and it is printed.
    """
    check_database(read_settings())
