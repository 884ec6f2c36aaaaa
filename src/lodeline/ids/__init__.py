"""Identifiers: EPC URNs, GS1 Digital Links, check digits, InChIKeys."""
