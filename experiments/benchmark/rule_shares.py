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
from numpy.typing import NDArray

from experiments.benchmark.timing import say
from sim.core.engine import WIDTH, Bench, batch_of, run_many
from sim.core.lanes.values import any_of
from sim.core.metric_table import OBSERVED_NAMES
from sim.core.metrics import observe
from sim.core.rules.adaptation import adaptation_rule
from sim.core.rules.appraisal import appraisal_rule
from sim.core.rules.context import context_rule
from sim.core.rules.encounters import encounters_rule
from sim.core.rules.ending import ending_rule
from sim.core.rules.exchange import exchange_rule
from sim.core.rules.founding import found
from sim.core.rules.integration import integration_rule
from sim.core.rules.meetings import meetings_rule
from sim.core.rules.progress import progress_rule
from sim.core.rules.staffing import staffing
from sim.core.rules.turnover import turnover_rule
from sim.core.scenario import Scenario
from sim.core.step import clear, step
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
def timed_weeks(state, context, flows, params, practice, now, weeks, out, spent):  # noqa: ANN001, ANN201
    """Let ``weeks`` pass and add the cycles of each part to ``spent``, (P,) int64."""
    for week in range(1, weeks + 1):
        if not any_of(state.status == 0.0):
            break
        now.week = week
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
        ending_rule(state, params, now)
        t.append(cycles())
        observe(state, context, flows, out)
        t.append(cycles())
        for p in range(_N_PARTS):
            spent[p] += t[p + 1] - t[p]


def founded(scenario: Scenario, replicates: NDArray[np.int64]) -> Bench:
    """Return replicates side by side at their founding."""
    bench = Bench(batch_of(scenario, 1, replicates), len(replicates))
    bench.fill(np.arange(len(replicates)))
    found(*bench.partnership[:3], bench.founding, bench.params, bench.now)
    return bench


def check_same_as_engine(scenario: Scenario) -> None:
    """Raise if the timed week is not the engine's week to the bit."""
    mine, theirs = founded(scenario, np.arange(WIDTH)), founded(scenario, np.arange(WIDTH))
    time_of(mine, scenario.weeks, np.zeros(_N_PARTS, dtype=np.int64))
    state, context, flows, practice = theirs.partnership
    for week in range(1, scenario.weeks + 1):
        theirs.now.week = week
        step(state, context, flows, theirs.params, practice, theirs.now)
    for one, other in zip(mine.partnership, theirs.partnership, strict=True):
        if one != other:
            raise AssertionError("the timed week has drifted from sim.core.step.step")


def time_of(bench: Bench, weeks: int, spent: NDArray[np.int64]) -> None:
    """Let the weeks of a group pass, and add the cycles of each part of a week to ``spent``."""
    state, context, flows, practice = bench.partnership
    timed_weeks(state, context, flows, bench.params, practice, bench.now, weeks, bench.observed, spent)


def measure(scenario: Scenario, groups: int = 8, rounds: int = 5) -> dict[str, float]:
    """Return the share of time of each part of a week, from the fewest cycles over rounds."""
    check_same_as_engine(scenario)
    best = np.full(_N_PARTS, np.iinfo(np.int64).max)
    for number in range(rounds):
        say(f"rule by rule, round {number + 1} of {rounds}")
        spent = np.zeros(_N_PARTS, dtype=np.int64)
        for group in range(groups):
            time_of(founded(scenario, np.arange(group * WIDTH, (group + 1) * WIDTH)), scenario.weeks, spent)
        best = np.minimum(best, spent)
    say("")
    return dict(zip(PARTS, (best / best.sum()).tolist(), strict=True))


def pairs_per_run(scenario: Scenario, runs: int = 200) -> tuple[float, float]:
    """Return ordered pairs of members whose tie is moved, summed over the weeks of a run, and mean members."""
    members = run_many(scenario, 1, np.arange(runs)).weekly[:, 1:, OBSERVED_NAMES.index("members")]
    return float(np.nansum(members * (members - 1), axis=1).mean()), float(np.nanmean(members))
