"""The same compiled ``step`` once more, for what the engine does not record: ties and transfers, week by week."""

from __future__ import annotations

import numpy as np

from sim.core._jit import entry_kernel
from sim.core.step import step


@entry_kernel
def walk(state, context, flows, params, practice, key, every, offers, trust, strain):
    """Step through a run and keep what no recorder of the engine keeps; changes its arguments in place.

    Parameters
    ----------
    state, context, flows, params, practice, key
        As of ``sim.core.step.step``, at the founding.
    every : int64
        Weeks between two looks at the ties; the last week is always looked at.
    offers : (T, n, n) int8
        Written: what i gave j in each week, as ``flows.offer``.
    trust, strain : (K, n, n) float64
        Written: ties at the founding and at each look.
    """
    weeks, n = offers.shape[0], offers.shape[1]
    trust[0], strain[0] = state.trust[:n, :n], state.strain[:n, :n]
    looks = 1
    for week in range(1, weeks + 1):
        step(state, context, flows, params, practice, (key[0], key[1], np.int64(week)))
        for i in range(n):
            for j in range(n):
                offers[week - 1, i, j] = flows.offer[i, j]
        if week % every == 0 or week == weeks:
            trust[looks], strain[looks] = state.trust[:n, :n], state.strain[:n, :n]
            looks += 1
