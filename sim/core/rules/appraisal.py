"""Rule 7, appraisal: each seat weighs what it met and adjusts its engagement (docs/model/model.md §7.7)."""

from __future__ import annotations

from sim.core._jit import inner_kernel, kernel
from sim.core.lanes.values import any_of, where
from sim.core.rules._common import appraise, eagerness
from sim.core.vocabulary import Experience

_RECEIVED, _FUNDED = int(Experience.RECEIVED), int(Experience.FUNDED)
_CONTACT, _HOURS, _FRUSTRATION = int(Experience.CONTACT), int(Experience.HOURS), int(Experience.FRUSTRATION)


@kernel
def appraisal_rule(state, flows, params):
    """Move experience, benefit, drawback, aspiration and engagement of every member; in place.

    Parameters
    ----------
    state, flows : State, Flows
        The partnership and what happened this week.
    params : Record PARAMS
        Settings. No lever and no context is passed: only what a seat met can count.
    """
    for i in range(state.n_slots):
        there = state.is_member[i]
        if any_of(there):
            _remember(state, flows, params, i, there)
            appraise(state, params, i, there)
            benefit, aspiration = state.benefit[i], state.aspiration[i]
            aspiration += where(there, params.aspiration_rate * (benefit - aspiration), 0.0)
            state.aspiration[i] = aspiration
            felt = benefit - state.drawback[i] + params.aspiration_weight * (benefit - aspiration)
            moved = params.engagement_rate * (eagerness(state, params, i, felt) - state.engagement[i])
            state.engagement[i] += where(there, moved, 0.0)


@inner_kernel
def _remember(state, flows, params, i, who):
    rate, x = 1.0 / params.memory_weeks, state.experience[i]
    x[_RECEIVED] += where(who, rate * (flows.received[i] - x[_RECEIVED]), 0.0)
    x[_FUNDED] += where(who, rate * (flows.funded[i] - x[_FUNDED]), 0.0)
    x[_CONTACT] += where(who, rate * (flows.contact[i] - x[_CONTACT]), 0.0)
    x[_HOURS] += where(who, rate * (flows.hours[i] - x[_HOURS]), 0.0)
    x[_FRUSTRATION] += where(who, rate * (flows.frustration[i] - x[_FRUSTRATION]), 0.0)
