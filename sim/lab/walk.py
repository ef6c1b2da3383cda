"""The same compiled ``step`` once more, for what the engine does not record: ties and transfers, week by week."""

from __future__ import annotations

from sim.core._jit import entry_kernel, kernel
from sim.core.lanes.values import first
from sim.core.step import step


@entry_kernel
def walk(state, context, flows, params, practice, now, every, offers, trust, strain):
    """Step through a run and keep what no recorder of the engine keeps; changes its arguments in place.

    Parameters
    ----------
    state, context, flows, params, practice, now
        As of ``sim.core.step.step``, of one lane, at the founding.
    every : int64
        Weeks between two looks at the ties; the last week is always looked at.
    offers : (T, n, n) int8
        Written: what i gave j in each week, as ``flows.offer``.
    trust, strain : (K, n, n) float64
        Written: ties at the founding and at each look.
    """
    weeks, n = offers.shape[0], offers.shape[1]
    look(state, trust[0], strain[0])
    looks = 1
    for week in range(1, weeks + 1):
        now.week = week
        step(state, context, flows, params, practice, now)
        for i in range(n):
            for j in range(n):
                offers[week - 1, i, j] = first(flows.offer[i, j])
        if week % every == 0 or week == weeks:
            look(state, trust[looks], strain[looks])
            looks += 1


@kernel
def look(state, trust, strain):
    """Copy the ties of the run into ``trust`` and ``strain``, (n, n) float64."""
    for i in range(trust.shape[0]):
        for j in range(trust.shape[1]):
            trust[i, j] = first(state.trust[i, j])
            strain[i, j] = first(state.strain[i, j])
