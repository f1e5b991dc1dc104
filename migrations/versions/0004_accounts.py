"""People who are disabled or deleted, and the conversations that are closed for it."""

import sqlalchemy as sa
from alembic import op

from chatsvc.column_types import UTCTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Every column is nullable. What is disabled or deleted by newer code is not kept out by older code beside it.
oldest_code = "0003"

ENABLED = sa.text("disabled_at IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("users") as batch:
        batch.add_column(sa.Column("disabled_at", UTCTime(), nullable=True))
        batch.add_column(sa.Column("deleted_at", UTCTime(), nullable=True))
        batch.create_check_constraint(
            op.f("ck_users_deleted_is_disabled"), "deleted_at IS NULL OR disabled_at IS NOT NULL"
        )
    op.create_index("ix_users_username_enabled", "users", ["username"], sqlite_where=ENABLED, postgresql_where=ENABLED)
    op.add_column("conversations", sa.Column("closed_at", UTCTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("conversations") as batch:
        batch.drop_column("closed_at")
    op.drop_index("ix_users_username_enabled", "users")
    with op.batch_alter_table("users") as batch:
        batch.drop_constraint(op.f("ck_users_deleted_is_disabled"), type_="check")
        batch.drop_column("deleted_at")
        batch.drop_column("disabled_at")
