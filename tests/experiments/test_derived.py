"""What is derived from the model is there and belongs to the model as it stands: else, run ``make derived``."""

from __future__ import annotations

import csv
import json
import math
import re
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest

from experiments import derived_all
from sim.core.metric_table import COMPONENTS
from sim.core.sources import model_hash
from sim.sweeps.known_answer import ANSWERS, check_answer, stored_answers

ROOT = Path(__file__).resolve().parents[2]
STALE = "stale or missing: run make derived"


def text_of(name: str) -> str:
    """Return the text of a derived file."""
    path = ROOT / name
    assert path.is_file(), f"{name}: {STALE}"
    return path.read_text(encoding="utf-8")


def test_all_that_is_derived_belongs_to_this_model() -> None:
    assert json.loads(text_of("sim/data/derived.json")) == {"model": model_hash()}, f"sim/data/derived.json: {STALE}"


@pytest.mark.parametrize("page", ["docs/results/checks.md", "docs/results/ablation.md"])
def test_the_generated_pages_belong_to_this_model(page: str) -> None:
    first_lines = "\n".join(text_of(page).splitlines()[:5])
    assert re.findall(r"for model ([0-9a-f]{8});", first_lines) == [model_hash()], f"{page}: {STALE}"


@pytest.mark.parametrize("name", ANSWERS)
def test_the_known_answers_are_still_found(name: str) -> None:
    assert stored_answers().keys() == ANSWERS.keys(), f"sim/data/known_answer.json: {STALE}"
    assert check_answer(name).endswith("as expected")


def test_the_reference_population_knows_every_component() -> None:
    rows = list(csv.DictReader(text_of("sim/data/reference_population.csv").splitlines()))
    assert [row["name"] for row in rows] == list(COMPONENTS), f"sim/data/reference_population.csv: {STALE}"
    for row in rows:
        assert math.isfinite(float(row["mean"])), row
        assert 0.0 < float(row["sd"]) < math.inf, row


def test_everything_is_rebuilt_in_order_and_what_is_current_is_skipped(monkeypatch, tmp_path) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text(json.dumps({"made_with": {"model_hash": model_hash()}}))
    todo = [derived_all.Step("first", (kept,)), derived_all.Step("second", (tmp_path / "none.json",))]
    ran: list[str] = []

    def run(command: list[str], **_: object) -> SimpleNamespace:
        ran.append(command[-1])
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(derived_all, "steps", lambda: todo)
    monkeypatch.setattr(derived_all.subprocess, "run", run)
    assert derived_all.main() == 0
    assert ran == ["second"]
    kept.write_text(json.dumps({"made_with": {"model_hash": "another"}}))
    assert derived_all.main() == 0
    assert ran == ["second", "first", "second"]


def test_every_kept_result_has_its_step() -> None:
    held = {path for step in derived_all.steps() for path in step.holds}
    assert set(derived_all.KEPT.glob("*.json")) <= held
    assert all(path.exists() for path in held)
    modules = [step.module for step in derived_all.steps()]
    assert [module for module in modules if not find_spec(module)] == []
    assert modules.index("experiments.derived") < modules.index("experiments.questions.shocks")
