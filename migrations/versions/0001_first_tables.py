"""The first tables, the append-only audit log, and the sync epoch."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

from chatsvc.column_types import ExactText, Id, UTCTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "auth_events",
        sa.Column("id", Id(), nullable=False),
        sa.Column("at", UTCTime(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("user_id", Id(), nullable=True),
        sa.Column("session_id", Id(), nullable=True),
        sa.Column("username", sa.Text(), nullable=True),
        sa.Column("ip", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_events")),
    )
    op.create_index(op.f("ix_auth_events_at"), "auth_events", ["at"])
    op.create_index(op.f("ix_auth_events_user_id_at"), "auth_events", ["user_id", "at"])

    op.create_table(
        "conversations",
        sa.Column("id", Id(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("direct_key", ExactText, nullable=True),
        sa.Column("created_at", UTCTime(), nullable=False),
        sa.Column("updated_at", UTCTime(), nullable=False),
        sa.Column("last_message_preview", sa.Text(), nullable=True),
        sa.Column("last_message_at", UTCTime(), nullable=True),
        sa.CheckConstraint(
            "(type = 'direct') = (direct_key IS NOT NULL)", name=op.f("ck_conversations_direct_has_key")
        ),
        sa.CheckConstraint("type IN ('direct')", name=op.f("ck_conversations_type_known")),
        sa.CheckConstraint(
            "(last_message_preview IS NULL) = (last_message_at IS NULL)", name=op.f("ck_conversations_preview_has_time")
        ),
        sa.CheckConstraint("length(last_message_preview) <= 120", name=op.f("ck_conversations_preview_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        sa.UniqueConstraint("direct_key", name=op.f("uq_conversations_direct_key")),
    )
    op.create_table(
        "rate_limits",
        sa.Column("key", ExactText, nullable=False),
        sa.Column("full_at", UTCTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_limits")),
    )
    op.create_index(op.f("ix_rate_limits_full_at"), "rate_limits", ["full_at"])

    op.create_table(
        "service_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sync_epoch", Id(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_service_state_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_state")),
    )
    op.create_table(
        "users",
        sa.Column("id", Id(), nullable=False),
        sa.Column("username", ExactText, nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("display_name_folded", ExactText, nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", UTCTime(), nullable=False),
        sa.Column("updated_at", UTCTime(), nullable=False),
        sa.CheckConstraint("length(display_name) BETWEEN 1 AND 64", name=op.f("ck_users_display_name_length")),
        sa.CheckConstraint("length(username) BETWEEN 3 AND 32", name=op.f("ck_users_username_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
    )
    op.create_index(op.f("ix_users_display_name_folded"), "users", ["display_name_folded"])

    op.create_table(
        "conversation_counters",
        sa.Column("conversation_id", Id(), nullable=False),
        sa.Column("next_seq", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("next_seq >= 1", name=op.f("ck_conversation_counters_next_seq_from_one")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_conversation_counters_conversation_id")
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_conversation_counters")),
    )
    op.create_table(
        "conversation_members",
        sa.Column("conversation_id", Id(), nullable=False),
        sa.Column("user_id", Id(), nullable=False),
        sa.Column("joined_at", UTCTime(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.CheckConstraint("role IN ('member')", name=op.f("ck_conversation_members_role_known")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_conversation_members_conversation_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_conversation_members_user_id")),
        sa.PrimaryKeyConstraint("conversation_id", "user_id", name=op.f("pk_conversation_members")),
    )
    op.create_index(
        op.f("ix_conversation_members_user_id_conversation_id"), "conversation_members", ["user_id", "conversation_id"]
    )

    op.create_table(
        "messages",
        sa.Column("id", Id(), nullable=False),
        sa.Column("conversation_id", Id(), nullable=False),
        sa.Column("sender_id", Id(), nullable=False),
        sa.Column("client_message_id", ExactText, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", UTCTime(), nullable=False),
        sa.CheckConstraint(
            "length(client_message_id) BETWEEN 1 AND 64", name=op.f("ck_messages_client_message_id_length")
        ),
        sa.CheckConstraint("length(content) BETWEEN 1 AND 4000", name=op.f("ck_messages_content_length")),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_messages_seq_from_one")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_messages_conversation_id")),
        sa.ForeignKeyConstraint(["sender_id"], ["users.id"], name=op.f("fk_messages_sender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("conversation_id", "seq", name=op.f("uq_messages_conversation_id_seq")),
        sa.UniqueConstraint("sender_id", "client_message_id", name=op.f("uq_messages_sender_id_client_message_id")),
    )
    op.create_table(
        "sessions",
        sa.Column("id", Id(), nullable=False),
        sa.Column("user_id", Id(), nullable=False),
        sa.Column("device_name", sa.Text(), nullable=True),
        sa.Column("created_at", UTCTime(), nullable=False),
        sa.Column("last_used_at", UTCTime(), nullable=False),
        sa.Column("expires_at", UTCTime(), nullable=False),
        sa.Column("ended_at", UTCTime(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("last_used_token_id", Id(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_sessions_end_has_reason")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"])
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"])

    op.create_table(
        "refresh_tokens",
        sa.Column("id", Id(), nullable=False),
        sa.Column("user_id", Id(), nullable=False),
        sa.Column("session_id", Id(), nullable=False),
        sa.Column("parent_id", Id(), nullable=True),
        sa.Column("token_hash", ExactText, nullable=False),
        sa.Column("issued_at", UTCTime(), nullable=False),
        sa.Column("expires_at", UTCTime(), nullable=False),
        sa.Column("revoked_at", UTCTime(), nullable=True),
        sa.Column("replaced_by_token_id", Id(), nullable=True),
        sa.CheckConstraint("length(token_hash) = 64", name=op.f("ck_refresh_tokens_token_hash_length")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["refresh_tokens.id"], name=op.f("fk_refresh_tokens_parent_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_refresh_tokens_session_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_refresh_tokens_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_refresh_tokens_token_hash")),
    )
    op.create_index(op.f("ix_refresh_tokens_expires_at"), "refresh_tokens", ["expires_at"])
    op.create_index(op.f("ix_refresh_tokens_parent_id"), "refresh_tokens", ["parent_id"])
    op.create_index(op.f("ix_refresh_tokens_session_id"), "refresh_tokens", ["session_id"])

    _make_append_only()
    # The name of this database's history: made once, here, and changed only by an operator.
    state = sa.table("service_state", sa.column("id"), sa.column("sync_epoch", Id()))
    op.bulk_insert(state, [{"id": 1, "sync_epoch": uuid4()}])
    if op.get_bind().dialect.name == "postgresql":
        # Counts of the last minutes may be lost in a crash: they need no write-ahead log.
        op.execute("ALTER TABLE rate_limits SET UNLOGGED")


def downgrade() -> None:
    _drop_append_only()
    op.drop_table("refresh_tokens")
    op.drop_table("sessions")
    op.drop_table("messages")
    op.drop_table("conversation_members")
    op.drop_table("conversation_counters")
    op.drop_table("users")
    op.drop_table("service_state")
    op.drop_table("rate_limits")
    op.drop_table("conversations")
    op.drop_table("auth_events")


def _make_append_only() -> None:
    """The audit log takes no updates. (A batch migration of auth_events on SQLite must make the trigger again.)"""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER auth_events_append_only BEFORE UPDATE ON auth_events "
            "BEGIN SELECT RAISE(ABORT, 'auth_events is append-only'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION refuse_update() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    op.execute(
        "CREATE TRIGGER auth_events_append_only BEFORE UPDATE ON auth_events "
        "FOR EACH ROW EXECUTE FUNCTION refuse_update()"
    )


def _drop_append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER auth_events_append_only")
        return
    op.execute("DROP TRIGGER auth_events_append_only ON auth_events")
    op.execute("DROP FUNCTION refuse_update()")
