"""The seat panel: each seat of a partnership as it stands after a week. Looks only; changes nothing."""

from __future__ import annotations

import numpy as np

from sim.core._jit import kernel
from sim.core.metric_table import SEAT_COLUMNS, record_fields
from sim.core.rules._common import is_active

SEAT = np.dtype((np.record, record_fields(SEAT_COLUMNS.values())))
"""Record of one seat: a float64 per column of the panel, in the order of the table."""

N_TALLIES = 4
_INVITED, _ATTENDED, _HOURS, _RECEIVED = range(N_TALLIES)


@kernel
def tally_week(state, flows, tally):
    """Add what each seat did this week to ``tally``, (room, 4) float64: invited, attended, hours, received."""
    for i in range(state.n_slots):
        tally[i, _INVITED] += flows.invited[i]
        tally[i, _ATTENDED] += flows.attends[i]
        tally[i, _HOURS] += flows.hours[i]
        tally[i, _RECEIVED] += flows.received[i]


@kernel
def observe_seats(state, tally, out):
    """Write each seat into its record of ``out``, (room,) ``SEAT`` filled with NaN, and empty ``tally``.

    What does not apply, to an empty seat or to a slot that is no seat, stays NaN.
    """
    for i in range(state.n_slots):
        if not state.is_seat[i]:
            continue
        row = out[i]
        row.role = state.role[i]
        row.ring = state.ring[i]
        row.organisation = state.organisation_id[i]
        if state.is_member[i]:
            row.person = state.person_id[i]
            row.tenure = state.tenure[i]
            row.active = 1.0 if is_active(state, i) else 0.0
            row.engagement = state.engagement[i]
            row.benefit = state.benefit[i]
            row.drawback = state.drawback[i]
            row.power = state.power[i]
        row.meetings_invited = tally[i, _INVITED]
        row.meetings_attended = tally[i, _ATTENDED]
        row.hours_given = tally[i, _HOURS]
        row.received = tally[i, _RECEIVED]
    tally[:] = 0.0
