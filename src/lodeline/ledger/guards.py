"""The guards: what makes the database itself refuse to change or drop a recorded row.

SQLite: triggers before UPDATE and DELETE, and one before INSERT. The last is what stops REPLACE, which deletes
the row in its way without asking a delete trigger: a key that exists, an identity that exists, and any sequence
but the next are refused before the row is looked at.

PostgreSQL: the same in one trigger function, TRUNCATE included; an insert is judged once a statement, after
it, because judging each row would cost more than writing it. Besides, the writing role owns no table and has
no right but SELECT and INSERT on recorded ones.
"""

from __future__ import annotations

REFUSED = "append-only"
"""Stands in the message of every refusal that a guard raises."""

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
