"""Rule 3, meetings: who is due, who comes, who is heard (docs/model/model.md §7.3)."""

from __future__ import annotations

from sim.core._jit import inner_kernel, kernel
from sim.core.elementary import exp, sigmoid
from sim.core.lanes.values import any_of, floor, maximum, minimum, where
from sim.core.rng import draw
from sim.core.rules._common import (
    active_size,
    burden,
    give_hours,
    mean_raw_power,
    meeting_length,
    permitted,
    raw_power,
)
from sim.core.state import N_THEMES
from sim.core.vocabulary import Experience, Purpose, Resource, Ring, ShockKind

_ATTENDANCE, _HEARD_DRAW = int(Purpose.ATTENDANCE), int(Purpose.HEARD)
_LOST_MEETINGS, _ONLINE = int(ShockKind.LOST_MEETINGS), int(ShockKind.ONLINE_MEETINGS)
_RESEARCH_TEAM, _CORE_TEAM = int(Ring.RESEARCH_TEAM), int(Ring.CORE_TEAM)
_HEARD, _UNHEARD = int(Experience.HEARD), int(Experience.UNHEARD)
_COMPANY, _ORDER = int(Experience.COMPANY), int(Experience.ORDER)
_USED, _ABSENT = int(Experience.USED), int(Experience.ABSENT)
_FUNDING = int(Resource.FUNDING)
NO_MEETING, RESEARCH_MEETING, CORE_MEETING = 0, 1, 2


@kernel
def meetings_rule(state, context, flows, params, practice, now):
    """Hold the week's meeting, if one is due; changes state and flows in place (arguments as in ``staffing``)."""
    _drift_power(state, params)
    due = maximum(_due(params, now.week), state.meeting_owed)
    lost, u1, u2, _ = draw(now, _ATTENDANCE, 0, 1)
    organised = 1.0 - exp(-flows.staffed / params.convene_hours)
    unheeded = (1.0 - params.convene_self) * (1.0 - organised) * (1.0 - flows.leadership)
    convened = (due > NO_MEETING) & (u1 < 1.0 - unheeded)
    state.meeting_owed = where(convened, NO_MEETING, due)
    held = convened
    if any_of(convened):
        time_for_one = (params.forum_every > 0.0) & (params.forum_every * (state.forums + 1.0) <= now.week)
        flows.forum = convened & (due == CORE_MEETING) & time_for_one & (u2 < organised)
        held = convened & _gather(state, context, flows, params, practice, now, where(convened, due, NO_MEETING), lost)
        flows.forum = flows.forum & held
        _welcome_guests(state, flows, params)
        _pay_for_meeting(state, flows, params, practice)
        _take_part(state, context, flows, params, practice, now)
    flows.meeting = where(held, due, NO_MEETING)
    state.meetings += where(held, 1.0, 0.0)
    state.weeks_without_meeting = where(held, 0.0, state.weeks_without_meeting + 1.0)


@inner_kernel
def _drift_power(state, params):
    mean = mean_raw_power(state, params)
    for i in range(state.n_slots):
        moved = params.power_drift * (raw_power(state, params, i) / mean - state.power[i])
        state.power[i] += where(state.is_member[i], moved, 0.0)


@inner_kernel
def _due(params, week):
    core, research = floor(params.meeting_every_core + 0.5), floor(params.meeting_every_research + 0.5)
    of_research = where(floor(week / research) * research == week, RESEARCH_MEETING, NO_MEETING)
    return where(floor(week / core) * core == week, CORE_MEETING, of_research)


@inner_kernel
def _gather(state, context, flows, params, practice, now, due, luck):
    """Invite and count who comes; return whether the meeting is held."""
    online = active_size(context, _ONLINE, now.week)
    called = params.attend_base + params.attend_leadership * practice.leadership + params.online_attendance * online
    for i in range(state.n_slots):
        asked = (due == CORE_MEETING) | ((due == RESEARCH_MEETING) & (state.ring[i] == _RESEARCH_TEAM))
        invited = state.is_member[i] & asked
        flows.invited[i] = invited
        if any_of(invited):
            flows.n_invited += where(invited, 1.0, 0.0)
            alone = state.organisation_id[i] < 0.0
            readiness = (
                called
                + params.attend_engagement * (state.engagement[i] - params.attend_middle)
                + params.attend_stake * params.stake[state.role[i]]
                + where(alone, params.attend_support * practice.participation_support, 0.0)
                - params.attend_drawback * state.drawback[i]
            )
            u0, u1, _, _ = draw(now, _ATTENDANCE, i, 0)
            attends = invited & (u0 < sigmoid(readiness)) & (u1 < permitted(state, params, i))
            flows.attends[i] = attends
            flows.n_attends += where(attends, 1.0, 0.0)
    lost = luck < active_size(context, _LOST_MEETINGS, now.week)
    held = (flows.n_attends >= 2.0) & ~lost
    for i in range(state.n_slots):
        flows.attends[i] = flows.attends[i] & held
    flows.n_attends = where(held, flows.n_attends, 0.0)
    _note_absence(state, flows, params)
    return held


@inner_kernel
def _note_absence(state, flows, params):
    """Let those who were invited remember whether they were away, and the partnership how many came."""
    rate = 1.0 / params.memory_meetings
    for i in range(state.n_slots):
        away, x = where(flows.attends[i], 0.0, 1.0), state.experience[i]
        x[_ABSENT] += where(flows.invited[i], rate * (away - x[_ABSENT]), 0.0)
    came = flows.n_attends / maximum(flows.n_invited, 1.0)
    moved = where(state.turnout < 0.0, came, state.turnout + rate * (came - state.turnout))
    state.turnout = where(flows.n_invited > 0.0, moved, state.turnout)


@inner_kernel
def _welcome_guests(state, flows, params):
    """Count the forum and its guests, who come for the day and never hold a seat."""
    state.forums += where(flows.forum, 1.0, 0.0)
    state.guests_ever += _guests(flows, params)


@inner_kernel
def _guests(flows, params):
    return where(flows.forum, floor(params.forum_guests + 0.5), 0.0)


@inner_kernel
def _pay_for_meeting(state, flows, params, practice):
    """Pay for the meeting and for those whose time is not paid, as far as the purse allows."""
    unpaid = 0.0
    for i in range(state.n_slots):
        unpaid += where(flows.attends[i] & (state.organisation_id[i] < 0.0), 1.0, 0.0)
    price = params.meeting_price * (flows.n_attends + _guests(flows, params))
    price += params.support_price * practice.participation_support * unpaid
    paid = minimum(price, maximum(0.0, state.pool[_FUNDING]))
    state.pool[_FUNDING] -= paid
    state.spent += paid


@inner_kernel
def _take_part(state, context, flows, params, practice, now):
    hours = meeting_length(context, flows, params, now.week)
    company = flows.n_attends / flows.n_invited
    guide = _note_who_leads(state, flows)
    progress = params.orientation_base + params.orientation_gain * practice.orientation
    rate = 1.0 / params.memory_meetings
    for i in range(state.n_slots):
        there = flows.attends[i]
        if not any_of(there):
            continue
        flows.hours[i] += where(there, hours * burden(state, flows, params, practice, i), 0.0)
        give_hours(state, i, hours, there)
        _learn_to_lead(state, flows, params, practice, i, guide)
        shared = params.heard_sharing * practice.power_sharing
        shared += where(state.ring[i] == _CORE_TEAM, params.heard_inclusive * practice.inclusive_decisions, 0.0)
        u0, u1, u2, _ = draw(now, _HEARD_DRAW, i, 0)
        heard = there & (u0 < sigmoid(params.heard_base + params.heard_power * (state.power[i] - 1.0) + shared))
        flows.heard[i] = heard
        state.power[i] += where(heard, params.power_step * maximum(0.0, 1.0 - state.power[i]), 0.0)
        risen = minimum(1.0, state.standing[i] + progress * (1.0 - state.standing[i]))
        state.standing[i] = where(there, risen, state.standing[i])
        x, was_heard = state.experience[i], where(heard, 1.0, 0.0)
        x[_HEARD] += where(there, rate * (was_heard - x[_HEARD]), 0.0)
        x[_UNHEARD] += where(there, rate * (1.0 - was_heard - x[_UNHEARD]), 0.0)
        used = where(heard & (u2 < _say_in_the_work(state, params, i)), 1.0, 0.0)
        x[_USED] += where(there, rate * (used - x[_USED]), 0.0)
        x[_COMPANY] += where(there, rate * (company - x[_COMPANY]), 0.0)
        x[_ORDER] += where(there, rate * (where(u1 < state.coordination, 1.0, 0.0) - x[_ORDER]), 0.0)


@inner_kernel
def _note_who_leads(state, flows):
    """Note how strongly the meeting is led, and return the experience of the one who leads it, 0 without."""
    guide = 0.0
    for i in range(state.n_slots):
        leads = flows.attends[i] & (flows.leader == i)
        flows.led += where(leads, flows.leadership, 0.0)
        guide += where(leads, state.leading[i], 0.0)
    return guide


@inner_kernel
def _learn_to_lead(state, flows, params, practice, i, guide):
    """Let attendee ``i`` learn to lead: by leading, or from the one who leads."""
    leading = state.leading[i]
    done = params.lead_gain * (1.0 - leading)
    shown = params.lead_share * practice.leadership * maximum(0.0, guide - leading)
    state.leading[i] += where(flows.attends[i], where(flows.leader == i, done, shown), 0.0)


@inner_kernel
def _say_in_the_work(state, params, i):
    """Return the chance that a view heard from seat ``i`` is used: how far the work is on what its role sees."""
    seen, most = 0.0, 0.0
    for d in range(N_THEMES):
        view = params.vantage[state.role[i], d]
        seen += state.activity[d] * view
        most = maximum(most, view)
    return seen / most
