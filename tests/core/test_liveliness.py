"""Disguise and liveliness over a small design of levers; 20 replicates, as on the page of checks."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from sim.core.metric_table import COMPONENTS

sys.path.insert(0, str(Path(__file__).parents[2] / "experiments"))

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["pccp", "chrp"])
def found(request):
    liveliness = pytest.importorskip("liveliness")
    return liveliness.examine(request.param, liveliness.design(150, True), 20)


DIRECT = {
    "strain_met": "conflict_handling",
    "strain": "conflict_handling",
    "understanding": "communication",
    "policy_fit": "policy_alignment",
    "organisations_kept": "organisational_backing",
    "patients": "participation_support",
    "roles_present": "participation_support",
}
"""Metrics that are the immediate work of one lever, and which: reported, never among the manifestations of synergy."""


def test_no_metric_is_a_lever_in_disguise(found):
    """Of means over twenty lucks, in which little but the levers is left to see."""
    high = found.table[found.table["top_lever_r"].abs() > 0.85]["top_lever"].to_dict()
    assert high.items() <= DIRECT.items()
    assert found.table.loc[[*COMPONENTS, "vitality"], "top_lever_r"].abs().max() <= 0.85


def test_the_model_is_no_linear_map_of_levers(found):
    assert found.table.loc[["integration", "benefit", "adaptation", "vitality"], "r2_levers"].max() < 0.9


def test_there_is_more_than_one_fate(found):
    assert found.both_fates > 0.1


def test_staff_hours_bind(found):
    assert found.table.loc["staff_cover", "p50"] < 0.95


def test_no_metric_sits_on_a_bound(found):
    assert np.nanmax(found.table["near_bound"]) < 0.05
