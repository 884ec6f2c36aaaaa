"""The service store: what serving a book needs and the chain does not hold.

Access tokens, the audit log, capture jobs, named queries and subscriptions. A file of its own beside a book in a
file, so that it never waits for the book's writers; tables ``service_…`` in the book's schema on PostgreSQL.
"""

from __future__ import annotations

from lodeline.ledger.service.store import Service, open_service

__all__ = ["Service", "open_service"]
