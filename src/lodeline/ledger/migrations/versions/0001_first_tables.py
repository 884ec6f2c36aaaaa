"""The first tables: entries, content store, derived tables, and the guards that keep recorded rows as they are.

Frozen: this is history, and does not follow later changes of `lodeline.ledger.schema`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make everything."""
    make_recorded()
    make_derived()
    for guard in SQLITE_GUARDS if op.get_bind().dialect.name == "sqlite" else POSTGRES_GUARDS:
        op.get_bind().exec_driver_sql(guard)


def make_recorded() -> None:
    """The tables that are append-only."""
    op.create_table(
        "entries",
        sa.Column("seq", Number, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("recorded_at", Number, nullable=False),
        sa.Column("captured_by", sa.Text, nullable=False),
        sa.Column("capture_id", Number, nullable=False),
        sa.Column("source", sa.LargeBinary, nullable=False),
        sa.Column("context", sa.LargeBinary),
        sa.Column("event_hash", sa.LargeBinary),
        sa.Column("event_id", sa.Text),
        sa.Column("declaration", sa.LargeBinary),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("length(source) = 32 AND length(digest) = 32", name="entries_digest_length"),
        sa.CheckConstraint("context IS NULL OR length(context) = 32", name="entries_context_length"),
        sa.CheckConstraint("(kind = 'event') = (event_hash IS NOT NULL)", name="entries_event_has_hash"),
        sqlite_strict=True,
    )
    op.create_index(
        "entries_event_hash",
        "entries",
        ["event_hash"],
        sqlite_where=sa.text("event_hash IS NOT NULL"),
        postgresql_where=sa.text("event_hash IS NOT NULL"),
    )
    op.create_index(
        "entries_event_id",
        "entries",
        ["event_id"],
        sqlite_where=sa.text("event_id IS NOT NULL"),
        postgresql_where=sa.text("event_id IS NOT NULL"),
        postgresql_using="hash",
    )
    op.create_index(
        "entries_declarations",
        "entries",
        ["seq"],
        sqlite_where=sa.text("declaration IS NOT NULL"),
        postgresql_where=sa.text("declaration IS NOT NULL"),
    )
    op.create_index(
        "entries_other_kinds",
        "entries",
        ["kind", "seq"],
        sqlite_where=sa.text("kind <> 'event'"),
        postgresql_where=sa.text("kind <> 'event'"),
    )
    op.create_table(
        "blobs",
        sa.Column("id", Number, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("length(digest) = 32", name="blobs_digest_length"),
        sqlite_strict=True,
    )
    op.create_index("blobs_digest", "blobs", ["digest"])


def make_derived() -> None:
    """The tables that can be rebuilt."""
    op.create_table(
        "derived",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("head_seq", Number, nullable=False),
        sa.Column("head_digest", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "names",
        sa.Column("id", Number, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("names_name", "names", ["name"], postgresql_using="hash")
    op.create_table(
        "event_index",
        sa.Column("seq", Number, primary_key=True, autoincrement=False),
        sa.Column("event_time", Number, nullable=False),
        sa.Column("event_type", Number, nullable=False),
        sa.Column("action", Number),
        sa.Column("biz_step", Number),
        sa.Column("disposition", Number),
        sa.Column("read_point", Number),
        sa.Column("biz_location", Number),
        sa.Column("twin_of", Number),
        sqlite_strict=True,
    )
    op.create_index(
        "event_index_twin_of",
        "event_index",
        ["twin_of"],
        sqlite_where=sa.text("twin_of IS NOT NULL"),
        postgresql_where=sa.text("twin_of IS NOT NULL"),
    )
    op.create_table(
        "lot_index",
        sa.Column("lot", Number, primary_key=True, autoincrement=False),
        sa.Column("seq", Number, primary_key=True, autoincrement=False),
        sa.Column("role", sa.Text, primary_key=True),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "withdrawals",
        sa.Column("original", Number, primary_key=True, autoincrement=False),
        sa.Column("declaration", Number, primary_key=True, autoincrement=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


SQLITE_GUARDS = (
    "CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries BEGIN "
    "SELECT RAISE(ABORT, 'append-only: entries are never updated'); END",
    "CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries BEGIN "
    "SELECT RAISE(ABORT, 'append-only: entries are never deleted'); END",
    "CREATE TRIGGER entries_in_order BEFORE INSERT ON entries "
    "WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), -1) + 1 FROM entries) "
    "OR (NEW.event_hash IS NOT NULL AND EXISTS (SELECT 1 FROM entries WHERE event_hash = NEW.event_hash "
    "AND event_id IS NEW.event_id AND declaration IS NEW.declaration)) BEGIN "
    "SELECT RAISE(ABORT, 'append-only: the next entry is new and has the next sequence'); END",
    "CREATE TRIGGER blobs_no_update BEFORE UPDATE ON blobs BEGIN "
    "SELECT RAISE(ABORT, 'append-only: blobs are never updated'); END",
    "CREATE TRIGGER blobs_no_delete BEFORE DELETE ON blobs BEGIN "
    "SELECT RAISE(ABORT, 'append-only: blobs are never deleted'); END",
    "CREATE TRIGGER blobs_in_order BEFORE INSERT ON blobs "
    "WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM blobs) "
    "OR EXISTS (SELECT 1 FROM blobs WHERE digest = NEW.digest) BEGIN "
    "SELECT RAISE(ABORT, 'append-only: the next blob is new and has the next id'); END",
)

POSTGRES_GUARDS = (
    """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = 'append-only: ' || TG_OP || ' of ' || TG_TABLE_NAME || ' is refused';
END $$""",
    """CREATE FUNCTION judge_entries() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    first bigint; last bigint; added bigint; before bigint;
BEGIN
    SELECT min(seq), max(seq), count(*) INTO first, last, added FROM added_entries;
    IF added = 0 THEN RETURN NULL; END IF;
    SELECT max(seq) INTO before FROM entries WHERE seq < first;
    IF first <> coalesce(before, -1) + 1 OR last - first + 1 <> added
        OR EXISTS (SELECT 1 FROM entries WHERE seq > last) THEN
        RAISE EXCEPTION 'append-only: the next entry has the next sequence';
    END IF;
    IF EXISTS (SELECT 1 FROM added_entries a JOIN entries e ON e.event_hash = a.event_hash AND e.seq <> a.seq
        AND e.event_id IS NOT DISTINCT FROM a.event_id AND e.declaration IS NOT DISTINCT FROM a.declaration) THEN
        RAISE EXCEPTION 'append-only: this event is an entry already';
    END IF;
    RETURN NULL;
END $$""",
    """CREATE FUNCTION judge_blobs() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    first bigint; last bigint; added bigint; before bigint;
BEGIN
    SELECT min(id), max(id), count(*) INTO first, last, added FROM added_blobs;
    IF added = 0 THEN RETURN NULL; END IF;
    SELECT max(id) INTO before FROM blobs WHERE id < first;
    IF first <> coalesce(before, 0) + 1 OR last - first + 1 <> added
        OR EXISTS (SELECT 1 FROM blobs WHERE id > last)
        OR EXISTS (SELECT 1 FROM added_blobs a JOIN blobs b ON b.digest = a.digest AND b.id <> a.id) THEN
        RAISE EXCEPTION 'append-only: the next blob is new and has the next id';
    END IF;
    RETURN NULL;
END $$""",
    *(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        for table in ("entries", "blobs")
    ),
    *(
        # A statement that touches no row fires no row trigger; it is refused all the same.
        f"CREATE TRIGGER {table}_no_statement BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        for table in ("entries", "blobs")
    ),
    *(
        f"CREATE TRIGGER {table}_in_order AFTER INSERT ON {table} REFERENCING NEW TABLE AS added_{table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION judge_{table}()"
        for table in ("entries", "blobs")
    ),
)
