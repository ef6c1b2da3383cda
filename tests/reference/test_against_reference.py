"""Logic net: the kernels against the reference model, from made-up states; compile net: against themselves."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sim.core.engine import run_many
from sim.core.parameters import CHOICES
from sim.core.rng import MAX_SEED, draw, normal
from sim.core.scenario import Scenario
from sim.core.state import moment
from sim.core.vocabulary import Purpose, Rule, words
from tests.helpers.bridge import differences, to_world
from tests.helpers.scenarios import LIVELY, OVERLAPPING, scenarios
from tests.helpers.worlds import (
    COMPILED,
    PHASES,
    Records,
    advance_to_rule,
    advanced,
    apply_rule,
    few,
    founded,
    pass_week,
    shake,
)
from tests.reference import philox as reference_luck
from tests.reference.common import new_flows
from tests.reference.founding import found, settings_of
from tests.reference.step import RULES, step

ROOT = Path(__file__).resolve().parents[2]

seeds = st.integers(0, MAX_SEED)
few_weeks = st.integers(0, 30)


def translated(world: Records, scenario: Scenario) -> dict[str, Any]:
    """Return the reference model's form of the kernels' records."""
    *parts, params = world
    del params
    return to_world(*parts, scenario.capacity, world.state.is_organisation.shape[0])


def reference_settings(world: Records, scenario: Scenario) -> dict[str, Any]:
    return settings_of(scenario) | {"organisation_capacity": world.state.is_organisation.shape[0]}


def unlike(world: Records, reference: dict[str, Any], scenario: Scenario) -> list[str]:
    """Return a line per field, and one for the effective levers, in which the two differ."""
    found_unlike = differences(translated(world, scenario), reference)
    if not np.allclose(world.practice.level, reference["practice"], rtol=1e-12, atol=1e-13):
        found_unlike.append(f"practice: kernel {world.practice.level}, reference {reference['practice']}")
    return found_unlike


def some_state(scenario: Scenario, seed: int, weeks: int, shaking: int | None) -> Records:
    """Run some weeks by the kernels; then shake what is there, if asked to."""
    world = advanced(scenario, weeks, seed)
    if shaking is not None:
        shake(world, shaking)
    world.state.status = 0
    return world


def check_one_week(scenario: Scenario, seed: int, weeks: int, shaking: int | None) -> None:
    world = some_state(scenario, seed, weeks, shaking)
    reference = translated(world, scenario)
    step(reference, reference_settings(world, scenario), seed, 0, weeks + 1)
    pass_week(world, (seed, 0, weeks + 1))
    assert unlike(world, reference, scenario) == []


# --- founding and one week ---------------------------------------------------------------------------------


@settings(max_examples=few(60), phases=PHASES)
@given(scenarios(), seeds, st.integers(0, MAX_SEED))
@example(LIVELY, 0, 0)
@example(LIVELY, MAX_SEED, MAX_SEED)
def test_founding(scenario: Scenario, seed: int, replicate: int) -> None:
    world = founded(scenario, seed, replicate)
    reference = found(scenario, seed, replicate)
    kernel = to_world(*world[:4], scenario.capacity, len(reference["state"]["is_organisation"]))
    assert differences(kernel, reference) == []


@settings(max_examples=few(300), phases=PHASES)
@given(scenarios(), seeds, few_weeks, st.none() | seeds)
def test_one_week_from_any_state(scenario: Scenario, seed: int, weeks: int, shaking: int | None) -> None:
    check_one_week(scenario, seed, weeks, shaking)


def test_many_weeks_of_a_lively_scenario() -> None:
    world = founded(LIVELY)
    reference = translated(world, LIVELY)
    settled = reference_settings(world, LIVELY)
    for week in range(1, 61):
        step(reference, settled, 1, 0, week)
        pass_week(world, (1, 0, week))
        # Rounding adds up over the weeks; integers stay exact.
        assert differences(translated(world, LIVELY), reference, rtol=1e-9) == []


CHOSEN = {
    "turnover.cause": "cause",
    "turnover.buffer": "buffer",
    "route": "route",
    "null_model": "null_model",
}
SETTINGS = [(CHOSEN[name], value) for name, values in CHOICES.items() for value in values]


@pytest.mark.parametrize(("name", "value"), SETTINGS)
@settings(max_examples=few(20), phases=PHASES)
@given(scenario=scenarios(), seed=seeds, weeks=few_weeks, shaking=seeds)
def test_every_setting(name: str, value: str, scenario: Scenario, seed: int, weeks: int, shaking: int) -> None:
    chosen = replace(scenario, rules_off=frozenset(), **{name: value})
    check_one_week(chosen, seed, weeks, shaking)


@pytest.mark.parametrize("rule", words(Rule))
@settings(max_examples=few(12), phases=PHASES)
@given(scenario=scenarios(), seed=seeds, weeks=few_weeks, shaking=seeds)
def test_every_rule_off(rule: str, scenario: Scenario, seed: int, weeks: int, shaking: int) -> None:
    check_one_week(replace(scenario, rules_off=frozenset({rule})), seed, weeks, shaking)


# --- every rule alone --------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=60, phases=PHASES)
@given(scenario=scenarios(), seed=seeds, weeks=few_weeks, shaking=st.none() | seeds)
@example(LIVELY, 1, 29, None)
@example(LIVELY, 1, 25, None)  # a successor takes over from a person and from the memory of the organisation
@example(OVERLAPPING, 1, 4, None)
@example(LIVELY, 2, 27, 2)
@example(LIVELY, 3, 3, 3)
def test_one_rule(rule: str, scenario: Scenario, seed: int, weeks: int, shaking: int | None) -> None:
    world = some_state(scenario, seed, weeks, shaking)
    now = (seed, 0, weeks + 1)
    advance_to_rule(rule, world, now)
    reference = translated(world, scenario)
    named = new_flows(scenario.capacity)
    reference["flows"] = {name: flow for name, flow in reference["flows"].items() if name in named}
    RULES[rule](reference, reference_settings(world, scenario), reference_luck.drawer(seed, 0), weeks + 1)
    apply_rule(rule, world, now)
    assert unlike(world, reference, scenario) == []


# --- random numbers ----------------------------------------------------------------------------------------

KNOWN = [
    # counter, key, words: published with the generator (Random123, kat_vectors, philox4x32 10).
    ((0,) * 4, (0,) * 2, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


def block(counter: tuple[int, ...], key: tuple[int, ...]) -> tuple[int, ...]:
    """Return the words of a block: a uniform is (word + 1/2) / 2**32."""
    week, *rest = counter
    return tuple(int(uniform * 2**32) for uniform in draw(moment(*key, week), *rest))


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN)
def test_philox_known_answers(counter: tuple[int, ...], key: tuple[int, ...], expected: tuple[int, ...]) -> None:
    assert block(counter, key) == expected


word32 = st.integers(0, MAX_SEED)


@settings(max_examples=200)
@given(st.tuples(word32, word32, word32, word32), st.tuples(word32, word32))
def test_philox_against_the_reference(counter: tuple[int, int, int, int], key: tuple[int, int]) -> None:
    assert block(counter, key) == reference_luck.philox(counter, key)


@settings(max_examples=100)
@given(st.tuples(word32, word32), st.integers(0, 520), st.sampled_from(Purpose), st.integers(0, 999), word32)
def test_addressed_numbers(key: tuple[int, int], week: int, purpose: Purpose, i: int, j: int) -> None:
    expected = reference_luck.drawer(*key)(week, purpose, i, j)
    now = moment(*key, week)
    numbers = [float(number) for number in draw(now, int(purpose), i, j)]
    assert numbers == expected
    assert all(0.0 < number < 1.0 for number in numbers)
    assert float(normal(now, int(purpose), i, j)) == pytest.approx(reference_luck.normal(expected), rel=1e-12)


@settings(max_examples=50)
@given(st.tuples(word32, word32, word32, word32), st.tuples(word32, word32))
def test_philox_against_randomgen(counter: tuple[int, int, int, int], key: tuple[int, int]) -> None:
    randomgen = pytest.importorskip("randomgen", reason="randomgen, an independent Philox, is not installed")
    # randomgen counts on before it makes the first block.
    before = (sum(word << 32 * place for place, word in enumerate(counter)) - 1) % 2**128
    theirs = randomgen.Philox(counter=before, key=key[0] | key[1] << 32, number=4, width=32).random_raw(4)
    assert block(counter, key) == tuple(int(word) for word in theirs)


# --- compile net -------------------------------------------------------------------------------------------

INTERPRETED = """
import sys
import numpy as np
from dataclasses import replace
from sim.core.engine import run_many
from tests.helpers.scenarios import LIVELY
ensemble = run_many(replace(LIVELY, weeks=60, questionnaire_weeks=(10,)), 3, [0, 7])
np.savez(sys.argv[1], weekly=ensemble.weekly, answers=ensemble.answers, ended=ensemble.ended_week)
"""


@pytest.mark.skipif(not COMPILED, reason="the compiler is off: there is nothing to compare with")
def test_compiled_and_interpreted_kernels_agree(tmp_path: Path) -> None:
    scenario = replace(LIVELY, weeks=60, questionnaire_weeks=(10,))
    target = tmp_path / "interpreted.npz"
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", INTERPRETED, str(target)],
        cwd=ROOT,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )
    compiled = run_many(scenario, 3, [0, 7])
    with np.load(target) as interpreted:
        np.testing.assert_allclose(compiled.weekly, interpreted["weekly"], rtol=0, atol=0)
        np.testing.assert_array_equal(compiled.answers, interpreted["answers"])
        np.testing.assert_array_equal(compiled.ended_week, interpreted["ended"])
