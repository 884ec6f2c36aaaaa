"""What a book is asked about the origin of metal; a part of :class:`lodeline.book.Book`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lodeline.book.source import Source, opened
from lodeline.errors import InputError

if TYPE_CHECKING:
    from lodeline.book.certifying import Checked, Form
    from lodeline.book.claiming import Claims
    from lodeline.book.credit_claims import Allotted
    from lodeline.book.crediting import Credits
    from lodeline.book.going import Destinations
    from lodeline.book.origin_answers import Traces
    from lodeline.book.parcel_bounds import Alike
    from lodeline.book.traced import Traced
    from lodeline.book.way_back import WayBack
    from lodeline.ledger.store import Store

Progress = Callable[[int], None]
Stage = Callable[[str], None]


class OriginQuestions:
    """Questions of origin. Every one takes ``as_of``, an entry number, as all reads of a book do."""

    _store: Store

    def origin(
        self,
        lot: str,
        element: str,
        *,
        by: str = "country",
        mixing: str | None = None,
        bounds: bool = False,
        claims: Sequence[str] = (),
        homogeneous: float | None = None,
        beside: Sequence[str] = (),
        credits: Source | None = None,
        recorded: bool = False,
        as_of: int | None = None,
        progress: Progress | None = None,
        stage: Stage | None = None,
    ) -> Traces:
        """Where the metal of a lot is from; see `lodeline.book.tracing.traces`.

        Args:
            element: Symbol, or a group that the policy declares: its members are traced each by itself, and summed.
            by: ``country``, ``deposit``, ``kind``, ``stage:mined``, ``owner``, ``certificate`` …
            mixing: ``fifo``, ``lifo``, ``layers``, ``identity``, ``perfect`` or ``all``; None: as each store is kept.
            bounds: Give the least and the most too, whatever the mixing was.
            claims: Say how certain each of these is: ``PK>=0.8``.
            homogeneous: Suppose too that parcels keep their composition within this part, such as 0.02, until something
                separates them. beside: the elements that stay together with this one; none: all that were assayed.
            credits: A file of mass-balance credits, which may have been used for what is claimed.
            recorded: Take masses as recorded, and not reconciled ones.

        Raises:
            InputError: ``origin.group_credits``, and those of `lodeline.book.tracing.traces`.
        """
        from lodeline.book.traced import traced_all
        from lodeline.book.tracing import traces

        group, alike = self._group(element, as_of), None
        if homogeneous is not None:
            alike = self._alike(element, homogeneous, beside, as_of, group=bool(group))
        if group and credits is not None:
            raise InputError("origin.group_credits", f"Credits are of one element; {element} is a group.")
        asked = tuple(group) or (element,) if alike is None else alike.elements
        every = traced_all(self._store, as_of, asked, recorded=recorded, progress=progress, stage=stage)
        if stage is not None:
            stage("tracing")
        if not group:
            used = _allotted(every[0], credits)
            return traces(every[0], lot, by=by, mixing=mixing, bounds=bounds, claims=claims, alike=alike, credits=used)
        from lodeline.book.group_tracing import group_traces

        members = tuple(zip(every, group.values(), strict=True))
        return group_traces(element, members, lot, by=by, mixing=mixing, bounds=bounds, claims=claims)

    def _alike(self, element: str, within: float, beside: Sequence[str], as_of: int | None, *, group: bool) -> Alike:
        from lodeline.book.flows import flows_of
        from lodeline.book.parcel_bounds import supposing

        if group:
            raise InputError(
                "origin.parcels_group", f"Homogeneous parcels are asked of one element; {element} is a group."
            )
        return supposing(element, beside or flows_of(self._store, as_of).elements(), within)

    def _group(self, name: str, as_of: int | None) -> dict[str, float]:
        """Elements of a declared group, each with kilograms of the member for one of it; none where it is no group."""
        from lodeline.book.flows import policy_of
        from lodeline.book.group_tracing import factors

        return factors(policy_of(self._store, self._store.head(as_of).seq).groups.get(name, ()))

    def origin_with_certificate(
        self,
        lot: str,
        element: str,
        *,
        by: str = "country",
        mixing: str | None = None,
        bounds: bool = False,
        claims: Sequence[str],
        homogeneous: float | None = None,
        beside: Sequence[str] = (),
        credits: Source | None = None,
        certified: bool = True,
        recorded: bool = False,
        as_of: int | None = None,
        progress: Progress | None = None,
        stage: Stage | None = None,
    ) -> tuple[Traces, bytes | None]:
        """As :meth:`origin`, and the certificate of its first claim from the same masses; None where none is wanted."""
        if not certified:
            found = self.origin(
                lot, element, by=by, mixing=mixing, bounds=bounds, claims=claims, homogeneous=homogeneous,
                beside=beside, credits=credits, recorded=recorded, as_of=as_of, progress=progress, stage=stage,
            )  # fmt: skip
            return found, None
        if homogeneous is not None:
            raise InputError(
                "origin.parcels_certificate",
                "A certificate proves what holds whatever the mixing was; what homogeneous parcels bear out is "
                "supported and not proved, so ask without them.",
            )
        if self._group(element, as_of):
            raise InputError(
                "origin.group_certificate",
                f"A certificate is of one element; ask for one of each element of {element}.",
                element=element,
            )
        from lodeline.book.certifying import certificate_of
        from lodeline.book.claim_text import stated
        from lodeline.book.lot_metal import lot_metal
        from lodeline.book.traced import traced
        from lodeline.book.tracing import traces
        from lodeline.origin.certificate import written

        of = traced(self._store, as_of, element, recorded=recorded, progress=progress, stage=stage)
        if stage is not None:
            stage("tracing")
        used = _allotted(of, credits)
        found = traces(of, lot, by=by, mixing=mixing, bounds=bounds, claims=claims, credits=used)
        made = certificate_of(self._store, of, lot_metal(of, lot), stated(claims[0]), form="whole")
        return found, written(made)

    def destinations(
        self,
        lot: str,
        element: str,
        *,
        mixing: str | None = None,
        recorded: bool = False,
        as_of: int | None = None,
        progress: Progress | None = None,
        stage: Stage | None = None,
    ) -> Destinations:
        """Where the metal of a lot went; see `lodeline.book.going.gone`, and :meth:`origin` for the arguments."""
        from lodeline.book.going import gone
        from lodeline.book.traced import traced

        of = traced(self._store, as_of, element, recorded=recorded, progress=progress, stage=stage)
        return gone(of, lot, mixing=mixing)

    def why(
        self,
        lot: str,
        element: str,
        *,
        mixing: str | None = None,
        depth: int | None = None,
        least: float | None = None,
        recorded: bool = False,
        as_of: int | None = None,
        progress: Progress | None = None,
        stage: Stage | None = None,
    ) -> WayBack:
        """The way of the metal of a lot back to its origins; see `lodeline.book.way_back.way_back`.

        Args:
            depth: Most steps. least: share of the lot below which what a step brings is summed with others.
        """
        from lodeline.book.traced import traced
        from lodeline.book.way_back import DEPTH, LEAST, way_back

        of = traced(self._store, as_of, element, recorded=recorded, progress=progress, stage=stage)
        limits = (DEPTH if depth is None else depth, LEAST if least is None else least)
        return way_back(of, lot, mixing=mixing, depth=limits[0], least=limits[1])

    def claims(
        self,
        source: Source,
        *,
        credits: Source | None = None,
        recorded: bool = False,
        as_of: int | None = None,
        progress: Progress | None = None,
        stage: Stage | None = None,
    ) -> Claims:
        """Whether claims can be true, each and all at once; see `lodeline.book.claiming.answered`.

        Args:
            source: A file of claims, TOML or CSV; see `lodeline.book.claim_files.claims_in`.
            credits: A file of mass-balance credits, which may have been used for what is claimed.
        """
        return self.claims_with_certificate(
            source, credits=credits, certified=False, recorded=recorded, as_of=as_of, progress=progress, stage=stage
        )[0]

    def claims_with_certificate(
        self,
        source: Source,
        *,
        credits: Source | None = None,
        certified: bool = True,
        recorded: bool = False,
        as_of: int | None = None,
        progress: Progress | None = None,
        stage: Stage | None = None,
    ) -> tuple[Claims, bytes | None]:
        """As :meth:`claims`, and the certificate of what they come to all at once; None where none is wanted.

        Raises:
            InputError: ``claim.elements``, ``certificate.undecided``.
        """
        from lodeline.book.claiming import answered
        from lodeline.origin.certificate import written

        content, file = _read(source, "claims")
        used = None if credits is None else _read(credits, "credits")
        found = answered(
            self._store,
            content,
            file=file,
            credits=used,
            as_of=as_of,
            recorded=recorded,
            progress=progress,
            stage=stage,
        )
        return found.claims, written(found.certificate(self._store)) if certified else None

    def credits(
        self,
        source: Source,
        *,
        recorded: bool = False,
        as_of: int | None = None,
        progress: Progress | None = None,
        stage: Stage | None = None,
    ) -> Credits:
        """Enter mass-balance credits and hold them against the book; see `lodeline.book.crediting.credited`.

        Args:
            source: A file of credits, TOML or CSV; see `lodeline.book.credit_files.credits_in`.
        """
        from lodeline.book.crediting import credited

        content, file = _read(source, "credits")
        return credited(self._store, content, file=file, as_of=as_of, recorded=recorded, progress=progress, stage=stage)

    def certificate(
        self,
        lot: str,
        element: str,
        claim: str,
        *,
        form: Form = "whole",
        recorded: bool = False,
        as_of: int | None = None,
        progress: Progress | None = None,
        stage: Stage | None = None,
    ) -> bytes:
        """A certificate of the bound that decides a claim, as its canonical bytes.

        Args:
            claim: ``PK>=0.8`` has the least of PK certified, ``PK<=0.8`` the most.
            form: ``whole`` stands alone; ``short`` lists what is around the cut.
        """
        from lodeline.book.certifying import certificate_of
        from lodeline.book.claim_text import stated
        from lodeline.book.lot_metal import lot_metal
        from lodeline.book.traced import traced
        from lodeline.origin.certificate import written

        it = stated(claim)
        of = traced(self._store, as_of, element, recorded=recorded, progress=progress, stage=stage)
        return written(certificate_of(self._store, of, lot_metal(of, lot), it, form=form))

    def check(self, certificate: Source, *, progress: Progress | None = None, stage: Stage | None = None) -> Checked:
        """Hold a certificate against the book; see `lodeline.book.certifying.checked`.

        Raises:
            InputError: ``certificate.form``. IntegrityError: ``certificate.digest``, ``certificate.graph`` …
        """
        from lodeline.book.certifying import checked
        from lodeline.origin.certificate import read

        with opened(certificate) as stream:
            return checked(self._store, read(stream.read()), progress=progress, stage=stage)


def _read(source: Source, otherwise: str) -> tuple[bytes, str]:
    """What a source holds, and how it is called."""
    with opened(source) as stream:
        return stream.read(), str(source) if isinstance(source, str | Path) else otherwise


def _allotted(of: Traced, credits: Source | None) -> Allotted | None:
    if credits is None:
        return None
    from lodeline.book.credit_claims import allotted

    content, file = _read(credits, "credits")
    return allotted(content, {of.element: of}, file=file)
