"""Certificates of origin from a book, and a certificate held against it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Literal

import msgspec

from lodeline.book.claim_text import Stated, asked_of
from lodeline.book.grounds import grounds, recorded
from lodeline.book.judging import possible_origins
from lodeline.book.traced import Traced, traced
from lodeline.errors import BookError, IntegrityError

if TYPE_CHECKING:
    from lodeline.book.lot_metal import LotMetal
    from lodeline.book.traced import Progress, Stage
    from lodeline.ledger.store import Store
    from lodeline.origin.certificate import Basis, Certificate, Grounds
    from lodeline.origin.joint import Joint

Form = Literal["whole", "short"]


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate that holds.

    Attributes:
        says: What it says, in words. element: of which. digest: of the certificate.
        seq: The entry of the book that it was checked as of. reconciled: whether its masses are reconciled ones.
        masses: How many masses were compared with the book's. values: how many recorded values were looked up.
        supposes: How many of the masses rest on the assay of another lot, so that what they prove holds if lots are
            homogeneous.
    """

    says: str
    element: str
    digest: str
    seq: int
    reconciled: bool
    masses: int
    values: int
    supposes: int


def certificate_of(store: Store, of: Traced, metal: LotMetal, it: Stated, *, form: Form) -> Certificate:
    """A certificate of the bound that decides a claim of one lot: its least for a claim of at least, else its most.

    Raises:
        InputError: ``certificate.too_large``, and those of :func:`lodeline.book.judging.judged`.
    """
    from lodeline.origin.certificate import Grounds
    from lodeline.origin.proving import certify

    asked = asked_of(possible_origins(of, it.origin), it.origin)
    bound = of.bounds.arcs(metal.arcs, asked)
    basis, none = basis_of(store, of), Grounds({}, {})

    def made(on: Grounds) -> Certificate:
        return certify(
            of.bounds,
            bound,
            asked,
            side="least" if it.sense == "at least" else "most",
            form=form,
            target=f"lot {metal.lot} ({metal.state})",
            basis=basis,
            grounds=on,
        )

    return made(_grounds(store, of, made(none)))


def joint_certificate_of(store: Store, of: Traced, found: Joint) -> Certificate:
    """A certificate that claims contradict each other, or can all be true.

    Raises:
        InputError: ``certificate.undecided``, ``certificate.too_large``.
    """
    from lodeline.origin.certificate import Grounds
    from lodeline.origin.proving_joint import certify_joint

    graph, basis = of.built.graph, basis_of(store, of)
    bare = certify_joint(graph, found, basis=basis, grounds=Grounds({}, {}))
    return certify_joint(graph, found, basis=basis, grounds=_grounds(store, of, bare))


def _grounds(store: Store, of: Traced, bare: Certificate) -> Grounds:
    return grounds(
        store, of, [arc.row for arc in bare.arcs if arc.row >= 0], [node.node for node in bare.nodes if node.node >= 0]
    )


def basis_of(store: Store, of: Traced) -> Basis:
    """Where the masses of a graph come from."""
    from lodeline.origin.certificate import Basis, Chain

    head = store.head(of.as_of)
    masses = "" if of.reconciled is None else f"sha256:{sha256(of.built.graph.mg.astype('<i8').tobytes()).hexdigest()}"
    return Basis(
        element=of.element,
        as_of=head.recorded_at.isoformat(),
        ledger=Chain(book=head.book_id, seq=head.seq, head=head.digest),
        reconciliation=masses,
        policy=of.policy.cited,
    )


def checked(store: Store, it: Certificate, *, progress: Progress | None = None, stage: Stage | None = None) -> Checked:
    """Hold a certificate against the book: its digest, its arithmetic, its masses, and the values it names.

    Raises:
        IntegrityError: ``certificate.book``, and what :func:`lodeline.origin.checking.check`,
            :func:`lodeline.origin.against_book.check_against` and
            :func:`lodeline.origin.against_book.check_grounds` refuse.
    """
    from lodeline.origin.against_book import check_against, check_grounds
    from lodeline.origin.checking import check

    check(it)
    chain = it.basis.ledger
    _same_book(store, chain.book, chain.seq)
    of = traced(
        store, chain.seq, it.basis.element, recorded=not it.basis.reconciliation, progress=progress, stage=stage
    )
    if stage is not None:
        stage("comparing masses and recorded values")
    check_against(it, of.built.graph, basis_of(store, of))
    values = check_grounds(it, lambda hash_id: recorded(store, hash_id, of.as_of))
    return Checked(
        says=says(it),
        element=of.element,
        digest=it.digest,
        seq=chain.seq,
        reconciled=of.reconciled is not None,
        masses=sum(1 for arc in it.arcs if arc.row >= 0),
        values=values,
        supposes=sum(1 for arc in it.arcs if not arc.own),
    )


def _same_book(store: Store, book: str, seq: int) -> None:
    try:
        head = store.head(seq)
    except BookError:
        head = None
    if head is None or head.book_id != book:
        raise IntegrityError(
            "certificate.book",
            "The certificate is of another book, or of entries that this one does not have; give the book it names.",
            book=book,
            entry=seq,
        )


def says(it: Certificate) -> str:
    """What a certificate says, in words."""
    from lodeline.origin.certificate import BoundCertificate, RefutationCertificate

    if isinstance(it, BoundCertificate):
        places = sorted({one.country or one.name or one.kind for one in it.surely})
        side = "at least" if it.side == "least" else "at most"
        return (
            f"{it.target} holds {side} {it.value_mg / 1e6:,.6g} kg of {it.mass_mg / 1e6:,.6g} from {', '.join(places)}"
        )
    named = "; ".join(one.name for one in it.claims)
    if isinstance(it, RefutationCertificate):
        return f"these claims cannot all be true: {named}"
    return f"these claims can all be true: {named}"
