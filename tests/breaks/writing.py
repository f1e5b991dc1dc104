"""Breaks of what is written: order, exactly-once, sessions, commits."""

from tests.breaks.breaks import Break, Change

_SENDING, _STATEMENTS = "commands/send_messages.py", "commands/message_statements.py"
_REFRESH, _DATABASE = "commands/rotate_token.py", "db/database.py"

WRITING = (
    Break(
        "the counter bumped without its lock",
        (Change(_STATEMENTS, "ORDER BY c.conversation_id {lock:c}", "ORDER BY c.conversation_id"),),
        (
            "tests/commands/test_sending_order.py::test_thirty_two_senders_at_once_and_readers_who_never_see_a_gap",
            "tests/commands/test_sending_races.py::test_a_copy_that_waits_for_the_first_sees_it",
        ),
    ),
    Break(
        "the counter bumped in another transaction",
        (
            Change(_STATEMENTS, "Together(inserted=INSERT_MESSAGES, ", "Together("),
            Change(_SENDING, "import LOCK_COUNTERS", "import INSERT_MESSAGES, LOCK_COUNTERS"),
            Change(
                _SENDING,
                "    ((inserted, bumped, _),) = await tx.rows(\n"
                "        WRITE,\n"
                "        messages=[_row(message) for message in messages],\n",
                "    inserted = len(await tx.rows(INSERT_MESSAGES, messages=[_row(message) for message in messages]))\n"
                "    await tx.connection.commit()\n"
                "    await tx.connection.begin()\n"
                "    ((bumped, _),) = await tx.rows(\n"
                "        WRITE,\n",
            ),
        ),
        ("tests/faults/injected/test_injected_failures.py::test_what_a_client_sees_of_each_failure",),
    ),
    Break(
        "a replay looked up after membership",
        (
            Change(
                _SENDING,
                "        if (stored := seen.get(item.key)) is not None:\n"
                "            results.append(_replay(stored, item))\n"
                "        elif item.conversation is None:\n"
                "            results.append(ConversationNotFound())\n",
                "        if item.conversation is None:\n"
                "            results.append(ConversationNotFound())\n"
                "        elif (stored := seen.get(item.key)) is not None:\n"
                "            results.append(_replay(stored, item))\n",
            ),
        ),
        (
            "tests/commands/test_sending_again.py::test_a_replay_is_answered_even_when_its_sender_has_left",
            "tests/commands/test_sending_again.py::test_a_key_with_another_conversation_is_a_conflict_and_no_404",
        ),
    ),
    Break(
        "content not compared on a replay",
        (
            Change(
                _SENDING,
                "(stored.conversation_id, stored.content) == (item.wanted.conversation_id, item.wanted.content)",
                "stored.conversation_id == item.wanted.conversation_id",
            ),
        ),
        ("tests/commands/test_sending_again.py::test_a_key_with_other_content_is_a_conflict_that_names_the_first",),
    ),
    Break(
        "the look-up made before the lock",
        (
            Change(_SENDING, "    locked = dict(await tx.rows(LOCK_COUNTERS, pairs=pairs))\n", ""),
            Change(
                _SENDING,
                "    seen: dict[_Key, Message] = {}\n    states",
                "    looked = await tx.rows(LOOK, items=asked)\n"
                "    locked = dict(await tx.rows(LOCK_COUNTERS, pairs=pairs))\n"
                "    seen: dict[_Key, Message] = {}\n    states",
            ),
            Change(_SENDING, "in await tx.rows(LOOK, items=asked):", "in looked:"),
        ),
        ("tests/commands/test_sending_races.py::test_a_copy_that_waits_for_the_first_sees_it",),
    ),
    Break(
        "a bare ON CONFLICT DO NOTHING",
        (Change(_STATEMENTS, "ON CONFLICT (sender_id, client_message_id) DO NOTHING", "ON CONFLICT DO NOTHING"),),
        ("tests/commands/test_sending_to_a_damaged_counter.py",),
    ),
    Break(
        "siblings not spent when a token is used",
        (
            Change(
                _REFRESH,
                "or_(col(RefreshToken.id) == token.parent_id, col(RefreshToken.parent_id) == token.parent_id)",
                "or_(col(RefreshToken.id) == token.parent_id)",
            ),
        ),
        ("tests/commands/test_refresh.py", "tests/commands/test_refresh_races.py"),
    ),
    Break(
        "the revocation rolled back with the request",
        (Change(_REFRESH, "        return RefreshTokenReused()", "        raise RefreshTokenReused()"),),
        ("tests/commands/test_refresh.py::test_a_spent_token_ends_the_whole_session",),
    ),
    Break(
        "an acknowledgement before the commit",
        (
            Change(
                _DATABASE,
                "        async with self.engines.writer.connect() as connection:\n            tx",
                "        if connection := await self.engines.writer.connect():\n            tx",
            ),
            Change(
                _DATABASE,
                "            await commit(connection)\n",
                "            asyncio.create_task(_late(connection))\n",
            ),
            Change(_DATABASE, "from contextlib import suppress\n", "import asyncio\nfrom contextlib import suppress\n"),
            Change(
                _DATABASE,
                "class Database:\n",
                "async def _late(connection: Any) -> None:\n"
                "    await asyncio.sleep(0.05)\n"
                "    try:\n"
                "        await commit(connection)\n"
                "    finally:\n"
                "        await connection.close()\n\n\n"
                "class Database:\n",
            ),
        ),
        ("tests/faults/injected/test_injected_failures.py::test_what_a_client_sees_of_each_failure",),
    ),
    Break(
        "a blind retry of a commit with unknown outcome",
        (
            Change(
                "db/attempts.py",
                "error=repr(error.__cause__))\n            raise TryAgain from error\n",
                "error=repr(error.__cause__))\n",
            ),
        ),
        ("tests/db/test_connections_lost.py::test_a_connection_lost_during_the_commit_is_not_run_again",),
    ),
    Break(
        "a group of unknown outcome run again, one by one",
        (
            Change(
                "db/taking_apart.py",
                "    if isinstance(cause, CommitUnknown):\n        return False\n",
                "    if isinstance(cause, CommitUnknown):\n        return True\n",
            ),
        ),
        ("tests/db/test_groups_on_databases.py",),
    ),
    Break(
        "what is wrong with one unit told to all of its group",
        (Change("db/taking_apart.py", "if not _may_be_one_units(error):", "if error:"),),
        ("tests/db/test_groups_on_databases.py",),
    ),
    Break(
        "the file opened and closed beside SQLite, in its own process",
        (Change("db/sqlite.py", "os.O_CREAT | os.O_EXCL", "os.O_CREAT"),),
        ("tests/faults/test_beside_the_server.py",),
    ),
    Break(
        "SQLite's synchronous lowered",
        (Change("db/sqlite.py", "PRAGMA synchronous=FULL", "PRAGMA synchronous=NORMAL"),),
        ("tests/db/test_pragmas.py::TestSqlite::test_the_writer_is_durable_and_holds_references",),
    ),
    Break(
        "Postgres's synchronous_commit lowered",
        (Change("db/postgres.py", "'off', 'on')\"", "'on', 'off')\""),),
        (
            "tests/db/test_pragmas.py::TestPostgres::test_a_commit_is_on_disk_whatever_was_switched_off_for_the_database",
        ),
    ),
)
