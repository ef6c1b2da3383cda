"""What the lab shows is what the compiled core says: the same numbers as any other run, to the bit."""

from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest
import yaml

import sim
from sim.config.folders import ConfFolders
from sim.core import engine
from sim.core.errors import UserError
from sim.core.metric_table import OBSERVED_NAMES
from sim.core.vocabulary import LeavingCause, Resource, Role, words
from sim.core.world import new_world
from sim.lab.answer import CURVES, FAN_CURVES, FAN_REPLICATES, fan_answer, run_answer, shock_answer
from sim.lab.happenings import happenings, spells
from sim.lab.plan import read_plan, scenario_file
from sim.lab.trace import MOST_TIES, follow

FOLDERS = ConfFolders(Path(__file__).resolve().parents[2] / "conf")
HAND_MADE = {
    "enabling.leadership": 0.9,
    "parameters.facilitator_hours": 10,
    "turnover.buffer": "organisation",
    "schedule.lapse": {"lever": "communication", "week": 60, "value": 0.1},
    "shocks.cut": {"kind": "funding_cut", "week": 70, "size": 0.5, "duration": 20, "role": "any"},
    "shocks.reform_2014": None,
    "weeks": 120,
}


def plan(**asked):
    return read_plan(asked, FOLDERS)


def array(text, kind):
    return np.frombuffer(b64decode(text), dtype=f"<{kind}")


@pytest.fixture(scope="module")
def pair():
    """Two plans that differ in one shock in week 130."""
    return [run_answer(plan(case="chrp", scenario=name, replicate=3)) for name in ("baseline", "coordinator_leaves")]


def test_curves_are_those_of_a_run_to_the_bit(pair):
    result = sim.run(sim.make_scenario("chrp"), seed=1, replicates=4)
    weekly = result.weekly[result.weekly["replicate"] == 3]
    for name in CURVES:
        assert array(pair[0]["curves"][name], "f8").tobytes() == weekly[name].to_numpy().tobytes(), name


def test_sliders_stand_where_this_luck_drew(pair):
    """Levers are drawn with the other unknowns: what the page shows is what the run used."""
    drawn, plain = (run_answer(plan(replicate=2, posterior=source)) for source in ("cases", "none"))
    assert plain["levers"] == dict.fromkeys(plain["levers"], 0.5)
    assert drawn["levers"] != plain["levers"]
    state_levers = new_world(plan(replicate=2).scenario, 1, 2)[4]["levers"]
    assert list(drawn["levers"].values()) == state_levers.tolist()


def test_two_plans_are_equal_to_the_bit_until_the_change(pair):
    prints = [array(answer["print"], "u4") for answer in pair]
    parted = int((prints[0] != prints[1]).argmax())
    assert parted == 130
    for name in CURVES:
        first, second = (array(answer["curves"][name], "f8") for answer in pair)
        assert first[:parted].tobytes() == second[:parted].tobytes(), name


def test_a_print_changes_with_any_bit():
    from sim.lab.answer import weekly_prints

    weekly = follow(plan().scenario, 1, 0).weekly
    other = weekly.copy()
    other[7, 40] = np.nextafter(other[7, 40], 2.0)
    assert (weekly_prints(weekly) != weekly_prints(other)).nonzero()[0].tolist() == [7]


def test_ties_and_seats_are_those_of_the_metrics():
    """The walk through the steps and the recorded run are the same run."""
    trace = follow(plan(case="chrp").scenario, 1, 0)
    n = trace.trust.shape[1]
    assert list(trace.tie_weeks[[0, -1]]) == [0, 260]
    assert MOST_TIES / 3 < trace.trust.size <= MOST_TIES + 2 * n * n, "as often as there is room for"
    for look, week in enumerate(trace.tie_weeks):
        present = np.flatnonzero(np.isfinite(trace.seat("person")[week]))
        assert len(present) == trace.metric("members")[week]
        among = trace.trust[look][np.ix_(present, present)]
        others = ~np.eye(len(present), dtype=bool)
        assert among[others].mean() == pytest.approx(trace.metric("trust")[week], abs=1e-12)


def test_transfers_add_up_to_what_was_refused():
    trace = follow(plan().scenario, 1, 0)
    weeks, kinds = trace.transfers[:, 0], trace.transfers[:, 3]
    refused = trace.metric("refused")
    for week in np.flatnonzero(np.isfinite(refused)):
        ours = kinds[weeks == week] >= len(Resource)
        assert ours.mean() == pytest.approx(refused[week])


def test_spells_and_happenings_count_the_same_people():
    trace = follow(plan(case="chrp", scenario="coordinator_leaves").scenario, 1, 0)
    events = happenings(trace)
    left, came = (sum(event["kind"] == kind for event in events) for kind in ("left", "came"))
    assert left == trace.metric("leavers")[-1]
    persons = {spell[3] for spell in spells(trace)} - {-1}
    assert len(persons) == trace.metric("people_ever")[-1] == came + trace.metric("members")[0]
    at_once = [event for event in events if event["week"] == 130 and event["kind"] == "left"]
    assert {event["role"] for event in at_once} >= {Role.COORDINATOR.name.lower()}
    for cause in words(LeavingCause):
        named = sum(event["kind"] == "left" and event.get("cause") == cause for event in events)
        assert named <= trace.metric(f"left_{cause}")[-1]
    assert sum("cause" in event for event in events) > left / 2
    assert [event["week"] for event in events] == sorted(event["week"] for event in events)


def test_an_ended_partnership_is_told_and_drawn_no_further():
    ended = plan(settings={"parameters.min_active": 100, "parameters.grace_weeks": 30, "weeks": 260})
    trace = follow(ended.scenario, 1, 0)
    assert trace.status > 0
    assert np.isnan(trace.weekly[trace.ended_week :]).all()
    assert trace.tie_weeks[-1] == trace.ended_week - 1
    assert (happenings(trace)[-1]["kind"], happenings(trace)[-1]["reason"]) == ("ended", "failed")


def test_the_fan_holds_the_runs_of_forty_lucks():
    fan = fan_answer(plan(replicate=7))
    runs = engine.run_many(plan().scenario, 1, range(FAN_REPLICATES)).weekly
    means = array(fan["curves"]["output"], "f4").reshape(FAN_REPLICATES, -1)
    wanted = runs[:, 14:27, OBSERVED_NAMES.index("output")].mean(axis=1)
    assert np.array_equal(means[:, 1], wanted.astype(np.float32), equal_nan=True)
    assert set(fan["curves"]) == set(FAN_CURVES)


def test_recovery_is_measured_against_the_same_luck_without_the_shock():
    runs = sim.run(sim.make_scenario("chrp", "coordinator_leaves"), seed=1, replicates=4).runs
    row = runs[runs["replicate"] == 3].iloc[0]
    answer = shock_answer(plan(case="chrp", scenario="coordinator_leaves", replicate=3))
    for measure, value in answer["coordinator_leaves"].items():
        assert value == row[f"shock_coordinator_leaves_{measure}"], measure


def test_a_saved_scenario_is_what_was_seen(tmp_path):
    ours = plan(scenario="coordinator_leaves", settings=HAND_MADE | {"weeks": 200}, replicate=2)
    path = tmp_path / "plan.yaml"
    path.write_text(scenario_file(ours), encoding="utf-8")
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["includes"] == ["coordinator_leaves"]
    again = sim.run(sim.make_scenario("pccp", str(path)), seed=1, replicates=3)
    weekly = again.weekly[again.weekly["replicate"] == 2]
    answer = run_answer(ours)
    for name in CURVES:
        assert array(answer["curves"][name], "f8").tobytes() == weekly[name].to_numpy().tobytes(), name


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ([], "a plan must be a mapping"),
        ({"cas": "pccp"}, "unknown part of a plan: 'cas'"),
        ({"case": "pcpc"}, "no case called 'pcpc'; did you mean 'pccp'?"),
        ({"scenario": 7}, "no scenario called '7'"),
        ({"case": "../secret.yaml"}, "case must be a name here, not a path"),
        ({"scenario": "plan.yml"}, "scenario must be a name here, not a path"),
        ({"seed": -1}, "seed must be a whole number from 0 to 4294967295; got -1"),
        ({"replicate": True}, "replicate must be a whole number from 0 to 999"),
        ({"posterior": "draws.npz"}, "posterior must be one of: cases, none; got draws.npz"),
        ({"settings": {"posterior": "none"}}, "posterior is not a setting of a plan"),
        ({"settings": [1]}, "settings must be a mapping"),
        ({"settings": {"enabling.leadershp": 1}}, "did you mean 'enabling.leadership'?"),
        ({"settings": {"enabling.leadership": 7}}, "must be a number from 0 to 1"),
        ({"settings": {"enabling.leadership": float("nan")}}, "must be a number from 0 to 1"),
        ({"settings": {"output": "x"}}, "output is not a setting of a plan"),
        ({"settings": {"seed": 2}}, "seed is not a setting of a plan"),
        ({"settings": {"shocks.a": {"kind": "merger", "week": [1]}}}, "shocks.a must be a number, a word or a mapping"),
        (
            {"settings": {"shocks.a": {"kind": "merger"}, "shocks.a.week": 3}},
            "shocks.a is given as a whole and in parts",
        ),
        ({"settings": {f"shocks.s{i}": None for i in range(101)}}, "settings may hold at most 100 names; got 101"),
        ({"settings": {"weeks": 521}}, "weeks must be a whole number from 1 to 520"),
        ({"case": "chrp", "scenario": "no_reform"}, "made for pccp, not for chrp"),
    ],
)
def test_the_gate_says_what_is_wrong(asked, line):
    with pytest.raises(UserError) as error:
        read_plan(asked, FOLDERS)
    assert any(line in one for one in error.value.problems), error.value.problems
