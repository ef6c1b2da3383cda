"""The page on the estimators says what was found, with the model and the targets as they are now."""

from __future__ import annotations

import json

from experiments.calibration import cases, estimators
from experiments.pages import may_stand
from sim.config.version import made_by_this_model

FOUND = json.loads(estimators.STUDY.kept.read_text())


def test_the_page_is_the_one_of_the_comparison() -> None:
    assert estimators.STUDY.page_file.read_text(encoding="utf-8") == estimators.STUDY.text(FOUND)


def test_the_comparison_is_one_of_this_model_and_of_the_fit() -> None:
    """When this fails, a rule, a target or the fit has changed since: make calibrate estimators."""
    fit = json.loads(cases.STUDY.kept.read_text())
    made = FOUND["made_with"]["model_hash"]
    assert may_stand(estimators.STUDY.page_file.read_text(encoding="utf-8"), made)
    if not made_by_this_model(made):
        return  # marked as of the model before, whose fit is gone
    for name in ("targets_hash", "points"):
        assert FOUND["made_with"][name] == fit["made_with"][name]
    effective = [row["effective"]["weights"] for row in FOUND["fits"]]
    assert effective == [row["effective_runs"] for row in fit["fits"]]


def test_enough_was_checked() -> None:
    assert [tuple(fit["cases"]) for fit in FOUND["fits"]] == list(estimators.TOGETHER)
    for check in FOUND["checks"]["pccp"].values():
        assert check["datasets"] >= 200
