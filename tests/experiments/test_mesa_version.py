"""The idiomatic Mesa version against the compiled engine: the same distributions, by a stated test.

Both are run many times with independent luck. Each *cell* is one number of a run: a weekly metric in one of a
few weeks, an answer to the questionnaire, or an outcome of the run. Four tests are made of a cell: whether it
is missing as often, and whether it has its usual value as often if it has one (Fisher's exact test); whether
the other values are shifted (Mann-Whitney), and whether their distributions differ at all (Kolmogorov-Smirnov).
A comparison is rejected if any of its p-values is below
0.01 divided by the number of its tests (Bonferroni), so that versions that agree are rejected at most once in a
hundred comparisons. Seeds are fixed: a result never changes by chance.
"""

from __future__ import annotations

import ast
import math
from dataclasses import replace
from functools import cache
from pathlib import Path

import mesa
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from experiments.benchmark.mesa_version import MesaPartnership
from sim.api import make_scenario
from sim.core.engine import run_many
from sim.core.metric_table import OBSERVED_NAMES
from sim.core.scenario import Scenario
from sim.core.vocabulary import Dimension, Status, words
from tests.helpers.scenarios import LIVELY, SMALL, with_parameters

PACKAGE = Path(__file__).resolve().parents[2] / "experiments" / "benchmark" / "mesa_version"

FAMILY_LEVEL = 0.01
LEAST_COMPARED = 10
WEEKS_COMPARED = (1, 26, 52, 104, 260)
SEED_OF_CORE = 20131001
DIMENSIONS = words(Dimension)

LIVELY_AND_ASKED = replace(LIVELY, questionnaire_weeks=(30, 120))
_FRAIL_PARAMETERS: dict[str, float] = {
    "attend_base": -1.5,
    "meeting_gap": 8,
    "min_active": 8,
    "grace_weeks": 8,
    "purpose": 0.01,
    "outcome_delay": 20,
}
FRAIL = with_parameters(replace(SMALL, name="frail", weeks=52), _FRAIL_PARAMETERS)
"""Ends for each of the three reasons, and sometimes not at all."""

_PRESSED_PARAMETERS: dict[str, float] = {
    "founding_need": 0.0,
    "belief_rate": 1.0,
    "gap_threshold": 0.01,
    "agenda_base": 1.0,
    "vote_base": 3.0,
    "allowed_base": 0.0,
    "realign_rate": 0.5,
    "realign_unbacked": 0.0,
    "realign_unfunded": 0.0,
    "evidence_given": 1.0,
    "trust_gain": 0.3,
    "rival_backing": 1.0,
    "backing_rate": 0.5,
    "unbacked_hours": 0.0,
    "backing_relief": 1.0,
}
PRESSED = with_parameters(replace(LIVELY, name="pressed"), _PRESSED_PARAMETERS)
"""Changes course often, needs policy, backing and money for it, and judges partners by what they give."""

SCENARIOS = {
    "pccp": make_scenario("pccp", settings={"posterior": "none"}),
    "chrp": make_scenario("chrp", settings={"posterior": "none"}),
    "lively": LIVELY_AND_ASKED,
    "frail": FRAIL,
    "pressed": PRESSED,
    "early": replace(SMALL, name="early", weeks=26),
}

Cells = dict[str, NDArray[np.float64]]
"""One number per run, NaN where missing, by the name of the cell."""


# --- cells of many runs ------------------------------------------------------------------------------------


def cells(
    scenario: Scenario, weekly: NDArray[np.float64], answers: NDArray[np.float64], status: NDArray[np.int64],
    ended: NDArray[np.int64],
) -> Cells:  # fmt: skip
    """Name the numbers of many runs; ``weekly`` is (n, T + 1, metrics), ``answers`` (n, W, 11)."""
    last = np.where(status == Status.ALIVE, scenario.weeks, ended - 1)
    runs = np.arange(len(status))
    found = {
        f"{name} in week {week}": weekly[:, week, place]
        for week in (*WEEKS_COMPARED, scenario.weeks)
        if week <= scenario.weeks
        for place, name in enumerate(OBSERVED_NAMES)
    }
    for wave, week in enumerate(scenario.questionnaire_weeks):
        for place, name in enumerate((*DIMENSIONS, "returned")):
            found[f"answers on {name} in week {week}"] = answers[:, wave, place]
    for name in ("people_ever", "leavers", "members", "organisations", "wins", "outcome"):
        found[f"{name} when last seen alive"] = weekly[runs, last, OBSERVED_NAMES.index(name)]
    found["week of ending"] = np.where(status == Status.ALIVE, np.nan, ended)
    for reason in Status:
        found[f"status {reason.name.lower()}"] = np.where(status == reason, 1.0, np.nan)
    return found


@cache
def core_cells(name: str, runs: int) -> Cells:
    """Return the cells of runs of the compiled engine."""
    scenario = SCENARIOS[name]
    ensemble = run_many(scenario, SEED_OF_CORE, np.arange(runs), threads=1)
    return cells(scenario, ensemble.weekly, ensemble.answers, ensemble.status, ensemble.ended_week)


def mesa_cells(scenario: Scenario, runs: int) -> Cells:
    """Return the cells of runs of the Mesa version."""
    waves = scenario.questionnaire_weeks
    weekly = np.full((runs, scenario.weeks + 1, len(OBSERVED_NAMES)), np.nan)
    answers = np.full((runs, len(waves), len(DIMENSIONS) + 1), np.nan)
    status, ended = np.zeros(runs, dtype=np.int64), np.zeros(runs, dtype=np.int64)
    for run in range(runs):
        model = MesaPartnership(scenario, rng=run)
        model.run_model()
        columns = model.datacollector.tables["weekly"]
        weekly[run, : len(columns["members"])] = np.array([columns[name] for name in OBSERVED_NAMES]).T
        sheets = model.datacollector.tables["answers"]
        answers[run, : len(sheets["week"])] = np.array([sheets[name] for name in (*DIMENSIONS, "returned")]).T
        status[run], ended[run] = model.status, model.ended_week
        forget(model)
    return cells(scenario, weekly, answers, status, ended)


def forget(model: mesa.Model) -> None:
    """Let a model be freed: Mesa 3.3 numbers agents in a table that keeps every model alive."""
    getattr(mesa.Agent, "_ids", {}).pop(model, None)


# --- the test ----------------------------------------------------------------------------------------------


def p_values(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> dict[str, float]:
    """Return the p-values of one cell: missing, usual, shift, shape; 1 where there is nothing to compare.

    Numbers are rounded, for what is discrete is added up in another order in the two versions. A number that
    is mostly one and the same (no transfer, no win) is compared in how often it is, and apart from that where
    it is not: ranks of values that are nearly all equal have no normal distribution.
    """
    there, others_there = (np.round(values[np.isfinite(values)], 9) for values in (ours, theirs))
    found = dict.fromkeys(("missing", "usual", "shift", "shape"), 1.0)
    found["missing"] = shares_differ(np.isfinite(ours), np.isfinite(theirs))
    if min(there.size, others_there.size) == 0:
        return found
    seen, count = np.unique(np.concatenate([there, others_there]), return_counts=True)
    if 2 * count.max() > count.sum():
        usual = seen[count.argmax()]
        found["usual"] = shares_differ(there == usual, others_there == usual)
        there, others_there = there[there != usual], others_there[others_there != usual]
    if min(there.size, others_there.size) >= LEAST_COMPARED:
        found["shift"] = float(stats.mannwhitneyu(there, others_there, method="asymptotic").pvalue)
        found["shape"] = float(stats.ks_2samp(there, others_there, method="asymp").pvalue)
    return found


def shares_differ(ours: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> float:
    """Return the p-value of Fisher's exact test that something is as often true."""
    table = [[int(flags.sum()), int((~flags).sum())] for flags in (ours, theirs)]
    return float(stats.fisher_exact(table)[1])


def rejections(ours: Cells, theirs: Cells) -> list[str]:
    """Return a line per test that rejects agreement, the strongest first."""
    assert ours.keys() == theirs.keys()
    found = [(p, what, name) for name in ours for what, p in p_values(ours[name], theirs[name]).items()]
    assert all(math.isfinite(p) for p, _, _ in found)
    level = FAMILY_LEVEL / len(found)
    return [f"{name}: {what} p={p:.1e} < {level:.1e}" for p, what, name in sorted(found) if p < level]


# --- agreement ---------------------------------------------------------------------------------------------

QUICK_RUNS, QUICK_CORE_RUNS = 40, 400
RUNS, CORE_RUNS = 300, 3000
VARIANT_RUNS = 150


@pytest.mark.parametrize("name", ["pccp", "lively", "frail"])
def test_agrees_with_the_engine(name: str) -> None:
    found = rejections(mesa_cells(SCENARIOS[name], QUICK_RUNS), core_cells(name, QUICK_CORE_RUNS))
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
def test_agrees_with_the_engine_over_many_runs(name: str) -> None:
    found = rejections(mesa_cells(SCENARIOS[name], RUNS), core_cells(name, CORE_RUNS))
    assert found == []


VARIANTS = {
    "exogenous": replace(LIVELY, cause="exogenous"),
    "benefit": replace(LIVELY, cause="benefit"),
    "no buffer": replace(LIVELY, buffer="none"),
    "organisations buffer": replace(LIVELY, buffer="organisation"),
    "coordinators buffer": replace(LIVELY, buffer="coordinator"),
    "relational": replace(LIVELY, route="relational"),
    "structural": replace(LIVELY, route="structural"),
    "turnover only": replace(LIVELY, null_model="turnover_only"),
    "random exchange": replace(LIVELY, null_model="random_exchange"),
    "rules off": replace(LIVELY, rules_off=frozenset({"context", "appraisal"})),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", VARIANTS)
def test_rival_explanations_agree_with_the_engine(name: str) -> None:
    scenario = VARIANTS[name]
    ensemble = run_many(scenario, SEED_OF_CORE, np.arange(CORE_RUNS), threads=1)
    theirs = cells(scenario, ensemble.weekly, ensemble.answers, ensemble.status, ensemble.ended_week)
    found = rejections(mesa_cells(scenario, VARIANT_RUNS), theirs)
    assert found == []


def test_the_ends_of_frail_runs_are_of_every_kind() -> None:
    ends = core_cells("frail", QUICK_CORE_RUNS)
    assert all(np.isfinite(ends[f"status {reason.name.lower()}"]).sum() >= 20 for reason in Status)


# --- the test can fail -------------------------------------------------------------------------------------


def changed(scenario: Scenario, parameter: str, factor: float) -> Scenario:
    """Return the scenario with one constant multiplied."""
    settings = MesaPartnership(scenario).settings.parameters
    return with_parameters(scenario, {parameter: factor * getattr(settings, parameter)})


def test_a_changed_constant_is_rejected() -> None:
    """Half a year in, while trust still grows; there the versions agree as they are."""
    theirs = core_cells("early", CORE_RUNS)
    right, wrong = SCENARIOS["early"], changed(SCENARIOS["early"], "trust_gain", 1.5)
    found = rejections(mesa_cells(right, VARIANT_RUNS), theirs)
    assert found == []
    found = rejections(mesa_cells(wrong, VARIANT_RUNS), theirs)
    assert any(line.startswith("trust in week 26") for line in found)


ONE_CONSTANT_OF_EACH_RULE = {
    "staffing": ("grant_per_week", 0.8),
    "context": ("policy_decay", 1.5),
    "turnover": ("replacement_rate", 0.4),
    "meetings": ("power_step", 3.0),
    "encounters": ("conflict_rate", 0.6),
    "exchange": ("use_gain", 0.5),
    "integration": ("contribution_rate", 0.8),
    "appraisal": ("engagement_rate", 0.1),
    "progress": ("win_threshold", 2.0),
    "adaptation": ("realign_rate", 0.05),
    "ending": ("meeting_gap", 2.0),
}


@pytest.mark.slow
@pytest.mark.parametrize("rule", ONE_CONSTANT_OF_EACH_RULE)
def test_a_changed_constant_of_any_rule_is_rejected(rule: str) -> None:
    name = "frail" if rule == "ending" else "lively"
    wrong = changed(SCENARIOS[name], *ONE_CONSTANT_OF_EACH_RULE[rule])
    found = rejections(mesa_cells(wrong, VARIANT_RUNS), core_cells(name, CORE_RUNS))
    assert found != []


def test_p_values_of_like_samples_are_seldom_small() -> None:
    luck = np.random.default_rng(1)
    found = [p for _ in range(100) for p in p_values(luck.normal(size=40), luck.normal(size=400)).values()]
    assert min(found) > 1e-4


def test_missing_values_are_compared() -> None:
    ours, theirs = np.full(40, 1.0), np.where(np.arange(400) < 200, np.nan, 1.0)
    assert p_values(ours, theirs)["missing"] < 1e-6


# --- what it is --------------------------------------------------------------------------------------------


def test_shares_only_tables_and_words_with_the_core() -> None:
    allowed = {
        "sim.core.parameters",
        "sim.core.rulers",
        "sim.core.shocks",
        "sim.core.traits",
        "sim.core.vocabulary",
        "sim.core.scenario",
        "sim.core.metric_table",
    }
    for path in PACKAGE.glob("*.py"):
        tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        modules = {node.module or "" for node in tree if isinstance(node, ast.ImportFrom)}
        assert {module for module in modules if module.split(".")[0] in ("sim", "numba")} <= allowed, path.name


def test_a_seed_repeats_a_run() -> None:
    first, second = (MesaPartnership(replace(LIVELY, weeks=120), seed=7) for _ in range(2))
    for model in (first, second):
        model.run_model()
    one, other = (model.datacollector.tables["weekly"] for model in (first, second))
    np.testing.assert_equal(one, other)


def test_funding_is_neither_made_nor_lost() -> None:
    model = MesaPartnership(LIVELY, rng=3)

    def in_seats() -> float:
        return model.purse + sum(seat.holdings[0] for seat in model.agents)

    start = in_seats()
    model.run_model()
    ledger = model.ledger
    assert in_seats() == pytest.approx(start + ledger.inflow - ledger.spent - ledger.withdrawn)
    assert model.leavers > 0
    assert ledger.withdrawn > 0.0


def test_an_ended_partnership_does_nothing() -> None:
    model = MesaPartnership(with_parameters(SMALL, {"purpose": 0.01, "outcome_delay": 0, "progress_rate": 0.1}), rng=1)
    model.run_model()
    assert model.status == Status.FULFILLED
    rows = len(model.datacollector.tables["weekly"]["members"])
    assert rows == model.ended_week
    model.step()
    assert len(model.datacollector.tables["weekly"]["members"]) == rows
