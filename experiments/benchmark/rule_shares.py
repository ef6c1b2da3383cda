"""Where the time of a run goes, rule by rule, by the processor's own cycle counter.

The week is written out a second time here, with a reading of the counter between the rules. So that this
copy cannot drift from ``sim.engine.step``, every measurement first checks that it ends in the same bits.
"""

from __future__ import annotations

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from sim.engine import clear
from sim.kernels.adaptation import adaptation_rule
from sim.kernels.appraisal import appraisal_rule
from sim.kernels.context import context_rule
from sim.kernels.encounters import encounters_rule
from sim.kernels.ending import ending_rule
from sim.kernels.exchange import exchange_rule
from sim.kernels.integration import integration_rule
from sim.kernels.meetings import meetings_rule
from sim.kernels.progress import progress_rule
from sim.kernels.staffing import staffing
from sim.kernels.turnover import turnover_rule
from sim.metrics import observe
from sim.vocabulary import Rule, words

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
