"""Database URLs as people write them, and what is told of them."""

from pathlib import Path

import pytest

from chatsvc.db.engines import make_engines
from chatsvc.db.urls import BadDatabaseUrl, DatabaseUrl, parse_database_url, primary_url, replica_url
from chatsvc.settings import Settings

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("sqlite:///chat.db", "chat.db"),
        ("sqlite:///data/chat.db", "data/chat.db"),
        ("sqlite:////var/lib/chat.db", "/var/lib/chat.db"),
        ("sqlite+aiosqlite:///chat.db", "chat.db"),
        ("  SQLite:///chat.db\n", "chat.db"),
        ("sqlite:///a%20folder/chat.db", "a folder/chat.db"),
        ("sqlite:///a folder/ünï.db", "a folder/ünï.db"),
        ("sqlite:///100%25%3Fmode=memory.db", "100%?mode=memory.db"),
    ],
)
def test_sqlite_files(text: str, path: str) -> None:
    url = parse_database_url(text)
    assert (url.path, url.dsn, url.dialect, url.place) == (Path(path), "", "sqlite", path)


@pytest.mark.parametrize(
    ("text", "dsn", "place"),
    [
        ("postgresql://u@db/chat", "postgresql://u@db/chat", "db/chat"),
        ("postgres://u:p@db:5433/chat", "postgresql://u:p@db:5433/chat", "db:5433/chat"),
        ("postgresql+asyncpg://u:p@db/chat", "postgresql://u:p@db/chat", "db/chat"),
        ("postgresql+psycopg://u:p@db/chat", "postgresql://u:p@db/chat", "db/chat"),
        ("POSTGRESQL://u:p@db/chat", "postgresql://u:p@db/chat", "db/chat"),
        ("postgresql://u:p%40%2F%3A@db/chat", "postgresql://u:p%40%2F%3A@db/chat", "db/chat"),
        ("postgresql://u:p@[::1]:5432/chat", "postgresql://u:p@[::1]:5432/chat", "[::1]:5432/chat"),
        ("postgresql://u:p@one:1,two:2/chat", "postgresql://u:p@one:1,two:2/chat", "one:1,two:2/chat"),
        (
            "postgresql://u:p@db/chat?sslmode=verify-full&sslrootcert=/ca.pem",
            "postgresql://u:p@db/chat?sslmode=verify-full&sslrootcert=/ca.pem",
            "db/chat",
        ),
        ("postgresql:///chat?host=/run/postgresql", "postgresql:///chat?host=/run/postgresql", "local/chat"),
        ("postgresql://u@%2Frun%2Fpg/chat", "postgresql://u@%2Frun%2Fpg/chat", "%2Frun%2Fpg/chat"),
    ],
)
def test_postgres_servers(text: str, dsn: str, place: str) -> None:
    url = parse_database_url(text)
    assert (url.path, url.dsn, url.dialect, url.place) == (None, dsn, "postgresql", place)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "chat.db",
        "/var/lib/chat.db",
        "sqlite:",
        "sqlite://",
        "sqlite:///",
        "sqlite://chat.db",
        "sqlite:///:memory:",
        "sqlite:///%3Amemory%3A",
        "sqlite:///chat.db?mode=memory",
        "sqlite:///file:chat?mode=memory&cache=shared",
        "sqlite:///chat%00.db",
        f"mysql://root:{SECRET}@db/chat",
        f"mssql+pyodbc://sa:{SECRET}@db/chat",
        f"postgresql+pg8000://u:{SECRET}@db/chat",
        f"postgresql:u:{SECRET}@db/chat",
        f"postgresql://u:{SECRET}/x@db/chat",
        f"postgresql://u:{SECRET}#x@db/chat",
        f"postgresql://u:{SECRET}?x@db/chat",
        f"postgresql://u:{SECRET}@x@db/chat",
        f"postgresql://u:{SECRET}[x@db/chat",
        f"postgresql://u:1/{SECRET}@db/chat",
        f"postgresql://u:{SECRET}\u2100@db/chat",
        f"postgresql://u:{SECRET}@db:port/chat",
        f"postgresql://u:{SECRET}@db/chat?sslmode",
    ],
)
def test_what_cannot_be_used_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(BadDatabaseUrl) as refused:
        parse_database_url(text)
    assert SECRET not in f"{refused.value} {refused.value!r}"
    assert refused.value.__context__ is None or refused.value.__suppress_context__


@pytest.mark.parametrize("query", ["", "?sslmode=require", f"?password={SECRET}"])
def test_the_password_is_never_shown(query: str) -> None:
    text = f"postgresql://u:{SECRET}@db/chat{query}"
    url = parse_database_url(text)
    engines = make_engines(Settings(database_url=text, read_database_url=text))
    shown = (repr(url), str(url), url.place, f"{url!s}", repr([url]), repr(engines), repr(Settings(database_url=text)))
    assert not any(SECRET in part for part in shown)


def test_without_a_url_the_data_directory_holds_the_file(tmp_path: Path) -> None:
    assert primary_url(Settings(data_dir=tmp_path)) == DatabaseUrl(path=tmp_path / "chatsvc.db")
    assert replica_url(Settings()) is None


def test_a_replica_is_for_postgres_alone() -> None:
    postgres = "postgresql://u@db/chat"
    for primary, replica in (("sqlite:///a.db", postgres), (postgres, "sqlite:///a.db"), ("", postgres)):
        with pytest.raises(BadDatabaseUrl, match="CHATSVC_READ_DATABASE_URL"):
            replica_url(Settings(database_url=primary, read_database_url=replica))
    assert replica_url(Settings(database_url=postgres, read_database_url=postgres)) == DatabaseUrl(dsn=postgres)
