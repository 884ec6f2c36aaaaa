"""The query index: segments with the places of terms and numbers in them.

Frozen: this is history, and does not follow later changes of `lodeline.ledger.schema`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables; what fills them is derived from the entries at the first query."""
    op.create_table(
        "query_segments",
        sa.Column("first", Number, primary_key=True, autoincrement=False),
        sa.Column("size", Number, nullable=False),
        sa.Column("events", Number, nullable=False),
        sa.Column("least", Number, nullable=False),
        sa.Column("greatest", Number, nullable=False),
        sa.Column("times", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "query_terms",
        sa.Column("first", Number, primary_key=True, autoincrement=False),
        sa.Column("term", Number, primary_key=True, autoincrement=False),
        sa.Column("places", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "query_numbers",
        sa.Column("first", Number, primary_key=True, autoincrement=False),
        sa.Column("field", Number, primary_key=True, autoincrement=False),
        sa.Column("places", sa.LargeBinary, nullable=False),
        sa.Column("numbers", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )
