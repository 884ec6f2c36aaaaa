"""Reconciliation: measured masses, moistures and grades, shifted by their uncertainties until every account closes."""
