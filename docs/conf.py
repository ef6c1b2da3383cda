"""How the site is built: ``make docs``.

The site is the repository read as pages: README, the Markdown files of this folder and the notebooks stand where they
are and link to each other by their paths, so that every link works here and on a code host. Sphinx therefore reads from
the top of the tree; ``include_patterns`` says which files are pages (``docs/decisions/011-docs-site.md``).
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]

project = "partnersim"
author = "The partnersim developers"
copyright = "The partnersim developers, MIT licence"
release = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

extensions = ["myst_nb", "sphinx.ext.autodoc", "numpydoc"]
root_doc = "docs/index"
include_patterns = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "experiments/README.md",
    "docs/**.md",
    "notebooks/*.ipynb",
]

# Headings can be linked to, as on a code host; notebooks are shown as they were stored, never run.
myst_heading_anchors = 3
nb_execution_mode = "off"
suppress_warnings = ["myst.header"]  # lessons leave out a level of headings

highlight_language = "text"  # commands are for shells of all kinds

# Types stand in the docstrings, so signatures stay short.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False

html_theme = "furo"
html_title = f"partnersim {release}"
html_static_path = ["site/static"]
html_css_files = ["partnersim.css"]
html_extra_path = ["site/top"]
html_copy_source = False
html_show_sourcelink = False


NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
KEYS = re.findall(
    r"^@\w+\{(\w+),", (ROOT / "docs" / "model" / "references.bib").read_text(encoding="utf-8"), re.MULTILINE
)
# Not within code, a link, or a longer word.
KEY = re.compile(rf"(?<![\w/`#])(?<!\]\()({'|'.join(KEYS)})(?![\w`(])")
# Indices in the equations: one or two letters after a name, a closing bracket or code.
INDEX = re.compile(
    r"(?P<skipped>`[^`\n]*`|\]\([^)]*\))"
    r"|(?<=[\w`\])\u0302\u0304])_(?P<short>b\*|int|rest|\w\w?)(?![\w*])|(?<=\bx)_(?P<met>[A-Z]+)"
)


def complete(_app: Any, page: str, source: list[str]) -> None:
    """Lead every key of a source to its entry, lower indices, list the notebooks that are there.

    (Sphinx warns of an empty list, so the page itself has none.)
    """
    if page.startswith("docs/") and page != "docs/model/references":
        up = "../" * (page.count("/") - 1)
        source[0] = KEY.sub(rf"[\1]({up}model/references.md#\1)", source[0])
    if page in ("docs/model/model", "docs/model/questionnaire"):
        source[0] = INDEX.sub(lowered, source[0])
    if page == "docs/guide/tutorials" and NOTEBOOKS:
        entries = "\n".join(f"../../notebooks/{name}" for name in NOTEBOOKS)
        source[0] += f"\n```{{toctree}}\n{entries}\n```\n"


def lowered(found: re.Match[str]) -> str:
    """Return an index as one, and everything else as it is."""
    index = (found["short"] or found["met"] or "").replace("*", "\\*")
    return found["skipped"] or f"<sub>{index}</sub>"


def setup(app: Any) -> dict[str, bool]:
    """Tell Sphinx of what is done to each page."""
    app.connect("source-read", complete)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
