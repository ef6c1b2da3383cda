"""Disguise and liveliness over a small design of levers; 20 replicates, as on the page of checks."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "experiments"))

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["pccp", "chrp"])
def found(request):
    liveliness = pytest.importorskip("liveliness")
    return liveliness.examine(request.param, liveliness.design(150, True), 20)


def test_no_metric_is_a_lever_in_disguise(found):
    assert found.table["top_lever_r"].abs().max() <= 0.85


def test_the_model_is_no_linear_map_of_levers(found):
    assert found.table.loc[["integration", "benefit", "adaptation", "vitality"], "r2_levers"].max() < 0.9


def test_there_is_more_than_one_fate(found):
    assert found.both_fates > 0.1


def test_staff_hours_bind(found):
    assert found.table.loc["staff_cover", "p50"] < 0.95


def test_no_metric_sits_on_a_bound(found):
    assert np.nanmax(found.table["near_bound"]) < 0.05
