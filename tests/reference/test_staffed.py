"""Scenarios of people, money and time: the kernels against the reference, week by week."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sim.core.scenario import Scenario
from sim.core.vocabulary import Status
from tests.helpers.bridge import differences, to_world
from tests.helpers.worlds import founded, pass_week
from tests.reference.common import World
from tests.reference.founding import found, settings_of
from tests.reference.staffed import CASES
from tests.reference.step import step

SEEDS = (1, 2, 3, 4, 5)


def weeks_of(scenario: Scenario, seed: int) -> Iterator[World]:
    """Yield the reference's world, changed in place, after each week up to an end."""
    world, settled = found(scenario, seed, 0), settings_of(scenario)
    for week in range(1, scenario.weeks + 1):
        step(world, settled, seed, 0, week)
        yield world
        if world["state"]["status"] != Status.ALIVE:
            return


@pytest.mark.parametrize("name", CASES)
def test_a_scenario_shows_what_it_is_for(name: str) -> None:
    """Otherwise that the two agree on it would say little."""
    scenario, sights = CASES[name]
    seen = set()
    for seed in SEEDS:
        for world in weeks_of(scenario, seed):
            seen |= {what for what, sight in sights.items() if sight(world)}
    assert seen == set(sights)


@pytest.mark.parametrize("name", CASES)
def test_every_week_agrees(name: str) -> None:
    scenario, _ = CASES[name]
    for seed in SEEDS:
        records = founded(scenario, seed)
        reference = found(scenario, seed, 0)
        organisations, settled = len(reference["state"]["is_organisation"]), settings_of(scenario)
        for week in range(1, scenario.weeks + 1):
            step(reference, settled, seed, 0, week)
            pass_week(records, (seed, 0, week))
            kernel = to_world(*records[:4], scenario.capacity, organisations)
            # Rounding adds up over the weeks; integers stay exact.
            assert differences(kernel, reference, rtol=1e-9) == [], (seed, week)
            if reference["state"]["status"] != Status.ALIVE:
                break
