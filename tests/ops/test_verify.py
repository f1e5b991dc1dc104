"""Comparing two databases: what is the same, and what is not, to the byte."""

from pathlib import Path

import pytest

from chatsvc.db.bulk import open_side
from chatsvc.db.urls import parse_database_url
from tests.ops.conftest import fill
from tests.support.processes import run_cli

_LAST = "(SELECT max(CAST(id AS text)) FROM messages)"
_DAMAGES = {
    "messages": f"UPDATE messages SET content = content || ' ' WHERE CAST(id AS text) = {_LAST}",
    "users": "UPDATE users SET password_hash = replace(password_hash, 'argon2', 'argon3')",
    "conversation_counters": "UPDATE conversation_counters SET next_seq = next_seq + 1",
    "refresh_tokens": "UPDATE refresh_tokens SET token_hash = replace(token_hash, 'a', 'b')",
    "sessions": "UPDATE sessions SET end_reason = 'other' WHERE end_reason IS NOT NULL",
    "conversation_members": "DELETE FROM conversation_members",
    "auth_events": "DELETE FROM auth_events WHERE event = 'logout'",
    "service_state": "UPDATE service_state SET sync_epoch = '00000000-0000-4000-8000-000000000000'",
}


@pytest.mark.parametrize("table", _DAMAGES)
@pytest.mark.parametrize("kinds", ["sqlite-postgresql"], indirect=True)
async def test_one_byte_is_found_and_its_row_named(source: str, target: str, data_dir: Path, table: str) -> None:
    await fill(source, data_dir)
    assert run_cli(data_dir, "copy", "--from", source, "--to", target).returncode == 0
    async with open_side(parse_database_url(target), to_fill=True) as side:
        last = str(await side.value(f"SELECT {_LAST}"))
        await side.execute(_DAMAGES[table])
    done = run_cli(data_dir, "verify", "--from", source, "--to", target)
    assert done.returncode == 1
    assert [line.split()[1] for line in done.stderr.splitlines()] == [table]
    if table == "messages":
        assert last in done.stderr
        assert "1 not the same" in done.stderr


@pytest.mark.parametrize("kinds", ["postgresql-sqlite"], indirect=True)
async def test_a_moment_that_is_more_exact_than_the_service_is_seen(source: str, target: str, data_dir: Path) -> None:
    await fill(source, data_dir)
    assert run_cli(data_dir, "copy", "--from", source, "--to", target).returncode == 0
    async with open_side(parse_database_url(source), to_fill=True) as side:
        await side.execute("UPDATE users SET updated_at = updated_at + interval '1 microsecond'")
    done = run_cli(data_dir, "verify", "--from", source, "--to", target)
    assert (done.returncode, "DIFFERS: users" in done.stderr) == (1, True)


@pytest.mark.parametrize("kinds", ["sqlite-sqlite"], indirect=True)
async def test_rows_that_only_one_side_has_are_named(source: str, target: str, data_dir: Path) -> None:
    await fill(source, data_dir)
    assert run_cli(data_dir, "copy", "--from", source, "--to", target).returncode == 0
    for url, damage in ((source, "DELETE FROM messages WHERE seq = 1"), (target, "DELETE FROM messages WHERE seq > 5")):
        async with open_side(parse_database_url(url), to_fill=True) as side:
            await side.execute(damage)
    done = run_cli(data_dir, "verify", "--from", source, "--to", target)
    assert (done.returncode, "DIFFERS: messages (12 rows and 10): 6 not the same" in done.stderr) == (1, True)
