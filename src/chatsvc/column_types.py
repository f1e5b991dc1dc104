"""Column types that mean the same on SQLite and on Postgres, and on SQLite are what goes over the wire."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CHAR, Dialect, Text, TypeDecorator
from sqlalchemy import Uuid as NativeUuid
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeEngine

ExactText = Text().with_variant(Text(collation="C"), "postgresql")
"""Text compared by code point: SQLite does so by itself, Postgres under the collation C."""


def to_millisecond(moment: datetime) -> datetime:
    """Cut to the millisecond, in UTC: the resolution of everything stored."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def wire_time(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds and Z: 2026-11-23T03:20:19.123Z. Sorts as text."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


class UTCTime(TypeDecorator[datetime]):
    """An aware moment to the millisecond: timestamptz on Postgres, RFC 3339 text on SQLite. Refuses naive ones."""

    impl = TIMESTAMP
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(CHAR(24))
        return dialect.type_descriptor(TIMESTAMP(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return wire_time(value) if dialect.name == "sqlite" else to_millisecond(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return datetime.fromisoformat(value)
        moment: datetime = value
        return moment.astimezone(UTC)


class Id(TypeDecorator[UUID]):
    """A UUID: native on Postgres, its 36 lower-case characters on SQLite. Both sort alike."""

    impl = NativeUuid
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(CHAR(36) if dialect.name == "sqlite" else NativeUuid())

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        return str(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        return UUID(value) if value is not None and dialect.name == "sqlite" else value
