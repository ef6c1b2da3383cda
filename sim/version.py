"""Which version of the code and of the model this is."""

from __future__ import annotations

import ast
import hashlib
import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sim.conf_folders import clone_folder

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


def model_hash() -> str:
    """Return eight hexadecimal digits that change when the model changes, and not with a comment or a docstring.

    What is derived from the model (reference population, known answer, pages of results) carries this hash.
    """
    digest = hashlib.sha256()
    for file in model_files():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list) and body and _is_docstring(body[0]):
                body[0] = ast.Pass()
        digest.update(file.name.encode() + ast.dump(tree).encode())
    return digest.hexdigest()[:8]


def model_files() -> list[Path]:
    """Return the source files that make up the model, in a fixed order."""
    root = Path(__file__).parent
    names = ("engine", "metric_table", "metrics", "panel", "params", "records", "rng", "state", "traits", "vocabulary")
    return sorted(root.glob("kernels/*.py")) + [root / f"{name}.py" for name in names]


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
