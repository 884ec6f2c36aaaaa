"""The query language of EPCIS 2.0: queries read and checked, and the exact judgement whether an event is meant."""

from lodeline.record.query.conditions import Query
from lodeline.record.query.parse import parse
from lodeline.record.query.url import from_url

__all__ = ["Query", "from_url", "parse"]
