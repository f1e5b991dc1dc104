"""When the data of this database were moved to another one."""

import sqlalchemy as sa
from alembic import op

from chatsvc.column_types import UTCTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("service_state", sa.Column("moved_at", UTCTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("service_state") as batch:
        batch.drop_column("moved_at")
