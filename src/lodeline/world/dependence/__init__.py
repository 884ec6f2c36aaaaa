"""Dependence: how concentrated supply is, how much of use is imported, and how long stocks last."""
