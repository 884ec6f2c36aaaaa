"""The CBV 2.0 event hash: one name for one event, whatever way it was written down."""

from lodeline.record.hash.content import content
from lodeline.record.hash.event import hash_id, prehash
from lodeline.record.hash.ignore import ignored_fields

__all__ = ["content", "hash_id", "ignored_fields", "prehash"]
