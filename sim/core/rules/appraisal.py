"""Rule 7, appraisal: each seat weighs what it met and adjusts its engagement (docs/model/model.md §7.7)."""

from __future__ import annotations

import numpy as np

from sim.core._jit import inner_kernel, kernel
from sim.core.rules._common import count_members, perceived, sigmoid, weigh
from sim.core.vocabulary import Experience

_RECEIVED, _FUNDED, _JOINT = int(Experience.RECEIVED), int(Experience.FUNDED), int(Experience.JOINT)
_CONTACT, _HOURS, _FRUSTRATION = int(Experience.CONTACT), int(Experience.HOURS), int(Experience.FRUSTRATION)


@kernel
def appraisal_rule(state, flows, params):
    """Move experience, benefit, drawback, aspiration and engagement of every member; in place.

    Parameters
    ----------
    state, flows : State, Flows
        The partnership and what happened this week.
    params : record RECORD
        Settings. No lever and no context is passed: only what a seat met can count.
    """
    n_slots, n = state.n_slots, count_members(state)
    gained, borne, eager = np.zeros(n_slots), np.zeros(n_slots), np.zeros(n_slots)
    for i in range(n_slots):
        if state.is_member[i]:
            _remember(state, flows, params, i)
            gained[i], borne[i] = weigh(state, params, i, n)
    for i in range(n_slots):  # exponentials by themselves: they run in vector lanes
        gained[i] = perceived(gained[i], params.benefit_scale)
        borne[i] = perceived(borne[i], params.drawback_scale)
    pull = params.engagement_base + params.engagement_ambition * state.ambition
    for i in range(n_slots):
        if state.is_member[i]:
            state.benefit[i] = gained[i]
            state.drawback[i] = borne[i]
            state.aspiration[i] += params.aspiration_rate * (state.benefit[i] - state.aspiration[i])
            better = state.benefit[i] - state.aspiration[i]
            felt = state.benefit[i] - state.drawback[i] + params.aspiration_weight * better
            eager[i] = pull + params.engagement_net * felt + params.engagement_stake * params.stake[state.role[i]]
    for i in range(n_slots):
        eager[i] = sigmoid(eager[i])
    for i in range(n_slots):
        if state.is_member[i]:
            state.engagement[i] += params.engagement_rate * (eager[i] - state.engagement[i])


@inner_kernel
def _remember(state, flows, params, i):
    rate, x = 1.0 / params.memory_weeks, state.experience
    x[i, _RECEIVED] += rate * (flows.received[i] - x[i, _RECEIVED])
    x[i, _FUNDED] += rate * (flows.funded[i] - x[i, _FUNDED])
    x[i, _JOINT] += rate * (flows.joint_credit[i] - x[i, _JOINT])
    x[i, _CONTACT] += rate * (flows.contact[i] - x[i, _CONTACT])
    x[i, _HOURS] += rate * (flows.hours[i] - x[i, _HOURS])
    x[i, _FRUSTRATION] += rate * (flows.frustration[i] - x[i, _FRUSTRATION])
