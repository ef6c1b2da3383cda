"""Rule 10, ending: too few active, no meetings, or purpose met (docs/model/model.md §7.10)."""

from __future__ import annotations

from sim.core._jit import kernel
from sim.core.lanes.values import where
from sim.core.rules._common import is_active
from sim.core.vocabulary import Status

_ALIVE, _TOO_FEW = int(Status.ALIVE), int(Status.ENDED_TOO_FEW_ACTIVE)
_NO_MEETINGS, _PURPOSE_MET = int(Status.ENDED_NO_MEETINGS), int(Status.ENDED_PURPOSE_MET)


@kernel
def ending_rule(state, params, week):
    """End the partnership if a condition holds; changes state in place.

    Parameters
    ----------
    state : State
        The partnership.
    params : Record PARAMS
        Settings.
    week : int
        The week that is ending.
    """
    active = 0.0
    for i in range(state.n_slots):
        active += where(is_active(state, i), 1.0, 0.0)
    state.weeks_inactive = where(active < params.min_active, state.weeks_inactive + 1.0, 0.0)
    too_few = state.weeks_inactive > params.grace_weeks
    no_meetings = state.weeks_without_meeting > params.meeting_gap
    met = where(state.outcome >= params.purpose, _PURPOSE_MET, _ALIVE)
    status = where(too_few, _TOO_FEW, where(no_meetings, _NO_MEETINGS, met))
    ends = (state.status == _ALIVE) & (status > _ALIVE)
    state.status = where(ends, status, state.status)
    state.ended_week = where(ends, week, state.ended_week)
