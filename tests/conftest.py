"""What holds for every test: bounds checks on, a compile cache of its own, the same examples each time."""

import os
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]

# Before numba is imported by anything. An index out of range is silent without the first.
os.environ.setdefault("NUMBA_BOUNDSCHECK", "1")
# Two threads on any machine, so that tests on threads mean the same everywhere.
os.environ.setdefault("NUMBA_NUM_THREADS", "2")
# numba's cache does not know whether bounds checks were on: code compiled for tests must not reach users.
os.environ.setdefault("PARTNERSIM_CACHE", str(ROOT / ".cache" / "numba-tests"))
os.environ.setdefault("MPLBACKEND", "Agg")

import pytest  # noqa: E402  (after the environment is set)
from hypothesis import settings  # noqa: E402

settings.register_profile("house", deadline=None, derandomize=True, database=None)
settings.register_profile("explore", deadline=None, max_examples=1000, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


@pytest.fixture
def pccp() -> dict[str, Any]:
    """Return the file of the case PCCP as it ships."""
    from sim.config.cases import load_case

    return load_case("pccp", (ROOT / "conf",))
