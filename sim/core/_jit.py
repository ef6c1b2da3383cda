"""The only place that says njit, and where compiled code is kept.

numba's own cache does not see an edit in a called function of another file and would answer with stale code.
So compiled code is kept in a folder named by a hash of every source that goes into it, of numba's version
and of the processor: fast on the second start and never stale. ``PARTNERSIM_CACHE`` moves the folder.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from sim.core.sources import source_hash

_KEEP_DAYS = 30


def _cache_root() -> Path:
    if chosen := os.environ.get("PARTNERSIM_CACHE"):
        return Path(chosen)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or tempfile.gettempdir()
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    return Path(base) / "partnersim"


def _machine_hash() -> str:
    words = (version("numba"), version("llvmlite"), platform.python_version(), platform.machine())
    checks = os.environ.get("NUMBA_BOUNDSCHECK", "0")
    return hashlib.sha256("|".join((*words, checks)).encode()).hexdigest()[:8]


def _usable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.write_text("")
        probe.unlink()
    except OSError:
        return False
    return True


def _forget_old(root: Path, keep: Path) -> None:
    """Remove compiled code that no start has touched for a month."""
    limit = time.time() - _KEEP_DAYS * 86400
    for folder in root.glob("*-*"):
        if folder != keep and folder.is_dir() and folder.stat().st_mtime < limit:
            shutil.rmtree(folder, ignore_errors=True)


def _choose_folder() -> Path:
    name = f"{source_hash()}-{_machine_hash()}"
    folder = _cache_root() / name
    if not _usable(folder):
        spare = Path(tempfile.gettempdir()) / f"partnersim-{name}"
        sys.stderr.write(f"partnersim: cannot write to {folder}; compiled code is kept in {spare}\n")
        spare.mkdir(parents=True, exist_ok=True)
        return spare
    os.utime(folder)
    _forget_old(folder.parent, folder)
    return folder


CACHE_FOLDER = _choose_folder()
os.environ["NUMBA_CACHE_DIR"] = str(CACHE_FOLDER)

import numba  # noqa: E402

numba.config.CACHE_DIR = str(CACHE_FOLDER)


def is_compiled() -> bool:
    """Tell whether an earlier start has left compiled code for exactly these sources."""
    return any(CACHE_FOLDER.rglob("loop.run_block*.nbc"))


kernel = numba.njit(error_model="numpy")
"""Decorator of every kernel. fastmath is never used: it changes results."""

inner_kernel = numba.njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""Decorator of private helpers, which only kernels call: without a way in from Python they compile faster."""

inlined_kernel = numba.njit(error_model="numpy", forceinline=True)
"""Decorator of formulas that always stand in place of their call, so that a loop over them runs in vector lanes."""

entry_kernel = numba.njit(cache=True, error_model="numpy")
"""Decorator of the few kernels that Python calls: they keep their compiled code, with all that they call."""

block_kernel = numba.njit(cache=True, error_model="numpy", nogil=True)
"""Decorator of the one loop over runs: it lets other threads work meanwhile."""


def most_threads() -> int:
    """Return how many threads there are to use: the processors, or fewer where NUMBA_NUM_THREADS says so."""
    return int(numba.config.NUMBA_NUM_THREADS)
