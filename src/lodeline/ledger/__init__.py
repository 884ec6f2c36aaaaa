"""The ledger: one chain of entries that proves itself, in SQLite or PostgreSQL.

The only layer that speaks SQL. `lodeline.ledger.store` is its door; everything else here is behind it.
"""
