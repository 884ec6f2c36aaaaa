"""Files that a user names: whether there is one to read, whatever was typed."""

from __future__ import annotations

import os
from pathlib import Path


def readable(path: Path) -> bool:
    """Whether there is a file of this name that may be read; a name that no file can have is no fault."""
    try:
        return path.is_file() and os.access(path, os.R_OK)
    except (OSError, ValueError):
        # Too long for the file system, or with a zero byte in it.
        return False
