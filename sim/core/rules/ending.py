"""Rule 10, ending: failed, dormant or fulfilled (docs/model/model.md §7.10)."""

from __future__ import annotations

from sim.core._jit import inner_kernel, kernel
from sim.core.lanes.values import maximum, where
from sim.core.rng import uniform
from sim.core.rules._common import count_members, is_active
from sim.core.vocabulary import Purpose, Status

_RENEWAL = int(Purpose.RENEWAL)
_ALIVE, _FAILED = int(Status.ALIVE), int(Status.FAILED)
_DORMANT, _FULFILLED = int(Status.DORMANT), int(Status.FULFILLED)


@kernel
def ending_rule(state, params, now):
    """End the partnership if a condition holds; changes state in place.

    Parameters
    ----------
    state : State
        The partnership.
    params : Record PARAMS
        Settings.
    now : Record NOW
        Seed, replicate and week.
    """
    active = 0.0
    for i in range(state.n_slots):
        active += where(is_active(state, i), 1.0, 0.0)
    state.weeks_inactive = where(active < params.min_active, state.weeks_inactive + 1.0, 0.0)
    too_few = state.weeks_inactive > params.grace_weeks
    no_meetings = state.weeks_without_meeting > params.meeting_gap
    failed = too_few | (no_meetings & (state.meeting_owed > 0.0))
    met = where(_fulfilled(state, params, now), _FULFILLED, _ALIVE)
    status = where(failed, _FAILED, where(no_meetings, _DORMANT, met))
    ends = (state.status == _ALIVE) & (status > _ALIVE)
    state.status = where(ends, status, state.status)
    state.ended_week = where(ends, now.week, state.ended_week)


@inner_kernel
def _fulfilled(state, params, now):
    """Tell whether a purpose is met and the members, by how engaged they are, do not take up a higher one."""
    met = (state.status == _ALIVE) & (state.outcome >= state.aim)
    willing = 0.0
    for i in range(state.n_slots):
        willing += where(state.is_member[i], state.engagement[i], 0.0)
    willing /= maximum(count_members(state), 1.0)
    renewed = met & (uniform(now, _RENEWAL, 0, 0) < willing)
    state.purposes += where(met, 1.0, 0.0)
    state.aim += where(renewed, params.purpose * (1.0 + params.renewal_higher * state.purposes), 0.0)
    return met & ~renewed
