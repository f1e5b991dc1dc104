"""Breaks of what is written: order, exactly-once, sessions, commits."""

from tests.breaks.breaks import Break, Change

_SENDING, _STATEMENTS = "commands/send_messages.py", "commands/message_statements.py"
_REFRESH, _DATABASE = "commands/rotate_token.py", "db/database.py"

_LOCK_AND_LOOK = '''    rows = await tx.rows(
        Statement(
            """
            SELECT c.conversation_id AS counter_id, c.next_seq, m.id, m.conversation_id, m.sender_id,
                m.client_message_id, m.seq, m.content, m.created_at
            FROM conversation_counters AS c
            LEFT JOIN (
                SELECT m.* FROM {keys} AS k
                JOIN messages AS m ON m.sender_id = k.sender_id AND m.client_message_id = k.client_message_id
            ) AS m ON true
            WHERE c.conversation_id IN (
                SELECT m.conversation_id FROM {pairs} AS p
                JOIN conversation_members AS m ON m.conversation_id = p.conversation_id AND m.user_id = p.user_id
            )
            ORDER BY c.conversation_id {lock:c}
            """,
            rows={
                "keys": {"sender_id": "uuid", "client_message_id": "text"},
                "pairs": {"user_id": "uuid", "conversation_id": "uuid"},
            },
            columns={"counter_id": "uuid", "next_seq": "bigint", **kinds_of(MessageRow)},
        ),
        pairs=sorted({(unit.sender_id, message.conversation_id) for unit in units for message in unit.messages}),
        keys=sorted({(unit.sender_id, message.client_message_id) for unit in units for message in unit.messages}),
    )
    locked = {row.counter_id: row.next_seq for row in rows}
    seen = {
        (row.sender_id, row.client_message_id): Message.model_validate(row) for row in rows if row.id is not None
    }
'''

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
            Change(
                _SENDING,
                "    if len(await tx.rows(BUMP_COUNTERS",
                "    await tx.connection.commit()\n"
                "    await tx.connection.begin()\n"
                "    if len(await tx.rows(BUMP_COUNTERS",
            ),
        ),
        ("tests/faults/injected/test_injected_failures.py::test_what_a_client_sees_of_each_failure",),
    ),
    Break(
        "a replay looked up after membership",
        (
            Change(
                _SENDING,
                "        if (stored := seen.get(key)) is not None:\n"
                "            results.append(_replay(stored, wanted))\n"
                "        elif conversation is None:\n"
                "            results.append(ConversationNotFound())\n",
                "        if conversation is None:\n"
                "            results.append(ConversationNotFound())\n"
                "        elif (stored := seen.get(key)) is not None:\n"
                "            results.append(_replay(stored, wanted))\n",
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
                "(stored.conversation_id, stored.content) == (wanted.conversation_id, wanted.content)",
                "stored.conversation_id == wanted.conversation_id",
            ),
        ),
        ("tests/commands/test_sending_again.py::test_a_key_with_other_content_is_a_conflict_that_names_the_first",),
    ),
    Break(
        "the look-up made in the lock's own statement",
        (
            Change(
                _SENDING,
                "    locked = await _lock(tx, units)\n    seen = await _stored(tx, units)\n",
                _LOCK_AND_LOOK,
            ),
            Change(
                _SENDING,
                "from chatsvc.resources import Message\n",
                "from chatsvc.db import Statement, kinds_of\n"
                "from chatsvc.resources import Message\n"
                "from chatsvc.tables import Message as MessageRow\n",
            ),
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
            Change(
                _DATABASE,
                "def _session(connection",
                "async def _late(connection: AsyncConnection) -> None:\n"
                "    await asyncio.sleep(0.05)\n"
                "    try:\n"
                "        await commit(connection)\n"
                "    finally:\n"
                "        await connection.close()\n\n\n"
                "def _session(connection",
            ),
        ),
        ("tests/faults/injected/test_injected_failures.py::test_what_a_client_sees_of_each_failure",),
    ),
    Break(
        "a blind retry of a commit with unknown outcome",
        (
            Change(
                _DATABASE,
                "error=repr(error.__cause__))\n                raise TryAgain from error\n",
                "error=repr(error.__cause__))\n",
            ),
        ),
        ("tests/db/test_connections_lost.py::test_a_connection_lost_during_the_commit_is_not_run_again",),
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
