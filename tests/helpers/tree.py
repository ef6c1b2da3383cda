"""The files of the project, and ways to read them without importing them."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "sim").rglob("*.py"))
CODE = sorted(path for room in ("sim", "conf", "experiments", "docs", "tests") for path in (ROOT / room).rglob("*.py"))
TEXT = frozenset({
    "", ".bib", ".cff", ".cfg", ".csv", ".ipynb", ".json", ".md", ".py", ".sh", ".toml", ".txt", ".yaml", ".yml",
})  # fmt: skip


def shown(path: Path, node: ast.AST) -> str:
    """Return file and line of a piece of syntax."""
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def syntax(path: Path) -> list[ast.AST]:
    """Return every node of a Python file."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def imported_modules(path: Path, package: str = "sim") -> set[str]:
    """Return the modules of ``package`` that a file imports, by full name; names taken from a package count too."""
    found = set()
    for node in syntax(path):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == package:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] == package}
    return found


def project_files() -> list[Path]:
    """Return every file that is, or would be, under version control."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listing.returncode:
        pytest.skip("not a git checkout: the list of files is unknown")
    names = {name for name in listing.stdout.split("\0") if name}
    return sorted(ROOT / name for name in names if (ROOT / name).is_file())


def text_files() -> list[tuple[Path, str]]:
    """Return every text file of the project with its text."""
    return [(path, path.read_text(encoding="utf-8")) for path in project_files() if path.suffix in TEXT]


def load(path: Path, name: str) -> ModuleType:
    """Import a file that belongs to no package."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
