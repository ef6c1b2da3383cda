"""Cases and scenarios: the files that ship, what a case becomes, how changes are applied, what does not fit."""

import copy
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sim.config.cases import build_scenario, load_case, load_scenario, merge, names_of
from sim.config.files import known_sources
from sim.config.schema import case_problems
from sim.config.target_quantities import TARGET_QUANTITIES
from sim.core.gate import ParameterError
from sim.core.parameters import LEVERS, PARAMETERS
from sim.core.scenario import Change, Scenario, ScenarioError
from sim.core.vocabulary import Ring, Role, ShockKind, Theme

ROOT = Path(__file__).resolve().parents[2]
CONF = (ROOT / "conf",)
CASES = ("chrp", "pccp")
SCENARIOS = names_of("scenario", CONF)
BIBLIOGRAPHY = (ROOT / "docs" / "model" / "references.bib").read_text(encoding="utf-8")
BIB_KEYS = set(re.findall(r"^@\w+\{(\w+),", BIBLIOGRAPHY, re.M))


def problems(case: dict[str, Any]) -> list[str]:
    """Return the problems of a case, the file being called F."""
    return case_problems(case, "F", known_sources(CONF))


def refused(case: dict[str, Any], scenario: dict[str, Any], settings: dict[str, Any] | None = None) -> tuple[str, ...]:
    with pytest.raises(ScenarioError) as caught:
        build_scenario(case, scenario, settings)
    return caught.value.problems


# --- the files that ship ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_each_case_passes_its_schema(name: str) -> None:
    case = load_case(name, CONF)
    assert case["name"] == name
    assert set(case["enabling"]) == set(LEVERS)


def test_at_least_twelve_questions_and_a_baseline() -> None:
    assert "baseline" in SCENARIOS
    assert len(SCENARIOS) > 12
    for name in SCENARIOS:
        sentence = load_scenario(name, CONF)["sentence"]
        assert sentence.startswith("What")
        assert "?" in sentence
        first = (CONF[0] / "scenario" / f"{name}.yaml").read_text(encoding="utf-8")
        assert first.startswith("sentence: ")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_each_scenario_builds_or_is_refused_in_one_line(case: str, scenario: str) -> None:
    changes = load_scenario(scenario, CONF)
    if case in changes.get("cases", CASES):
        assert isinstance(build_scenario(load_case(case, CONF), changes), Scenario)
    else:
        assert len(refused(load_case(case, CONF), changes)) == 1


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name != "baseline"])
def test_each_question_changes_something(case: str, scenario: str) -> None:
    changes = load_scenario(scenario, CONF)
    if case not in changes.get("cases", CASES):
        pytest.skip("not made for this case")
    loaded = load_case(case, CONF)
    plain = build_scenario(loaded, {"name": scenario})
    assert build_scenario(loaded, changes) != plain


def test_the_list_of_sources_equals_the_bibliography() -> None:
    assert set(known_sources(CONF)) == BIB_KEYS


def test_sources_of_the_parameter_table_are_in_the_bibliography() -> None:
    rows = [*PARAMETERS.values(), *LEVERS.values()]
    assert {row.source for row in rows} - {"assumed"} <= BIB_KEYS


def test_keys_named_in_the_evidence_are_in_the_bibliography() -> None:
    text = (ROOT / "docs" / "model" / "evidence.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\b[a-z]+20\d\d[a-z]*\b|\b[a-z]+19\d\d\b", text))
    assert named
    assert named <= BIB_KEYS


def origins(value: object, where: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Return every mapping that states an origin, with its place."""
    if not isinstance(value, dict):
        return []
    found = [(where, value)] if "status" in value else []
    return found + [pair for key, item in value.items() for pair in origins(item, f"{where}.{key}")]


@pytest.mark.parametrize("name", CASES)
def test_every_number_states_its_origin_and_what_was_not_read_has_a_wide_range(name: str) -> None:
    case = load_case(name, CONF)
    listed = [pair for pair in origins(case) if not pair[0].startswith(".targets")]
    assert len(listed) > 40
    for where, row in listed:
        assert row["source"] in BIB_KEYS | {"assumed"}, where
        if row["status"] == "assumed":
            assert row["low"] < row["value"] < row["high"] or row["value"] in (row["low"], row["high"]), where
            assert row["low"] < row["high"], where


def test_levers_differ_between_the_cases_only_where_a_source_tells_them_apart() -> None:
    one, other = (load_case(name, CONF)["enabling"] for name in CASES)
    for lever in LEVERS:
        if one[lever] != other[lever]:
            assert "assumed" not in (one[lever]["source"], one[lever]["status"]), lever


@pytest.mark.parametrize(
    "place", ["people.mobility", "meetings.forum", "meetings.guests", "recruiting.approaches_per_year"]
)
def test_what_no_source_tells_apart_has_one_prior_in_both_cases(place: str) -> None:
    part, key = place.split(".")
    one, other = (load_case(name, CONF)[part][key] for name in CASES)
    assert one == other


def test_no_source_sets_a_lever_and_a_target_of_what_the_lever_does() -> None:
    for name in CASES:
        case = load_case(name, CONF)
        fitted = {row["source"] for row in case["targets"].values() if row["role"] == "calibrate"}
        assert not fitted & {row["source"] for row in case["enabling"].values()}, name


def test_founding_is_not_the_size_of_2018() -> None:
    for name in CASES:
        case = load_case(name, CONF)
        founding = sum(group["seats"]["value"] for group in case["founding"].values())
        assert founding != case["targets"]["members_2018"]["value"]


@pytest.mark.parametrize("name", CASES)
def test_a_target_is_never_an_input(name: str) -> None:
    case = load_case(name, CONF)
    before = build_scenario(case)
    for target in case["targets"]:
        for key in ("value", "low", "high", "weight", "quantity", "role", "from_week"):
            changed = copy.deepcopy(case)
            row = changed["targets"][target]
            row[key] = row[key] + 17 if isinstance(row.get(key), int | float) else "another"
            assert build_scenario(changed) == before, (target, key)
    without = {key: part for key, part in case.items() if key != "targets"}
    assert build_scenario(without) == before


def test_targets_measure_known_quantities() -> None:
    measured = {row["quantity"] for name in CASES for row in load_case(name, CONF)["targets"].values()}
    assert measured == set(TARGET_QUANTITIES)


def test_loading_imports_nothing_heavy() -> None:
    code = (
        "import sys; from sim.config.cases import load_case, build_scenario; build_scenario(load_case('chrp'));"
        "heavy = {'numba', 'numpy', 'pandas', 'hydra', 'omegaconf', 'matplotlib', 'mesa'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


# --- what a case becomes ---------------------------------------------------------------------------------


def test_a_case_becomes_seats_homes_and_settings(pccp: dict[str, Any]) -> None:
    built = build_scenario(pccp)
    assert (built.name, built.case, built.weeks, built.start) == ("baseline", "pccp", 260, "2013-10-01")
    assert len(built.seats) == 14
    patients = [seat for seat in built.seats if seat.role == Role.PATIENT]
    assert [seat.organisation for seat in patients] == [-1, -1]
    clinicians = [built.organisations[seat.organisation].name for seat in built.seats if seat.role == Role.CLINICIAN]
    assert clinicians == ["clinicians_1", "clinicians_2"]
    assert {seat.organisation for seat in built.seats if seat.ring == Ring.RESEARCH_TEAM} == {0}
    assert sum(built.need) == pytest.approx(1)
    assert built.recruiting[Role.COORDINATOR] == 0
    assert built.parameters["meeting_every_core"] == pccp["meetings"]["core_team"]["value"]
    assert built.questionnaire_weeks == (39, 117, 195, 240)
    reform = built.shocks[0]
    assert (reform.name, reform.kind, reform.role, reform.theme) == (
        "reform_2014",
        ShockKind.POLICY_REFORM,
        Role.DECISION_MAKER,
        Theme.SERVICE_ORGANISATION,
    )


def test_the_user_wins_over_the_scenario_and_the_scenario_over_the_case(pccp: dict[str, Any]) -> None:
    scenario = {"name": "s", "enabling": {"leadership": 0.8}, "funding": {"end_week": 100}, "weeks": 200}
    alone = build_scenario(pccp, scenario)
    assert (alone.enabling["leadership"], alone.parameters["funding_end_week"], alone.weeks) == (0.8, 100, 200)
    settings = {
        "enabling": {"leadership": 0.2},
        "parameters": {"funding_end_week": 90},
        "seed": 3,
        "weeks": 104,
    }
    built = build_scenario(pccp, scenario, settings)
    assert (built.enabling["leadership"], built.parameters["funding_end_week"], built.weeks) == (0.2, 90, 104)


def test_rival_explanations_rules_and_traits_are_set(pccp: dict[str, Any]) -> None:
    settings = {
        "turnover": {"cause": "benefit"},
        "route": "relational",
        "null_model": "turnover_only",
        "rules": {"exchange": False, "progress": True},
        "traits": {"skills": {"fade": 0.01}},
    }
    built = build_scenario(pccp, {}, settings)
    assert (built.cause, built.buffer, built.route, built.null_model) == (
        "benefit",
        "both",
        "relational",
        "turnover_only",
    )
    assert built.rules_off == {"exchange"}
    assert built.traits == {"skills.fade": 0.01}


def test_a_grant_without_an_end(pccp: dict[str, Any]) -> None:
    assert build_scenario(pccp, {"funding": {"end_week": None}}).parameters["funding_end_week"] == 521


def test_one_ring_puts_all_seats_in_the_core_team(pccp: dict[str, Any]) -> None:
    built = build_scenario(pccp, load_scenario("one_ring", CONF))
    assert {seat.ring for seat in built.seats} == {Ring.CORE_TEAM}


def test_founding_groups_are_changed_removed_and_added(pccp: dict[str, Any]) -> None:
    more = {"role": "community", "ring": "core_team", "organisation": "each", "seats": 2}
    built = build_scenario(pccp, {"founding": {"patients": {"seats": 4}, "clinicians": None, "services": more}})
    groups = [seat.group for seat in built.seats]
    assert (groups.count("patients"), groups.count("clinicians"), groups.count("services")) == (4, 0, 2)


def test_many_seats_get_room(pccp: dict[str, Any]) -> None:
    assert build_scenario(pccp).capacity == 40
    assert build_scenario(pccp, {"founding": {"patients": {"seats": 100}}}).capacity == 224


def test_a_lever_follows_a_schedule_in_order_of_time(pccp: dict[str, Any]) -> None:
    changes = build_scenario(pccp, load_scenario("leadership_lapse", CONF)).schedule
    assert [(change.setting, change.week) for change in changes] == [("leadership", 104), ("leadership", 156)]


def test_the_user_changes_and_removes_a_schedule_entry_of_the_scenario(pccp: dict[str, Any]) -> None:
    entry = {"lever": "leadership", "week": 104, "value": 0.1}
    scenario = {"name": "s", "schedule": {"lapse": entry, "return": {**entry, "week": 156, "value": 0.5}}}
    assert build_scenario(pccp, scenario).schedule == (
        Change(104, "leadership", 0.1),
        Change(156, "leadership", 0.5),
    )
    changes = {"schedule": {"lapse": {"week": 52, "value": 0.9}, "return": None}}
    assert build_scenario(pccp, scenario, changes).schedule == (Change(52, "leadership", 0.9),)


def test_a_scenario_wins_over_those_that_it_includes(pccp: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "scenario").mkdir()
    for name, text in (
        ("first", "enabling: {leadership: 0.1, communication: 0.2, orientation: 0.3}"),
        ("second", "enabling: {leadership: 0.4, communication: 0.5}"),
        ("both", "includes: [first, second]\nenabling: {leadership: 0.6}"),
    ):
        (tmp_path / "scenario" / f"{name}.yaml").write_text(f"sentence: What?\n{text}\n", encoding="utf-8")
    levers = build_scenario(pccp, load_scenario("both", (tmp_path, *CONF))).enabling
    assert [levers[name] for name in ("leadership", "communication", "orientation")] == [0.6, 0.5, 0.3]


def test_no_draw_replaces_what_somebody_set(pccp: dict[str, Any]) -> None:
    scenario = {"name": "s", "enabling": {"leadership": 0.8}, "recruiting": {"roles": {"patient": 2}}}
    settings = {"posterior": "cases", "parameters": {"trust_gain": 0.1}, "meetings": {"core_team": 4}}
    assert build_scenario(pccp, scenario, settings).given == {
        "enabling.leadership",
        "recruiting.roles.patient",
        "parameters.trust_gain",
        "parameters.meeting_every_core",
    }


# --- shocks are added, overridden and removed by name ----------------------------------------------------


def test_two_shocks_combine(pccp: dict[str, Any]) -> None:
    built = build_scenario(pccp, load_scenario("funding_cut_and_coordinator_leaves", CONF))
    assert [shock.name for shock in built.shocks] == [
        "reform_2014",
        "agency_dissolved",
        "mergers_2015",
        "coordinator_leaves",
        "retirements_2016",
        "funding_cut",
    ]


def test_a_shock_of_the_case_is_overridden_in_part(pccp: dict[str, Any]) -> None:
    shock = build_scenario(pccp, {"shocks": {"mergers_2015": {"size": 0.1}}}).shocks[2]
    assert (shock.name, shock.size, shock.week) == ("mergers_2015", 0.1, 78)


def test_null_removes_a_shock_of_the_case(pccp: dict[str, Any]) -> None:
    names = [shock.name for shock in build_scenario(pccp, {"shocks": {"mergers_2015": None}}).shocks]
    assert names == ["reform_2014", "agency_dissolved", "retirements_2016"]


def test_the_user_changes_and_removes_a_shock_of_the_scenario(pccp: dict[str, Any]) -> None:
    cut = load_scenario("funding_cut", CONF)
    assert build_scenario(pccp, cut, {"shocks": {"funding_cut": {"size": 0.8}}}).shocks[-1].size == 0.8
    assert build_scenario(pccp, cut, {"shocks": {"funding_cut": None}}).shocks == build_scenario(pccp).shocks


def test_a_shortened_run_leaves_out_later_events_of_the_case(pccp: dict[str, Any]) -> None:
    built = build_scenario(pccp, {}, {"weeks": 60})
    assert [shock.name for shock in built.shocks] == ["reform_2014"]
    assert built.questionnaire_weeks == (39,)


def test_a_shock_asked_for_after_the_end_is_refused(pccp: dict[str, Any]) -> None:
    assert refused(pccp, load_scenario("funding_cut", CONF), {"weeks": 100}) == (
        "shocks.funding_cut.week must be from 1 to 100 (the last week of the run); got 170",
    )


def test_a_shock_of_the_case_that_is_moved_after_the_end_is_refused(pccp: dict[str, Any]) -> None:
    assert refused(pccp, {}, {"shocks": {"mergers_2015": {"week": 300}}}) == (
        "shocks.mergers_2015.week must be from 1 to 260 (the last week of the run); got 300",
    )


def test_merging_goes_down_mapping_by_mapping() -> None:
    assert merge({"a": {"x": 1}, "b": 2}, {"a": {"y": 3}, "b": None}) == {"a": {"x": 1, "y": 3}, "b": None}


# --- what does not fit a case ----------------------------------------------------------------------------


def without_patients(case: dict[str, Any]) -> dict[str, Any]:
    lacking = copy.deepcopy(case)
    del lacking["founding"]["patients"]
    del lacking["recruiting"]["roles"]["patient"]
    return lacking


def test_a_role_that_the_case_lacks_is_refused(pccp: dict[str, Any]) -> None:
    lacking = without_patients(pccp)
    has = "clinician, decision_maker, researcher, coordinator, community"
    assert refused(lacking, load_scenario("patient_partners_supported", CONF)) == (
        "scenario patient_partners_supported: recruiting.roles names the role patient, "
        f"which case pccp does not have; it has {has}",
    )
    shock = {"kind": "role_withdrawn", "week": 9, "size": 1, "role": "patient"}
    assert refused(lacking, {"name": "s", "shocks": {"lost": shock}}) == (
        f"scenario s: shocks.lost.role names the role patient, which case pccp does not have; it has {has}",
    )


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"founding": {"patient": {"seats": 3}}},
            "founding.patient is not a group of case pccp; did you mean 'patients'?",
        ),
        (
            {"shocks": {"funding_cut": {"size": 0.8}}},
            "shocks.funding_cut is not a shock of case pccp and has no kind; there are reform_2014, mergers_2015, "
            "retirements_2016, agency_dissolved",
        ),
        (
            {"shocks": {"mergers_2016": None}},
            "shocks.mergers_2016 is not a shock of case pccp and has no kind; did you mean 'mergers_2015'?",
        ),
        ({"shocks": {"cut": {"kind": "funding_cut", "size": 1}}}, "shocks.cut.week is missing"),
        ({"cases": ["chrp"]}, "made for chrp, not for pccp"),
        ({"schedule": {"later": {"lever": "leadership", "week": 9}}}, "schedule.later.value is missing"),
        ({"enabeling": {"leadership": 1}}, "unknown setting 'enabeling'; did you mean 'enabling'?"),
    ],
)
def test_what_the_case_lacks_is_refused_in_one_line(pccp: dict[str, Any], changes: dict[str, Any], line: str) -> None:
    assert refused(pccp, {"name": "s", **changes}) == (f"scenario s: {line}",)
    assert refused(pccp, {}, changes) == (line,)


def test_two_mistakes_are_both_named(pccp: dict[str, Any]) -> None:
    settings = {"founding": {"nurses": None}, "shocks": {"late": {"kind": "merger", "week": 300, "size": 1}}}
    found = refused(pccp, {}, settings)
    assert len(found) == 2
    assert "founding.nurses" in found[0]
    assert found[1] == "shocks.late.week must be from 1 to 260 (the last week of the run); got 300"


def test_a_wrong_lever_value_is_refused(pccp: dict[str, Any]) -> None:
    with pytest.raises((ScenarioError, ParameterError)) as caught:
        build_scenario(pccp, {}, {"enabling": {"leadership": 7}})
    assert caught.value.problems == ("enabling.leadership must be a number from 0 to 1 (share of full effort); got 7",)
