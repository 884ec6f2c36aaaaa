"""Access tokens as their holders see them: made once, shown once, kept only as a hash.

A token is ``lode_ID_SECRET``. The id is public: it stands in lists and in the audit log. The secret has 256 random
bits, and only argon2's hash of it is kept.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from lodeline.book.service import Token
from lodeline.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime

ROLES = ("reader", "recorder", "auditor", "administrator")
SHAPE = re.compile(r"lode_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
WHO_CHARACTERS = 200


def make(*, who: str, role: str, at: datetime, by: str, expires_at: datetime | None) -> tuple[Token, str]:
    """A new token: what is kept of it, and the token itself, which nobody can show again.

    Raises:
        InputError: ``token.role``, ``token.who``, ``token.expired``.
    """
    from argon2 import PasswordHasher

    if role not in ROLES:
        raise InputError("token.role", f"A role is one of {', '.join(ROLES)}.", role=role)
    if not who.strip() or len(who) > WHO_CHARACTERS or not who.isprintable():
        raise InputError(
            "token.who", f"Say whom the token is for, in 1 to {WHO_CHARACTERS} printable characters.", who=who
        )
    if expires_at is not None and expires_at <= at:
        raise InputError("token.expired", "This token would have expired already; name a later instant.")
    token_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    kept = Token(
        id=token_id,
        who=who,
        role=role,
        hash=PasswordHasher().hash(secret),
        created_at=at,
        created_by=by,
        expires_at=expires_at,
        revoked_at=None,
        revoked_by=None,
    )
    return kept, f"lode_{token_id}_{secret}"


def parts(token: str) -> tuple[str, str] | None:
    """Id and secret of what looks like a token; None for anything else."""
    found = SHAPE.fullmatch(token)
    return None if found is None else (found[1], found[2])


def matches(kept: str, secret: str) -> bool:
    """Whether a secret is the one whose hash is kept. It takes tens of milliseconds, on purpose."""
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return PasswordHasher().verify(kept, secret)
    except (VerificationError, InvalidHashError):
        return False
