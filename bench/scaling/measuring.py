"""What each call costs, measured on one Postgres by the service's own handlers in this process."""

import asyncio
from datetime import UTC, datetime

from bench.databases import Databases
from bench.population import speedy
from bench.running import say
from bench.scaling.calls import Call, all_calls
from bench.scaling.costs import Cost
from bench.scaling.keys_first import make_table
from bench.scaling.meters import TIMED, spent
from bench.seeding import seed
from chatsvc.db import Database, ReadSession, Tx
from chatsvc.db.engines import make_engines
from chatsvc.settings import Settings

_WARM_UP = 10


def postgres_process(databases: Databases) -> int:
    if (process := databases.postgres.process) is None:
        raise RuntimeError("Postgres is not running")
    return process.pid


def set_up(databases: Databases, *settings: str) -> None:
    """Settings of the whole server, from now on."""
    for setting in (*TIMED, *settings):
        databases.administer(f"ALTER SYSTEM SET {setting}")
    databases.administer("SELECT pg_reload_conf()")


def measure_calls(databases: Databases, rounds: int) -> list[Cost]:
    """All calls, each round one after the other."""
    url = databases.new("postgresql", "costs")
    population = speedy(datetime.now(UTC))
    seed(url, population)
    postgres = postgres_process(databases)

    async def run() -> list[Cost]:
        await make_table(url)
        # One connection, so that one alone has to tell its counts.
        database = Database(make_engines(Settings(database_url=url, pool_size=1), serving=True))
        try:
            wanted = await all_calls(population, database)
            return [
                await _measure(call, turn, database, url, postgres) for turn in range(1, rounds + 1) for call in wanted
            ]
        finally:
            await database.close()

    return asyncio.run(run())


async def _measure(call: Call, turn: int, database: Database, url: str, postgres: int) -> Cost:
    for _ in range(_WARM_UP):
        await call.run(database)
    await _tell(database)
    before = await spent(url, postgres)
    for _ in range(call.times):
        await call.run(database)
    await _tell(database)
    cost = await spent(url, postgres) - before
    made = Cost.of(call.name, call.size, turn, call.times, cost)
    say(f"round {turn}  {call.name:<12} {call.size:>4}  {made.service_ms:7.3f} ms  Postgres {made.postgres_ms:7.3f} ms")
    return made


async def _tell(database: Database) -> None:
    """Have both connections, for commands and for queries, tell what they have done so far."""
    await database.execute(_flush, None)
    await database.read_primary(_flush)


async def _flush(place: Tx | ReadSession, _: None = None) -> None:
    await place.connection.exec_driver_sql("SELECT pg_stat_force_next_flush()")
