"""Notebooks: the text is that of the notebook beside it, they were run with this model, and each is made to be read."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sim.core.sources import model_hash

FOLDER = Path(__file__).parents[2] / "notebooks"
NAMES = (
    "01_first_run",
    "02_compare_scenarios",
    "03_two_cases",
    "04_which_process_matters",
    "05_shocks_and_adaptation",
    "06_your_own_partnership",
)
MOST_BYTES = 1_500_000


def book(name: str) -> dict[str, object]:
    return json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))


def cells(name: str) -> list[tuple[str, str]]:
    """Return kind and text of each cell of the text form (percent format)."""
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8").partition("# ---\n\n")[2]
    found = []
    for part in re.split(r"^# %%", text, flags=re.MULTILINE)[1:]:
        head, _, body = part.partition("\n")
        if "[markdown]" in head:
            body = re.sub(r"^# ?", "", body, flags=re.MULTILINE)
            found.append(("markdown", body.strip()))
        else:
            found.append(("code", re.sub(r"^# (?=%)", "", body, flags=re.MULTILINE).strip()))
    return found


def test_there_are_six() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == list(NAMES)
    assert sorted(path.stem for path in FOLDER.glob("*.py")) == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_text_and_notebook_say_the_same(name: str) -> None:
    kept = [(cell["cell_type"], "".join(cell["source"]).strip()) for cell in book(name)["cells"]]
    assert kept == cells(name)


@pytest.mark.parametrize("name", NAMES)
def test_it_was_run_with_this_model(name: str) -> None:
    """When this fails, a rule has changed since: make notebooks."""
    assert book(name)["metadata"]["partnersim"]["model_hash"] == model_hash()
    code = [cell for cell in book(name)["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert not any(one["output_type"] == "error" for cell in code for one in cell["outputs"])


@pytest.mark.parametrize("name", NAMES)
def test_it_asks_and_says_what_not_to_conclude(name: str) -> None:
    texts = [text for kind, text in cells(name) if kind == "markdown"]
    assert re.match(rf"# {int(name[:2])}\. .*\?", texts[0])
    assert texts[-1].startswith("## What to conclude, and what not")


@pytest.mark.parametrize("name", NAMES)
def test_it_shows_pictures_and_is_small(name: str) -> None:
    content = (FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")
    assert "image/png" in content
    assert len(content) < MOST_BYTES
    assert "/tmp/" not in content
