"""The compiled loop over the weeks of a group of runs: step, observe, record."""

from __future__ import annotations

from sim.core._jit import block_kernel, entry_kernel
from sim.core.asked import Observer
from sim.core.lanes.records import Layout
from sim.core.lanes.values import any_of, where
from sim.core.metric_table import N_OBSERVED, RESPONDENT_COLUMNS
from sim.core.metrics import answer_to_change, observe_some, skill
from sim.core.rules.founding import found
from sim.core.rules.questionnaire import N_DIMENSIONS, survey_members
from sim.core.seat_panel import observe_seats, tally_week
from sim.core.state import N_THEMES
from sim.core.step import step

SURVEY = Layout(
    "survey",
    [
        ("week", "s", ("t",)),
        ("answers", "o", ("t", N_DIMENSIONS + 1)),
        ("respondents", "o", ("t", "n", len(RESPONDENT_COLUMNS))),
    ],
)
"""Weeks after which members are surveyed; per wave the mean answers and the number returned, and each respondent's own
where there is room for seats."""

_SKILL = int(Observer.SKILL)
_MISSING = float("nan")


@entry_kernel
def record_week(state, context, flows, now, asked, observed, history, weekly, survey):
    """Write what is observed of one week; changes nothing of the partnership.

    Parameters
    ----------
    state, context, flows : State, Context, Flows
        After the week (0: the founding). Of a run that has ended nothing is recorded.
    now : Record NOW
        Seed, replicate and week.
    asked : Record ASKED
        Which metrics are observed, and in which weeks.
    observed : Record OBSERVED
        Written: this week's metrics.
    history, weekly : Record HISTORY, Record WEEKLY
        Written: the row of this week.
    survey : Record SURVEY
        Written: the rows of this week's waves.
    """
    week, alive = now.week, state.status == 0.0
    missed = 0.0
    for d in range(N_THEMES):
        history.activity[week, d] = state.activity[d]
        history.need[week, d] = context.need[d]
        missed += abs(state.activity[d] - context.need[d])
    history.missed[week] = missed
    at_times = week % asked.period == 0
    observers = asked.at_times if at_times else asked.each_week
    observe_some(state, context, flows, observed, observers)
    answer = answer_to_change(state, context, history, week)
    if observers & _SKILL:
        observed.adaptation = skill(history, week)
        observed.adaptation_to_change = answer
    for m in range(N_OBSERVED):
        if asked.level[m] == 2 or (at_times and asked.level[m] == 1):
            weekly.metrics[week, m] = where(alive, observed.all[m], _MISSING)
    for w in range(len(survey.week)):
        if survey.week[w] == week:
            survey_members(state, now, survey.answers[w], survey.respondents[w])
            for d in range(N_DIMENSIONS + 1):
                survey.answers[w, d] = where(alive, survey.answers[w, d], _MISSING)


@block_kernel
def run_group(state, context, flows, params, practice, now, founding, asked, observed, history, weekly, survey, panel):
    """Run replicates side by side, one per lane, and record them.

    Parameters
    ----------
    state, context, flows : State, Context, Flows
        Blank; changed in place.
    params : Record PARAMS
        Settings of each lane.
    practice : Record PRACTICE
        Effective levers; written.
    now : Record NOW
        Seed and replicate of each lane; the week is written.
    founding : Record FOUNDING
        Founding composition of each lane.
    asked, observed, history, weekly, survey : Records
        As for ``record_week``; weekly and answers come filled with NaN, which stays where nothing is observed.
    panel : Record PANEL
        Written: each seat at each of its weeks.
    """
    now.week = 0
    found(state, context, flows, founding, params, now)
    record_week(state, context, flows, now, asked, observed, history, weekly, survey)
    for week in range(1, len(history.missed)):
        now.week = week
        step(state, context, flows, params, practice, now)
        alive = state.status == 0.0
        if not any_of(alive):
            break
        record_week(state, context, flows, now, asked, observed, history, weekly, survey)
        if panel.recorded < len(panel.week):
            tally_week(state, flows, panel)
            if panel.week[panel.recorded] == week:
                observe_seats(state, panel, alive)
