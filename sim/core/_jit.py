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
from collections.abc import Callable
from functools import wraps
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from sim.core.sources import source_hash

_KEEP_DAYS = 30
_MAIN_CODE = "loop.run_group"


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
        return _spare_folder(folder)
    os.utime(folder)
    _forget_old(folder.parent, folder)
    return folder


def _spare_folder(folder: Path) -> Path:
    """Return a folder in place of one that cannot be written, with the compiled code that is there.

    numba leaves a folder that it cannot write aside even where all is in it, so a filled one, of an image or a shared
    installation, is copied: a few megabytes. A folder of somebody else is not used: compiled code is run as it is.
    """
    spare = Path(tempfile.gettempdir()) / f"partnersim-{folder.name}"
    if not _usable(spare) or spare.stat().st_uid != _own_number():
        spare = Path(tempfile.mkdtemp(prefix="partnersim-"))
    if _is_filled(folder):
        if not _is_filled(spare):
            _copy_code(folder, spare)
    else:
        sys.stderr.write(f"partnersim: cannot write to {folder}; compiled code is kept in {spare}\n")
    return spare


def _own_number() -> int:
    """Return the number of the user who owns what this process writes; 0 where users have no numbers."""
    return os.getuid() if hasattr(os, "getuid") else 0


def _copy_code(folder: Path, spare: Path) -> None:
    """Copy compiled code file by file, each whole or not there, and last the one that makes the folder a filled one."""
    last = f"{_MAIN_CODE}*.nbc"
    for file in sorted(folder.rglob("*.nb?"), key=lambda file: file.match(last)):
        place = spare / file.relative_to(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        partial = place.with_name(f".{place.name}-{os.getpid()}")
        shutil.copyfile(file, partial)
        partial.replace(place)


def _is_filled(folder: Path) -> bool:
    return any(folder.rglob(f"{_MAIN_CODE}*.nbc"))


CACHE_FOLDER = _choose_folder()
os.environ["NUMBA_CACHE_DIR"] = str(CACHE_FOLDER)

import numba  # noqa: E402

numba.config.CACHE_DIR = str(CACHE_FOLDER)

from sim.core.lanes.records import Alone  # noqa: E402
from sim.core.lanes.values import Lanes  # noqa: E402

if not numba.config.DISABLE_JIT:
    import sim.core.lanes.access
    import sim.core.lanes.operators  # noqa: F401


def is_compiled() -> bool:
    """Tell whether an earlier start has left compiled code for exactly these sources."""
    return _is_filled(CACHE_FOLDER)


def _interpreted(function: Callable[..., Any]) -> Callable[..., Any]:
    """Stand in for the compiler where it is off: rules run on numpy arrays, step by step under a debugger."""

    @wraps(function)
    def call(*arguments: Any) -> Any:
        given = [one._record if isinstance(one, Alone) else one for one in arguments]
        with np.errstate(all="ignore"):  # a lane that does not count may divide by nothing
            found = function(*given)
        outside = given != list(arguments)
        return found.item() if outside and isinstance(found, Lanes) and found.size == 1 else found

    return call


def _compiled(**options: bool) -> Callable[..., Any]:
    """Return a decorator that compiles without fast mathematics, which would change results."""
    if numba.config.DISABLE_JIT:
        return (lambda function: function) if "no_cpython_wrapper" in options else _interpreted
    decorator: Callable[..., Any] = numba.njit(error_model="numpy", **options)
    return decorator


kernel = _compiled(no_cfunc_wrapper=True)
"""Decorator of a rule or observer that tests call too."""

inner_kernel = _compiled(no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""Decorator of private helpers, which only kernels call: without a way in from Python they compile faster."""

inlined_kernel = _compiled(no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=True)
"""Decorator of formulas that always stand in place of their call, so that the processor works on several at once."""

entry_kernel = _compiled(cache=True, no_cfunc_wrapper=True)
"""Decorator of the few kernels that Python calls: they keep their compiled code, with all that they call."""

block_kernel = _compiled(cache=True, nogil=True, no_cfunc_wrapper=True)
"""Decorator of the loop over the weeks of a group: it lets other threads work meanwhile."""


def most_threads() -> int:
    """Return how many threads there are to use: the processors, or fewer where NUMBA_NUM_THREADS says so."""
    return int(numba.config.NUMBA_NUM_THREADS)
