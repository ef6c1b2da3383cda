"""Where the time of a run goes, rule by rule, by the processor's own cycle counter.

The week is written out a second time here, with a reading of the counter between the rules. So that this
copy cannot drift from ``sim.core.step.step``, every measurement first checks that it ends in the same bits.
"""

from __future__ import annotations

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from experiments.benchmark.timing import say
from sim.core.engine import run_many
from sim.core.metric_table import N_OBSERVED, OBSERVED_NAMES
from sim.core.metrics import OBSERVED, as_records, observe
from sim.core.rules.adaptation import adaptation_rule
from sim.core.rules.appraisal import appraisal_rule
from sim.core.rules.context import context_rule
from sim.core.rules.encounters import encounters_rule
from sim.core.rules.ending import ending_rule
from sim.core.rules.exchange import exchange_rule
from sim.core.rules.integration import integration_rule
from sim.core.rules.meetings import meetings_rule
from sim.core.rules.progress import progress_rule
from sim.core.rules.staffing import staffing
from sim.core.rules.turnover import turnover_rule
from sim.core.scenario import Scenario
from sim.core.step import clear, new_world, step
from sim.core.vocabulary import Rule, words

PARTS = ("clearing", "staffing", *words(Rule), "metrics")
_N_PARTS = len(PARTS)


@intrinsic
def cycles(typing_context):  # noqa: ANN001, ANN201, D103
    def generate(context, builder, signature, arguments):  # noqa: ANN001, ANN202
        counter = builder.module.declare_intrinsic("llvm.readcyclecounter", (), ir.FunctionType(ir.IntType(64), ()))
        return builder.call(counter, ())

    return types.int64(), generate


@numba.njit(error_model="numpy")
def timed_weeks(state, context, flows, params, practice, key, weeks, out, spent):  # noqa: ANN001, ANN201
    """Let ``weeks`` pass and add the cycles of each part to ``spent``, (P,) int64."""
    for week in range(1, weeks + 1):
        if state.status > 0:
            break
        now = (key[0], key[1], np.int64(week))
        state.week = week
        t = [cycles()]
        clear(flows, state.n_slots)
        t.append(cycles())
        staffing(state, context, flows, params, practice, now)
        t.append(cycles())
        context_rule(state, context, flows, params, practice, now)
        t.append(cycles())
        turnover_rule(state, context, flows, params, practice, now)
        t.append(cycles())
        meetings_rule(state, context, flows, params, practice, now)
        t.append(cycles())
        encounters_rule(state, context, flows, params, practice, now)
        t.append(cycles())
        exchange_rule(state, context, flows, params, practice, now)
        t.append(cycles())
        integration_rule(state, context, flows, params, practice, now)
        t.append(cycles())
        appraisal_rule(state, flows, params)
        t.append(cycles())
        progress_rule(state, context, flows, params, practice, now)
        t.append(cycles())
        adaptation_rule(state, context, flows, params, practice, now)
        t.append(cycles())
        ending_rule(state, params, now[2])
        t.append(cycles())
        if state.status == 0:
            observe(state, context, flows, out)
        t.append(cycles())
        for p in range(_N_PARTS):
            spent[p] += t[p + 1] - t[p]


def check_same_as_engine(scenario: Scenario) -> None:
    """Raise if the timed week is not the engine's week to the bit."""
    mine, theirs = new_world(scenario, 1, 0), new_world(scenario, 1, 0)
    key, out = (1, 0), as_records(np.full(N_OBSERVED, np.nan), OBSERVED)[()]
    timed_weeks(*mine[:3], mine[4], mine[3], key, scenario.weeks, out, np.zeros(_N_PARTS, dtype=np.int64))
    for week in range(1, scenario.weeks + 1):
        step(*theirs[:3], theirs[4], theirs[3], (*key, week))
    for one, other in zip(mine[:3], theirs[:3], strict=True):
        if one.tobytes() != other.tobytes():
            raise AssertionError("the timed week has drifted from sim.core.step.step")


def measure(scenario: Scenario, runs: int = 60, rounds: int = 5) -> dict[str, float]:
    """Return the share of time of each part of a week, from the fewest cycles over rounds."""
    check_same_as_engine(scenario)
    best = np.full(_N_PARTS, np.iinfo(np.int64).max)
    out = as_records(np.full(N_OBSERVED, np.nan), OBSERVED)[()]
    for number in range(rounds):
        say(f"rule by rule, round {number + 1} of {rounds}")
        spent = np.zeros(_N_PARTS, dtype=np.int64)
        for replicate in range(runs):
            world = new_world(scenario, 1, replicate)
            timed_weeks(*world[:3], world[4], world[3], (1, replicate), scenario.weeks, out, spent)
        best = np.minimum(best, spent)
    say("")
    return dict(zip(PARTS, (best / best.sum()).tolist(), strict=True))


def pairs_per_run(scenario: Scenario, runs: int = 200) -> tuple[float, float]:
    """Return ordered pairs of members whose tie is moved, summed over the weeks of a run, and mean members."""
    members = run_many(scenario, 1, np.arange(runs)).weekly[:, 1:, OBSERVED_NAMES.index("members")]
    return float(np.nansum(members * (members - 1), axis=1).mean()), float(np.nanmean(members))
