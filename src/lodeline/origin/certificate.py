"""Certificates: what is said of the origin of metal, with all that a stranger needs to check it by arithmetic.

A certificate holds whole numbers and text only. Three kinds there are: a *bound* (the least or the most of some origins
that a target can hold), a *refutation* (claims that cannot all be true) and a *routing* (claims that can).

What arithmetic shows is that the statement follows from the masses. That the masses are the book's is shown by the book
(:mod:`~lodeline.origin.against_book`), and that the recorded values are as written by the events they name.
"""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple

import msgspec

from lodeline.errors import InputError, IntegrityError
from lodeline.origin.canonical import canonical, digest
from lodeline.origin.graph import Origin

ELSEWHERE: Final = -2
"""End of an arc at a node that the certificate does not list; -1 is outside, as in a graph."""

Side = Literal["least", "most"]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that a certificate consists of."""


class Ground(_Part, frozen=True, kw_only=True):
    """A recorded value that a mass rests on.

    Attributes:
        event: Hash id of the event. pointer: of the value in it, RFC 6901. value: as it was recorded, digit by digit.
    """

    event: str
    pointer: str
    value: str


class Chain(_Part, frozen=True, kw_only=True):
    """The state of the ledger that masses were taken from.

    Attributes:
        book: Its id. seq: of the last entry. head: digest of that entry.
    """

    book: str
    seq: int
    head: str


class Basis(_Part, frozen=True, kw_only=True):
    """Where the masses come from.

    Attributes:
        element: Symbol, or the name of a group. as_of: instant up to which the book was read, with its offset.
        ledger: State of the book. reconciliation: digest of the reconciled masses; empty where they are as recorded.
        policy: Which policy ranked and completed what was measured.
        unit: Always ``mg``. cyclic: whether nodes are in no order of time.
    """

    element: str
    as_of: str
    ledger: Chain
    reconciliation: str
    policy: str
    unit: Literal["mg"] = "mg"
    cyclic: bool = False


class BoundNode(_Part, frozen=True, kw_only=True):
    """An event, or a state of a stock.

    Attributes:
        node: Number in the graph. event: hash id of the event that fixes what enters it, where one does.
        near: Whether it is on the target's side of the cut.
        leaves_mg: What leaves it towards what the target does not rest on; None in the short form.
    """

    node: int
    event: str | None
    near: bool
    leaves_mg: int | None


class BoundArc(_Part, frozen=True, kw_only=True):
    """Metal on its way.

    Attributes:
        row: In the graph. tail, head: places in ``nodes``; -1 outside, :data:`ELSEWHERE`, or, as head, the number of
            nodes, which is the target.
        mg: Its mass. flow_mg: what of it the proof takes for the class. origin: place in ``origins``, or -1.
        own: Whether the mass rests on an assay of its own, as in the graph.
        grounds: What it rests on.
    """

    row: int
    tail: int
    head: int
    mg: int
    flow_mg: int
    origin: int
    own: bool
    grounds: tuple[Ground, ...]


class BoundCertificate(_Part, frozen=True, kw_only=True, tag="bound", tag_field="kind"):
    """The least, or the most, that a target can hold of some origins, whatever the mixing was.

    Attributes:
        form: ``whole`` lists all that the target rests on, ``short`` the near side of the cut and the flow.
        target: What it is, in words. rows: arcs of it, ascending. mass_mg: of them.
        side, value_mg: That the target holds at least, or at most, so much.
        surely, perhaps: The class. What is perhaps of it counts in the most and not in the least.
        digest: Of all the rest.
    """

    basis: Basis
    form: Literal["whole", "short"]
    target: str
    rows: tuple[int, ...]
    mass_mg: int
    side: Side
    value_mg: int
    surely: tuple[Origin, ...]
    perhaps: tuple[Origin, ...]
    origins: tuple[Origin, ...]
    nodes: tuple[BoundNode, ...]
    arcs: tuple[BoundArc, ...]
    digest: str = ""

    def counts(self, origin: int) -> bool:
        """Whether the flow of the proof may come from there: of the class for the most, of the rest for the least."""
        one = self.origins[origin]
        return one in self.surely or one in self.perhaps if self.side == "most" else one not in self.surely


class StatedClaim(_Part, frozen=True, kw_only=True):
    """A claim, and its multiplier in a refutation (over the denominator; 0 in a routing)."""

    name: str
    rows: tuple[int, ...]
    sense: Literal["at least", "at most"]
    mg: int
    surely: tuple[Origin, ...]
    perhaps: tuple[Origin, ...]
    y: int


class JointNode(_Part, frozen=True, kw_only=True):
    """A node, and its potential for each kind of metal that helps a claim, over the denominator; none in a routing."""

    node: int
    event: str | None
    pi: tuple[int, ...]


class JointArc(_Part, frozen=True, kw_only=True):
    """Metal on its way.

    Attributes:
        held: In a routing, of each kind of metal that helps a claim, milligrams times the denominator.
    """

    row: int
    tail: int
    head: int
    mg: int
    origin: int
    own: bool
    grounds: tuple[Ground, ...]
    held: tuple[int, ...]


class _Joint(_Part, frozen=True, kw_only=True):
    """What refutations and routings have in common."""

    basis: Basis
    denominator: int
    claims: tuple[StatedClaim, ...]
    origins: tuple[Origin, ...]
    nodes: tuple[JointNode, ...]
    arcs: tuple[JointArc, ...]
    digest: str = ""


class RefutationCertificate(_Joint, frozen=True, kw_only=True, tag="refutation", tag_field="kind"):
    """That claims cannot all be true, and together claim too much by at least ``over_mg``, a fraction as text."""

    over_mg: str


class RoutingCertificate(_Joint, frozen=True, kw_only=True, tag="routing", tag_field="kind"):
    """That claims can all be true: a way that the metal can have come on which they are."""


Certificate = BoundCertificate | RefutationCertificate | RoutingCertificate


class Grounds(NamedTuple):
    """What the numbers of a graph rest on, given by who read the book.

    Attributes:
        of_arc: By row of the graph. of_node: hash id of the event that fixes what enters a node, by its number.
    """

    of_arc: dict[int, tuple[Ground, ...]]
    of_node: dict[int, str]


def sealed(certificate: Certificate) -> Certificate:
    """With the digest of all the rest."""
    return msgspec.structs.replace(certificate, digest=digest(_rest(certificate)))


def unbroken(certificate: Certificate) -> None:
    """Refuse a certificate that was changed after it was sealed.

    Raises:
        IntegrityError: ``certificate.digest``.
    """
    if certificate.digest != digest(_rest(certificate)):
        raise IntegrityError("certificate.digest", "The certificate was changed after it was made; ask for it again.")


def written(certificate: Certificate) -> bytes:
    """Its canonical bytes."""
    return canonical(msgspec.to_builtins(certificate))


def read(raw: bytes) -> Certificate:
    """A certificate from its bytes, in whatever order and with whatever blanks.

    Raises:
        InputError: ``certificate.form`` names what is missing, unknown or of another kind, and where.
    """
    try:
        return msgspec.json.decode(raw, type=Certificate)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError("certificate.form", f"That is no certificate of origin: {error}.") from error


def _rest(certificate: Certificate) -> dict[str, Any]:
    rest: dict[str, Any] = msgspec.to_builtins(certificate)
    del rest["digest"]
    return rest
