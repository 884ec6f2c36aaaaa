"""National statistics and what a lot is against them."""

from __future__ import annotations

from lodeline.world.national import Comparison, compare
from lodeline.world.statistics.edition import Row, Table, parse, read, shipped, table

__all__ = ["Comparison", "Row", "Table", "compare", "parse", "read", "shipped", "table"]
