"""One case a file."""
