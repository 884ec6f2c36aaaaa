"""The example books."""
