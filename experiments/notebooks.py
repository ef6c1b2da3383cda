"""Run the notebooks and keep, or compare, what they show.

    python -m experiments.notebooks [NAME ...]           run them and keep what they show
    python -m experiments.notebooks --check [NAME ...]   run them and compare; nothing is written

Each notebook is written as text (``notebooks/NAME.py``), which is what one reviews, and kept with its outputs beside it
(``NAME.ipynb``), which is what one reads. They are run in an empty folder, as by somebody who has just installed this.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient

from sim.core.sources import model_hash

FOLDER = Path(__file__).parents[1] / "notebooks"
SECONDS = 60
"""What a notebook may take where the kernels are compiled; tried when it is kept, not when it is compared."""

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def names() -> list[str]:
    """Return the names of all notebooks."""
    return sorted(path.stem for path in FOLDER.glob("*.py"))


def written(name: str) -> Any:
    """Return a notebook as it was written, without outputs."""
    return jupytext.read(FOLDER / f"{name}.py")


def kept(name: str) -> Any:
    """Return a notebook as it was kept, with outputs."""
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def run(name: str) -> tuple[Any, float]:
    """Run a notebook in an empty folder; return it with its outputs, and the seconds that it took."""
    book = written(name)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as empty:
        client = NotebookClient(
            book, timeout=600, kernel_name="python3", record_timing=False, resources={"metadata": {"path": empty}}
        )
        client.execute()
    taken = time.perf_counter() - began
    for place, cell in enumerate(book.cells):
        cell.id = f"cell-{place}"
        cell.metadata.clear()
        if cell.cell_type == "code":
            # Progress is for those who wait.
            cell.outputs = [one for one in cell.outputs if one.get("name") != "stderr"]
    book.metadata = nbformat.from_dict({"kernelspec": KERNEL, "partnersim": {"model_hash": model_hash()}})
    return book, taken


def shown(book: Any) -> list[Any]:
    """Return what the cells of a notebook show in words and numbers, pictures left out."""
    found = []
    for cell in book.cells:
        for one in cell.get("outputs", ()):
            data = one.get("data", {"text/plain": one.get("text", "")})
            found.append({kind: content for kind, content in data.items() if kind.startswith("text/")})
    return found


def main() -> int:
    """Run as a command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--check", action="store_true", help="compare with what was kept, write nothing")
    options = parser.parse_args()
    failed = 0
    for name in options.names or names():
        book, taken = run(name)
        verdict = "kept"
        if options.check:
            same = shown(book) == shown(kept(name))
            failed += not same
            verdict = "as kept" if same else "DIFFERS from what was kept: make notebooks"
        else:
            nbformat.write(book, FOLDER / f"{name}.ipynb")
        if taken > SECONDS and not options.check:
            failed += 1
            verdict += f"; TOO SLOW, at most {SECONDS} s"
        print(f"{name}: {taken:.0f} s, {verdict}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
