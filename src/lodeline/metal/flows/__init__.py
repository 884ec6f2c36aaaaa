"""Flows: nodes, the arcs of metal between them, and what was measured of each arc, as columns."""
