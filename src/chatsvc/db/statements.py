"""One SQL text for both databases, with lists of rows passed as one JSON parameter.

A list of any length is one parameter, so a statement is prepared once and its text never grows. Not
`tuple_(…).in_(…)`: on SQLite that becomes `IN (VALUES …)`, which scans the table instead of using the index. The text
for the driver is made once, here: nothing is compiled when a request runs.
"""

import json
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Integer, Text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

from chatsvc.column_types import Id, UTCTime, to_millisecond, wire_time
from chatsvc.db.sqlite_hops import SEPARATOR
from chatsvc.db.statement_text import Kind, driver_text, inserted_names

_TYPES: dict[Kind, TypeEngine[Any]] = {"uuid": Id(), "bigint": BigInteger(), "text": Text(), "timestamptz": UTCTime()}
_OBJECTS: dict[Kind, Callable[[str], Any]] = {"uuid": UUID, "timestamptz": datetime.fromisoformat}


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

    `rows` tells the columns of such tables, `columns` the kinds of the result's columns, where they are wanted as
    UUIDs and moments. `{id:x}` and `{time:x}` are text in the result, as it goes over the wire, on both databases;
    `{object:k, v}` is one JSON object of all rows, as text, or NULL. `{values:name}` stands for the rows of `name` in
    an insert that is a part of Together; they are as the columns hold them. `{lock:c}` locks the rows of `c` on
    Postgres, `{free:c}` passes over those that are locked; on SQLite the whole transaction is the lock.
    """

    def __init__(
        self,
        sql: str,
        *,
        parameters: Mapping[str, Kind] | None = None,
        rows: Mapping[str, Mapping[str, Kind]] | None = None,
        columns: Mapping[str, Kind] | None = None,
    ) -> None:
        self.sql = sql
        self.parameters = parameters or {}
        self.tables = rows or {}
        self.inserted = inserted_names(sql)
        self._by_dialect = {
            dialect: driver_text(self.text(dialect), dialect, self.parameters, self.tables)
            for dialect in ("sqlite", "postgresql")
        }
        self._objects = {name: _OBJECTS[kind] for name, kind in (columns or {}).items() if kind in _OBJECTS}

    async def rows(self, connection: AsyncConnection, values: Mapping[str, Any]) -> Sequence[Any]:
        """Run it on a connection whose transaction somebody else ends."""
        sqlite = connection.dialect.name == "sqlite"
        text = self._by_dialect[connection.dialect.name]
        bound = {name: self._bound(name, value, sqlite=sqlite) for name, value in values.items()}
        result = await connection.exec_driver_sql(
            text.sql, bound if sqlite else tuple(bound[name] for name in text.order)
        )
        found: Sequence[Any] = result.all() if result.returns_rows else []
        return _with_objects(found, self._objects) if sqlite and found and self._objects else found

    def text(self, dialect: str) -> str:  # noqa: ARG002 - one text for both
        """The text with its markers."""
        return self.sql

    def _bound(self, name: str, value: Any, *, sqlite: bool) -> Any:
        if sqlite and name in self.inserted:
            return value
        if name in self.tables:
            return _JSON.encode(value if isinstance(value, (list, tuple)) else list(value))
        if isinstance(value, datetime):
            return _wire(value) if sqlite else to_millisecond(_aware(value))
        return str(value) if sqlite and isinstance(value, UUID) else value


class Together(Statement):
    """Statements that change different things, in one trip. None sees what another does, nor is their order told.

    Each ends in RETURNING; the result is one row, with the number of rows that each of them gave. On Postgres it is one
    statement with data-modifying CTEs, on SQLite, which has none, one hop to the connection's thread.
    """

    def __init__(self, **parts: Statement) -> None:
        if len(parts) < 2:
            raise TypeError("what is alone is a Statement")
        self._parts = parts
        super().__init__(
            "",
            parameters={name: kind for part in parts.values() for name, kind in part.parameters.items()},
            rows={name: shape for part in parts.values() for name, shape in part.tables.items()},
        )
        self.inserted = frozenset(name for part in parts.values() for name in part.inserted)

    def text(self, dialect: str) -> str:
        if dialect == "sqlite":
            return SEPARATOR.join(part.text(dialect) for part in self._parts.values())
        steps = ", ".join(f"{name} AS ({part.sql})" for name, part in self._parts.items())
        counts = ", ".join(f"(SELECT count(*) FROM {name})" for name in self._parts)
        return f"WITH {steps} SELECT {counts}"


def _with_objects(found: Sequence[Any], objects: Mapping[str, Callable[[str], Any]]) -> Sequence[Any]:
    """SQLite's rows, with what is text there as what it stands for."""
    names = found[0]._fields
    row_type = _row_type(names)
    makers = [objects.get(name) for name in names]
    return [
        row_type(
            *(value if make is None or value is None else make(value) for make, value in zip(makers, row, strict=True))
        )
        for row in found
    ]


@cache
def _row_type(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names)  # noqa: PYI024 - its names are a statement's


def _plain(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return _wire(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here")


def _wire(moment: datetime) -> str:
    return wire_time(_aware(moment))


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return moment


_JSON = json.JSONEncoder(default=_plain, ensure_ascii=False, check_circular=False, separators=(",", ":"))
