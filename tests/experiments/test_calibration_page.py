"""The page of the calibration says what was found, with the model and the targets as they are now."""

from __future__ import annotations

import json

import numpy as np

from experiments.calibration import cases, recovery
from experiments.settings import ROOT
from sim.analysis.calibration.targets import targets_hash, targets_of
from sim.config.cases import load_case
from sim.core.sources import model_hash

FOUND = json.loads(cases.STUDY.kept.read_text())


def test_the_page_is_the_one_of_the_fit() -> None:
    assert cases.STUDY.page_file.read_text(encoding="utf-8") == cases.STUDY.text(FOUND)


def test_the_fit_is_one_of_this_model_and_these_targets() -> None:
    """When this fails, a rule or a target has changed since: make calibrate."""
    assert FOUND["made_with"]["model_hash"] == model_hash()
    both = [target for name in ("pccp", "chrp") for target in targets_of(load_case(name))]
    assert FOUND["made_with"]["targets_hash"] == targets_hash(both)


def test_the_readme_says_what_was_found() -> None:
    joint = FOUND["fits"][-1]
    moved = f"moved {len(joint['moved'])} of {sum(block['n'] for block in joint['blocks'].values())} parameters"
    assert moved in (ROOT / "README.md").read_text(encoding="utf-8")


def test_enough_was_drawn() -> None:
    assert FOUND["made_with"]["points"] >= 200_000
    assert [FOUND["checks"][name]["datasets"] for name in ("pccp", "chrp")] == [300, 300]


def test_the_regression_of_the_recovery_explains_what_can_be_explained() -> None:
    luck = np.random.default_rng(1)
    truth = luck.random((4000, 2))
    seen = np.column_stack([truth[:, 0] ** 2 + luck.normal(0, 0.05, 4000), luck.random(4000)])
    found = recovery.explained(seen, truth)
    assert found[0] > 0.9
    assert abs(found[1]) < 0.02
