"""What the commands share: settings, a database for one piece of work, and saying no."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn, TypeVar

import typer
from pydantic import ValidationError

from chatsvc.db import Database
from chatsvc.db.engines import make_engines
from chatsvc.db.schema import SchemaMismatch, schema_serves
from chatsvc.db.urls import BadDatabaseUrl
from chatsvc.server.refusals import DATABASE_ERRORS, REFUSED, said
from chatsvc.settings import Settings

R = TypeVar("R")


def read_settings(**given: object) -> Settings:
    """From the environment and what is given; refused in words, which never repeat a value."""
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        # Never pydantic's own text, which repeats the values.
        problems = (f"{_name(problem['loc'])}{problem['msg']}" for problem in error.errors(include_input=False))
        refuse("; ".join(problems))


def _name(location: tuple[int | str, ...]) -> str:
    return f"CHATSVC_{str(location[0]).upper()}: " if location else ""


def with_database(settings: Settings, work: Callable[[Database], Awaitable[R]]) -> R:
    """Run something on the database of the settings, whose schema must be this version's."""

    async def run() -> R:
        db = Database(make_engines(settings))
        try:
            await db.read_primary(schema_serves)
            return await work(db)
        finally:
            await db.close()

    try:
        return asyncio.run(run())
    except (SchemaMismatch, BadDatabaseUrl) as error:
        refuse(str(error))
    except DATABASE_ERRORS as error:
        refuse(f"the database does not answer: {said(error)}")


def refuse(message: str) -> NoReturn:
    """End the process: something must be mended first."""
    typer.echo(f"chatsvc: {message}", err=True)
    raise typer.Exit(REFUSED)
