"""What is worked out from weekly metrics: recovery, loss and gain by hand, the composite, how a run ended."""

import numpy as np
import pytest

from sim.core.metric_table import COMPONENTS, OBSERVED_NAMES
from sim.core.scenario import Shock
from sim.core.vocabulary import ShockKind
from sim.results import summaries as outcomes
from sim.results.summaries import BACK_WEEKS, shock_effects, synergy

CUT = Shock("cut", ShockKind.FUNDING_CUT, week=10, size=0.5)


def effects(output, without):
    found = shock_effects(CUT, np.array([output], dtype=float), np.array([without], dtype=float))
    return {name.removeprefix("shock_cut_"): value[0] for name, value in found.items()}


def curve(*parts):
    return np.concatenate([np.full(weeks, value, dtype=float) for value, weeks in parts])


def test_no_change_is_no_loss():
    flat = curve((2.0, 60))
    assert effects(flat, flat) == {"depth": 0, "recovery_weeks": 0, "recovered": 1, "loss": 0, "gain": 0}


def test_a_dip_of_eight_weeks():
    found = effects(curve((2.0, 10), (1.0, 8), (2.0, 42)), curve((2.0, 60)))
    assert found["depth"] == pytest.approx(0.5)
    assert found["recovered"] == 1
    # Four-week means: fully back three weeks after the dip.
    assert found["recovery_weeks"] == 8 + 3
    assert found["gain"] == 0
    # Half of eight weeks; the mean over fewer weeks at the start weighs the first ones more.
    assert found["loss"] == pytest.approx(4 + 0.5 * 1.5)


def test_output_that_never_comes_back_is_censored():
    found = effects(curve((2.0, 10), (1.0, 50)), curve((2.0, 60)))
    assert (found["recovered"], found["recovery_weeks"]) == (0, 50)


def test_a_partnership_that_ends_loses_all():
    ended = curve((2.0, 10), (2.0, 5), (np.nan, 45))
    found = effects(ended, curve((2.0, 60)))
    assert found["depth"] == 1
    assert found["recovered"] == 0


def test_a_partnership_that_had_ended_before_is_missing():
    gone = curve((2.0, 5), (np.nan, 55))
    assert all(np.isnan(value) for value in effects(gone, gone).values())


def test_recovery_against_a_plain_loop():
    luck = np.random.default_rng(5)
    change = luck.choice([0.0, -0.2], p=[0.85, 0.15], size=(200, 60))
    back, after = outcomes._recovery(change)
    for r in range(200):
        within = list(change[r] >= -0.05)
        if all(within):
            expected = (1, 0)
        else:
            starts = range(within.index(False), 60 - BACK_WEEKS + 1)
            calm = [week for week in starts if all(within[week : week + BACK_WEEKS])]
            expected = (1, calm[0]) if calm else (0, 60)
        assert (back[r], after[r]) == expected


def test_the_composite_needs_three_components(monkeypatch):
    monkeypatch.setattr(outcomes, "reference_population", lambda: dict.fromkeys(COMPONENTS, (0.5, 0.25)))
    weekly = np.full((1, 3, len(OBSERVED_NAMES)), np.nan)
    places = [OBSERVED_NAMES.index(name) for name in COMPONENTS]
    weekly[0, 0, places] = (0.5, 0.75, 1.0, 0.25)
    weekly[0, 1, places[:3]] = (0.5, 0.75, 1.0)
    weekly[0, 2, places[:2]] = (0.5, 0.75)
    found = synergy(weekly)[0]
    assert found[:2] == pytest.approx([0.5, 1.0])
    assert np.isnan(found[2])


def test_without_a_reference_population_the_composite_is_missing(monkeypatch):
    monkeypatch.setattr(outcomes, "reference_population", dict)
    assert np.isnan(synergy(np.zeros((1, 2, len(OBSERVED_NAMES))))).all()
