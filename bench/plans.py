"""How the statements of each call find their rows, asked of the database itself."""

import asyncio
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg

from bench.plain_requests import Request
from chatsvc.db.postgres import FEW_OF_MANY
from chatsvc.db.urls import parse_database_url
from chatsvc.logs import configure_logs
from chatsvc.settings import Settings
from tests.queries.plans import Run, statements_run
from tests.support.service import Service, running_service, service_settings

_ACCESS = re.compile(r"(SCAN|SEARCH) (\w+)(?: USING (?:AUTOMATIC )?(?:COVERING )?INDEX (\w+))?")
_NAMED = re.compile(
    r"\b(?:FROM|JOIN|UPDATE|INTO) (\w+)\b(?: AS (\w+)| (?!SET|WHERE|ON|SELECT|VALUES|USING|ORDER)(\w+))?"
)


def plans_of(url: str, jwt_keys: str, asked: Mapping[str, Request]) -> dict[str, list[str]]:
    """For each call, each table of the database that its statements read and by which index, in order of name.

    The service runs in this process meanwhile, and does what the calls ask.
    """
    configure_logs(Settings(log_level="error"))  # the requests are not what a person watches for
    return asyncio.run(_plans(url, jwt_keys, asked))


async def _plans(url: str, jwt_keys: str, asked: Mapping[str, Request]) -> dict[str, list[str]]:
    with TemporaryDirectory() as folder:
        settings = service_settings(url, Path(folder), jwt_keys=jwt_keys, access_token_seconds=86_400)
        async with running_service(settings) as running:
            runs = {name: await _statements(running, request) for name, request in asked.items()}
    path = parse_database_url(url).path
    if path is not None:
        return {name: sorted(set(_paths_on_sqlite(path, seen))) for name, seen in runs.items()}
    return {name: sorted(set(await _paths_on_postgres(url, seen))) for name, seen in runs.items()}


async def _statements(running: Service, request: Request) -> list[Run]:
    with statements_run(running) as seen:
        answer = await running.client.request(
            request.method, request.path, headers=request.headers, content=request.body or None
        )
    if not answer.is_success:
        raise RuntimeError(f"{request.path} answered {answer.status_code}: {answer.text[:300]}")
    return list({run.sql: run for run in seen}.values())


def _paths_on_sqlite(path: Path, runs: Iterable[Run]) -> Iterator[str]:
    with closing(sqlite3.connect(path)) as connection:
        for run in runs:
            tables = {alias or other or table: table for table, alias, other in _NAMED.findall(run.sql)}
            for *_, line in connection.execute(f"EXPLAIN QUERY PLAN {run.sql}", run.parameters):
                found = _ACCESS.match(line)
                if found and found[2] in tables and tables[found[2]] != "json_each":
                    yield f"{tables[found[2]]}: {'whole' if found[1] == 'SCAN' and not found[3] else found[3]}"


async def _paths_on_postgres(url: str, runs: Iterable[Run]) -> list[str]:
    connection = await asyncpg.connect(url, server_settings=FEW_OF_MANY)  # as the service connects
    try:
        plans: list[Any] = []
        for run in runs:
            plans += json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) {run.sql}", *run.parameters))
    finally:
        await connection.close()
    return [path for plan in plans for path in _paths_in(plan["Plan"], None)]


def _paths_in(node: Mapping[str, Any], table: str | None) -> Iterator[str]:
    """The table stands at the node that reads it, the index at the node below when it is read by a bitmap."""
    table = node.get("Relation Name", table)
    if "Index Name" in node:
        yield f"{table}: {node['Index Name']}"
    elif node["Node Type"] == "Seq Scan":
        yield f"{table}: whole"
    for child in node.get("Plans", ()):
        yield from _paths_in(child, table)
