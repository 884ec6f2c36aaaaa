"""Refusals, which are raised, and findings, which are returned.

A refusal says that lodeline was asked for something it must not do; a finding says that the books are wrong
although the program is not. Every other layer imports from here, and this layer imports from none.
"""

from lodeline.errors.finding import Finding, Settle
from lodeline.errors.refusal import (
    BookError,
    CaptureError,
    IdError,
    InputError,
    IntegrityError,
    LodelineError,
    MasterDataError,
    NotFoundError,
    PolicyError,
    RecordError,
    RequestError,
    UnitError,
)

__all__ = [
    "BookError",
    "CaptureError",
    "Finding",
    "IdError",
    "InputError",
    "IntegrityError",
    "LodelineError",
    "MasterDataError",
    "NotFoundError",
    "PolicyError",
    "RecordError",
    "RequestError",
    "Settle",
    "UnitError",
]
