"""Rule 3, meetings: who is due, who comes, who is heard (docs/model/model.md §7.3)."""

from __future__ import annotations

import numpy as np

from sim.core._jit import inner_kernel, kernel
from sim.core.rng import draw, draw_each
from sim.core.rules._common import active_size, mean_raw_power, raw_power, sigmoid
from sim.core.vocabulary import Experience, Lever, Purpose, Resource, Ring, Role, ShockKind

_ATTENDANCE, _HEARD_DRAW = int(Purpose.ATTENDANCE), int(Purpose.HEARD)
_LOST_MEETINGS, _ONLINE = int(ShockKind.LOST_MEETINGS), int(ShockKind.ONLINE_MEETINGS)
_RIVAL_PRIORITY = int(ShockKind.RIVAL_PRIORITY)
_RESEARCH_TEAM, _CORE_TEAM = int(Ring.RESEARCH_TEAM), int(Ring.CORE_TEAM)
_LEADERSHIP, _SUPPORT = int(Lever.LEADERSHIP), int(Lever.PARTICIPATION_SUPPORT)
_POWER_SHARING, _INCLUSIVE = int(Lever.POWER_SHARING), int(Lever.INCLUSIVE_DECISIONS)
_ORIENTATION = int(Lever.ORIENTATION)
_COORDINATOR = int(Role.COORDINATOR)
_HEARD, _UNHEARD = int(Experience.HEARD), int(Experience.UNHEARD)
_COMPANY, _ORDER = int(Experience.COMPANY), int(Experience.ORDER)
_FUNDING = int(Resource.FUNDING)
NO_MEETING, RESEARCH_MEETING, CORE_MEETING = 0, 1, 2


@kernel
def meetings_rule(state, context, flows, params, practice, now):
    """Hold the week's meeting, if one is due; changes state and flows in place (arguments as in ``staffing``)."""
    _drift_power(state, params)
    due = _due(params, now[2])
    if due != NO_MEETING and _gather(state, context, flows, params, practice, now, due):
        flows.meeting = due
        state.weeks_without_meeting = 0
        _pay_for_meeting(state, flows, params, practice)
        _take_part(state, context, flows, params, practice, now)
    else:
        state.weeks_without_meeting += 1


@inner_kernel
def _drift_power(state, params):
    mean = mean_raw_power(state, params)
    for i in range(state.n_slots):
        if state.is_member[i]:
            state.power[i] += params.power_drift * (raw_power(state, params, i) / mean - state.power[i])


@inner_kernel
def _due(params, week):
    if week % int(params.meeting_every_core + 0.5) == 0:
        return CORE_MEETING
    if week % int(params.meeting_every_research + 0.5) == 0:
        return RESEARCH_MEETING
    return NO_MEETING


@inner_kernel
def _gather(state, context, flows, params, practice, now, due):
    """Invite and count who comes; return whether the meeting is held."""
    rival = active_size(context, _RIVAL_PRIORITY, now[2])
    online = active_size(context, _ONLINE, now[2])
    called = (
        params.attend_base
        + params.attend_leadership * practice[_LEADERSHIP]
        - params.rival_attendance * rival
        + params.online_attendance * online
    )
    u, readiness = np.empty(state.n_slots), np.zeros(state.n_slots)
    draw_each(now, _ATTENDANCE, 0, u)
    for i in range(state.n_slots):
        if not state.is_member[i] or (due == RESEARCH_MEETING and state.ring[i] != _RESEARCH_TEAM):
            continue
        flows.invited[i] = 1
        flows.n_invited += 1
        supported = params.attend_support * practice[_SUPPORT] if state.organisation_id[i] < 0 else 0.0
        readiness[i] = (
            called
            + params.attend_engagement * (state.engagement[i] - params.attend_middle)
            + params.attend_stake * params.stake[state.role[i]]
            + supported
            - params.attend_drawback * state.drawback[i]
        )
    for i in range(state.n_slots):
        readiness[i] = sigmoid(readiness[i])
    for i in range(state.n_slots):
        if flows.invited[i] and u[i] < readiness[i]:
            flows.attends[i] = 1
            flows.n_attends += 1
    lost, _, _, _ = draw(now, _ATTENDANCE, 0, 1)
    if flows.n_attends >= 2 and not lost < active_size(context, _LOST_MEETINGS, now[2]):
        return True
    for i in range(state.n_slots):
        flows.attends[i] = 0
    flows.n_attends = 0
    return False


@inner_kernel
def _pay_for_meeting(state, flows, params, practice):
    """Pay for the meeting and for those whose time is not paid, as far as the purse allows."""
    unpaid = 0
    for i in range(state.n_slots):
        if flows.attends[i] and state.organisation_id[i] < 0:
            unpaid += 1
    price = params.meeting_price * flows.n_attends + params.support_price * practice[_SUPPORT] * unpaid
    paid = min(price, max(0.0, state.pool[_FUNDING]))
    state.pool[_FUNDING] -= paid
    state.spent += paid


@inner_kernel
def _take_part(state, context, flows, params, practice, now):
    online = active_size(context, _ONLINE, now[2])
    company = flows.n_attends / flows.n_invited
    progress = params.orientation_base + params.orientation_gain * practice[_ORIENTATION]
    rate = 1.0 / params.memory_meetings
    for i in range(state.n_slots):
        if not flows.attends[i]:
            continue
        relief = params.support_relief * practice[_SUPPORT] if state.organisation_id[i] < 0 else 0.0
        if state.role[i] == _COORDINATOR:
            relief = flows.paid
        flows.hours[i] = params.meeting_hours * (1.0 - params.online_hours * online) * (1.0 - relief)
        shared = params.heard_sharing * practice[_POWER_SHARING]
        if state.ring[i] == _CORE_TEAM:
            shared += params.heard_inclusive * practice[_INCLUSIVE]
        u0, u1, _, _ = draw(now, _HEARD_DRAW, i, 0)
        if u0 < sigmoid(params.heard_base + params.heard_power * (state.power[i] - 1.0) + shared):
            flows.heard[i] = 1
            state.power[i] += params.power_step * (1.0 - state.power[i])
        in_order = 1.0 if u1 < state.coordination else 0.0
        state.standing[i] = min(1.0, state.standing[i] + progress * (1.0 - state.standing[i]))
        x = state.experience
        x[i, _HEARD] += rate * (flows.heard[i] - x[i, _HEARD])
        x[i, _UNHEARD] += rate * (1.0 - flows.heard[i] - x[i, _UNHEARD])
        x[i, _COMPANY] += rate * (company - x[i, _COMPANY])
        x[i, _ORDER] += rate * (in_order - x[i, _ORDER])
