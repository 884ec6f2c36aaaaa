"""Governance: how well countries are governed, as the World Bank publishes it."""
