"""The sections of a report, each one function of what is given and one row here.

Another section needs no more: ``build(view, table, sections=(*SECTIONS, Row("mine", my_section)))``.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from lodeline.report.given import Given
from lodeline.report.model import Section
from lodeline.report.sections.assays import assays
from lodeline.report.sections.balance import balance
from lodeline.report.sections.closure import closure
from lodeline.report.sections.findings import findings
from lodeline.report.sections.holdings import holdings
from lodeline.report.sections.instruments import instruments
from lodeline.report.sections.movements import movements
from lodeline.report.sections.national import national
from lodeline.report.sections.origin import origin
from lodeline.report.sections.programme import programme
from lodeline.report.sections.provenance import provenance
from lodeline.report.sections.reconciled import reconciled
from lodeline.report.sections.stages import stages
from lodeline.report.sections.unknowns import unknowns
from lodeline.report.sections.world_claims import world_claims
from lodeline.report.sections.world_dependence import world_dependence
from lodeline.report.sections.world_effect import world_effect
from lodeline.report.sections.world_resources import world_resources


class MakesSection(Protocol):
    """A section's inside: a pure function of what is given and of the sections before it."""

    def __call__(self, given: Given, before: tuple[Section, ...]) -> Section: ...


class Row(NamedTuple):
    """One row of the registry."""

    name: str
    make: MakesSection


SECTIONS = (
    Row("programme", programme),
    Row("holdings", holdings),
    Row("movements", movements),
    Row("balance", balance),
    Row("stages", stages),
    Row("reconciled", reconciled),
    Row("closure", closure),
    Row("assays", assays),
    Row("instruments", instruments),
    Row("origin", origin),
    Row("national", national),
    Row("dependence", world_dependence),
    Row("effect", world_effect),
    Row("unknowns", unknowns),
    Row("findings", findings),
    Row("claims", world_claims),
    Row("resources", world_resources),
    Row("provenance", provenance),
)
"""In the order of the report. Unknowns and provenance read what stands before them; claims and resources are none of
the book's own metal, so they come after what is said of that."""
