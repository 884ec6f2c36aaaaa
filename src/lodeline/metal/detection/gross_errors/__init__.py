"""Gross errors of a solved problem: which measurement, leak or unit is wrong, and what the data cannot tell apart."""
