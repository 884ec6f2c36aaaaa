"""The outside cases and public data beside the checkout; tests that need them are skipped, and say so, without them."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"
CASES = SHARED / "cases"
DATA = SHARED / "data"

needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="the outside cases (../shared/cases) are not here")
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the public data (../shared/data) are not here")
