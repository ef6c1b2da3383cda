"""One run in memory, for those who step it themselves: the Mesa front, the lab, tests."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.core.inputs import (
    FOUNDING,
    PARAMS,
    as_numbers,
    fill_founding,
    fill_settings,
    room_for,
    settings_of_runs,
    stack_foundings,
)
from sim.core.lanes.records import Alone, Record
from sim.core.rules.founding import found
from sim.core.scenario import Scenario
from sim.core.state import blank_records, moment


class World(NamedTuple):
    """The records of one run, each as plain numbers and arrays: what ``step`` needs beside the week."""

    state: Alone
    context: Alone
    flows: Alone
    practice: Alone
    params: Alone


def params_of(table: NDArray[np.void]) -> Alone:
    """Return the settings of one run, a row of ``sim.core.inputs.settings_record``, as ``step`` takes them."""
    params = Record(PARAMS, 1)
    fill_settings(params, as_numbers(table))
    return params.first_run()


def new_world(scenario: Scenario, seed: int, replicate: int) -> World:
    """Return the records of a scenario at week 0, ready for ``step``."""
    room = room_for([scenario])
    records = blank_records(1, room)
    params = params_of(settings_of_runs(scenario, np.array([replicate])))
    founding = Record(FOUNDING, 1, records.state._n)
    fill_founding(founding, stack_foundings([scenario]), np.zeros(1, dtype=np.int64))
    found(records.state, records.context, records.flows, founding, params, moment(seed, replicate, 0))
    state, context, flows, practice = (record.first_run() for record in records)
    return World(state, context, flows, practice, params)
