"""The seat panel: each seat of a partnership as it stands after a week. Looks only; changes nothing."""

from __future__ import annotations

import numpy as np

from sim.core._jit import kernel
from sim.core.metrics import ACTIVE_LEVEL

N_TALLIES = 4


@kernel
def tally_week(state, flows, tally):
    """Add what each seat did this week to ``tally``, (room, 4) float64: invited, attended, hours, received."""
    for i in range(state.n_slots):
        tally[i, 0] += flows.invited[i]
        tally[i, 1] += flows.attends[i]
        tally[i, 2] += flows.hours[i]
        tally[i, 3] += flows.received[i]


@kernel
def observe_seats(state, tally, out):
    """Write each seat into its row of ``out``, (room, N_SEAT_COLUMNS), and empty ``tally``.

    Columns are those of ``sim.core.metric_table.SEAT_COLUMNS``; rows that are no seat stay as they are.
    """
    for i in range(state.n_slots):
        if not state.is_seat[i]:
            continue
        row = out[i]
        row[0] = state.role[i]
        row[1] = state.ring[i]
        row[2] = state.organisation_id[i]
        row[3:10] = np.nan
        if state.is_member[i]:
            row[3] = state.person_id[i]
            row[4] = state.tenure[i]
            row[5] = 1.0 if state.engagement[i] >= ACTIVE_LEVEL else 0.0
            row[6] = state.engagement[i]
            row[7] = state.benefit[i]
            row[8] = state.drawback[i]
            row[9] = state.power[i]
        for t in range(N_TALLIES):
            row[10 + t] = tally[i, t]
    tally[:] = 0.0
