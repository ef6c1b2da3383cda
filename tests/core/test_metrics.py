"""Weekly metrics against formulas written a second time, in numpy, from docs/model/model.md §8 and the metric table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core.engine import run_many
from sim.core.lanes.records import Record
from sim.core.metric_table import OBSERVED_NAMES
from sim.core.metrics import HISTORY, SKILL_WINDOW, skill
from sim.core.scenario import Scenario, Shock
from sim.core.vocabulary import LeavingCause, Resource, Role, ShockKind, words
from tests.helpers.scenarios import SMALL, scenarios, with_parameters
from tests.helpers.worlds import PHASES, Records, advanced, few, founded, metrics_of, shake, weekly

seeds = st.integers(0, 2**32 - 1)
NONRIVAL = [Resource.SKILLS, Resource.INFORMATION, Resource.CONNECTIONS, Resource.LEGITIMACY]


def variation(p: np.ndarray, q: np.ndarray) -> float:
    return 0.5 * float(np.abs(p - q).sum())


def ratio(above: float, below: float) -> float:
    return above / below if below > 0 else np.nan


def plain_gini(values: np.ndarray) -> float:
    return ratio(np.abs(values[:, None] - values[None, :]).sum(), 2 * len(values) * values.sum())


def of_the_whole(world: Records) -> dict[str, float]:
    state, flows = world.state, world.flows
    founding = state.is_organisation[: state.n_founding_organisations]
    asked = flows.n_given + flows.n_refused
    return {
        "members": state.is_member.sum(),
        "people_ever": state.people_ever,
        "leavers": state.leavers,
        "organisations": state.is_organisation.sum(),
        "organisations_kept": founding.mean(),
        "understanding": state.understanding,
        "purse": state.pool[Resource.FUNDING],
        "policy_fit": world.context.policy_fit,
        "wins": state.wins,
        "outcome": state.outcome,
        "fit": 1 - variation(state.activity, world.context.need),
        "staff_cover": flows.cover,
        "output": flows.output,
        "attendance": ratio(flows.n_attends, flows.n_invited if flows.meeting else 0),
        "refused": ratio(flows.n_refused, asked),
        **{f"exchange_{kind}": flows.volume[k] for k, kind in enumerate(words(Resource))},
        **of_people_and_money(world),
    }


def of_people_and_money(world: Records) -> dict[str, float]:
    state, flows = world.state, world.flows
    members, posts = state.is_member == 1, (state.is_seat == 1) & (flows.post_share > 0)
    active = members & (state.engagement >= state.active_level)
    return {
        "purposes_met": state.purposes,
        "meetings_held": state.meetings,
        "guests_ever": state.guests_ever,
        "grants_won": state.grants_won,
        "money_spent": state.spent,
        "staff_hours": state.staff_hours,
        "member_hours": state.member_hours,
        "active_share": ratio(active.sum(), members.sum()),
        "posts_filled": ratio((posts & members).sum(), posts.sum()),
        "lead_strength": flows.leadership,
        **{f"left_{cause}": state.left_for[c] for c, cause in enumerate(words(LeavingCause))},
    }


def behaviour(world: Records) -> float:
    """Return the mean of recent attendance, giving, work taken on and seats filled; missing before the first two."""
    state = world.state
    parts = [state.turnout, state.offering, world.flows.effort, state.is_member.sum() / state.is_seat.sum()]
    return float(np.mean(parts)) if min(state.turnout, state.offering) >= 0 else np.nan


def of_members(world: Records) -> dict[str, float]:
    state, flows = world.state, world.flows
    m = np.flatnonzero(state.is_member)
    net = state.benefit[m] - state.drawback[m]
    shares = np.bincount(state.role[m].astype(int), minlength=len(Role)) / len(m)
    held, own = state.holdings[m][:, NONRIVAL], state.endowment[m][:, NONRIVAL]
    alone, joint = flows.alone, flows.joint
    most = max(joint, alone, 1e-300)
    everything = alone + flows.potential
    return {
        "integration": (joint - alone) / most,
        "integration_potential": (everything - alone) / max(everything, alone, 1e-300),
        "integration_realised": flows.gain / flows.potential if flows.potential > 1e-9 else np.nan,
        "benefit": net.mean(),
        "benefit_spread": net.std(),
        "benefit_worst_role": min(net[state.role[m] == role].mean() for role in np.unique(state.role[m])),
        "roles_present": (shares > 0).sum(),
        "heterogeneity": (1 - (shares**2).sum()) / (1 - 1 / len(Role)),
        "patients": (state.role[m] == Role.PATIENT).sum(),
        "vitality": behaviour(world),
        "founders_present": (state.person_id[m] < state.n_founders).sum() / state.n_founders,
        "power_gini": plain_gini(state.power[m]),
        "benefit_gini": plain_gini(state.benefit[m]),
        "knowledge": np.maximum(0, held - own).sum() / len(m),
        "dispersion": (held.std(axis=0) / np.maximum(held.mean(axis=0), 1e-300)).mean(),
    }


def of_ties(world: Records) -> dict[str, float]:
    state, flows = world.state, world.flows
    m = np.flatnonzero(state.is_member)
    pairs = [(i, j) for i in m for j in m if i != j]
    weaker = sum(min(state.use[i, j], state.use[j, i]) for i, j in pairs)
    stronger = sum(max(state.use[i, j], state.use[j, i]) for i, j in pairs)
    met = sum(state.strain[i, j] for i, j in pairs if flows.met[i, j])
    return {
        "trust": np.mean([state.trust[pair] for pair in pairs]),
        "strain": np.mean([state.strain[pair] for pair in pairs]),
        "familiarity": np.mean([state.familiarity[pair] for pair in pairs]),
        "strain_met": ratio(met, 2 * flows.n_encounters),
        "reciprocity": weaker / stronger if stronger > 1e-9 else np.nan,
        **of_atmosphere(state, world.params.active_level),
    }


def of_atmosphere(state: Any, active_level: float) -> dict[str, float]:
    active = np.flatnonzero((state.is_member == 1) & (state.engagement >= active_level))
    if len(active) < 2:
        return {"atmosphere": np.nan, "atmosphere_spread": np.nan}
    own = [np.mean([state.trust[i, j] - state.strain[i, j] for j in active if j != i]) for i in active]
    return {"atmosphere": np.mean(own), "atmosphere_spread": np.std(own)}


@settings(max_examples=few(60), phases=PHASES)
@given(scenarios(), seeds, st.integers(1, 30), st.none() | seeds)
def test_every_metric_again(scenario: Scenario, seed: int, weeks: int, shaking: int | None) -> None:
    world = advanced(scenario, weeks, seed)
    if shaking is not None:
        shake(world, shaking)
    n = int(world.state.is_member.sum())
    expected = dict.fromkeys(metrics_of(world), np.nan) | of_the_whole(world)
    if n > 0:
        expected |= of_members(world)
    if n > 1:
        expected |= of_ties(world)
    seen = metrics_of(world)
    assert set(expected) == set(seen)
    for name, value in expected.items():
        assert seen[name] == pytest.approx(value, rel=1e-9, abs=1e-7, nan_ok=True), name


def test_people_posts_and_money_by_hand() -> None:
    world = advanced(SMALL, 3)
    state, flows = world.state, world.flows
    state.is_seat[:], state.is_member[:] = 0, 0
    state.is_seat[:4], state.is_member[:3] = 1, 1
    state.engagement[:3] = (0.0, state.active_level, 1.0)
    flows.post_share[:4], flows.post_share[4:] = (0.0, 0.5, 0.0, 1.0), 1.0
    state.purposes, state.meetings, state.guests_ever, state.grants_won = 2, 9, 12, 1
    state.spent, state.staff_hours, state.member_hours = 40.5, 600.0, 321.0
    state.left_for[:] = (5, 1, 2, 3, 4)
    flows.leadership = 0.75
    seen = metrics_of(world)
    expected = {
        "active_share": 2 / 3,  # an engagement of just the level counts
        "posts_filled": 0.5,  # of the second and the fourth seat; slots that are no seat have no post
        "lead_strength": 0.75,
        "purposes_met": 2,
        "meetings_held": 9,
        "guests_ever": 12,
        "grants_won": 1,
        "money_spent": 40.5,
        "staff_hours": 600,
        "member_hours": 321,
        **dict(zip((f"left_{cause}" for cause in words(LeavingCause)), (5, 1, 2, 3, 4), strict=True)),
    }
    assert {name: seen[name] for name in expected} == pytest.approx(expected)


def test_without_members_posts_or_a_week_lived_these_are_missing() -> None:
    world = advanced(SMALL, 3)
    world.state.is_member[:] = 0
    world.flows.post_share[:] = 0.0
    seen = metrics_of(world)
    assert np.isnan([seen["active_share"], seen["posts_filled"]]).all()
    assert np.isnan(metrics_of(founded(SMALL))["lead_strength"])


def gini_of_three(values: list[float]) -> float:
    world = advanced(SMALL, 1)
    world.state.is_member[3:] = False
    world.state.benefit[:3] = values
    return metrics_of(world)["benefit_gini"]


def test_gini_by_hand() -> None:
    assert gini_of_three([1.0, 1.0, 1.0]) == 0.0
    assert gini_of_three([0.0, 0.0, 3.0]) == pytest.approx(2 / 3)
    assert np.isnan(gini_of_three([0.0, 0.0, 0.0]))


# --- skill against a frozen twin ---------------------------------------------------------------------------

WEEKS = 300
STILL = np.tile(np.eye(6)[0], (WEEKS + 1, 1))


def drifting() -> np.ndarray:
    """Return a need that moves steadily from the first theme to the second."""
    share = np.linspace(0.0, 1.0, WEEKS + 1)[:, None]
    return (1 - share) * np.eye(6)[0] + share * np.eye(6)[1]


def skill_of(activity: np.ndarray, need: np.ndarray, week: int) -> float:
    """Return the skill from profiles with a row per week."""
    history = Record(HISTORY, 1, t=len(need))
    rows = history.first_run()
    rows.activity[:], rows.need[:], rows.missed[:] = activity, need, np.abs(activity - need).sum(axis=1)
    return float(skill(rows, week))


def test_standing_still_shows_no_skill() -> None:
    assert skill_of(STILL, drifting(), 200) == pytest.approx(0.0)


def test_following_perfectly_is_full_skill() -> None:
    assert skill_of(drifting(), drifting(), 200) == pytest.approx(1.0)


def test_moving_the_wrong_way_is_held_at_minus_one() -> None:
    away = STILL.copy()
    away[1:] = np.eye(6)[5]
    assert skill_of(away, drifting(), 60) == -1.0


def test_skill_is_missing_where_the_twin_lost_nothing() -> None:
    assert np.isnan(skill_of(STILL, STILL, 200))


def test_skill_is_missing_too_early() -> None:
    assert np.isnan(skill_of(STILL, drifting(), 25))
    assert not np.isnan(skill_of(STILL, drifting(), 26))


def test_the_window_forgets_what_came_before() -> None:
    """Following only in the last two years counts in full after two more."""
    activity, need = drifting(), drifting()
    activity[: WEEKS - SKILL_WINDOW] = np.eye(6)[5]
    assert skill_of(activity, need, WEEKS) == pytest.approx(1.0)


def test_the_number_of_members_is_counted_even_if_none_is_left() -> None:
    world = advanced(SMALL, 1)
    world.state.is_member[:] = 0
    assert metrics_of(world)["members"] == 0


# --- the answer to a dated change --------------------------------------------------------------------------

JUDGED = range(26, 79)
"""Weeks since the change in which the answer to it is judged."""
DECIDING = {
    "attend_base": 3.0,
    "gap_threshold": 0.02,
    "agenda_base": 1.0,
    "vote_base": 3.0,
    "decision_share": 0.3,
    "allowed_base": 1.0,
}
REFORMED = replace(
    with_parameters(SMALL, DECIDING | {"random_shock_rate": 2.0, "min_active": 0, "meeting_gap": 260, "purpose": 100}),
    weeks=124,
    shocks=(
        Shock("first", ShockKind.POLICY_REFORM, 5, 0.6),
        Shock("second", ShockKind.POLICY_REFORM, 40, 0.8),
        Shock("cut", ShockKind.FUNDING_CUT, 70, 0.8, 10),
    ),
)


def answers(scenario: Scenario, replicate: int = 0) -> np.ndarray:
    """Return the metric of every week from 0 on."""
    index = OBSERVED_NAMES.index("adaptation_to_change")
    return run_many(scenario, 1, [replicate]).weekly[0, :, index]


def plain_answers(scenario: Scenario, replicate: int = 0) -> np.ndarray:
    """Return the same from profiles of every week, by the document."""
    start = founded(scenario, 1, replicate)
    activity, need = [np.array(start.state.activity)], [np.array(start.context.need)]
    for world in weekly(scenario, 1, replicate):
        activity.append(np.array(world.state.activity))
        need.append(np.array(world.context.need))
    found = np.full(scenario.weeks + 1, np.nan)
    changes = [shock.week for shock in scenario.shocks if shock.kind == ShockKind.POLICY_REFORM]
    for week in range(scenario.weeks + 1):
        since = max((change for change in changes if change <= week), default=None)
        if since is not None and week - since in JUDGED:
            weeks = range(since + 1, week + 1)
            error = sum(variation(activity[s], need[s]) for s in weeks)
            still = sum(variation(activity[since], need[s]) for s in weeks)
            if still / len(weeks) >= 0.02:
                found[week] = max(-1.0, 1.0 - error / still)
    return found


@pytest.mark.parametrize("replicate", range(3))
def test_the_answer_to_a_change_again(replicate: int) -> None:
    found, expected = answers(REFORMED, replicate), plain_answers(REFORMED, replicate)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    weeks = np.flatnonzero(~np.isnan(found))
    assert (weeks.min(), weeks.max()) == (31, 118)
    assert np.isnan(found[40:66]).all()  # the second change is too young, the first is over
    assert len(set(found[weeks])) > 50


def test_without_a_dated_change_there_is_no_answer() -> None:
    """Reforms that strike undated do not count."""
    undated = replace(REFORMED, shocks=REFORMED.shocks[2:])
    bases = [np.array(world.context.need_base) for world in weekly(undated)]
    assert not np.array_equal(bases[0], bases[-1])
    assert np.isnan(answers(undated)).all()
