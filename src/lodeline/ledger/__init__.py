"""The append-only store that proves itself."""
