"""Logic net: the kernels against the reference model, from made-up states; compile net: against themselves."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sim.core.engine import run_many
from sim.core.metric_table import OBSERVED_NAMES
from sim.core.parameters import CHOICES
from sim.core.rng import MAX_SEED, draw, normal
from sim.core.rulers import RULERS
from sim.core.scenario import Scenario
from sim.core.state import moment
from sim.core.traits import QUESTIONNAIRE_CENTRE, QUESTIONNAIRE_SPREAD
from sim.core.vocabulary import Dimension, LeavingCause, Purpose, Rule, ShockKind, Status, words
from tests.helpers.bridge import differences, to_world
from tests.helpers.scenarios import LIVELY, OVERLAPPING, RENEWING, STAFFED, scenarios, with_parameters
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
from tests.reference.observation import Observer, perceived
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


@pytest.mark.parametrize("scenario", [LIVELY, RENEWING, STAFFED], ids=["lively", "renewing", "staffed"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_many_weeks(scenario: Scenario, seed: int) -> None:
    world = founded(scenario, seed)
    reference = found(scenario, seed, 0)
    organisations, settled = len(reference["state"]["is_organisation"]), settings_of(scenario)
    for week in range(1, scenario.weeks + 1):
        step(reference, settled, seed, 0, week)
        pass_week(world, (seed, 0, week))
        # Rounding adds up over the weeks; integers stay exact.
        kernel = to_world(*world[:4], scenario.capacity, organisations)
        assert differences(kernel, reference, rtol=1e-9) == [], week


def weeks_of(scenario: Scenario, seed: int, replicate: int = 0) -> Iterator[dict[str, Any]]:
    """Yield the reference's world, changed in place, at week 0 and after each week alive."""
    world, settled = found(scenario, seed, replicate), settings_of(scenario)
    yield world
    for week in range(1, scenario.weeks + 1):
        step(world, settled, seed, replicate, week)
        if world["state"]["status"] != Status.ALIVE:
            return
        yield world


def test_the_renewing_scenario_shows_what_it_is_for() -> None:
    """Otherwise that the two agree on it would say little."""
    ends, met = set(), dict.fromkeys(("renewed", "contracts", "arrived", "barred", "not allowed"), 0)
    for seed in range(1, 9):
        for world in weeks_of(RENEWING, seed):
            state, flows = world["state"], world["flows"]
            met["renewed"] = max(met["renewed"], state["purposes"])
            met["contracts"] += sum(flows["funded"]) > 0
            met["arrived"] += flows["arrivals"]
            met["barred"] += flows["n_invited"] - flows["n_attends"]
            met["not allowed"] += flows["decided"] == 1 and state["plan"] != state["belief"]
        ends.add(world["state"]["status"])
        changes = {shock.week for shock in RENEWING.shocks if shock.kind == ShockKind.POLICY_REFORM}
        assert world["context"]["changed_week"] in changes | {-1}
    assert Status.FULFILLED in ends
    assert met["renewed"] >= 3
    assert min(met.values()) > 0, met


def test_the_staffed_scenario_shows_what_it_is_for() -> None:
    """Otherwise that the two agree on it would say little."""
    met = dict.fromkeys(("unpaid", "opened", "forums", "owed", "won", "led", "successions"), 0.0)
    for seed in range(1, 6):
        for world in weeks_of(STAFFED, seed):
            state, flows = world["state"], world["flows"]
            met["unpaid"] = max(met["unpaid"], state["left_for"][LeavingCause.UNPAID])
            met["opened"] += state["is_member"][10] and state["tenure"][10] == 1
            met["owed"] += state["meeting_owed"] > 0
            met["led"] += flows["led"] > 0
            met["forums"] = max(met["forums"], state["forums"])
            met["won"] = max(met["won"], state["grants_won"])
            met["successions"] = max(met["successions"], state["successions"])
    assert min(met.values()) > 0, met


@pytest.mark.parametrize("why", ["too few active", "no meetings"])
@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_a_purpose_met_in_the_week_of_another_end(why: str, seed: int) -> None:
    """It counts, and may be renewed, but the other reason is checked first."""
    scenario = with_parameters(LIVELY, {"min_active": 100})
    world = advanced(scenario, 10, seed)
    world.state.outcome = 200
    if why == "no meetings":
        world.state.weeks_without_meeting = 500
    else:
        world.state.weeks_inactive = 500
    reference = translated(world, scenario)
    RULES["ending"](reference, reference_settings(world, scenario), reference_luck.drawer(seed, 0), 11)
    apply_rule("ending", world, (seed, 0, 11))
    assert unlike(world, reference, scenario) == []
    assert reference["state"]["purposes"] == 1
    assert reference["state"]["status"] != Status.FULFILLED


OBSERVED_SCENARIOS = {
    "lively": LIVELY,
    "renewing": RENEWING,
    "no encounters": with_parameters(LIVELY, {"encounters_per_meeting": 0}),
    "turnover only": replace(LIVELY, null_model="turnover_only"),
    "emptying": with_parameters(LIVELY, {"hazard_person": 1, "replacement_rate": 0, "approaches_per_year": 0}),
}


@pytest.mark.parametrize("scenario", OBSERVED_SCENARIOS.values(), ids=OBSERVED_SCENARIOS)
@pytest.mark.parametrize("seed", [1, 4])
def test_observation(scenario: Scenario, seed: int) -> None:
    """Every number of section 8 that the reference observes, missing ones and the weeks after an end included."""
    weekly = run_many(scenario, seed, [0]).weekly[0]
    observer, rows = None, []
    for world in weeks_of(scenario, seed):
        if observer is None:
            observer = Observer(world)
        else:
            rows.append(observer.watch(world))
    for name in rows[0]:
        seen = weekly[1 : len(rows) + 1, OBSERVED_NAMES.index(name)]
        expected = np.array([row[name] for row in rows])
        if name.endswith("_spread"):
            # As variances: the root of a rounding error is no longer small where all feel the same.
            seen, expected = seen**2, expected**2
        np.testing.assert_allclose(seen, expected, rtol=1e-9, atol=1e-12, err_msg=name)
        assert np.all(np.isnan(weekly[len(rows) + 1 :, OBSERVED_NAMES.index(name)]))
    assert any(not np.isnan(row["adaptation_to_change"]) for row in rows)


def test_mean_answers_follow_what_is_perceived() -> None:
    """The draws of a single answer are not in the document; means over many runs have to come out."""
    week, replicates = 24, range(200)
    quiet = replace(LIVELY, weeks=week, shocks=(), schedule=())
    answers = run_many(replace(quiet, questionnaire_weeks=(week,)), 1, replicates).answers[:, 0]
    luck, expected = np.random.default_rng(1), np.zeros(len(Dimension))
    for replicate in replicates:
        *_, world = weeks_of(quiet, 1, replicate)
        members = [i for i, filled in enumerate(world["state"]["is_member"]) if filled]
        scores = np.array([list(perceived(world, i).values()) for i in members])
        own = (scores - QUESTIONNAIRE_CENTRE) / QUESTIONNAIRE_SPREAD
        turned = np.where(np.arange(len(Dimension)) == Dimension.DRAWBACKS, -own, own).mean(axis=1, keepdims=True)
        halo = np.where(np.arange(len(Dimension)) == Dimension.DRAWBACKS, -turned, turned)
        leniency, noise = (np.sqrt(3) * (luck.random((100, *own.shape, 4)).sum(axis=-1) - 2) for _ in range(2))
        felt = RULERS["answer_true"] * own + RULERS["answer_halo"] * halo
        felt = felt + RULERS["answer_leniency"] * leniency + RULERS["answer_noise"] * noise
        sheets = np.clip(np.round(RULERS["answer_middle"] + RULERS["answer_spread"] * felt), 1, 5)
        expected += sheets.mean(axis=(0, 1)) / len(replicates)
    found_means, error = answers[:, :-1].mean(axis=0), answers[:, :-1].std(axis=0) / np.sqrt(len(replicates))
    assert np.all(np.abs(found_means - expected) < 4 * error), (found_means - expected) / error


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
@example(RENEWING, 1, 44, None)  # a dated reform
@example(RENEWING, 2, 31, 5)
@example(STAFFED, 1, 29, None)
@example(STAFFED, 1, 51, None)
@example(STAFFED, 2, 44, 3)
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
