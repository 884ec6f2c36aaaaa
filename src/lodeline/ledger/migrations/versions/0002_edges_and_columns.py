"""Lot edges and derived columns: tables that grow when they are first asked for.

Frozen: this is history, and does not follow later changes of `lodeline.ledger.schema`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables; what fills them is derived from the entries at first use."""
    op.create_table(
        "lot_edges",
        sa.Column("child", Number, primary_key=True, autoincrement=False),
        sa.Column("parent", Number, primary_key=True, autoincrement=False),
        sa.Column("seq", Number, primary_key=True, autoincrement=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("lot_edges_parent", "lot_edges", ["parent"])
    op.create_table(
        "processes",
        sa.Column("id", Number, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("processes_name", "processes", ["name"], postgresql_using="hash")
    op.create_table(
        "derived_columns",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("of_table", sa.Text, primary_key=True),
        sa.Column("of_column", sa.Text, primary_key=True),
        sa.Column("part", Number, primary_key=True, autoincrement=False),
        sa.Column("dtype", sa.Text, nullable=False),
        sa.Column("length", Number, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )
