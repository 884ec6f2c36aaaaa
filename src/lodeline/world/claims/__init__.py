"""Public claims: who said what, recomputed from named inputs, beside their rivals, with a verdict by rule."""

from __future__ import annotations

from lodeline.world.claims.files import EXAMPLE, parse_csv, parse_toml, read, shipped
from lodeline.world.claims.judged import Judged, Recomputed, Verdicts
from lodeline.world.claims.judging import judge
from lodeline.world.claims.register import Claim, Input, Recomputation, Register, register
from lodeline.world.claims.suspicion import RULES, Case, Suspected

__all__ = [
    "EXAMPLE",
    "RULES",
    "Case",
    "Claim",
    "Input",
    "Judged",
    "Recomputation",
    "Recomputed",
    "Register",
    "Suspected",
    "Verdicts",
    "judge",
    "parse_csv",
    "parse_toml",
    "read",
    "register",
    "shipped",
]
