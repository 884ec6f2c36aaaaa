"""Migrations: how the tables of a book made by an older lodeline become today's. Run by `lodeline.ledger.migrating`."""
