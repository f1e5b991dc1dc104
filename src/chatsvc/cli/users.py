"""`chatsvc users …`: people's affairs, beside a running service or without one."""

import json
import os
import secrets
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, BinaryIO, TypeVar
from uuid import UUID

import typer

from chatsvc.cli.progress import Bar
from chatsvc.cli.running import read_settings, refuse, with_database
from chatsvc.commands.audit import Origin
from chatsvc.commands.delete_user import DeleteUser, delete_user
from chatsvc.commands.disable_user import DisableUser, disable_user
from chatsvc.commands.enable_user import EnableUser, enable_user
from chatsvc.commands.reset_password import ResetPassword, reset_password
from chatsvc.db import Database
from chatsvc.errors import ChatError, UserNotFound
from chatsvc.queries.accounts import Account, Use, account, accounts, use
from chatsvc.security.passwords import hash_password, normalize_password

R = TypeVar("R")
users = typer.Typer(help="People: who there is, and what is to be done about them.", no_args_is_help=True)
Who = Annotated[str, typer.Argument(help="A username or an id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, an object in each line.")]
_CLI = Origin(request_id="cli")
_PAGE = 500


@users.command("list")
def list_command(*, as_json: AsJson = False) -> None:
    """List everybody, by username: name, state (active, disabled or deleted), day of registration, display name."""

    async def work(db: Database) -> None:
        after = ""
        while page := await db.read_primary(accounts, after=after, limit=_PAGE):
            for one in page:
                typer.echo(json.dumps(asdict(one)) if as_json else _line(one))
            after = page[-1].username

    _run(work)


@users.command("show")
def show_command(who: Who, *, as_json: AsJson = False) -> None:
    """Show somebody: names, state, live sessions, conversations and messages."""

    async def work(db: Database) -> tuple[Account, Use]:
        found = await db.read_primary(account, who=who)
        return found, await db.read_primary(use, user_id=UUID(found.id))

    found, used = _run(work)
    told = {**asdict(found), "state": found.state, **asdict(used)}
    if as_json:
        typer.echo(json.dumps(told))
    else:
        for name, value in told.items():
            typer.echo(f"{name:14}{'-' if value is None else value}")


@users.command("disable")
def disable_command(who: Who) -> None:
    """Sign somebody out everywhere and let nobody sign in as, or write to, them. Safe to repeat."""
    _change(
        who, lambda db, user_id: db.execute(disable_user, DisableUser(user_id, _CLI)), "disabled", "disabled already"
    )


@users.command("enable")
def enable_command(who: Who) -> None:
    """Let somebody in again who was disabled. Safe to repeat."""
    _change(who, lambda db, user_id: db.execute(enable_user, EnableUser(user_id, _CLI)), "enabled", "not disabled")


@users.command("reset-password")
def reset_password_command(
    who: Who,
    *,
    stdin: Annotated[bool, typer.Option("--stdin", help="Read the new password from standard input.")] = False,
) -> None:
    """Give somebody a new password, printed here and nowhere else, and end every session."""
    password = _password_from_stdin() if stdin else secrets.token_urlsafe(12)

    async def work(db: Database, user_id: UUID) -> bool:
        await db.execute(reset_password, ResetPassword(user_id, hash_password(normalize_password(password)), _CLI))
        return True

    _change(who, work, "signed out everywhere" if stdin else f"signed out everywhere; the new password is {password}")


@users.command("export")
def export_command(
    who: Who, file: Annotated[Path | None, typer.Argument(help="A new file; without one to standard output.")] = None
) -> None:
    """Write all that is held of somebody, as one JSON object: profile, sessions, audit log, conversations, messages."""
    from chatsvc.api.export import export  # noqa: PLC0415 - the other commands do not need it

    bar = Bar()

    async def work(db: Database) -> None:
        found = await db.read_primary(account, who=who)
        used = await db.read_primary(use, user_id=UUID(found.id))
        with _new_file(file) as out:
            bar.start("exporting messages", used.messages)
            async for piece in export(db, UUID(found.id), read=bar.advance):
                out.write(piece)
            out.write(b"\n")

    try:
        _run(work)
    finally:
        bar.end()


@users.command("delete")
def delete_command(
    who: Who, *, yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False
) -> None:
    """Delete somebody for ever. What they wrote stays readable to the others, under a name that tells nothing."""
    found = _run(lambda db: db.read_primary(account, who=who))
    if not yes and not typer.confirm(f"Delete {found.username} ({found.display_name}) for ever?", err=True):
        raise typer.Exit(1)
    _change(
        found.id,
        lambda db, user_id: db.execute(delete_user, DeleteUser(user_id, None, _CLI)),
        "deleted",
        "deleted already",
    )


def _run(work: Callable[[Database], Awaitable[R]]) -> R:
    settings = read_settings().model_copy(update={"statement_timeout_seconds": 0})  # some people have very much
    try:
        return with_database(settings, work)
    except UserNotFound:
        refuse("there is no such user")
    except (ChatError, OSError) as error:
        refuse(getattr(error, "message", None) or str(error))


def _change(who: str, work: Callable[[Database, UUID], Awaitable[bool]], done: str, already: str = "") -> None:
    """`work` tells whether it changed anything."""

    async def found_and_changed(db: Database) -> tuple[Account, bool]:
        found = await db.read_primary(account, who=who)
        return found, await work(db, UUID(found.id))

    found, changed = _run(found_and_changed)
    typer.echo(f"{found.username} is {done if changed else already}")


def _line(one: Account) -> str:
    return f"{one.username:33}{one.state:9}{one.created_at[:10]}  {one.display_name}"


def _password_from_stdin() -> str:
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - the other commands do not need them

    from chatsvc.api.inputs import Password  # noqa: PLC0415

    try:
        return TypeAdapter(Password).validate_python(sys.stdin.readline().rstrip("\r\n"))
    except ValidationError as error:
        refuse(f"the password {error.errors()[0]['msg']}")


@contextmanager
def _new_file(path: Path | None) -> Iterator[BinaryIO]:
    """For its owner alone; not there unless the block came to its end."""
    if path is None:
        yield sys.stdout.buffer
        return
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        try:
            yield file
        except BaseException:
            path.unlink()
            raise
