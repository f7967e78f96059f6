"""People and letters."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "people",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("registrar", sa.LargeBinary, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("account", sa.LargeBinary),
    )
    op.create_index("ix_people_region", "people", ["registrar", "region"])
    op.create_index("ix_people_account", "people", ["registrar", "region", "account"], unique=True)
    op.create_table(
        "letters",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person", sa.Integer, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("issue", sa.Integer, nullable=False),
        sa.Column("way", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("mark", sa.Text, nullable=False, unique=True),
        sa.Column("status", sa.Text),
        sa.UniqueConstraint("person", "issue"),
    )
    op.create_index("ix_letters_state", "letters", ["state"])


def downgrade() -> None:
    """Remove them."""
    op.drop_table("letters")
    op.drop_table("people")
