"""Small flowsheets that a person can work out: a split, a heat exchanger with a bypass, flotation cells."""

from __future__ import annotations

from typing import Any

from lodeline.metal.reconciliation.network import UNMEASURED, Fixed, Given, Measured, Network, Stream


def stream(name: str, source: str | None, to: str | None, mass: Given = UNMEASURED, **more: Any) -> Stream:
    return Stream(name=name, from_node=source, to_node=to, mass=mass, **more)


def split(**more: Any) -> Network:
    """100 in, 60 and 41 out, each known to 1."""
    fields: dict[str, Any] = {
        "nodes": ["N"],
        "streams": [
            stream("feed", None, "N", Measured(100, 1)),
            stream("left", "N", None, Measured(60, 1)),
            stream("right", "N", None, Measured(41, 1)),
        ],
    }
    return Network(**{**fields, **more})


def exchanger(*measured: str) -> Network:
    """Narasimhan & Jordache (2000), example 1-1: a heat exchanger with a bypass; unit variances."""
    read = {"1": 101.91, "2": 64.45, "3": 34.65, "4": 64.20, "5": 36.44, "6": 98.88}
    ends = {"1": (None, "split"), "2": ("split", "exchanger"), "3": ("split", "valve")}
    ends |= {"4": ("exchanger", "mix"), "5": ("valve", "mix"), "6": ("mix", None)}
    return Network(
        nodes=["split", "exchanger", "valve", "mix"],
        streams=[
            stream(name, *ends[name], Measured(value, 1) if name in measured else UNMEASURED)
            for name, value in read.items()
        ],
    )


def flotation(**more: Any) -> Network:
    """Feed of 100 fixed; two products, of which only the grades were measured: the two-product formula."""
    fields: dict[str, Any] = {
        "nodes": ["cells"],
        "components": ["Cu"],
        "streams": [
            stream("feed", None, "cells", Fixed(100), grades={"Cu": Measured(0.02, 0.0002)}),
            stream("concentrate", "cells", None, grades={"Cu": Measured(0.25, 0.002)}),
            stream("tailings", "cells", None, grades={"Cu": Measured(0.002, 0.0001)}),
        ],
    }
    return Network(**{**fields, **more})
