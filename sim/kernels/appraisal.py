"""Rule 7, appraisal: each seat weighs what it met and adjusts its engagement (docs/model.md §7.7)."""

from __future__ import annotations

from sim.kernels._common import appraise, sigmoid
from sim.kernels._jit import kernel
from sim.vocabulary import Experience

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
    rate = 1.0 / params.memory_weeks
    pull = params.engagement_base + params.engagement_ambition * state.ambition
    x = state.experience
    for i in range(state.n_slots):
        if not state.is_member[i]:
            continue
        x[i, _RECEIVED] += rate * (flows.received[i] - x[i, _RECEIVED])
        x[i, _FUNDED] += rate * (flows.funded[i] - x[i, _FUNDED])
        x[i, _JOINT] += rate * (flows.joint_credit[i] - x[i, _JOINT])
        x[i, _CONTACT] += rate * (flows.contact[i] - x[i, _CONTACT])
        x[i, _HOURS] += rate * (flows.hours[i] - x[i, _HOURS])
        x[i, _FRUSTRATION] += rate * (flows.frustration[i] - x[i, _FRUSTRATION])
        appraise(state, params, i)
        state.aspiration[i] += params.aspiration_rate * (state.benefit[i] - state.aspiration[i])
        better = state.benefit[i] - state.aspiration[i]
        felt = state.benefit[i] - state.drawback[i] + params.aspiration_weight * better
        target = sigmoid(pull + params.engagement_net * felt + params.engagement_stake * params.stake[state.role[i]])
        state.engagement[i] += params.engagement_rate * (target - state.engagement[i])
