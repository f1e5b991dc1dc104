"""The oldest code that may run on this schema. The column stays as it is for ever: older code asks for it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Code from before it knows no schema but its own.
oldest_code = "0003"


def upgrade() -> None:
    op.add_column("service_state", sa.Column("oldest_code", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("service_state") as batch:
        batch.drop_column("oldest_code")
