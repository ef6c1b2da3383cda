"""The Mesa front: one run stepped by Mesa is the run of an ensemble, and agents are views of its memory."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import mesa
import numpy as np
import pytest

from sim.core.engine import run_many
from sim.core.metric_table import OBSERVED_NAMES
from sim.core.scenario import Scenario, ScenarioError
from sim.core.state import moment
from sim.core.step import step
from sim.core.vocabulary import Resource, Role, Status
from sim.core.world import new_world
from sim.mesa_front import DepartedError, PartnershipModel, Stakeholder
from tests.helpers.scenarios import LIVELY, SMALL, with_parameters

YEARS = replace(LIVELY, weeks=260)
ENDING = replace(with_parameters(LIVELY, {"meeting_gap": 4}), weeks=260)
SOON_MET = {"purpose": 0.01, "renewal_higher": 0, "outcome_delay": 0, "progress_rate": 0.01}
ENDED_BY_PURPOSE = replace(with_parameters(SMALL, SOON_MET), weeks=260)
"""Purposes are met again and again, until one is not renewed."""


def stepped(scenario: Scenario, replicate: int = 0, weeks: int | None = None) -> PartnershipModel:
    model = PartnershipModel(scenario, replicate, run_seed=1)
    model.run_weeks(scenario.weeks if weeks is None else weeks)
    return model


# --- the same bits -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", [YEARS, ENDING, ENDED_BY_PURPOSE], ids=["shocks", "ending", "purpose"])
@pytest.mark.parametrize("replicate", [0, 5])
def test_a_run_stepped_by_mesa_equals_the_ensemble_to_the_bit(scenario: Scenario, replicate: int) -> None:
    scenario = replace(scenario, questionnaire_weeks=(1, 13, 52, 260))
    model = stepped(scenario, replicate)
    ensemble = run_many(scenario, 1, [replicate])
    np.testing.assert_array_equal(model.weekly, ensemble.weekly[0])
    np.testing.assert_array_equal(model.answers, ensemble.answers[0])
    assert (model.status, model.state.ended_week) == (ensemble.status[0], ensemble.ended_week[0])


def test_what_the_equality_covers() -> None:
    """Shocks, turnover of persons and organisations, recruits and two ways to end are in the runs above."""
    lively = run_many(YEARS, 1, [0, 5])
    last = np.nanmax(lively.weekly, axis=1)
    assert (last[:, OBSERVED_NAMES.index("leavers")] > 20).all()
    assert (last[:, OBSERVED_NAMES.index("people_ever")] > 30).all()
    assert len(YEARS.shocks) >= 5
    assert (run_many(ENDING, 1, [0, 5]).status > 0).all()
    assert (run_many(ENDED_BY_PURPOSE, 1, [0, 5]).status == Status.FULFILLED).all()


def test_the_whole_memory_is_equal_after_every_week() -> None:
    model = PartnershipModel(YEARS, run_seed=1)
    state, context, flows, practice, params = new_world(YEARS, 1, 0)
    for week in range(1, 61):
        model.step()
        step(state, context, flows, params, practice, moment(1, 0, week))
        for mine, theirs in ((model.state, state), (model.context, context), (model.flows, flows)):
            assert mine.tobytes() == theirs.tobytes(), week


def test_the_collector_reports_the_metrics_of_every_week() -> None:
    model = stepped(YEARS)
    table = model.datacollector.get_model_vars_dataframe()
    assert list(table.columns) == list(OBSERVED_NAMES)
    assert list(table.index) == list(range(len(table)))
    np.testing.assert_array_equal(table.to_numpy(float), model.weekly[: len(table)])


# --- agents are views --------------------------------------------------------------------------------------


def test_a_write_through_an_agent_is_seen_by_the_kernel() -> None:
    written, direct, untouched = (PartnershipModel(YEARS, run_seed=1) for _ in range(3))
    for member in written.agents:
        member.engagement = 0.05
    direct.state.engagement[direct.state.is_member > 0] = 0.05
    for model in (written, direct, untouched):
        model.run_weeks(8)
    assert written.state.tobytes() == direct.state.tobytes()
    assert written.state.tobytes() != untouched.state.tobytes()


def test_what_the_kernel_writes_is_seen_by_the_agent() -> None:
    model = PartnershipModel(YEARS, run_seed=1)
    members = list(model.agents)
    before = [(member.engagement, member.tenure) for member in members]
    taught = np.array([member.holdings for member in members])
    model.run_weeks(4)
    stayed = [i for i, member in enumerate(members) if member.left_week is None]
    for i in stayed:
        assert members[i].engagement != before[i][0]
        assert members[i].tenure == before[i][1] + 4
    assert any((members[i].holdings != taught[i]).any() for i in stayed)


def test_a_written_array_and_tie_are_seen_by_the_kernel() -> None:
    model = PartnershipModel(YEARS, run_seed=1)
    one, other = list(model.agents)[:2]
    one.holdings[Resource.SKILLS] = 0.75
    one.tie(other).trust = 0.9
    assert model.state.holdings[one.row, Resource.SKILLS] == 0.75
    assert model.state.trust[one.row, other.row] == 0.9
    assert one.tie(other).trust == 0.9
    assert other.tie(one).trust != 0.9


def test_a_person_who_left_says_so() -> None:
    model = PartnershipModel(YEARS, run_seed=1)
    everybody = list(model.agents)
    model.run_weeks(200)
    gone = [person for person in everybody if person.left_week is not None]
    assert gone
    for person in gone:
        assert person not in model.agents
        with pytest.raises(DepartedError, match=f"person {person.person} left seat {person.row} in week"):
            _ = person.engagement
        with pytest.raises(DepartedError):
            person.engagement = 0.5
        assert "left in week" in repr(person)
    stays = next(iter(model.agents))
    with pytest.raises(DepartedError):
        _ = stays.tie(gone[0]).trust


def test_every_person_has_one_agent_for_as_long_as_the_person_stays() -> None:
    model = PartnershipModel(YEARS, run_seed=1)
    seen: dict[int, Stakeholder] = {}
    while model.running:
        model.step()
        for member in model.agents:
            assert seen.setdefault(member.person, member) is member
        assert len(model.agents) == model.state.is_member.sum()
    assert 0 <= model.state.people_ever - len(seen) <= 3  # a person may come and go within a week
    assert sum(person.left_week is None for person in seen.values()) == model.state.is_member.sum()


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_value_out_of_range_is_refused_in_one_line_and_not_written(value: float) -> None:
    member = next(iter(PartnershipModel(SMALL, run_seed=1).agents))
    kept = member.engagement
    with pytest.raises(ValueError, match=re.escape("engagement must be from 0 to 1 (share); got")):
        member.engagement = value
    assert member.engagement == kept


@pytest.mark.parametrize("name", ["role", "person_id", "is_member", "attends", "hours"])
def test_what_only_the_rules_may_change_is_refused(name: str) -> None:
    member = next(iter(PartnershipModel(SMALL, run_seed=1).agents))
    with pytest.raises(AttributeError, match="cannot be written"):
        setattr(member, name, 1)


def test_nobody_has_a_tie_to_itself() -> None:
    member = next(iter(PartnershipModel(SMALL, run_seed=1).agents))
    with pytest.raises(ValueError, match="no tie to itself"):
        member.tie(member)


# --- as Mesa users expect ----------------------------------------------------------------------------------


def test_sets_of_agents_can_be_selected_grouped_and_summed() -> None:
    model = stepped(YEARS, weeks=30)
    clinicians = model.agents.select(lambda member: member.role == Role.CLINICIAN)
    assert 0 < len(clinicians) < len(model.agents)
    of_members = model.state.is_member > 0
    assert model.agents.agg("engagement", np.mean) == pytest.approx(model.state.engagement[of_members].mean())
    sizes = model.agents.groupby("role").count()
    assert sum(sizes.values()) == len(model.agents)
    assert sizes[Role.CLINICIAN] == len(clinicians)
    assert len(model.agents.get("benefit")) == len(model.agents)


def test_agents_are_collected_with_the_word_for_their_role() -> None:
    table = stepped(YEARS, weeks=10).datacollector.get_agent_vars_dataframe()
    assert set(table["role"]) <= {role.name.lower() for role in Role}
    assert table.index.names == ["Step", "AgentID"]


def test_no_agents_column_hides_a_metric_in_a_batch() -> None:
    model = PartnershipModel(SMALL, run_seed=1)
    agents, metrics = model.datacollector.agent_reporters, model.datacollector.model_reporters
    assert not set(agents or ()) & set(metrics)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_the_guide_shows_to_mesa_users_runs(capsys: pytest.CaptureFixture[str]) -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "guide" / "mesa.md").read_text(encoding="utf-8")
    (shown,) = (block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "PartnershipModel" in block)
    names: dict[str, object] = {}
    exec(shown.replace("range(5)", "range(1)").replace("max_steps=260", "max_steps=20"), names)
    model = names["model"]
    assert isinstance(model, PartnershipModel)
    assert model.week == 52
    assert names["someone"].engagement == 0.9  # type: ignore[attr-defined]


def test_own_reporters_take_the_place_of_the_usual_ones() -> None:
    model = PartnershipModel(SMALL, run_seed=1, model_reporters={"people": lambda m: len(m.agents)}, agent_reporters={})
    model.run_weeks(3)
    assert list(model.datacollector.get_model_vars_dataframe().columns) == ["people"]


def test_a_name_that_is_no_metric_is_answered_with_the_nearest() -> None:
    model = PartnershipModel(SMALL, run_seed=1)
    with pytest.raises(ValueError, match="no weekly metric 'trst'; did you mean 'trust'"):
        model.metric("trst")
    with pytest.raises(ValueError, match="synergy is worked out after a run"):
        model.metric("synergy")


def test_the_name_of_a_case_is_no_scenario() -> None:
    with pytest.raises(TypeError, match=re.escape("sim.make_scenario('pccp'); got 'chrp'")):
        PartnershipModel("chrp")  # type: ignore[arg-type]


def test_batches_by_mesa_equal_the_ensemble() -> None:
    rows = mesa.batch_run(
        PartnershipModel,
        parameters={"scenario": [SMALL, LIVELY], "replicate": [0, 1, 2], "run_seed": 1},
        number_processes=1,
        max_steps=SMALL.weeks,
        data_collection_period=-1,
        display_progress=False,
    )
    assert {row["run_seed"] for row in rows} == {1}
    seen = {id(scenario): run_many(scenario, 1, [0, 1, 2]).weekly for scenario in (SMALL, LIVELY)}
    alive = [row for row in rows if np.isfinite(row["trust"])]
    assert len(alive) > 10
    for row in alive:
        week = seen[id(row["scenario"])][row["replicate"], int(row["Step"])]
        assert row["trust"] == week[OBSERVED_NAMES.index("trust")]


def test_without_a_seed_one_is_drawn_and_kept() -> None:
    first, second = PartnershipModel(SMALL), PartnershipModel(SMALL)
    assert first.seed != second.seed
    again = PartnershipModel(SMALL, run_seed=first.seed)
    first.run_weeks(5)
    again.run_weeks(5)
    np.testing.assert_array_equal(first.weekly, again.weekly)


def test_mesas_name_for_a_seed_is_taken_too() -> None:
    assert stepped(SMALL, weeks=3).state.tobytes() == run_weeks_of(PartnershipModel(SMALL, rng=1), 3)
    with pytest.raises(ValueError, match="not both"):
        PartnershipModel(SMALL, run_seed=1, rng=1)


def run_weeks_of(model: PartnershipModel, weeks: int) -> bytes:
    model.run_weeks(weeks)
    return bytes(model.state.tobytes())


def test_a_seed_out_of_range_is_refused() -> None:
    with pytest.raises(ScenarioError, match="seed must be a whole number"):
        PartnershipModel(SMALL, run_seed=-1)


def test_an_ended_partnership_stays_as_it_is() -> None:
    model = stepped(ENDED_BY_PURPOSE)
    assert not model.running
    week, memory = model.week, model.state.tobytes()
    model.step()
    assert (model.week, model.state.tobytes()) == (week, memory)
    assert "fulfilled" in repr(model)


def test_mesas_own_generators_move_nothing() -> None:
    model, other = PartnershipModel(SMALL, run_seed=1), PartnershipModel(SMALL, run_seed=1)
    for _ in range(20):
        model.random.random()
        model.rng.random()
        model.step()
        other.step()
    assert model.state.tobytes() == other.state.tobytes()
