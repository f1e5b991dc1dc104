"""The command line: what an operator types."""

import asyncio
import gc
import json
from typing import Annotated

import typer

from chatsvc import __version__
from chatsvc.cli import backups, transfer, upkeep, users
from chatsvc.cli.running import read_settings, refuse, with_database
from chatsvc.commands.new_epoch import new_epoch
from chatsvc.security.keys import new_key
from chatsvc.server.refusals import SERVING_ERRORS, why_not_served
from chatsvc.settings import Settings

app = typer.Typer(
    help="chatsvc: a chat backend for offline-first messengers. Settings are environment variables, CHATSVC_….",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
keys = typer.Typer(help="Keys that sign access tokens.", no_args_is_help=True)
epoch = typer.Typer(help="The name of this database's history.", no_args_is_help=True)
app.add_typer(keys, name="keys")
app.add_typer(epoch, name="epoch")
app.add_typer(users.users, name="users")
transfer.add_to(app)
backups.add_to(app)
upkeep.add_to(app)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on [CHATSVC_HOST].")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on [CHATSVC_PORT].")] = None,
    workers: Annotated[int | None, typer.Option(help="Server processes, on Postgres [CHATSVC_WORKERS].")] = None,
) -> None:
    """Serve. An SQLite database is made and migrated by itself; a Postgres one must be migrated first."""
    from chatsvc.logs import configure_logs  # noqa: PLC0415 - the other commands do not need it

    given = {"host": host, "port": port, "workers": workers}
    settings = read_settings(**{name: value for name, value in given.items() if value is not None})
    configure_logs(settings)
    try:
        code = _supervised(settings) if settings.workers > 1 else _served(settings)
    except SERVING_ERRORS as error:
        refuse(why_not_served(error))
    if code:
        raise typer.Exit(code)


@app.command()
def openapi() -> None:
    """Print the OpenAPI document of the HTTP API."""
    from chatsvc.app import bare_app  # noqa: PLC0415 - the other commands do not need the routes

    typer.echo(json.dumps(bare_app().openapi(), indent=2, sort_keys=True))


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


@epoch.command("new")
def new_epoch_command() -> None:
    """Say that the database's history is another: after restoring a backup, a snapshot of a machine, or a failover that
    lost something. Every phone starts over, keeps its outbox, and sends again what this history lacks."""
    settings = read_settings()
    told = with_database(settings, lambda db: db.execute(new_epoch, None))
    typer.echo(f"sync epoch {told}")


@keys.command("new")
def new_key_command(
    kid: Annotated[str | None, typer.Option(help="Name of the key; by default the date and something random.")] = None,
) -> None:
    """Print a new key for CHATSVC_JWT_KEYS.

    To change keys with nobody logged out, put the new one in front and keep the old one behind it, separated by a
    comma, until the last access token that it signed has expired (15 minutes by default).
    """
    try:
        typer.echo(new_key(kid))
    except ValueError as error:
        refuse(str(error))


def _served(settings: Settings) -> int:
    gc.disable()  # until it serves: see chatsvc.server.memory
    from uvicorn.loops.auto import auto_loop_factory  # noqa: PLC0415 - a supervisor needs neither

    from chatsvc.server.serving import serve as run_server  # noqa: PLC0415

    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(run_server(settings))
    return 0


def _supervised(settings: Settings) -> int:
    from chatsvc.server.supervisor import supervise  # noqa: PLC0415 - a single server needs none

    return asyncio.run(supervise(settings))
