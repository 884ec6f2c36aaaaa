"""Places: at which site each stands, and by which zone's midnight its periods end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from lodeline.errors import Finding, Settle
from lodeline.ids.epc import canonical
from lodeline.metal.outlets import site_of
from lodeline.metal.registered import Master, within

UTC_ZONE = "UTC"


class Place(NamedTuple):
    """One place.

    Attributes:
        site: The site it stands at, itself where it is one or where nobody registered it.
        zone: IANA name of the zone by whose midnight its periods end.
        zone_known: Whether a policy or the master data say so; else the zone is UTC, and that is a finding.
    """

    site: str
    zone: str
    zone_known: bool


def places(names: Iterable[str], master: Master, zone: str | None) -> dict[str, Place]:
    """Each place with its site and zone.

    Args:
        names: URIs of places.
        master: Attributes of registered sites and stores.
        zone: The zone that the policy names for all; None: each site has its own.
    """
    larger = within(master)
    found = {}
    for name in names:
        said = zone or _zone(canonical(name), master, larger)
        found[name] = Place(site_of(master, name), said or UTC_ZONE, said is not None)
    return found


def _zone(place: str, master: Master, larger: dict[str, str]) -> str | None:
    """The zone of a place, else of the nearest larger place that has one."""
    seen: set[str] = set()
    at: str | None = place
    while at is not None and at not in seen:
        seen.add(at)
        said = master.get(("site", at), {}).get("time_zone")
        if isinstance(said, str) and said:
            return said
        at = larger.get(at)
    return None


def without_zone(found: Iterable[Place]) -> list[Finding]:
    """One note for each site of which no zone is known."""
    sites = dict.fromkeys(one.site for one in found if not one.zone_known)
    return [
        Finding(
            code="balance.zone_unknown",
            sentence=f"No time zone is known for {site}, so its periods are counted by UTC: what happened there near "
            "midnight may stand in the neighbouring period.",
            weight="note",
            settle=(
                Settle(
                    act="registration",
                    subject=site,
                    detail=f"Register {site} with its time_zone, or name a zone in the policy.",
                ),
            ),
        )
        for site in sites
    ]
