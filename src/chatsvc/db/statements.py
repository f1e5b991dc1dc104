"""One SQL text for both databases, with lists of rows passed as one JSON parameter.

A list of any length is one parameter, so a statement is prepared once and its text never grows. Not
`tuple_(…).in_(…)`: on SQLite that becomes `IN (VALUES …)`, which scans the table instead of using the index.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Integer, Row, Text, TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

from chatsvc.column_types import Id, UTCTime, wire_time

Kind = str
_TYPES: dict[Kind, TypeEngine[Any]] = {"uuid": Id(), "bigint": BigInteger(), "text": Text(), "timestamptz": UTCTime()}
_LOCKS = {"lock": "FOR NO KEY UPDATE OF {}", "free": "FOR UPDATE OF {} SKIP LOCKED"}


def kinds_of(table: type[SQLModel]) -> dict[str, Kind]:
    """The columns of a table with their kinds, for the rows and results of a statement."""
    columns: Iterable[Column[Any]] = table.__table__.columns  # type: ignore[attr-defined]
    return {column.name: _kind_of(column.type) for column in columns}


def _kind_of(column_type: TypeEngine[Any]) -> Kind:
    if isinstance(column_type, Integer):  # whatever its width
        return "bigint"
    return next((kind for kind, known in _TYPES.items() if isinstance(column_type, type(known))), "text")


class Statement:
    """`:name` is a parameter whose kind `parameters` tells; `{name}` a table made of the rows of one.

    `rows` tells the columns of such tables, `columns` the kinds of the result's columns. Kinds are uuid, bigint,
    text and timestamptz. `{lock:c}` locks the rows of `c` on Postgres, `{free:c}` passes over those that are locked; on
    SQLite the whole transaction is the lock.
    """

    def __init__(
        self,
        sql: str,
        *,
        parameters: Mapping[str, Kind] | None = None,
        rows: Mapping[str, Mapping[str, Kind]] | None = None,
        columns: Mapping[str, Kind] | None = None,
    ) -> None:
        self._row_names = frozenset(rows or {})
        self._by_dialect = {
            dialect: _build(sql, dialect, parameters or {}, rows or {}, columns or {})
            for dialect in ("sqlite", "postgresql")
        }

    async def rows(self, connection: AsyncConnection, values: Mapping[str, Any]) -> Sequence[Row[Any]]:
        """Run it on a connection whose transaction somebody else ends."""
        bound = {name: _as_json(value) if name in self._row_names else value for name, value in values.items()}
        result = await connection.execute(self._by_dialect[connection.dialect.name], bound)
        return result.all() if result.returns_rows else []


def _build(
    sql: str,
    dialect: str,
    parameters: Mapping[str, Kind],
    rows: Mapping[str, Mapping[str, Kind]],
    columns: Mapping[str, Kind],
) -> TextClause:
    postgres = dialect == "postgresql"
    for name, shape in rows.items():
        sql = sql.replace("{" + name + "}", _rows_sql(name, shape, dialect))
    sql = re.sub(r"\{(lock|free):(\w+)\}", lambda found: _LOCKS[found[1]].format(found[2]) if postgres else "", sql)
    clause = text(sql).bindparams(*(bindparam(name, type_=_TYPES[kind]) for name, kind in parameters.items()))
    return clause.columns(**{name: _TYPES[kind] for name, kind in columns.items()}) if columns else clause  # type: ignore[return-value]


def _rows_sql(name: str, shape: Mapping[str, Kind], dialect: str) -> str:
    if dialect == "sqlite":
        fields = (f"json_extract(value, '$[{at}]') AS {column}" for at, column in enumerate(shape))
        return f"(SELECT {', '.join(fields)} FROM json_each(:{name}))"
    fields = (f"CAST(value->>{at} AS {kind}) AS {column}" for at, (column, kind) in enumerate(shape.items()))
    return f"(SELECT {', '.join(fields)} FROM jsonb_array_elements(CAST(:{name} AS jsonb)))"


def _as_json(rows: Iterable[Sequence[Any]]) -> str:
    return json.dumps(list(rows), default=_plain, ensure_ascii=False, separators=(",", ":"))


def _plain(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return wire_time(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here")
