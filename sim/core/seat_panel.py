"""The seat panel: each seat of a partnership as it stands after a week. Looks only; changes nothing."""

from __future__ import annotations

from sim.core._jit import kernel
from sim.core.lanes.records import Layout
from sim.core.lanes.values import where
from sim.core.metric_table import SEAT_COLUMNS
from sim.core.rules._common import is_active

_PLACE = {name: column for column, name in enumerate(SEAT_COLUMNS)}
_ROLE, _RING, _ORGANISATION = _PLACE["role"], _PLACE["ring"], _PLACE["organisation"]
_PERSON, _TENURE, _ACTIVE = _PLACE["person"], _PLACE["tenure"], _PLACE["active"]
_ENGAGEMENT, _BENEFIT, _DRAWBACK, _POWER = (_PLACE[n] for n in ("engagement", "benefit", "drawback", "power"))
_INVITED, _ATTENDED = _PLACE["meetings_invited"], _PLACE["meetings_attended"]
_HOURS, _RECEIVED = _PLACE["hours_given"], _PLACE["received"]
_MISSING = float("nan")

PANEL = Layout(
    "panel",
    [
        ("recorded", "s", ()),
        ("week", "s", ("t",)),
        ("tally", "f", ("n", len(SEAT_COLUMNS))),
        ("seats", "o", ("t", "n", len(SEAT_COLUMNS))),
    ],
)
"""Weeks after which seats are recorded, how many of them have been, what each seat did since, and the records."""


@kernel
def tally_week(state, flows, panel):
    """Add what each seat did this week to its tally."""
    for i in range(state.n_slots):
        tally = panel.tally[i]
        tally[_INVITED] += where(flows.invited[i], 1.0, 0.0)
        tally[_ATTENDED] += where(flows.attends[i], 1.0, 0.0)
        tally[_HOURS] += flows.hours[i]
        tally[_RECEIVED] += flows.received[i]


@kernel
def observe_seats(state, panel, alive):
    """Write each seat into the next record, and empty the tally.

    What does not apply, to an empty seat or to a slot that is no seat, is NaN; so is all where the run is not
    ``alive``.
    """
    record = panel.seats[panel.recorded]
    for i in range(len(state.is_seat)):
        seat, tally = alive & state.is_seat[i], panel.tally[i]
        member = seat & state.is_member[i]
        row = record[i]
        row[_ROLE] = where(seat, state.role[i], _MISSING)
        row[_RING] = where(seat, state.ring[i], _MISSING)
        row[_ORGANISATION] = where(seat, state.organisation_id[i], _MISSING)
        row[_PERSON] = where(member, state.person_id[i], _MISSING)
        row[_TENURE] = where(member, state.tenure[i], _MISSING)
        row[_ACTIVE] = where(member, where(is_active(state, i), 1.0, 0.0), _MISSING)
        row[_ENGAGEMENT] = where(member, state.engagement[i], _MISSING)
        row[_BENEFIT] = where(member, state.benefit[i], _MISSING)
        row[_DRAWBACK] = where(member, state.drawback[i], _MISSING)
        row[_POWER] = where(member, state.power[i], _MISSING)
        row[_INVITED] = where(seat, tally[_INVITED], _MISSING)
        row[_ATTENDED] = where(seat, tally[_ATTENDED], _MISSING)
        row[_HOURS] = where(seat, tally[_HOURS], _MISSING)
        row[_RECEIVED] = where(seat, tally[_RECEIVED], _MISSING)
        for column in range(len(tally)):
            tally[column] = 0.0
    panel.recorded = panel.recorded + 1
