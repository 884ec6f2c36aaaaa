"""Commodities: how an edition groups elements, and which of its forms add up to an import total."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

import msgspec


class Commodity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One commodity of the shipped editions; a block of ``tables/usgs_commodities.toml``.

    Attributes:
        name: As rows name it. chapter, spelled: as the publisher's files name it.
        plain: As a sentence names it.
        element: What its tonnes count. members: elements and declared groups it contains, which the edition does
            not report one by one.
        basis: ``element`` or ``REO``.
        traded: Forms of ``imports`` that make up the total which ``share_form`` of ``import-share`` refers to.
        imported, apart: Those forms as a sentence names them, and the forms that are not among them.
        consumption_form, reliance_form: Forms of apparent consumption and of net import reliance.
        oxides: By element, the oxide in which an equivalent is counted, where the basis is ``REO``.
        smelted: How material that is processed at home enters net import reliance, by the publisher's definition.
    """

    name: str
    chapter: str
    spelled: tuple[str, ...]
    plain: str
    element: str
    members: tuple[str, ...]
    basis: str
    traded: tuple[str, ...]
    imported: str
    apart: str
    share_form: str
    consumption_form: str
    reliance_form: str
    oxides: dict[str, str]
    smelted: str


@cache
def commodities() -> Mapping[str, Commodity]:
    """The commodities that come with lodeline, by name."""
    text = (resources.files("lodeline.world") / "tables" / "usgs_commodities.toml").read_text(encoding="utf-8")
    blocks = tomllib.loads(text)
    return {name: msgspec.convert({"name": name, **block}, Commodity) for name, block in blocks.items()}


def commodity_of(element: str) -> Commodity | None:
    """The commodity under which an element or group is reported, or None where the editions have none."""
    for commodity in commodities().values():
        if element == commodity.element or element in commodity.members:
            return commodity
    return None
