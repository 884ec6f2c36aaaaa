"""The programme book: a synthetic programme of five years, from mines in Pakistan to a works in Missouri."""

from lodeline.examples.programme.faults import KINDS
from lodeline.examples.programme.generator import TITLE, Programme, programme
from lodeline.examples.programme.truth import Truth

__all__ = ["KINDS", "TITLE", "Programme", "Truth", "programme"]
