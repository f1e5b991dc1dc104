"""Database URLs as people write them."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from chatsvc.settings import Settings

_POSTGRES = ("postgresql", "postgres")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^\s:@\[\]]*)(:\d{1,5})?")
_OUR_DRIVERS = {"asyncpg", "psycopg", "psycopg2"}  # tolerated in a URL; the driver is asyncpg all the same


class BadDatabaseUrl(ValueError):
    """A database URL that cannot be used. The message never holds the URL, which has a password in it."""


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """Where a database is: `path` of an SQLite file, or `dsn` of a Postgres server. Never printed: it has a secret."""

    path: Path | None = None
    dsn: str = ""

    @property
    def dialect(self) -> str:
        return "sqlite" if self.path else "postgresql"

    def __repr__(self) -> str:
        return f"DatabaseUrl({self.place})"

    @property
    def place(self) -> str:
        """What may be shown to people: the file, or host and database name without user and password."""
        if self.path:
            return str(self.path)
        parts = urlsplit(self.dsn)
        return f"{(parts.netloc or 'local').rpartition('@')[2]}{parts.path}"


def parse_database_url(text: str) -> DatabaseUrl:
    """Read `sqlite:///relative`, `sqlite:////absolute`, or `postgresql://…` with libpq's parameters.

    Raises BadDatabaseUrl for anything else, an in-memory SQLite included: every connection would see another one.
    """
    scheme, separator, rest = text.strip().partition("://")
    name, _, driver = scheme.lower().partition("+")
    if name == "sqlite" and separator:
        return _sqlite(rest)
    if name in _POSTGRES and separator and (not driver or driver in _OUR_DRIVERS):
        return _postgres(rest)
    raise BadDatabaseUrl("a database URL begins with sqlite:/// or postgresql://")


def _sqlite(rest: str) -> DatabaseUrl:
    path, _, query = rest.partition("?")
    if not path.startswith("/") or query:
        raise BadDatabaseUrl("an SQLite URL is sqlite:///relative/path or sqlite:////absolute/path, with no parameters")
    name = unquote(path[1:])
    if name in ("", ":memory:") or "\0" in name:
        raise BadDatabaseUrl("an SQLite URL must name a file")
    return DatabaseUrl(path=Path(name))


def _postgres(rest: str) -> DatabaseUrl:
    dsn = f"postgresql://{rest}"
    if not _is_well_formed(dsn):
        raise BadDatabaseUrl(
            "a Postgres URL is postgresql://user:password@host:port/database, "
            "where @ : / ? # and % in a password are written %40 %3A %2F %3F %23 and %25"
        )
    return DatabaseUrl(dsn=dsn)


def _is_well_formed(dsn: str) -> bool:
    """A password with a bare `/`, `#`, `?` or `@` would be read as a part of the address, and shown as one."""
    try:
        parts = urlsplit(dsn)
        if parts.query:
            parse_qsl(parts.query, strict_parsing=True)
    except ValueError:  # not repeated: its message may hold the password
        return False
    user, _, hosts = parts.netloc.rpartition("@")
    return "@" not in user + parts.path and "#" not in dsn and all(_HOST.fullmatch(host) for host in hosts.split(","))


def primary_url(settings: Settings) -> DatabaseUrl:
    """Where commands run: CHATSVC_DATABASE_URL, or chatsvc.db in the data directory."""
    text = settings.database_url.get_secret_value()
    return parse_database_url(text) if text else DatabaseUrl(path=settings.data_dir / "chatsvc.db")


def replica_url(settings: Settings) -> DatabaseUrl | None:
    """Where query handlers run, if not on the primary."""
    text = settings.read_database_url.get_secret_value()
    if not text:
        return None
    url = parse_database_url(text)
    if url.path or primary_url(settings).path:
        raise BadDatabaseUrl("CHATSVC_READ_DATABASE_URL needs Postgres for both databases")
    return url
