"""What does a plan for people, money and time do? Staff with dates, exits with causes, and ends.

    python -m experiments.questions.people [runs=100]

An analyst's question (the coordinators' contract ends: a facilitator, or one of them half-time?), the year after the
money ends, who leaves and why, who is active on the list, and how partnerships end. Settings:
conf/experiment/people.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.pages import by_case, table, written_by
from experiments.settings import Study
from sim.config.cases import build_scenario, load_case
from sim.core.engine import Ensemble, run_many
from sim.core.metric_table import COSTS, LEAVING, OBSERVED_NAMES, SEAT_COLUMNS
from sim.core.posterior import SHIPPED
from sim.core.scenario import Scenario
from sim.core.vocabulary import WEEKS_PER_YEAR, Role, Status, words

YEARS = 5
LONG = 520
COMPARED = ("integration", "atmosphere", "benefit", "vitality", "members", "staff_cover")
_PERSON, _ROLE = tuple(SEAT_COLUMNS).index("person"), tuple(SEAT_COLUMNS).index("role")


def measured(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is found of each case."""
    return {"cases": {case: _case(case, settings) for case in settings["cases"]}, "turnover": _turnover(settings)}


def _case(case: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "staffing": {title: _plan(case, plan, settings) for title, plan in _plans(settings).items()},
        "money": {title: _after_the_money(case, plan, settings) for title, plan in _purses(settings).items()},
        "exits": _exits(case, settings),
        "active": _active(case, settings),
        "ends": {title: _ends(case, plan, settings) for title, plan in _futures(settings).items()},
    }


# --- the staffing question ---------------------------------------------------------------------------------


def _plans(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    week = settings["ends_week"]
    ended = {"coordinators": {"to_week": week}}
    helped = {"facilitator": {"staff": "facilitator_hours", "week": week + 1, "value": settings["hours"]}}
    half = {"seats": "coordinators", "number": 1, "share": 0.5, "from_week": week + 1}
    return {
        "all coordinators stay": {},
        "contract ends, nobody instead": {"posts": ended},
        "facilitator instead": {"posts": ended, "schedule": helped},
        "one stays half-time": {"posts": {**ended, "half_time": half}},
    }


def _run(case: str, plan: Mapping[str, Any], settings: Mapping[str, Any], weeks: Sequence[int] = ()) -> Ensemble:
    scenario = _scenario(case, plan)
    return run_many(scenario, settings["seed"], range(settings["runs"]), settings["threads"], seat_weeks=weeks)


def _scenario(case: str, plan: Mapping[str, Any]) -> Scenario:
    return build_scenario(load_case(case), settings={**plan, "posterior": SHIPPED})


def _column(runs: Ensemble, name: str) -> NDArray[np.float64]:
    return runs.weekly[..., OBSERVED_NAMES.index(name)]


def _last(runs: Ensemble, name: str) -> NDArray[np.float64]:
    """Return a running total in the last week in which each run was alive."""
    values = _column(runs, name)
    weeks = np.isfinite(values).sum(axis=1) - 1
    return values[np.arange(len(values)), weeks]


def _plan(case: str, plan: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, float]:
    runs = _run(case, plan, settings)
    found = {name: float(np.nanmean(_column(runs, name)[:, -WEEKS_PER_YEAR:])) for name in COMPARED}
    ended = {"still going": float((runs.status == Status.ALIVE).mean())}
    return found | ended | {name: float(np.mean(_last(runs, name))) for name in COSTS}


# --- after the money ---------------------------------------------------------------------------------------


def _purses(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    end = settings["money_ends"]
    grant = {"funding": {"end_week": end + 1}}
    lent = {"seats": "coordinators", "number": 1, "payer": "organisation", "from_week": end + 1}
    return {
        "the grant goes on": {},
        "it ends, more can be won": grant,
        "it ends for good": {**grant, "parameters": {"follow_on_chance": 0}},
        "it ends, a coordinator is lent": {**grant, "posts": {"coordinators": {"to_week": end}, "lent": lent}},
    }


def _after_the_money(case: str, plan: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, float]:
    """Return what is there in the year before the grant ends, and in the second half-year after it."""
    end = settings["money_ends"]
    runs = _run(case, plan, settings, (end, end + WEEKS_PER_YEAR))
    year = slice(end + WEEKS_PER_YEAR // 2, end + WEEKS_PER_YEAR + 1)
    held = _column(runs, "meetings_held")
    there = np.isfinite(held[:, year.stop - 1])
    meetings = held[there, year.stop - 1] - held[there, end]
    return {
        "coordinators still there": _kept_coordinators(runs),
        "posts filled": float(np.nanmean(_column(runs, "posts_filled")[:, year])),
        "hours staffed": float(np.nanmean(_column(runs, "staff_cover")[:, year])),
        "meetings in the year": float(meetings.mean()),
        "attendance": float(np.nanmean(_column(runs, "attendance")[:, year])),
        "grants won": float(np.mean(_last(runs, "grants_won") > 0)),
    }


def _kept_coordinators(runs: Ensemble) -> float:
    """Return the share of coordinators of the first record who are there in the second."""
    before, after = runs.seats[:, 0], runs.seats[:, 1]
    staff = before[..., _ROLE] == Role.COORDINATOR
    staff &= np.isfinite(before[..., _PERSON]) & np.isfinite(after[..., _ROLE]).any(axis=1)[:, None]
    return float((staff & (before[..., _PERSON] == after[..., _PERSON])).sum() / staff.sum())


# --- leaving -----------------------------------------------------------------------------------------------


def _exits(case: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return exits per member-year by cause and by role, and the share of seats that are refilled within a year."""
    every = 4
    weeks = range(every, YEARS * WEEKS_PER_YEAR + 1, every)
    runs = _run(case, {}, settings, list(weeks))
    years = np.nansum(_column(runs, "members")[:, 1:], axis=1) / WEEKS_PER_YEAR
    causes = {cause: float(_last(runs, f"left_{cause}").sum() / years.sum()) for cause in LEAVING}
    roles, refilled = _by_role(runs.seats, every)
    return {"causes": causes, "roles": roles, "refilled within a year": refilled}


def _by_role(seats: NDArray[np.float64], every: int) -> tuple[dict[str, float], float]:
    """Return exits per member-year of each role, seen every few weeks, and the share of seats filled within a year."""
    person, role = seats[..., _PERSON], seats[..., _ROLE]
    alive = np.isfinite(role[:, 1:]).any(axis=2, keepdims=True)
    there = np.isfinite(person[:, :-1]) & alive
    gone = there & (person[:, :-1] != person[:, 1:])
    lived = {word: (there & (role[:, :-1] == code)).sum() * every / WEEKS_PER_YEAR for code, word in _roles()}
    left = {word: (gone & (role[:, :-1] == code)).sum() for code, word in _roles()}
    year = WEEKS_PER_YEAR // every
    within = [
        np.isfinite(person[:, week + 1 : week + 1 + year]).any(axis=1)[gone[:, week]]
        for week in range(gone.shape[1] - year)
    ]
    return {word: float(left[word] / lived[word]) for _, word in _roles() if lived[word]}, float(
        np.concatenate(within).mean()
    )


def _roles() -> list[tuple[int, str]]:
    return list(enumerate(words(Role)))


def _turnover(settings: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Return exits per member-year of both cases at the same numbers, with their own events and mobility or without."""
    found: dict[str, dict[str, float]] = {}
    for title, own_events, mobility in (
        ("own events and mobility", True, None),
        ("own events, mobility 1", True, 1.0),
        ("no events, mobility 1", False, 1.0),
    ):
        found[title] = {}
        for case in settings["cases"]:
            plan = {} if mobility is None else {"people": {"mobility": mobility}}
            runs = _with_events(_scenario(case, plan), own_events, settings)
            members = np.nansum(_column(runs, "members")[:, 1:]) / WEEKS_PER_YEAR
            found[title][case] = float(_last(runs, "leavers").sum() / members)
    return found


def _with_events(scenario: Scenario, own: bool, settings: Mapping[str, Any]) -> Ensemble:
    shocks = scenario.shocks if own else ()
    return run_many(replace(scenario, shocks=shocks), settings["seed"], range(settings["runs"]), settings["threads"])


def _active(case: str, settings: Mapping[str, Any]) -> dict[str, list[float]]:
    """Return by year who is active of those listed, and patients, with no support and with full support."""
    plain = _run(case, {}, settings)
    shares = {"active of those listed": _yearly(_column(plain, "active_share"))}
    for title, level in (("patients, support .1", 0.1), ("patients, support .9", 0.9)):
        runs = _run(case, {"enabling": {"participation_support": level}}, settings)
        shares[title] = _yearly(_column(runs, "patients"))
    return shares


def _yearly(values: NDArray[np.float64]) -> list[float]:
    ends = [year * WEEKS_PER_YEAR for year in range(1, YEARS + 1)]
    return [float(np.nanmean(values[:, end - WEEKS_PER_YEAR + 1 : end + 1])) for end in ends]


# --- ends --------------------------------------------------------------------------------------------------


def _futures(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    endless = {"funding": {"end_week": None}}
    no_more = {"parameters": {"follow_on_chance": 0}}
    return {
        f"{title}, {weeks // WEEKS_PER_YEAR} years": {**plan, "weeks": weeks}
        for weeks in (260, LONG)
        for title, plan in (("endless money", endless), ("a grant, more can be won", {}), ("a grant, no more", no_more))
    }


def _ends(case: str, plan: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, float]:
    runs = _run(case, plan, settings)
    shares = np.bincount(runs.status, minlength=len(Status)) / len(runs.status)
    names = {Status.ALIVE: "still going", Status.FULFILLED: "fulfilled", Status.FAILED: "failed"}
    names[Status.DORMANT] = "dormant"
    renewed = float((_last(runs, "purposes_met") > 0).mean())
    return {name: float(shares[status]) for status, name in names.items()} | {"a purpose taken up again": renewed}


# --- page --------------------------------------------------------------------------------------------------


def page(found: Mapping[str, Any]) -> list[str]:
    """Return the page."""
    made = found["made_with"]
    return [
        "# People, money and time",
        written_by("questions.people"),
        f"{made['runs']} runs of each plan in each case, on the same luck and the same draws of the posterior. Means "
        "of the last year unless said. Scores are on the model's scale: compare plans, not levels.",
        *by_case(found, _parts),
        "## Turnover of both cases at the same numbers",
        "Exits per member and year. What tells the cases apart: their dated events, and the mobility of their people "
        "(one prior for both; the fit moved it).",
        table(("", *map(str.upper, made["cases"])), [(t, *(f"{v:.3f}" for v in row.values())) for t, row in
              found["turnover"].items()]),
    ]  # fmt: skip


def _parts(seen: Mapping[str, Any]) -> list[str]:
    return [
        "### The coordinators' contract ends after a year and a half",
        "A facilitator for six hours a week, or one coordinator half-time? Asked by two files of a few lines "
        "(`facilitator_after_contract`, `half_time_after_contract`); a test stages the same by hand and gets the same "
        "bits.",
        _rows(seen["staffing"]),
        _verdict(seen["staffing"]),
        "### A year after the money ends",
        _rows(seen["money"]),
        "### Who leaves, and why",
        table(("per member and year", ""), _numbers(seen["exits"]["causes"])),
        table(("per member and year of the role", ""), _numbers(seen["exits"]["roles"])),
        f"Of seats that fell empty **{seen['exits']['refilled within a year']:.0%}** were filled within a year "
        "(evidence: about two thirds).",
        "### Who is active on the list; patients by support",
        table(
            ("", *(f"year {year}" for year in range(1, YEARS + 1))),
            [(name, *(f"{value:.2f}" for value in values)) for name, values in seen["active"].items()],
        ),
        "### How partnerships end",
        _rows(seen["ends"]),
    ]


def _numbers(row: Mapping[str, float]) -> list[tuple[str, str]]:
    return [(name.replace("_", " "), f"{value:.3f}") for name, value in row.items()]


def _rows(rows: Mapping[str, Mapping[str, float]]) -> str:
    heads = list(next(iter(rows.values())))
    body = [(title, *(_shown(row[head]) for head in heads)) for title, row in rows.items()]
    return table(("", *(head.replace("_", " ") for head in heads)), body)


def _shown(value: float) -> str:
    return "" if not np.isfinite(value) else f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _verdict(plans: Mapping[str, Mapping[str, float]]) -> str:
    helped, half = plans["facilitator instead"], plans["one stays half-time"]
    gain = half["integration"] - helped["integration"]
    dearer = half["money_spent"] - helped["money_spent"]
    return (
        f"Half-time has {abs(gain):.3f} {'more' if gain > 0 else 'less'} integration in the last year than the "
        f"facilitator, and costs {abs(dearer):.0f} coordinator-weeks {'more' if dearer > 0 else 'less'} over the run."
    )


STUDY = Study("people", measured, page)

if __name__ == "__main__":
    raise SystemExit(STUDY.main())
