"""Rule 10, ending: too few active, no meetings, or purpose met (docs/model/model.md §7.10)."""

from __future__ import annotations

from sim.core._jit import kernel
from sim.core.rules._common import is_active
from sim.core.vocabulary import Status

_TOO_FEW, _NO_MEETINGS = int(Status.ENDED_TOO_FEW_ACTIVE), int(Status.ENDED_NO_MEETINGS)
_PURPOSE_MET = int(Status.ENDED_PURPOSE_MET)


@kernel
def ending_rule(state, params, week):
    """End the partnership if a condition holds; changes state in place.

    Parameters
    ----------
    state : State
        The partnership.
    params : record RECORD
        Settings.
    week : int
        The week that is ending.
    """
    active = 0
    for i in range(state.n_slots):
        if is_active(state, i):
            active += 1
    state.weeks_inactive = state.weeks_inactive + 1 if active < params.min_active else 0
    if state.weeks_inactive > params.grace_weeks:
        state.status = _TOO_FEW
    elif state.weeks_without_meeting > params.meeting_gap:
        state.status = _NO_MEETINGS
    elif state.outcome >= params.purpose:
        state.status = _PURPOSE_MET
    if state.status > 0:
        state.ended_week = week
