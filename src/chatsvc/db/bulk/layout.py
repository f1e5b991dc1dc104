"""Which tables and columns travel, in which order: from the tables' own metadata."""

from dataclasses import dataclass

from sqlalchemy import Table

from chatsvc.column_types import UTCTime
from chatsvc.tables import MADE_WITH_SCHEMA, STAYS, metadata

# To the millisecond, which is all that the service stores; what somebody else put in more exactly is shown as it is.
_TIME_ON_POSTGRES = (
    """to_char({0} AT TIME ZONE 'UTC', CASE WHEN date_trunc('milliseconds', {0}) = {0} """
    """THEN 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"' ELSE 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"' END)"""
)


@dataclass(frozen=True, slots=True)
class TravellingTable:
    """`key` are the places of the primary key's columns; `made_with_schema` says that an empty database has rows."""

    name: str
    columns: tuple[str, ...]
    key: tuple[int, ...]
    times: frozenset[str]
    made_with_schema: bool

    def select(self, dialect: str, *, in_order: bool = False) -> str:
        """Every row; with `in_order` by the primary key, compared byte by byte, which both databases do alike."""
        columns = ", ".join(self._read(name, dialect) for name in self.columns)
        keys = (self.columns[place] for place in self.key)
        collation = ' COLLATE "C"' if dialect == "postgresql" else ""
        order = ", ".join(f"CAST({name} AS text){collation}" for name in keys)
        return f"SELECT {columns} FROM {self.name}" + (f" ORDER BY {order}" if in_order else "")

    def _read(self, column: str, dialect: str) -> str:
        return _TIME_ON_POSTGRES.format(column) if dialect == "postgresql" and column in self.times else column


def _travelling(table: Table) -> TravellingTable:
    columns = [column for column in table.columns if not column.info.get(STAYS)]
    return TravellingTable(
        table.name,
        tuple(column.name for column in columns),
        tuple(place for place, column in enumerate(columns) if column.primary_key),
        frozenset(column.name for column in columns if isinstance(column.type, UTCTime)),
        MADE_WITH_SCHEMA in table.info,
    )


TABLES = tuple(map(_travelling, metadata.sorted_tables))
"""Parents before children."""
