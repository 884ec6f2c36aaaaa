"""Whether a certificate holds: by its digest and arithmetic alone, and against the book.

What each shows. The digest: that nothing was changed since the certificate was made; who has the digest from the maker
needs no more to know it is his. Arithmetic: that the statement follows from the masses. The book: that the masses are
its own, and none is left out. The events: that what the masses rest on was recorded.
"""

from __future__ import annotations

from typing import assert_never

from lodeline.origin.certificate import (
    BoundCertificate,
    Certificate,
    RefutationCertificate,
    RoutingCertificate,
    unbroken,
)
from lodeline.origin.checking_bound import check_bound
from lodeline.origin.checking_joint import check_refutation, check_routing


def check(it: Certificate) -> None:
    """Refuse a certificate that was changed, or does not prove what it says.

    Raises:
        IntegrityError: ``certificate.digest``, and what :func:`check_arithmetic` refuses.
    """
    unbroken(it)
    check_arithmetic(it)


def check_arithmetic(it: Certificate) -> None:
    """Refuse a certificate whose numbers do not prove what it says, whatever its digest.

    Raises:
        IntegrityError: As :func:`~lodeline.origin.checking_bound.check_bound`,
            :func:`~lodeline.origin.checking_joint.check_refutation` and
            :func:`~lodeline.origin.checking_joint.check_routing`.
    """
    match it:
        case BoundCertificate():
            check_bound(it)
        case RefutationCertificate():
            check_refutation(it)
        case RoutingCertificate():
            check_routing(it)
        case _:
            assert_never(it)
