"""The thin door to a book's service store: what serving it needs beside the chain."""

from __future__ import annotations

from lodeline.ledger.service import Service, open_service
from lodeline.ledger.service.audit import AuditEntry
from lodeline.ledger.service.jobs import Job
from lodeline.ledger.service.queries import NamedQuery
from lodeline.ledger.service.subscriptions import ACTIVE, ENDED, FAILING, Subscription
from lodeline.ledger.service.tokens import Token
from lodeline.ledger.service.turn import Turn

__all__ = [
    "ACTIVE",
    "ENDED",
    "FAILING",
    "AuditEntry",
    "Job",
    "NamedQuery",
    "Service",
    "Subscription",
    "Token",
    "Turn",
    "open_service",
]
