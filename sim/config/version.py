"""Which version of the code and of the model this is."""

from __future__ import annotations

import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, version

from sim.config.folders import clone_folder
from sim.core.sources import model_hash

DISTRIBUTION = "partnersim"


def current_version() -> str:
    """Return the version as written in the clone's ``pyproject.toml``, else of the installed package."""
    root = clone_folder()
    if root is not None:
        with (root / "pyproject.toml").open("rb") as file:
            return str(tomllib.load(file)["project"]["version"])
    return package_version(DISTRIBUTION) or "unknown"


def package_version(name: str) -> str | None:
    """Return the version of an installed package, or None when it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def code_identity() -> dict[str, str | bool]:
    """Return what identifies the code: version, and in a clone the commit and whether files were edited."""
    identity: dict[str, str | bool] = {"version": current_version()}
    root = clone_folder()
    commit = _git("rev-parse", "HEAD")
    if root is None or commit is None:
        return identity | {"installed_as": "package" if root is None else "clone without git"}
    edited = _git("status", "--porcelain", "--untracked-files=no")
    return identity | {"installed_as": "clone", "commit": commit, "edited": bool(edited)}


def _git(*words: str) -> str | None:
    """Return what git says about the clone, or None when it cannot be asked."""
    root = clone_folder()
    if root is None:
        return None
    try:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


SAME_MODEL: dict[str, str] = {
    "ccdfa7d6": "2b00bca1",
    "6cb50727": "2b00bca1",
    "c6dda6ea": "88f05245",
    "9f17eec4": "88f05245",
    "a919b682": "88f05245",
    "d9b876c3": "88f05245",
}
"""Earlier hashes of the model, each with the later one that gives the same numbers: results of the first are resumed
and used as results of the second. Those here are of version 0.1.0 on Python 3.11, 3.12 and 3.13."""


def made_by_this_model(stored: object) -> bool:
    """Tell whether a stored model hash stands for the numbers that this model gives."""
    return SAME_MODEL.get(str(stored), stored) == model_hash()
