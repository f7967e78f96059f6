"""Accounts with which people sign in."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add a column, and what finds its values."""
    op.add_column("people", sa.Column("account", sa.LargeBinary))
    op.create_index("ix_people_account", "people", ["region", "account"], unique=True)


def downgrade() -> None:
    """Remove both."""
    op.drop_index("ix_people_account", "people")
    op.drop_column("people", "account")
