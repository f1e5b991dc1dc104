"""Filling a database with a population: the schema by the service's migrations, the rows as fast as each can."""

import asyncio
from collections.abc import Callable

from bench.population import Population
from bench.seeding.into_postgres import fill_postgres
from bench.seeding.into_sqlite import fill_sqlite
from chatsvc.db.schema import migrate
from chatsvc.db.urls import parse_database_url
from chatsvc.settings import Settings


def seed(url: str, population: Population, say: Callable[[str], None] = lambda _: None) -> None:
    """Migrate an empty database and fill it. For a database that holds people already: ValueError, nothing changed."""
    place = parse_database_url(url)
    asyncio.run(migrate(place, Settings()))
    if place.path:
        fill_sqlite(place.path, population, say)
    else:
        asyncio.run(fill_postgres(place.dsn, population, say))
