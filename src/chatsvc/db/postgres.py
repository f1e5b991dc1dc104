"""Postgres: pools, time-outs, and dead connections replaced before anybody's first statement.

A ping at every checkout costs three round trips. A connection that the server closed is known without asking; only one
that sat idle for some seconds, and may have been cut silently on the way, is asked, in one round trip.
"""

import time
from typing import Any
from uuid import uuid4

import asyncpg
from sqlalchemy import Connection, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

from chatsvc.settings import Settings

_CONNECT_SECONDS = 5
_POOL_WAIT_SECONDS = 5
_PING_SECONDS = 2
# What was answered is on disk, also where it was switched off for the server, the database or the role.
_DURABLE = "replace(current_setting('synchronous_commit'), 'off', 'on')"


# A request names some rows of a large table. Of a list in JSON the planner knows no length, and while tables are small
# it would sooner read them whole for it: another plan at each size, and each time a slower one.
FEW_OF_MANY = {"enable_hashjoin": "off", "enable_mergejoin": "off", "jit": "off"}


def postgres_engine(
    dsn: str, settings: Settings, *, read_only: bool, replica: bool = False, serving: bool = False
) -> AsyncEngine:
    """An engine for commands (READ COMMITTED: a waiter must re-read the counter after the winner commits) or queries.

    asyncpg itself reads the DSN, so libpq's parameters (sslmode, sslrootcert, several hosts) mean what they say. Of
    several hosts the one that is no standby is taken, unless it is the `replica` that is looked for.
    """
    parameters = _time_outs(settings) | (FEW_OF_MANY if serving else {})
    connector = _connector(dsn, settings, parameters, read_only=read_only, replica=replica)
    arguments: dict[str, Any] = {"async_creator_fn": connector}
    if settings.pgbouncer:
        # A pooled server connection is another one in each transaction: no cache, and names that never meet.
        arguments |= {"prepared_statement_cache_size": 0, "prepared_statement_name_func": lambda: f"s_{uuid4().hex}"}
    modes: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    engine = create_async_engine(
        "postgresql+asyncpg://",
        connect_args=arguments,
        hide_parameters=True,  # errors go into the log
        execution_options=modes if read_only else {"isolation_level": "READ COMMITTED"},
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=_POOL_WAIT_SECONDS,
        pool_use_lifo=True,  # the one whose statements are prepared, and whose memory is warm
    )
    if settings.pgbouncer:
        _set_in_each_transaction(engine, parameters, read_only=read_only)
    _replace_the_dead(engine, settings.ping_after_idle_seconds)
    return engine


def _time_outs(settings: Settings) -> dict[str, str]:
    statement = int(settings.statement_timeout_seconds * 1000)
    return {
        "statement_timeout": f"{statement}",
        "lock_timeout": f"{int(settings.lock_timeout_seconds * 1000)}",
        "idle_in_transaction_session_timeout": f"{2 * statement}",
    }


def _command_seconds(settings: Settings) -> float | None:
    """The client's own bound, for a server that says nothing any more; 0 switches both off."""
    return settings.statement_timeout_seconds + 2 if settings.statement_timeout_seconds else None


def _connector(dsn: str, settings: Settings, parameters: dict[str, str], *, read_only: bool, replica: bool) -> Any:
    options: dict[str, Any] = {"timeout": _CONNECT_SECONDS, "command_timeout": _command_seconds(settings)}
    if "," in dsn and "target_session_attrs" not in dsn and not replica:
        options["target_session_attrs"] = "primary"
    if settings.pgbouncer:
        options["statement_cache_size"] = 0
    else:
        options["server_settings"] = {"application_name": "chatsvc", "timezone": "UTC", **parameters}

    async def connect(**_: object) -> asyncpg.Connection:
        connection = await asyncpg.connect(dsn, **options)
        if read_only or settings.pgbouncer:
            return connection
        try:
            statement = f"SELECT set_config('synchronous_commit', {_DURABLE}, false)"
            await connection.execute(statement, timeout=_CONNECT_SECONDS)
        except BaseException:
            connection.terminate()
            raise
        return connection

    return connect


def _set_in_each_transaction(engine: AsyncEngine, parameters: dict[str, str], *, read_only: bool) -> None:
    """pgbouncer refuses settings at connect, and would hand a session's own to the next client."""
    values = {name: f"'{value}'" for name, value in parameters.items()}
    if not read_only:
        values["synchronous_commit"] = _DURABLE
    calls = ", ".join(f"set_config('{name}', {value}, true)" for name, value in values.items())

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"SELECT {calls}")


def _replace_the_dead(engine: AsyncEngine, ping_after_idle_seconds: float) -> None:
    @event.listens_for(engine.sync_engine, "checkin")
    def _note_time(_connection: object, record: Any) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def _look(connection: Any, record: Any, _proxy: object) -> None:
        driver = connection.driver_connection
        idle_since = record.info.get("idle_since")
        if idle_since is None and driver.is_closed():
            # Just made: the pool would give up with an error that does not tell that the server went.
            raise asyncpg.ConnectionDoesNotExistError("closed by the server while connecting")
        if driver.is_closed():
            raise DisconnectionError("closed by the server")
        if idle_since is None or time.monotonic() - idle_since < ping_after_idle_seconds:
            return
        try:
            await_only(driver.execute("", timeout=_PING_SECONDS))
        except Exception as error:
            raise DisconnectionError("no answer after being idle") from error
