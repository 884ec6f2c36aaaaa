"""Faults of a reconciled book: what explains best, all together, that its readings do not agree."""
